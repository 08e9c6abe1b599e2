// Transcendental functions of float32 vectors without branches: range reduction, a polynomial
// (fitted to have the least largest relative error, then rounded), reconstruction.
// Within 2 ulp; special values as in IEEE 754.

typedef vec_f32 v32;
typedef bits_f32 b32;

INLINE v32 f32(float x) { return splat_f32(x); }
INLINE b32 i32(int32_t x) { return x - (b32){0}; }
INLINE b32 sign_bit(v32 x) { return (b32)x & i32(INT32_MIN); }

// The nearest integer of x, |x| < 2^22, as a float and (in `n`) as an integer.
INLINE v32 nearest(v32 x, b32 *n) {
  const v32 shift = f32(12582912.0f);  // 1.5 * 2^23
  const v32 shifted = x + shift;
  *n = (b32)shifted - (b32)shift;
  return shifted - shift;
}

// 2^n for -126 <= n <= 127.
INLINE v32 power_of_2(b32 n) { return (v32)((n + 127) << 23); }

// Splits x = n ln 2 + r with |r| <= ln 2 / 2, and gives exp(r) - 1. |n| < 2^22.
INLINE v32 reduced_exponential(v32 x, b32 *n) {
  const v32 multiple = nearest(x * 1.44269504f, n);
  v32 r = x - multiple * 0.693359375f;  // ln 2 in two parts; the product with the first is exact
  r = r + multiple * 2.12194440e-4f;
  v32 q = r * 1.395059982e-03f + 8.368954062e-03f;
  q = q * r + 4.166620597e-02f;
  q = q * r + 1.666651815e-01f;
  q = q * r + 0.5f;
  return r + (r * r) * q;
}

INLINE v32 exponential_f32(v32 x) {
  // Beyond these the result is 0 or inf anyway; NaN passes.
  v32 t = choose_f32(x < f32(-105.0f), f32(-105.0f), x);
  t = choose_f32(t > f32(90.0f), f32(90.0f), t);
  b32 n;
  const v32 e = reduced_exponential(t, &n) + 1.0f;
  const b32 half = n >> 1;  // in two steps: 2^n itself may lie outside the normal range
  return (e * power_of_2(half)) * power_of_2(n - half);
}

INLINE v32 exponential_minus_1_f32(v32 x) {
  v32 t = choose_f32(x < f32(-20.0f), f32(-20.0f), x);
  t = choose_f32(t > f32(89.0f), f32(89.0f), t);  // n <= 128
  b32 n;
  const v32 e = reduced_exponential(t, &n);
  const v32 scale = power_of_2(n - 1);
  const v32 y = 2.0f * (scale * e + (scale - 0.5f));
  return (v32)((b32)choose_f32(n == 0, e, y) | sign_bit(x));
}

// For x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2): log(1 + f) + e ln 2, given f and e.
INLINE v32 reconstructed_logarithm(v32 f, v32 e, v32 correction) {
  v32 p = f * 6.746601313e-02f + -1.167564094e-01f;
  p = p * f + 1.188817471e-01f;
  p = p * f + -1.240559146e-01f;
  p = p * f + 1.421955079e-01f;
  p = p * f + -1.666799635e-01f;
  p = p * f + 2.000211924e-01f;
  p = p * f + -2.500000894e-01f;
  p = p * f + 3.333331347e-01f;
  const v32 square = f * f;
  v32 y = (f * square) * p + correction;
  y = y - e * 2.12194440e-4f;
  y = y - 0.5f * square;
  return (f + y) + e * 0.693359375f;
}

// Splits a positive normal x = 2^e (1 + f) as above.
INLINE v32 split_exponent(v32 x, b32 *e) {
  const b32 origin = i32(0x3f3504f3);  // sqrt(1/2)
  const b32 offset = (b32)x - origin;
  *e = offset >> 23;
  return (v32)((offset & 0x007fffff) + origin) - 1.0f;
}

// log's values at 0, below it, at inf and NaN.
INLINE v32 logarithm_limits(v32 x, v32 y) {
  y = choose_f32(x == f32(0.0f), f32(-INFINITY), y);
  y = choose_f32(x < f32(0.0f), f32(NAN), y);
  return choose_f32((x == f32(INFINITY)) | (x != x), x, y);
}

INLINE v32 logarithm_f32(v32 x) {
  const b32 small = x < f32(FLT_MIN);
  const v32 normal = choose_f32(small, x * 8388608.0f, x);
  b32 e;
  const v32 f = split_exponent(normal, &e);
  e = e - (small & 23);
  const v32 y = reconstructed_logarithm(f, __builtin_convertvector(e, v32), f32(0.0f));
  return logarithm_limits(x, y);
}

