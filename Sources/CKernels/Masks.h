// Comparisons, logic, selections and conversions: scalar loops that the compiler vectorises, with
// one path for contiguous operands (and for broadcast ones where they are usual) and a general
// one.

#define VECTORISED _Pragma("clang loop vectorize(enable) interleave_count(1)")

// A loop nest over out and one to three inputs. `fast` names the contiguous patterns.
#define ONE_INPUT(out_type, a_type, expression)                                  \
  {                                                                              \
    const int64_t count = nest->count[3], so = nest->out[3], sa = nest->in[0][3]; \
    OUTER_LOOPS(nest) {                                                          \
      out_type *restrict o = (out_type *)out + OUTER_OFFSET(nest->out);          \
      const a_type *restrict p = (const a_type *)a + OUTER_OFFSET(nest->in[0]);  \
      if (so == 1 && sa == 1) {                                                  \
        VECTORISED                                                               \
        for (int64_t i = 0; i < count; i++) {                                    \
          const a_type x = p[i];                                                 \
          o[i] = (expression);                                                   \
        }                                                                        \
      } else {                                                                   \
        for (int64_t i = 0; i < count; i++) {                                    \
          const a_type x = p[i * sa];                                            \
          o[i * so] = (expression);                                              \
        }                                                                        \
      }                                                                          \
    }                                                                            \
  }

#define TWO_INPUTS(out_type, a_type, b_type, expression)                         \
  {                                                                              \
    const int64_t count = nest->count[3], so = nest->out[3];                     \
    const int64_t sa = nest->in[0][3], sb = nest->in[1][3];                      \
    OUTER_LOOPS(nest) {                                                          \
      out_type *restrict o = (out_type *)out + OUTER_OFFSET(nest->out);          \
      const a_type *restrict p = (const a_type *)a + OUTER_OFFSET(nest->in[0]);  \
      const b_type *restrict q = (const b_type *)b + OUTER_OFFSET(nest->in[1]);  \
      if (so == 1 && sa == 1 && sb == 1) {                                       \
        VECTORISED                                                               \
        for (int64_t i = 0; i < count; i++) {                                    \
          const a_type x = p[i];                                                 \
          const b_type z = q[i];                                                 \
          o[i] = (expression);                                                   \
        }                                                                        \
      } else if (so == 1 && sa == 1 && sb == 0) {                                \
        const b_type z = *q;                                                     \
        VECTORISED                                                               \
        for (int64_t i = 0; i < count; i++) {                                    \
          const a_type x = p[i];                                                 \
          o[i] = (expression);                                                   \
        }                                                                        \
      } else {                                                                   \
        for (int64_t i = 0; i < count; i++) {                                    \
          const a_type x = p[i * sa];                                            \
          const b_type z = q[i * sb];                                            \
          o[i * so] = (expression);                                              \
        }                                                                        \
      }                                                                          \
    }                                                                            \
  }

// --- Comparisons and logic --------------------------------------------------------------------

#define COMPARE(type)                                                            \
  KERNEL int compare_##type(e3x_compare_op op, const e3x_nest *nest,             \
                            uint8_t *out, const void *a, const void *b) {        \
    switch (op) {                                                                \
      case E3X_EQ: TWO_INPUTS(uint8_t, type, type, x == z) return 0;             \
      case E3X_NE: TWO_INPUTS(uint8_t, type, type, x != z) return 0;             \
      case E3X_LT: TWO_INPUTS(uint8_t, type, type, x < z) return 0;              \
      case E3X_LE: TWO_INPUTS(uint8_t, type, type, x <= z) return 0;             \
      case E3X_GT: TWO_INPUTS(uint8_t, type, type, x > z) return 0;              \
      case E3X_GE: TWO_INPUTS(uint8_t, type, type, x >= z) return 0;             \
      default: return -1;                                                        \
    }                                                                            \
  }

COMPARE(float)
COMPARE(double)
COMPARE(int32_t)

static int compare_bool(e3x_compare_op op, const e3x_nest *nest, uint8_t *out, const void *a,
                        const void *b) {
  switch (op) {
    case E3X_EQ: TWO_INPUTS(uint8_t, uint8_t, uint8_t, (x != 0) == (z != 0)) return 0;
    case E3X_NE: TWO_INPUTS(uint8_t, uint8_t, uint8_t, (x != 0) != (z != 0)) return 0;
    default: return -1;
  }
}

static int compare(e3x_compare_op op, e3x_dtype dtype, const e3x_nest *full, uint8_t *out,
                   const void *a, const void *b) {
  const e3x_nest nest = elementwise_nest(full, 2);
  switch (dtype) {
    case E3X_F32: return compare_float(op, &nest, out, a, b);
    case E3X_F64: return compare_double(op, &nest, out, a, b);
    case E3X_I32: return compare_int32_t(op, &nest, out, a, b);
    case E3X_BOOL: return compare_bool(op, &nest, out, a, b);
    default: return -1;
  }
}

