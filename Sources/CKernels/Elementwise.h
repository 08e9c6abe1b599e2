// Unary and binary functions over loop nests, for the REAL being compiled. The pattern of the
// innermost strides is looked at once, outside all loops; the innermost loop runs over whole
// vectors and ends in a masked one.

#define FOR_VECTORS(count) for (; i + LANES <= (count); i += LANES)

// expression: of the vector x.
#define UNARY(name, expression)                                                              \
  KERNEL void NAME(unary_##name)(const e3x_nest *nest, REAL *restrict out,                   \
                                 const REAL *restrict a) {                                   \
    const int64_t count = nest->count[3], so = nest->out[3], sa = nest->in[0][3];            \
    if (so == 1 && sa == 1) {                                                                \
      const int64_t rest = count % LANES;                                                    \
      const NAME(mask) mask = NAME(first)(rest);                                             \
      OUTER_LOOPS(nest) {                                                                    \
        REAL *o = out + OUTER_OFFSET(nest->out);                                             \
        const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                       \
        int64_t i = 0;                                                                       \
        FOR_VECTORS(count) {                                                                 \
          const NAME(vec) x = NAME(load)(p + i);                                             \
          NAME(store)(o + i, expression);                                                    \
        }                                                                                    \
        if (rest != 0) {                                                                     \
          const NAME(vec) x = NAME(load_masked)(p + i, mask);                                \
          NAME(store_masked)(o + i, expression, mask);                                       \
        }                                                                                    \
      }                                                                                      \
    } else if (so == 1 && sa == 0) {                                                         \
      const int64_t rest = count % LANES;                                                    \
      const NAME(mask) mask = NAME(first)(rest);                                             \
      OUTER_LOOPS(nest) {                                                                    \
        REAL *o = out + OUTER_OFFSET(nest->out);                                             \
        const NAME(vec) x = NAME(splat)(a[OUTER_OFFSET(nest->in[0])]);                       \
        const NAME(vec) all = expression;                                                    \
        int64_t i = 0;                                                                       \
        FOR_VECTORS(count) { NAME(store)(o + i, all); }                                      \
        if (rest != 0) { NAME(store_masked)(o + i, all, mask); }                             \
      }                                                                                      \
    } else {                                                                                 \
      OUTER_LOOPS(nest) {                                                                    \
        REAL *o = out + OUTER_OFFSET(nest->out);                                             \
        const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                       \
        for (int64_t i = 0; i < count; i += LANES) {                                         \
          const int64_t n = least(count - i, LANES);                                         \
          const NAME(vec) x = NAME(load_strided)(p + i * sa, sa, n);                         \
          NAME(store_strided)(o + i * so, so, expression, n);                                \
        }                                                                                    \
      }                                                                                      \
    }                                                                                        \
  }

// One pattern of innermost strides; the loads of whole vectors and of the last one.
#define BINARY_LOOPS(expression, before, whole_x, whole_z, last_x, last_z) \
  OUTER_LOOPS(nest) {                                                      \
    REAL *o = out + OUTER_OFFSET(nest->out);                               \
    const REAL *p = a + OUTER_OFFSET(nest->in[0]);                         \
    const REAL *q = b + OUTER_OFFSET(nest->in[1]);                         \
    before;                                                                \
    int64_t i = 0;                                                         \
    FOR_VECTORS(count) {                                                   \
      const NAME(vec) x = whole_x, z = whole_z;                            \
      NAME(store)(o + i, expression);                                      \
    }                                                                      \
    if (rest != 0) {                                                       \
      const NAME(vec) x = last_x, z = last_z;                              \
      NAME(store_masked)(o + i, expression, mask);                         \
    }                                                                      \
  }

// [n, 3] and [n, 1] to [n, 3], contiguous but for outer loops: the loop over rows is count[2].
static int NAME(are_triples)(const e3x_nest *nest) {
  return nest->count[3] == 3 && nest->count[2] >= LANES && nest->out[3] == 1 &&
         nest->in[0][3] == 1 && nest->in[1][3] == 0 && nest->out[2] == 3 &&
         nest->in[0][2] == 3 && nest->in[1][2] == 1;
}

