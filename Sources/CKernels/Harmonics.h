// Combinations of solid harmonics, for the REAL being compiled. All harmonics of PARTS vectors of
// rows go into scratch, from degree to degree for each order; what is asked for is summed from
// them, LANES outputs at a time, and turned so that each row's outputs lie together.

#define PARTS 2
#define ROWS_AT_ONCE (PARTS * LANES)

// to[(l * l + l + m) * PARTS + part] = R_lm. The coefficients a and b of R_lm, m >= 0, stand at
// l * (l + 1) + 2 m.
static void NAME(solid_harmonics)(int64_t max_degree, const REAL *steps, const NAME(vec) *x,
                                  const NAME(vec) *y, const NAME(vec) *z, NAME(vec) *to) {
  NAME(vec) r2[PARTS], top[PARTS], top_sine[PARTS];
  UNROLL
  for (int part = 0; part < PARTS; part++) {
    r2[part] = x[part] * x[part] + y[part] * y[part] + z[part] * z[part];
    top[part] = NAME(splat)(1);
    top_sine[part] = (NAME(vec)){0};
    to[part] = top[part];
  }
  for (int64_t m = 0; m <= max_degree; m++) {
    NAME(vec) last[PARTS], last_sine[PARTS], before[PARTS], before_sine[PARTS];
    const REAL a = steps[m * (m + 1) + 2 * m];
    NAME(vec) *diagonal = to + (m * m + m) * PARTS;
    UNROLL
    for (int part = 0; part < PARTS; part++) {
      if (m > 0) {
        const NAME(vec) cosine = a * (x[part] * top[part] - y[part] * top_sine[part]);
        top_sine[part] = a * (x[part] * top_sine[part] + y[part] * top[part]);
        top[part] = cosine;
        diagonal[m * PARTS + part] = top[part];
        diagonal[-m * PARTS + part] = top_sine[part];
      }
      last[part] = top[part];
      last_sine[part] = top_sine[part];
      before[part] = before_sine[part] = (NAME(vec)){0};
    }
    for (int64_t l = m + 1; l <= max_degree; l++) {
      const REAL *step = steps + l * (l + 1) + 2 * m;
      NAME(vec) *centre = to + (l * l + l) * PARTS;
      UNROLL
      for (int part = 0; part < PARTS; part++) {
        const NAME(vec) up = step[0] * z[part], down = step[1] * r2[part];
        const NAME(vec) next = up * last[part] - down * before[part];
        const NAME(vec) next_sine = up * last_sine[part] - down * before_sine[part];
        before[part] = last[part];
        before_sine[part] = last_sine[part];
        last[part] = next;
        last_sine[part] = next_sine;
        // For m = 0 the sine, which is zero, is written over.
        centre[-m * PARTS + part] = next_sine;
        centre[m * PARTS + part] = next;
      }
    }
  }
}

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

// LANES combinations of one term each, for ROWS_AT_ONCE rows: nothing to sum.
INLINE void NAME(take_each)(const e3x_harmonic_term *terms, const REAL *coefficients,
                            const NAME(vec) *harmonics, REAL *out, int64_t stride) {
  const NAME(vec) scale = NAME(load)(coefficients);
  UNROLL
  for (int part = 0; part < PARTS; part++) {
    NAME(vec) chosen[LANES], turned[LANES];
    UNROLL
    for (int j = 0; j < LANES; j++) { chosen[j] = harmonics[terms[j].harmonic * PARTS + part]; }
    NAME(turn)(chosen, turned);
    UNROLL
    for (int i = 0; i < LANES; i++) {
      NAME(store)(out + (part * LANES + i) * stride, turned[i] * scale);
    }
  }
}

static int NAME(harmonics)(int64_t rows, int64_t max_degree, const double *steps, int64_t outputs,
                           const int32_t *offsets, const e3x_harmonic_term *terms, const REAL *in,
                           int64_t in_stride, const REAL *weights, int64_t weights_stride,
                           int64_t weight_count, REAL *out, void *scratch) {
  const int64_t step_count = (max_degree + 1) * (max_degree + 2);
  NAME(vec) *harmonics = scratch;
  NAME(vec) *columns = harmonics + (max_degree + 1) * (max_degree + 1) * PARTS;
  REAL *own_steps = (REAL *)(columns + weight_count * PARTS);
  REAL *coefficients = own_steps + step_count;
  const NAME(combinations) all = {offsets, terms, coefficients, harmonics, columns};
  for (int64_t i = 0; i < step_count; i++) { own_steps[i] = (REAL)steps[i]; }
  for (int32_t t = 0; t < offsets[outputs]; t++) { coefficients[t] = (REAL)terms[t].coefficient; }
  int64_t chosen = 0;  // so many outputs are one harmonic each
  if (weight_count == 0) {
    while (chosen < outputs && offsets[chosen + 1] == chosen + 1) { chosen++; }
  }
  for (int64_t r = 0; r < rows; r += ROWS_AT_ONCE) {
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
        NAME(take_each)(terms + p, coefficients + p, harmonics, to, outputs);
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

#undef PARTS
#undef ROWS_AT_ONCE