static int logical(e3x_logical_op op, const e3x_nest *full, uint8_t *out, const uint8_t *a,
                   const uint8_t *b) {
  const e3x_nest merged = elementwise_nest(full, op == E3X_NOT ? 1 : 2);
  const e3x_nest *nest = &merged;
  switch (op) {
    case E3X_AND: TWO_INPUTS(uint8_t, uint8_t, uint8_t, (x != 0) & (z != 0)) return 0;
    case E3X_OR: TWO_INPUTS(uint8_t, uint8_t, uint8_t, (x != 0) | (z != 0)) return 0;
    case E3X_XOR: TWO_INPUTS(uint8_t, uint8_t, uint8_t, (x != 0) ^ (z != 0)) return 0;
    case E3X_NOT: ONE_INPUT(uint8_t, uint8_t, x == 0) return 0;
    default: return -1;
  }
}

// --- Selections -------------------------------------------------------------------------------

// SELECT_LOOP(strides): out[i] from c[i * sc], p[i * sp], q[i * sq], constants where it matters.
#define SELECT_LOOP(sc, sp, sq)                                              \
  VECTORISED                                                                 \
  for (int64_t i = 0; i < count; i++) {                                      \
    const int yes = c[i * (sc)] != 0;                                        \
    const __typeof__(*p) x = p[i * (sp)], z = q[i * (sq)];                   \
    o[i] = yes ? x : z;                                                      \
  }

#define SELECT(type)                                                                        \
  KERNEL void select_##type(const e3x_nest *nest, type *out, const uint8_t *cond,           \
                            const type *a, const type *b) {                                 \
    const int64_t count = nest->count[3], so = nest->out[3];                                \
    const int64_t sc = nest->in[0][3], sa = nest->in[1][3], sb = nest->in[2][3];            \
    OUTER_LOOPS(nest) {                                                                     \
      type *restrict o = out + OUTER_OFFSET(nest->out);                                     \
      const uint8_t *restrict c = cond + OUTER_OFFSET(nest->in[0]);                         \
      const type *restrict p = a + OUTER_OFFSET(nest->in[1]);                               \
      const type *restrict q = b + OUTER_OFFSET(nest->in[2]);                               \
      if (so == 1 && sc == 0) {                                                             \
        const type *restrict from = *c ? p : q;                                             \
        const int64_t stride = *c ? sa : sb;                                                \
        if (stride == 1) {                                                                  \
          VECTORISED                                                                        \
          for (int64_t i = 0; i < count; i++) { o[i] = from[i]; }                           \
        } else {                                                                            \
          for (int64_t i = 0; i < count; i++) { o[i] = from[i * stride]; }                  \
        }                                                                                   \
      } else if (so == 1 && sc == 1 && sa == 1 && sb == 1) {                                \
        SELECT_LOOP(1, 1, 1)                                                                \
      } else if (so == 1 && sc == 1 && sa == 1 && sb == 0) {                                \
        SELECT_LOOP(1, 1, 0)                                                                \
      } else if (so == 1 && sc == 1 && sa == 0 && sb == 1) {                                \
        SELECT_LOOP(1, 0, 1)                                                                \
      } else {                                                                              \
        for (int64_t i = 0; i < count; i++) { o[i * so] = c[i * sc] ? p[i * sa] : q[i * sb]; } \
      }                                                                                     \
    }                                                                                       \
  }

SELECT(float)
SELECT(double)
SELECT(int32_t)
SELECT(uint8_t)

static int selected(e3x_dtype dtype, const e3x_nest *full, void *out, const uint8_t *cond,
                    const void *a, const void *b) {
  const e3x_nest nest = elementwise_nest(full, 3);
  switch (dtype) {
    case E3X_F32: select_float(&nest, out, cond, a, b); return 0;
    case E3X_F64: select_double(&nest, out, cond, a, b); return 0;
    case E3X_I32: select_int32_t(&nest, out, cond, a, b); return 0;
    case E3X_BOOL: select_uint8_t(&nest, out, cond, a, b); return 0;
    default: return -1;
  }
}

// --- Conversions ------------------------------------------------------------------------------

// Towards zero, saturating; NaN gives 0.
INLINE int32_t truncated(double x) {
  const double low = x > -2147483648.0 ? x : -2147483648.0;
  const double inside = low < 2147483647.0 ? low : 2147483647.0;
  return x == x ? (int32_t)inside : 0;
}

#define CAST(from)                                                                     \
  KERNEL int cast_##from(e3x_dtype to, const e3x_nest *nest, void *out, const void *a) { \
    switch (to) {                                                                      \
      case E3X_F32: ONE_INPUT(float, from, (float)x) return 0;                         \
      case E3X_F64: ONE_INPUT(double, from, (double)x) return 0;                       \
      case E3X_I32: ONE_INPUT(int32_t, from, TO_INTEGER(x)) return 0;                  \
      case E3X_BOOL: ONE_INPUT(uint8_t, from, x != 0) return 0;                        \
      TO_HALVES(from)                                                                  \
      default: return -1;                                                              \
    }                                                                                  \
  }

INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