// expression: of the vectors x and z, three elements of x for each of z.
#define TRIPLES(expression)                                                         \
  for (int64_t i0 = 0; i0 < nest->count[0]; i0++) {                                 \
    for (int64_t i1 = 0; i1 < nest->count[1]; i1++) {                               \
      REAL *o = out + i0 * nest->out[0] + i1 * nest->out[1];                        \
      const REAL *p = a + i0 * nest->in[0][0] + i1 * nest->in[0][1];                \
      const REAL *q = b + i0 * nest->in[1][0] + i1 * nest->in[1][1];                \
      int64_t row = 0;                                                              \
      for (; row + LANES <= nest->count[2]; row += LANES) {                         \
        NAME(vec) each[3];                                                          \
        NAME(thrice)(NAME(load)(q + row), each);                                    \
        UNROLL                                                                      \
        for (int k = 0; k < 3; k++) {                                               \
          const NAME(vec) x = NAME(load)(p + 3 * row + k * LANES), z = each[k];     \
          NAME(store)(o + 3 * row + k * LANES, expression);                         \
        }                                                                           \
      }                                                                             \
      const NAME(mask) three = NAME(first)(least(3, LANES));                        \
      for (; row < nest->count[2]; row++) {                                         \
        const NAME(vec) z = NAME(splat)(q[row]);                                    \
        for (int64_t i = 0; i < 3; i += LANES) {                                    \
          const NAME(mask) mask = LANES >= 3 ? three : NAME(first)(least(LANES, 3 - i)); \
          const NAME(vec) x = NAME(load_masked)(p + 3 * row + i, mask);             \
          NAME(store_masked)(o + 3 * row + i, expression, mask);                    \
        }                                                                           \
      }                                                                             \
    }                                                                               \
  }

// expression: of the vectors x and z.
#define BINARY(name, expression)                                                              \
  KERNEL void NAME(binary_##name)(const e3x_nest *nest, REAL *restrict out,                   \
                                  const REAL *restrict a, const REAL *restrict b) {           \
    const int64_t count = nest->count[3], so = nest->out[3];                                  \
    const int64_t sa = nest->in[0][3], sb = nest->in[1][3];                                   \
    const int64_t rest = count % LANES;                                                       \
    const NAME(mask) mask = NAME(first)(rest);                                                \
    if (NAME(are_triples)(nest)) {                                                            \
      TRIPLES(expression)                                                                     \
    } else if (so == 1 && sa == 1 && sb == 1) {                                               \
      BINARY_LOOPS(expression, , NAME(load)(p + i), NAME(load)(q + i),                        \
                   NAME(load_masked)(p + i, mask), NAME(load_masked)(q + i, mask))            \
    } else if (so == 1 && sa == 1 && sb == 0) {                                               \
      BINARY_LOOPS(expression, const NAME(vec) s = NAME(splat)(*q), NAME(load)(p + i), s,     \
                   NAME(load_masked)(p + i, mask), s)                                         \
    } else if (so == 1 && sa == 0 && sb == 1) {                                               \
      BINARY_LOOPS(expression, const NAME(vec) s = NAME(splat)(*p), s, NAME(load)(q + i), s,  \
                   NAME(load_masked)(q + i, mask))                                            \
    } else {                                                                                  \
      OUTER_LOOPS(nest) {                                                                     \
        REAL *o = out + OUTER_OFFSET(nest->out);                                              \
        const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                        \
        const REAL *q = b + OUTER_OFFSET(nest->in[1]);                                        \
        for (int64_t i = 0; i < count; i += LANES) {                                          \
          const int64_t n = least(count - i, LANES);                                          \
          const NAME(vec) x = NAME(load_strided)(p + i * sa, sa, n);                          \
          const NAME(vec) z = NAME(load_strided)(q + i * sb, sb, n);                          \
          NAME(store_strided)(o + i * so, so, expression, n);                                 \
        }                                                                                     \
      }                                                                                       \
    }                                                                                         \
  }

UNARY(copy, x)
UNARY(negate, -x)
UNARY(absolute, NAME(absolute)(x))
UNARY(sign, NAME(sign)(x))

BINARY(add, x + z)
BINARY(subtract, x - z)
BINARY(multiply, x * z)
BINARY(minimum, NAME(minimum)(x, z))
BINARY(maximum, NAME(maximum)(x, z))
BINARY(divide, NAME(divide)(x, z))

#if !REAL_IS_INTEGER

