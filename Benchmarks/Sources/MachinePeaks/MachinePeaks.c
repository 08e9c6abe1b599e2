#include "MachinePeaks.h"

// Enough independent sums to hide the latency of a multiply-add: 4 cycles, 2 at a time.
#define SUMS 12

#define DEFINE(NAME, LANES, TARGET)                                          \
  typedef float NAME##_vec __attribute__((vector_size(4 * (LANES))));        \
  TARGET static int64_t NAME(int64_t rounds, float *sink) {                  \
    NAME##_vec sum[SUMS], a = {0}, b = {0};                                  \
    for (int i = 0; i < (LANES); i++) {                                      \
      a[i] = 0.999f;                                                         \
      b[i] = 1e-3f;                                                          \
    }                                                                        \
    __asm__ volatile("" : "+m"(a), "+m"(b));                                 \
    for (int s = 0; s < SUMS; s++) { sum[s] = a * (float)s; }                \
    for (int64_t r = 0; r < rounds; r++) {                                   \
      _Pragma("clang loop unroll(full)")                                     \
      for (int s = 0; s < SUMS; s++) { sum[s] = sum[s] * a + b; }            \
    }                                                                        \
    for (int s = 1; s < SUMS; s++) { sum[0] += sum[s]; }                     \
    *sink = sum[0][0];                                                       \
    return rounds * SUMS * (LANES);                                          \
  }

#pragma STDC FP_CONTRACT ON

#if defined(__x86_64__)
DEFINE(wide, 16, __attribute__((target("avx512f"))))
DEFINE(middle, 8, __attribute__((target("avx2,fma"))))
#endif
DEFINE(narrow, 4, )

int64_t machine_multiply_adds(int64_t rounds, float *sink) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) { return wide(rounds, sink); }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return middle(rounds, sink);
  }
#endif
  return narrow(rounds, sink);
}