INLINE float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// To nearest, ties to even; a NaN keeps its sign and becomes quiet.
INLINE uint16_t bfloat16_of(float x) {
  const uint32_t bits = bits_of(x);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  return (uint16_t)(x == x ? rounded : (bits >> 16) | 0x40u);
}

INLINE float of_bfloat16(uint16_t half) { return float_of((uint32_t)half << 16); }

// To nearest, ties to even; from 65520 on infinite.
INLINE uint16_t binary16_of(float x) {
  const uint32_t bits = bits_of(x), sign = bits & 0x80000000u, size = bits ^ sign;
  // Exponents move by 15 - 127.
  const uint32_t normal = (size + 0xC8000FFFu + ((size >> 13) & 1u)) >> 13;
  // Below 2^-14 the sum with 1/2 has its last bit at 2^-24.
  const uint32_t subnormal = bits_of(float_of(size) + 0.5f) - 0x3F000000u;
  const uint32_t special = size > 0x7F800000u ? 0x7E00u : 0x7C00u;
  const uint32_t finite = size < 0x38800000u ? subnormal : normal;
  return (uint16_t)((size >= 0x47800000u ? special : finite) | (sign >> 16));
}

INLINE float of_binary16(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, size = (uint32_t)(half & 0x7FFFu) << 13;
  const uint32_t normal = size + 0x38000000u;
  const uint32_t special = size + 0x70000000u;
  const uint32_t subnormal = bits_of((float)(half & 0x3FFu) * 0x1p-24f);
  const uint32_t finite = size < 0x00800000u ? subnormal : normal;
  return float_of((size >= 0x0F800000u ? special : finite) | sign);
}

// A number of float32 that a narrower format rounds as it would round x itself: where bits are
// lost, the last one is set, so that a tie arises only from a tie.
INLINE float odd_float(double x) {
  const float nearest = (float)x;
  const double back = nearest;
  // Beyond x: the neighbour towards zero (of an infinite one, the greatest number).
  const uint32_t inside = bits_of(nearest) - (__builtin_fabs(back) > __builtin_fabs(x) ? 1u : 0u);
  return back == x || x != x ? nearest : float_of(inside | 1u);
}

#define TO_INTEGER(x) truncated((double)(x))
#define TO_HALVES(from)                                              \
  case E3X_F16: ONE_INPUT(uint16_t, from, binary16_of(x)) return 0;  \
  case E3X_BF16: ONE_INPUT(uint16_t, from, bfloat16_of(x)) return 0;
CAST(float)
#undef TO_HALVES
#define TO_HALVES(from)                                                         \
  case E3X_F16: ONE_INPUT(uint16_t, from, binary16_of(odd_float(x))) return 0;  \
  case E3X_BF16: ONE_INPUT(uint16_t, from, bfloat16_of(odd_float(x))) return 0;
CAST(double)
#undef TO_INTEGER
#undef TO_HALVES
#define TO_INTEGER(x) (int32_t)(x)
#define TO_HALVES(from)
CAST(int32_t)
#undef TO_INTEGER
#undef TO_HALVES
static int cast_bool(e3x_dtype to, const e3x_nest *nest, void *out, const void *a) {
  switch (to) {
    case E3X_F32: ONE_INPUT(float, uint8_t, x != 0) return 0;
    case E3X_F64: ONE_INPUT(double, uint8_t, x != 0) return 0;
    case E3X_I32: ONE_INPUT(int32_t, uint8_t, x != 0) return 0;
    case E3X_BOOL: ONE_INPUT(uint8_t, uint8_t, x != 0) return 0;
    default: return -1;
  }
}

static int cast_half(e3x_dtype from, const e3x_nest *nest, void *out, const void *a) {
  if (from == E3X_F16) {
    ONE_INPUT(float, uint16_t, of_binary16(x))
  } else {
    ONE_INPUT(float, uint16_t, of_bfloat16(x))
  }
  return 0;
}

static int cast(e3x_dtype to, e3x_dtype from, const e3x_nest *full, void *out, const void *a) {
  const e3x_nest nest = elementwise_nest(full, 1);
  switch (from) {
    case E3X_F32: return cast_float(to, &nest, out, a);
    case E3X_F64: return cast_double(to, &nest, out, a);
    case E3X_I32: return cast_int32_t(to, &nest, out, a);
    case E3X_BOOL: return cast_bool(to, &nest, out, a);
    case E3X_F16:
    case E3X_BF16: return to == E3X_F32 ? cast_half(from, &nest, out, a) : -1;
    default: return -1;
  }
}

static void copy_bool(const e3x_nest *full, void *out, const void *a) {
  const e3x_nest merged = elementwise_nest(full, 1);
  const e3x_nest *nest = &merged;
  ONE_INPUT(uint8_t, uint8_t, x)
}

static void copy_half(const e3x_nest *full, void *out, const void *a) {
  const e3x_nest merged = elementwise_nest(full, 1);
  const e3x_nest *nest = &merged;
  ONE_INPUT(uint16_t, uint16_t, x)
}

#undef ONE_INPUT
#undef TWO_INPUTS
#undef COMPARE
#undef SELECT_LOOP
#undef SELECT
#undef CAST
