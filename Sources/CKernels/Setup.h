// Names and tools for the kernel templates. Included once per instruction set, with
//   VECTOR_BYTES   the width of its registers
//   MANY_REGISTERS 1 if it has 32 of them, 0 if 16

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "Layout.h"
#include "Table.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// a * b + c is one rounding where the processor has it; some functions rely on it.
#pragma STDC FP_CONTRACT ON

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
// NAME(f) is f_f32 or f_f64 or f_i32, after the SUFFIX of the type being compiled.
#define NAME(name) JOIN(name, SUFFIX)

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// The three outer loops of a merged nest; i0, i1, i2 are the indices.
#define OUTER_LOOPS(nest)                                \
  for (int64_t i0 = 0; i0 < (nest)->count[0]; i0++)      \
    for (int64_t i1 = 0; i1 < (nest)->count[1]; i1++)    \
      for (int64_t i2 = 0; i2 < (nest)->count[2]; i2++)
#define OUTER_OFFSET(strides) (i0 * (strides)[0] + i1 * (strides)[1] + i2 * (strides)[2])
