// Sums, maxima and minima over loop nests, for the REAL being compiled.
//
// Sums are taken in short blocks (SUM_BLOCK terms per lane), whose results are added in float64:
// the rounding of a block is all there is, however long the axis.

#define SUM_BLOCK 16

#if REAL_IS_INTEGER
typedef NAME(vec) NAME(total);
#define TOTAL_REAL uint32_t
#define TO_TOTAL(v) (v)
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#else
typedef NAME(wide) NAME(total);
#define TOTAL_REAL double
#define TO_TOTAL(v) __builtin_convertvector(v, NAME(total))
#define LOWEST (-(REAL)INFINITY)
#define HIGHEST ((REAL)INFINITY)
#endif

INLINE REAL NAME(sum_of_lanes)(const NAME(total) *t) {
  TOTAL_REAL lanes[LANES];
  memcpy(lanes, t, sizeof *t);
  UNROLL
  for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLL
    for (int i = 0; i < half; i++) { lanes[i] += lanes[i + half]; }
  }
  return (REAL)lanes[0];
}

// --- Along contiguous entries -----------------------------------------------------------------

static REAL NAME(sum_along)(const e3x_nest *nest, const REAL *a) {
  NAME(total) total = {0};
  const int64_t count = nest->count[3], rest = count % LANES;
  const NAME(mask) mask = NAME(first)(rest);
  OUTER_LOOPS(nest) {
    const REAL *p = a + OUTER_OFFSET(nest->in[0]);
    int64_t i = 0;
    for (; i + 4 * SUM_BLOCK * LANES <= count; i += 4 * SUM_BLOCK * LANES) {
      NAME(vec) s[4] = {{0}, {0}, {0}, {0}};
      for (int j = 0; j < SUM_BLOCK; j++) {
        UNROLL
        for (int v = 0; v < 4; v++) { s[v] += NAME(load)(p + i + (4 * j + v) * LANES); }
      }
      total += TO_TOTAL((s[0] + s[1]) + (s[2] + s[3]));
    }
    for (; i + LANES <= count; i += LANES) { total += TO_TOTAL(NAME(load)(p + i)); }
    if (rest != 0) { total += TO_TOTAL(NAME(load_masked)(p + i, mask)); }
  }
  return NAME(sum_of_lanes)(&total);
}

// better: the greater or the lesser of two vectors; identity: what an empty one gives.
#define EXTREME_ALONG(name, better, identity)                                           \
  static REAL NAME(name##_along)(const e3x_nest *nest, const REAL *a) {                 \
    NAME(vec) best = NAME(splat)(identity);                                             \
    OUTER_LOOPS(nest) {                                                                 \
      const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                    \
      int64_t i = 0;                                                                    \
      for (; i + LANES <= nest->count[3]; i += LANES) {                                 \
        best = NAME(better)(best, NAME(load)(p + i));                                   \
      }                                                                                 \
      for (; i < nest->count[3]; i++) { best = NAME(better)(best, NAME(splat)(p[i])); } \
    }                                                                                   \
    UNROLL                                                                              \
    for (int half = LANES / 2; half > 0; half /= 2) {                                   \
      NAME(vec) other = best;                                                           \
      UNROLL                                                                            \
      for (int i = 0; i < half; i++) { other[i] = best[i + half]; }                     \
      best = NAME(better)(best, other);                                                 \
    }                                                                                   \
    return best[0];                                                                     \
  }

EXTREME_ALONG(maximum, maximum, LOWEST)
EXTREME_ALONG(minimum, minimum, HIGHEST)

// --- Across: the kept index is contiguous -----------------------------------------------------

// `vectors` vectors of neighbouring sums at once.
INLINE void NAME(sum_across)(const int vectors, const int masked, NAME(mask) mask, int64_t lanes,
                             const e3x_nest *nest, const REAL *a, REAL *out, int64_t stride) {
  NAME(total) total[4] = {{0}, {0}, {0}, {0}};
  const int64_t count = nest->count[3], step = nest->in[0][3];
  OUTER_LOOPS(nest) {
    const REAL *p = a + OUTER_OFFSET(nest->in[0]);
    for (int64_t i = 0; i < count; i += SUM_BLOCK) {
      NAME(vec) s[4] = {{0}, {0}, {0}, {0}};
      const int64_t n = least(SUM_BLOCK, count - i);
      for (int64_t j = 0; j < n; j++, p += step) {
        UNROLL
        for (int v = 0; v < vectors; v++) { s[v] += NAME(load_some)(p + v * LANES, masked, mask); }
      }
      UNROLL
      for (int v = 0; v < vectors; v++) { total[v] += TO_TOTAL(s[v]); }
    }
  }
  UNROLL
  for (int v = 0; v < vectors; v++) {
    const NAME(vec) sum = __builtin_convertvector(total[v], NAME(vec));
    if (stride == 1 && !masked) {
      NAME(store)(out + v * LANES, sum);
    } else {
      NAME(store_strided)(out + v * LANES * stride, stride, sum, lanes);
    }
  }
}

