// Combinations of solid harmonics, for the REAL being compiled. All harmonics of PARTS vectors of
// rows go into scratch, from degree to degree for each order; what is asked for is summed from
// them, LANES outputs at a time, and turned so that each row's outputs lie together.

#define PARTS 2
#define ROWS_AT_ONCE (PARTS * LANES)

// R_lm of growing l for one m >= 0, and R_l,-m, its sine: those of the last degree and of the one
// before. Of m = 0 there is no sine.
typedef struct {
  NAME(vec) last[PARTS], last_sine[PARTS], before[PARTS], before_sine[PARTS];
} NAME(order);

// From R_m-1,m-1 to R_mm.
INLINE void NAME(raise_order)(const int64_t m, const REAL *steps, const NAME(vec) *x,
                              const NAME(vec) *y, NAME(vec) *top, NAME(vec) *top_sine,
                              NAME(vec) *to) {
  const REAL a = steps[m * (m + 1) + 2 * m];
  NAME(vec) *centre = to + (m * m + m) * PARTS;
  UNROLL
  for (int part = 0; part < PARTS; part++) {
    const NAME(vec) up = a * top[part], up_sine = a * top_sine[part];
    top[part] = m == 1 ? x[part] * up : x[part] * up - y[part] * up_sine;
    top_sine[part] = m == 1 ? y[part] * up : x[part] * up_sine + y[part] * up;
    centre[m * PARTS + part] = top[part];
    centre[-m * PARTS + part] = top_sine[part];
  }
}

// From R_l-1,m and R_l-2,m, if there is one, to R_lm.
INLINE void NAME(raise_degree)(const int64_t l, const int64_t m, const REAL *steps,
                               const NAME(vec) *z, const NAME(vec) *r2, NAME(order) *o,
                               NAME(vec) *to) {
  const REAL *step = steps + l * (l + 1) + 2 * m;
  NAME(vec) *centre = to + (l * l + l) * PARTS;
  UNROLL
  for (int part = 0; part < PARTS; part++) {
    const NAME(vec) up = step[0] * z[part], down = step[1] * r2[part];
    const int has_before = l > m + 1;
    const NAME(vec) next = has_before ? up * o->last[part] - down * o->before[part]
                                      : up * o->last[part];
    o->before[part] = o->last[part];
    o->last[part] = centre[m * PARTS + part] = next;
    if (m > 0) {
      const NAME(vec) sine = has_before ? up * o->last_sine[part] - down * o->before_sine[part]
                                        : up * o->last_sine[part];
      o->before_sine[part] = o->last_sine[part];
      o->last_sine[part] = centre[-m * PARTS + part] = sine;
    }
  }
}

// to[(l * l + l + m) * PARTS + part] = R_lm. The coefficients a and b of R_lm, m >= 0, stand at
// l * (l + 1) + 2 m; a of R_00 is R_00. `loop` says whether loops are unrolled: the degree must be
// known for that.
#define SOLID_HARMONICS(name, loop)                                                             \
  INLINE void NAME(name)(const int64_t max_degree, const REAL *steps, const NAME(vec) *x,       \
                         const NAME(vec) *y, const NAME(vec) *z, NAME(vec) *to) {               \
    NAME(vec) r2[PARTS], top[PARTS], top_sine[PARTS];                                           \
    UNROLL                                                                                      \
    for (int part = 0; part < PARTS; part++) {                                                  \
      r2[part] = x[part] * x[part] + y[part] * y[part] + z[part] * z[part];                     \
      to[part] = top[part] = NAME(splat)(steps[0]);                                             \
      top_sine[part] = (NAME(vec)){0};                                                          \
    }                                                                                           \
    loop for (int64_t m = 0; m <= max_degree; m++) {                                            \
      if (m > 0) { NAME(raise_order)(m, steps, x, y, top, top_sine, to); }                      \
      NAME(order) order;                                                                        \
      UNROLL                                                                                    \
      for (int part = 0; part < PARTS; part++) {                                                \
        order.last[part] = top[part];                                                           \
        order.last_sine[part] = top_sine[part];                                                 \
      }                                                                                         \
      loop for (int64_t l = m + 1; l <= max_degree; l++) {                                      \
        NAME(raise_degree)(l, m, steps, z, r2, &order, to);                                     \
      }                                                                                         \
    }                                                                                           \
  }

SOLID_HARMONICS(solid_harmonics, )
SOLID_HARMONICS(few_solid_harmonics, UNROLL)