UNARY(floor, NAME(floor)(x))
UNARY(reciprocal, 1 / x)
UNARY(square_root, NAME(square_root)(x))
UNARY(exponential, NAME(exponential)(x))
UNARY(exponential_minus_1, NAME(exponential_minus_1)(x))
UNARY(logarithm, NAME(logarithm)(x))
UNARY(logarithm_of_1_plus, NAME(logarithm_of_1_plus)(x))
UNARY(sine, NAME(sine)(x))
UNARY(cosine, NAME(cosine)(x))
UNARY(hyperbolic_tangent, NAME(hyperbolic_tangent)(x))
UNARY(error_function, NAME(error_function)(x))
UNARY(square, x *x)
UNARY(cube, x *x *x)

BINARY(power, NAME(power)(x, z))
BINARY(arctangent, NAME(arctangent)(x, z))

#endif

static int NAME(unary)(e3x_unary_op op, const e3x_nest *full, REAL *out, const REAL *a) {
  const e3x_nest merged = elementwise_nest(full, 1);
  const e3x_nest *nest = &merged;
  switch (op) {
    case E3X_COPY: NAME(unary_copy)(nest, out, a); return 0;
    case E3X_NEG: NAME(unary_negate)(nest, out, a); return 0;
    case E3X_ABS: NAME(unary_absolute)(nest, out, a); return 0;
    case E3X_SIGN: NAME(unary_sign)(nest, out, a); return 0;
#if !REAL_IS_INTEGER
    case E3X_FLOOR: NAME(unary_floor)(nest, out, a); return 0;
    case E3X_RECIPROCAL: NAME(unary_reciprocal)(nest, out, a); return 0;
    case E3X_SQRT: NAME(unary_square_root)(nest, out, a); return 0;
    case E3X_EXP: NAME(unary_exponential)(nest, out, a); return 0;
    case E3X_EXPM1: NAME(unary_exponential_minus_1)(nest, out, a); return 0;
    case E3X_LOG: NAME(unary_logarithm)(nest, out, a); return 0;
    case E3X_LOG1P: NAME(unary_logarithm_of_1_plus)(nest, out, a); return 0;
    case E3X_SIN: NAME(unary_sine)(nest, out, a); return 0;
    case E3X_COS: NAME(unary_cosine)(nest, out, a); return 0;
    case E3X_TANH: NAME(unary_hyperbolic_tangent)(nest, out, a); return 0;
    case E3X_ERF: NAME(unary_error_function)(nest, out, a); return 0;
#endif
    default: return -1;
  }
}

static int NAME(binary)(e3x_binary_op op, const e3x_nest *full, REAL *out, const REAL *a,
                        const REAL *b) {
  const e3x_nest merged = elementwise_nest(full, 2);
  const e3x_nest *nest = &merged;
  switch (op) {
    case E3X_ADD: NAME(binary_add)(nest, out, a, b); return 0;
    case E3X_SUB: NAME(binary_subtract)(nest, out, a, b); return 0;
    case E3X_MUL: NAME(binary_multiply)(nest, out, a, b); return 0;
    case E3X_DIV: NAME(binary_divide)(nest, out, a, b); return 0;
    case E3X_MIN: NAME(binary_minimum)(nest, out, a, b); return 0;
    case E3X_MAX: NAME(binary_maximum)(nest, out, a, b); return 0;
#if !REAL_IS_INTEGER
    case E3X_POW: {
      const int64_t *s = nest->in[1];
      if (s[0] == 0 && s[1] == 0 && s[2] == 0 && s[3] == 0 && !is_empty(nest)) {
        // One exponent for all: the common ones are products, which are as accurate.
        if (*b == 1) { NAME(unary_copy)(nest, out, a); return 0; }
        if (*b == 2) { NAME(unary_square)(nest, out, a); return 0; }
        if (*b == 3) { NAME(unary_cube)(nest, out, a); return 0; }
        if (*b == -1) { NAME(unary_reciprocal)(nest, out, a); return 0; }
      }
      NAME(binary_power)(nest, out, a, b);
      return 0;
    }
    case E3X_ATAN2: NAME(binary_arctangent)(nest, out, a, b); return 0;
#endif
    default: return -1;
  }
}

#undef FOR_VECTORS
#undef UNARY
#undef BINARY
#undef BINARY_LOOPS
#undef TRIPLES