#define EXTREME_ACROSS(name, better, identity)                                             \
  INLINE void NAME(name##_across)(const int vectors, const int masked, NAME(mask) mask,    \
                                  int64_t lanes, const e3x_nest *nest, const REAL *a,      \
                                  REAL *out, int64_t stride) {                             \
    NAME(vec) best[4];                                                                     \
    UNROLL                                                                                 \
    for (int v = 0; v < vectors; v++) { best[v] = NAME(splat)(identity); }                 \
    OUTER_LOOPS(nest) {                                                                    \
      const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                       \
      for (int64_t i = 0; i < nest->count[3]; i++, p += nest->in[0][3]) {                  \
        UNROLL                                                                             \
        for (int v = 0; v < vectors; v++) {                                                \
          best[v] = NAME(better)(best[v], NAME(load_some)(p + v * LANES, masked, mask));   \
        }                                                                                  \
      }                                                                                    \
    }                                                                                      \
    UNROLL                                                                                 \
    for (int v = 0; v < vectors; v++) {                                                    \
      NAME(store_strided)(out + v * LANES * stride, stride, best[v], lanes);               \
    }                                                                                      \
  }

EXTREME_ACROSS(maximum, maximum, LOWEST)
EXTREME_ACROSS(minimum, minimum, HIGHEST)

// --- Neither is contiguous --------------------------------------------------------------------

// A vector of results whose inputs lie `apart` elements apart.
static void NAME(sum_apart)(int64_t apart, int64_t lanes, const e3x_nest *nest, const REAL *a,
                            REAL *out, int64_t stride) {
  NAME(total) total = {0};
  OUTER_LOOPS(nest) {
    const REAL *p = a + OUTER_OFFSET(nest->in[0]);
    for (int64_t i = 0; i < nest->count[3]; i++, p += nest->in[0][3]) {
      total += TO_TOTAL(NAME(load_strided)(p, apart, lanes));
    }
  }
  NAME(store_strided)(out, stride, __builtin_convertvector(total, NAME(vec)), lanes);
}

#define EXTREME_APART(name, better, identity)                                             \
  static void NAME(name##_apart)(int64_t apart, int64_t lanes, const e3x_nest *nest,      \
                                 const REAL *a, REAL *out, int64_t stride) {              \
    NAME(vec) best = NAME(splat)(identity);                                               \
    OUTER_LOOPS(nest) {                                                                   \
      const REAL *p = a + OUTER_OFFSET(nest->in[0]);                                      \
      for (int64_t i = 0; i < nest->count[3]; i++, p += nest->in[0][3]) {                 \
        best = NAME(better)(best, NAME(load_strided)(p, apart, lanes));                   \
      }                                                                                   \
    }                                                                                     \
    NAME(store_strided)(out, stride, best, lanes);                                        \
  }

EXTREME_APART(maximum, maximum, LOWEST)
EXTREME_APART(minimum, minimum, HIGHEST)

// --- Vectors of three components --------------------------------------------------------------

// Whether [n, 3] is reduced to [n], both contiguous but for outer loops.
static int NAME(reduces_triples)(const e3x_nest *kept, const e3x_nest *reduced) {
  return reduced->count[0] * reduced->count[1] * reduced->count[2] == 1 &&
         reduced->count[3] == 3 && reduced->in[0][3] == 1 && kept->in[0][3] == 3 &&
         kept->out[3] == 1;
}

INLINE NAME(vec) NAME(sum_of_three)(NAME(vec) x, NAME(vec) y, NAME(vec) z) {
  return __builtin_convertvector((TO_TOTAL(x) + TO_TOTAL(y)) + TO_TOTAL(z), NAME(vec));
}
INLINE NAME(vec) NAME(maximum_of_three)(NAME(vec) x, NAME(vec) y, NAME(vec) z) {
  return NAME(maximum)(NAME(maximum)(NAME(maximum)(NAME(splat)(LOWEST), x), y), z);
}
INLINE NAME(vec) NAME(minimum_of_three)(NAME(vec) x, NAME(vec) y, NAME(vec) z) {
  return NAME(minimum)(NAME(minimum)(NAME(minimum)(NAME(splat)(HIGHEST), x), y), z);
}

// --- All --------------------------------------------------------------------------------------

#define EACH_KEPT(function)                                                        \
  OUTER_LOOPS(kept) {                                                              \
    REAL *o = out + OUTER_OFFSET(kept->out);                                       \
    const REAL *p = a + OUTER_OFFSET(kept->in[0]);                                 \
    for (int64_t i = 0; i < kept->count[3]; i++) {                                 \
      o[i * kept->out[3]] = NAME(function)(reduced, p + i * kept->in[0][3]);       \
    }                                                                              \
  }