// The combinations as the loops read them.
typedef struct {
  const int32_t *offsets;
  const e3x_harmonic_term *terms;
  const REAL *coefficients;
  const NAME(vec) * harmonics;
  const NAME(vec) * weights;
} NAME(combinations);

// sums[part * LANES + j] = combination first + j, for j < count.
INLINE void NAME(combine)(const NAME(combinations) * c, int64_t first, int64_t count,
                          int is_weighted, NAME(vec) *sums) {
  for (int64_t j = 0; j < count; j++) {
    const int32_t *offset = c->offsets + first + j;
    NAME(vec) sum[PARTS];
    UNROLL
    for (int part = 0; part < PARTS; part++) { sum[part] = (NAME(vec)){0}; }
    for (int32_t t = offset[0]; t < offset[1]; t++) {
      const NAME(vec) *harmonic = c->harmonics + c->terms[t].harmonic * PARTS;
      const NAME(vec) *weight = c->weights + (is_weighted ? c->terms[t].weight : 0) * PARTS;
      UNROLL
      for (int part = 0; part < PARTS; part++) {
        const NAME(vec) term = c->coefficients[t] * harmonic[part];
        sum[part] += is_weighted ? term * weight[part] : term;
      }
    }
    UNROLL
    for (int part = 0; part < PARTS; part++) { sums[part * LANES + j] = sum[part]; }
  }
}

// `count` <= LANES combinations of one term each, for ROWS_AT_ONCE rows: nothing to sum. With
// `scaled`, harmonics have their coefficients already.
INLINE void NAME(take_each)(const e3x_harmonic_term *terms, const REAL *coefficients,
                            const NAME(vec) *harmonics, const int scaled, const int64_t count,
                            REAL *out, int64_t stride) {
  UNROLL
  for (int part = 0; part < PARTS; part++) {
    NAME(vec) chosen[LANES] = {{0}};
    UNROLL
    for (int j = 0; j < LANES; j++) {
      if (j < count) { chosen[j] = harmonics[terms[j].harmonic * PARTS + part]; }
      if (j < count && !scaled) { chosen[j] *= coefficients[j]; }
    }
    NAME(store_columns)(chosen, count, out + part * LANES * stride, stride, LANES);
  }
}

#define EACH_COUNT ((EACH_DEGREE + 1) * (EACH_DEGREE + 1))

// Steps to harmonics that are multiplied by their coefficients. Returns whether there are such:
// every harmonic to the degree is there, and has the same coefficient for m and -m, not 0.
static int NAME(scaled_steps)(int64_t max_degree, const double *steps,
                              const e3x_harmonic_term *terms, REAL *to) {
  double scale[EACH_COUNT] = {0};
  const int64_t count = (max_degree + 1) * (max_degree + 1);
  for (int64_t i = 0; i < count; i++) {
    if (terms[i].harmonic >= count) { return 0; }
    scale[terms[i].harmonic] = terms[i].coefficient;
  }
  for (int64_t l = 0, i = 0; l <= max_degree; l++) {
    for (int64_t m = 0; m <= l; m++, i += 2) {
      const double own = scale[l * l + l + m];
      if (own == 0 || own != scale[l * l + l - m]) { return 0; }
      const double before = m < l ? scale[(l - 1) * (l - 1) + l - 1 + m]
                                  : scale[l > 0 ? l * l - 1 : 0];
      to[i] = (REAL)(l > 0 ? steps[i] * own / before : own);
      to[i + 1] = (REAL)(m < l - 1 ? steps[i + 1] * own / scale[(l - 2) * (l - 2) + l - 2 + m] : 0);
    }
  }
  return 1;
}

// Every harmonic to a known degree, one in each output, for as many whole ROWS_AT_ONCE as there
// are. Returns how many rows that are.
INLINE int64_t NAME(each_harmonic)(const int64_t max_degree, int64_t rows, const REAL *steps,
                                   const e3x_harmonic_term *terms, const REAL *in,
                                   int64_t in_stride, REAL *out, NAME(vec) *harmonics) {
  const int64_t outputs = (max_degree + 1) * (max_degree + 1);
  int64_t r = 0;
  for (; r + ROWS_AT_ONCE <= rows; r += ROWS_AT_ONCE) {
    NAME(vec) xyz[3 * PARTS];
    UNROLL
    for (int part = 0; part < PARTS; part++) {
      NAME(load_columns)(in + (r + part * LANES) * in_stride, in_stride, 3, LANES, xyz + part,
                         PARTS);
    }
    NAME(few_solid_harmonics)(max_degree, steps, xyz, xyz + PARTS, xyz + 2 * PARTS, harmonics);
    UNROLL
    for (int64_t p = 0; p < outputs; p += LANES) {
      NAME(take_each)(terms + p, NULL, harmonics, 1, least(LANES, outputs - p),
                      out + r * outputs + p, outputs);
    }
  }
  return r;
}

