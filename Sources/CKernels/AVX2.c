// The kernels for x86-64 with AVX2 and FMA.

#if defined(__x86_64__)
#define VECTOR_BYTES 32
#define MANY_REGISTERS 0
#define FUSED_MULTIPLY_ADD 1
#define TARGET "avx2,fma"
#define TABLE e3x_table_avx2
#include "Instantiate.h"
#endif
