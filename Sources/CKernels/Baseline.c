// The kernels for what every processor of the architecture has: SSE2 or NEON.

#define VECTOR_BYTES 16
#if defined(__aarch64__) || defined(_M_ARM64)
#define MANY_REGISTERS 1
#define FUSED_MULTIPLY_ADD 1
#else
#define MANY_REGISTERS 0
#define FUSED_MULTIPLY_ADD 0
#endif
#define TABLE e3x_table_baseline
#include "Instantiate.h"
