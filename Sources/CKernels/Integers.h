// What Elementwise.h and Reductions.h need of int32 vectors.

INLINE vec_i32 absolute_i32(vec_i32 x) {
  const vec_i32 sign = x >> 31;
  return (x ^ sign) - sign;
}

INLINE vec_i32 sign_i32(vec_i32 x) { return (x < 0) - (x > 0); }

INLINE vec_i32 minimum_i32(vec_i32 a, vec_i32 b) { return choose_i32(a < b, a, b); }
INLINE vec_i32 maximum_i32(vec_i32 a, vec_i32 b) { return choose_i32(a > b, a, b); }

INLINE vec_i32 divide_i32(vec_i32 a, vec_i32 b) {
  vec_i32 q;
  for (int i = 0; i < (int)(sizeof(vec_i32) / 4); i++) {
    // The quotient of the least integer and -1 wraps.
    q[i] = b[i] == 0 ? 0 : b[i] == -1 ? (int32_t)(0u - (uint32_t)a[i]) : a[i] / b[i];
  }
  return q;
}