INLINE v32 logarithm_of_1_plus_f32(v32 x) {
  const v32 u = 1.0f + x;
  // What the sum lost.
  const v32 lost = choose_f32(x < f32(1.0f), x - (u - 1.0f), 1.0f - (u - x));
  b32 e;
  const v32 split = split_exponent(u, &e);
  const b32 near = e == 0;
  const v32 f = choose_f32(near, x, split);
  const v32 correction = choose_f32(near, f32(0.0f), lost / u);
  v32 y = reconstructed_logarithm(f, __builtin_convertvector(e, v32), correction);
  y = logarithm_limits(u, y);
  return (v32)((b32)y | sign_bit(x));
}

INLINE v32 hyperbolic_tangent_f32(v32 x) {
  const v32 size = absolute_f32(x);
  const v32 z = x * x;
  v32 p = z * -5.717036780e-03f + 2.065057866e-02f;
  p = p * z + -5.374349654e-02f;
  p = p * z + 1.333149076e-01f;
  p = p * z + -3.333328366e-01f;
  const v32 low = x + (x * z) * p;
  const v32 limited = choose_f32(size > f32(10.0f), f32(10.0f), size);
  const v32 high = 1.0f - 2.0f / (exponential_f32(2.0f * limited) + 1.0f);
  return (v32)((b32)choose_f32(size < f32(0.625f), low, high) | sign_bit(x));  // tanh(-0) = -0
}

INLINE v32 error_function_f32(v32 x) {
  const v32 size = absolute_f32(x);
  const v32 z = x * x;
  v32 p = z * 8.185090701e-05f + -8.097702521e-04f;
  p = p * z + 5.196951795e-03f;
  p = p * z + -2.685770579e-02f;
  p = p * z + 1.128366366e-01f;
  p = p * z + -3.761263192e-01f;
  p = p * z + 1.283791661e-01f;
  const v32 low = x + x * p;
  // erfc(t) = exp(-q(t)); erf rounds to 1 beyond 3.92.
  const v32 t = choose_f32(size > f32(4.0f), f32(4.0f), size);
  v32 q = t * -1.982207032e-04f + 3.065499943e-03f;
  q = q * t + -2.231524885e-02f;
  q = q * t + 1.041137427e-01f;
  q = q * t + 6.369760036e-01f;
  q = q * t + 1.127797246e+00f;
  q = q * t + 1.664390729e-04f;
  const v32 high = 1.0f - exponential_f32(-q);
  return choose_f32(size < f32(0.92f), low, (v32)((b32)high | sign_bit(x)));
}

#if FUSED_MULTIPLY_ADD

// sin(x + quadrant pi / 2), |x| <= 8192: the product with each part of pi / 2 is fused, and the
// first difference exact.
INLINE v32 sine_of_reduced(v32 x, int quadrant) {
  b32 n;
  const v32 multiple = nearest(x * 0.636619772f, &n);
  v32 r = x - multiple * 1.57079637e+00f;
  r = r - multiple * -4.37113883e-08f;
  r = r - multiple * -1.71512489e-15f;
  n = n + quadrant;
  const v32 z = r * r;
  v32 s = z * 2.718237283e-06f + -1.983932743e-04f;
  s = s * z + 8.333329111e-03f;
  s = s * z + -1.666666716e-01f;
  s = r + (r * z) * s;
  v32 c = z * 2.443772792e-05f + -1.388736186e-03f;
  c = c * z + 4.166664556e-02f;
  c = (1.0f - 0.5f * z) + (z * z) * c;
  const v32 y = choose_f32((n & 1) == 0, s, c);
  return (v32)((b32)y ^ ((n & 2) << 30));
}

INLINE int any_lane(b32 mask) {
  int32_t any = 0;
  UNROLL
  for (int i = 0; i < (int)(sizeof(b32) / 4); i++) { any |= mask[i]; }
  return any != 0;
}

INLINE v32 sine_f32(v32 x) {
  if (any_lane(~(absolute_f32(x) <= f32(8192.0f)))) { return sine_by_lane_f32(x); }
  // sin(-0) = -0
  return choose_f32(x == f32(0.0f), x, sine_of_reduced(x, 0));
}

INLINE v32 cosine_f32(v32 x) {
  if (any_lane(~(absolute_f32(x) <= f32(8192.0f)))) { return cosine_by_lane_f32(x); }
  return sine_of_reduced(x, 1);
}

#else

INLINE v32 sine_f32(v32 x) { return sine_by_lane_f32(x); }
INLINE v32 cosine_f32(v32 x) { return cosine_by_lane_f32(x); }

#endif