#define DEGREE(l)                                                                           \
  KERNEL int64_t NAME(each_harmonic_##l)(                                                   \
      int64_t rows, const REAL *steps, const e3x_harmonic_term *terms, const REAL *in,      \
      int64_t in_stride, REAL *out, NAME(vec) *harmonics) {                                 \
    return NAME(each_harmonic)(l, rows, steps, terms, in, in_stride, out, harmonics);       \
  }
DEGREE(1)
DEGREE(2)
DEGREE(3)
#undef DEGREE

KERNEL int NAME(harmonics)(int64_t rows, int64_t max_degree, const double *steps, int64_t outputs,
                           const int32_t *offsets, const e3x_harmonic_term *terms, const REAL *in,
                           int64_t in_stride, const REAL *weights, int64_t weights_stride,
                           int64_t weight_count, REAL *out, void *scratch) {
  const int64_t step_count = (max_degree + 1) * (max_degree + 2);
  NAME(vec) *harmonics = scratch;
  NAME(vec) *columns = harmonics + (max_degree + 1) * (max_degree + 1) * PARTS;
  REAL *own_steps = (REAL *)(columns + weight_count * PARTS);
  REAL *coefficients = own_steps + step_count;
  const NAME(combinations) all = {offsets, terms, coefficients, harmonics, columns};
  int64_t chosen = 0;  // so many outputs are one harmonic each
  if (weight_count == 0) {
    while (chosen < outputs && offsets[chosen + 1] == chosen + 1) { chosen++; }
  }
  int64_t r = 0;
  if (chosen == outputs && outputs == (max_degree + 1) * (max_degree + 1) &&
      max_degree <= EACH_DEGREE && rows >= ROWS_AT_ONCE &&
      NAME(scaled_steps)(max_degree, steps, terms, own_steps)) {
    switch (max_degree) {
#define DEGREE(l)                                                                              \
  case l:                                                                                      \
    r = NAME(each_harmonic_##l)(rows, own_steps, terms, in, in_stride, out, harmonics);        \
    break;
      DEGREE(1) DEGREE(2) DEGREE(3)
#undef DEGREE
      default: break;
    }
  }
  for (int64_t i = 0; i < step_count; i++) { own_steps[i] = (REAL)steps[i]; }
  for (int32_t t = 0; t < offsets[outputs]; t++) { coefficients[t] = (REAL)terms[t].coefficient; }
  for (; r < rows; r += ROWS_AT_ONCE) {
    const int64_t n = least(ROWS_AT_ONCE, rows - r);
    NAME(vec) xyz[3 * PARTS];
    for (int part = 0; part < PARTS; part++) {
      const int64_t begin = part * LANES, m = least(LANES, n - begin);
      NAME(load_columns)(in + (r + begin) * in_stride, in_stride, 3, m, xyz + part, PARTS);
      if (weight_count > 0) {
        NAME(load_columns)(weights + (r + begin) * weights_stride, weights_stride, weight_count, m,
                           columns + part, PARTS);
      }
    }
    NAME(solid_harmonics)(max_degree, own_steps, xyz, xyz + PARTS, xyz + 2 * PARTS, harmonics);
    for (int64_t p = 0; p < outputs; p += LANES) {
      const int64_t count = least(LANES, outputs - p);
      REAL *to = out + r * outputs + p;
      if (n == ROWS_AT_ONCE && p + LANES <= chosen) {
        NAME(take_each)(terms + p, coefficients + p, harmonics, 0, LANES, to, outputs);
        continue;
      }
      NAME(vec) sums[PARTS * LANES];
      if (weight_count > 0) {
        NAME(combine)(&all, p, count, 1, sums);
      } else {
        NAME(combine)(&all, p, count, 0, sums);
      }
      for (int64_t part = 0; part * LANES < n; part++) {
        NAME(store_columns)(sums + part * LANES, count, to + part * LANES * outputs, outputs,
                            least(LANES, n - part * LANES));
      }
    }
  }
  return 0;
}

#undef EACH_COUNT
#undef SOLID_HARMONICS
#undef PARTS
#undef ROWS_AT_ONCE
