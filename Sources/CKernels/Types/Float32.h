// float32 as the REAL being compiled. CALL(f) is the function of libm.

#define REAL float
#define BITS int32_t
#define REAL_BYTES 4
#define REAL_IS_INTEGER 0
#define SUFFIX f32
#define CALL(name) name##f
#include "../Vectors.h"
