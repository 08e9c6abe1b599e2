// Names and tools for the kernel templates. Included at the head of each family, with what a file
// of InstructionSets says.

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "Layout.h"
#include "Tables/Table.h"

#if VECTOR_BYTES > 16
#include <immintrin.h>
#endif

// a * b + c is one rounding where the processor has it; some functions rely on it.
#pragma STDC FP_CONTRACT ON

// Inlined everywhere, and without debug information of its own, of which so many copies would take
// a fifth of the time of compilation.
#define INLINE static inline __attribute__((always_inline, nodebug))
// A function of its own, however often it is called: so much is inlined into each instantiation,
// and the time of compilation grows faster than a function. Debug information only for debuggers.
#ifdef __OPTIMIZE__
#define KERNEL static __attribute__((noinline, nodebug))
#else
#define KERNEL static __attribute__((noinline))
#endif
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

// Calls the function of the given type; -1 for one without.
#define BY_REAL(function, ...)                                        \
  switch (dtype) {                                                    \
    case E3X_F32: return function##_f32(__VA_ARGS__);                 \
    case E3X_F64: return function##_f64(__VA_ARGS__);                 \
    default: return -1;                                               \
  }
#define BY_NUMBER(function, ...)                                      \
  if (dtype == E3X_I32) { return function##_i32(__VA_ARGS__); }       \
  BY_REAL(function, __VA_ARGS__)

// From here to Close.h, functions are compiled for the instruction set.
#ifdef TARGET
#define PRAGMA(text) _Pragma(#text)
#define PUSH_TARGET(features) \
  PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
PUSH_TARGET(TARGET)
#endif
