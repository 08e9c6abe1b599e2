// int32 as the REAL being compiled.

#define REAL int32_t
#define BITS int32_t
#define REAL_BYTES 4
#define REAL_IS_INTEGER 1
#define SUFFIX i32
#include "../Vectors.h"