#define EACH_KEPT_VECTOR(function)                                                           \
  OUTER_LOOPS(kept) {                                                                        \
    REAL *o = out + OUTER_OFFSET(kept->out);                                                 \
    const REAL *p = a + OUTER_OFFSET(kept->in[0]);                                           \
    const int64_t count = kept->count[3], stride = kept->out[3];                             \
    int64_t i = 0;                                                                           \
    for (; i + 2 * LANES <= count; i += 2 * LANES) {                                         \
      NAME(function)(2, 0, NAME(first)(LANES), LANES, reduced, p + i, o + i * stride, stride); \
    }                                                                                        \
    for (; i < count; i += LANES) {                                                          \
      const int64_t n = least(LANES, count - i);                                             \
      NAME(function)(1, 1, NAME(first)(n), n, reduced, p + i, o + i * stride, stride);       \
    }                                                                                        \
  }

#define EACH_KEPT_STRIDED(function)                                                          \
  OUTER_LOOPS(kept) {                                                                        \
    REAL *o = out + OUTER_OFFSET(kept->out);                                                 \
    const REAL *p = a + OUTER_OFFSET(kept->in[0]);                                           \
    const int64_t count = kept->count[3], stride = kept->out[3], apart = kept->in[0][3];     \
    for (int64_t i = 0; i < count; i += LANES) {                                             \
      NAME(function)(apart, least(LANES, count - i), reduced, p + i * apart, o + i * stride, \
                     stride);                                                                \
    }                                                                                        \
  }

#define EACH_KEPT_TRIPLE(function)                                                           \
  OUTER_LOOPS(kept) {                                                                        \
    REAL *o = out + OUTER_OFFSET(kept->out);                                                 \
    const REAL *p = a + OUTER_OFFSET(kept->in[0]);                                           \
    const int64_t count = kept->count[3];                                                    \
    int64_t i = 0;                                                                           \
    for (; i + LANES <= count; i += LANES) {                                                 \
      NAME(vec) x, y, z;                                                                     \
      NAME(load_triples)(p + 3 * i, &x, &y, &z);                                             \
      NAME(store)(o + i, NAME(function##_of_three)(x, y, z));                                \
    }                                                                                        \
    if (i < count) {                                                                         \
      NAME(function##_apart)(3, count - i, reduced, p + 3 * i, o + i, 1);                    \
    }                                                                                        \
  }

// `along`: whether reduced entries are contiguous, and many.
#define REDUCE(function)                                                              \
  KERNEL void NAME(reduce_##function)(const e3x_nest *kept, const e3x_nest *reduced,  \
                                      int along, REAL *out, const REAL *a) {          \
    if (NAME(reduces_triples)(kept, reduced)) {                                       \
      EACH_KEPT_TRIPLE(function)                                                      \
    } else if (along) {                                                               \
      EACH_KEPT(function##_along)                                                     \
    } else if (kept->in[0][3] == 1) {                                                 \
      EACH_KEPT_VECTOR(function##_across)                                             \
    } else {                                                                          \
      EACH_KEPT_STRIDED(function##_apart)                                             \
    }                                                                                 \
  }
REDUCE(sum)
REDUCE(maximum)
REDUCE(minimum)
#undef REDUCE

static int NAME(reduce)(e3x_reduce_op op, const e3x_nest *kept_loops, const e3x_nest *reduced_loops,
                        REAL *out, const REAL *a) {
  e3x_nest kept_nest = merged_nest(kept_loops, 1), *kept = &kept_nest;
  e3x_nest reduced_nest = *reduced_loops, *reduced = &reduced_nest;
  for (int d = 0; d < 4; d++) { reduced->out[d] = 0; }
  reduced_nest = merged_nest(reduced, 1);
  // The loop with the shortest step innermost; along a contiguous axis, if there is one.
  for (int d = 2; d >= 0; d--) {
    const int64_t step = reduced->in[0][d], inner = reduced->in[0][3];
    const int64_t size = step < 0 ? -step : step, inner_size = inner < 0 ? -inner : inner;
    if (reduced->count[d] > 1 && size < inner_size) { swap_loops(reduced, d, 3); }
  }
  const int along = reduced->in[0][3] == 1 && reduced->count[3] >= 8;
  for (int d = 2; d >= 0 && kept->in[0][3] != 1; d--) {
    if (kept->in[0][d] == 1 && kept->count[d] > 1) { swap_loops(kept, d, 3); }
  }
  switch (op) {
    case E3X_REDUCE_SUM: NAME(reduce_sum)(kept, reduced, along, out, a); return 0;
    case E3X_REDUCE_MAX: NAME(reduce_maximum)(kept, reduced, along, out, a); return 0;
    case E3X_REDUCE_MIN: NAME(reduce_minimum)(kept, reduced, along, out, a); return 0;
    default: return -1;
  }
}

#undef SUM_BLOCK
#undef TOTAL_REAL
#undef TO_TOTAL
#undef EXTREME_ALONG
#undef EXTREME_ACROSS
#undef EXTREME_APART
#undef EACH_KEPT_STRIDED
#undef EACH_KEPT_TRIPLE
#undef EACH_KEPT
#undef EACH_KEPT_VECTOR
