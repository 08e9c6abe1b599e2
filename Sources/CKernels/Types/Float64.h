// float64 as the REAL being compiled. CALL(f) is the function of libm.

#define REAL double
#define BITS int64_t
#define REAL_BYTES 8
#define REAL_IS_INTEGER 0
#define SUFFIX f64
#define CALL(name) name
#include "../Vectors.h"
