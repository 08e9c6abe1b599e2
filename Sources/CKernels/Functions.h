// Elementary functions of vectors of REAL (float or double) for which both types share the code.
// CALL(f) is the function of libm for REAL.

INLINE NAME(vec) NAME(absolute)(NAME(vec) x) { return __builtin_elementwise_abs(x); }

INLINE NAME(vec) NAME(sign)(NAME(vec) x) {
  const NAME(vec) zero = {0};
  const NAME(vec) one = NAME(splat)(1);
  return NAME(choose)(x > zero, one, NAME(choose)(x < zero, -one, x));
}

INLINE NAME(vec) NAME(floor)(NAME(vec) x) { return __builtin_elementwise_floor(x); }

INLINE NAME(vec) NAME(square_root)(NAME(vec) x) {
#if __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(x);
#else
  NAME(vec) y;
  for (int i = 0; i < LANES; i++) { y[i] = CALL(sqrt)(x[i]); }
  return y;
#endif
}

INLINE NAME(vec) NAME(divide)(NAME(vec) a, NAME(vec) b) { return a / b; }

INLINE NAME(vec) NAME(minimum)(NAME(vec) a, NAME(vec) b) {
  return NAME(choose)((a < b) | (a != a), a, b);
}

INLINE NAME(vec) NAME(maximum)(NAME(vec) a, NAME(vec) b) {
  return NAME(choose)((a > b) | (a != a), a, b);
}

// Lane by lane, with libm; not inlined, so that loops around it stay small.
#define BY_LANE_1(name, function)                                            \
  static __attribute__((noinline)) NAME(vec) NAME(name)(NAME(vec) x) {       \
    NAME(vec) y;                                                             \
    for (int i = 0; i < LANES; i++) { y[i] = CALL(function)(x[i]); }         \
    return y;                                                                \
  }
#define BY_LANE_2(name, function)                                                   \
  static __attribute__((noinline)) NAME(vec) NAME(name)(NAME(vec) x, NAME(vec) z) { \
    NAME(vec) y;                                                                    \
    for (int i = 0; i < LANES; i++) { y[i] = CALL(function)(x[i], z[i]); }          \
    return y;                                                                       \
  }

BY_LANE_1(sine_by_lane, sin)
BY_LANE_1(cosine_by_lane, cos)
BY_LANE_2(power, pow)
BY_LANE_2(arctangent, atan2)

#if REAL_BYTES == 8
BY_LANE_1(exponential, exp)
BY_LANE_1(exponential_minus_1, expm1)
BY_LANE_1(logarithm, log)
BY_LANE_1(logarithm_of_1_plus, log1p)
BY_LANE_1(hyperbolic_tangent, tanh)
BY_LANE_1(error_function, erf)
INLINE NAME(vec) NAME(sine)(NAME(vec) x) { return NAME(sine_by_lane)(x); }
INLINE NAME(vec) NAME(cosine)(NAME(vec) x) { return NAME(cosine_by_lane)(x); }
#endif

#undef BY_LANE_1
#undef BY_LANE_2
