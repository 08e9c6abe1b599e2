// Polynomials in three variables, for the REAL being compiled: PARTS vectors of rows at a time,
// whose powers are tabled in scratch.

#define PARTS (POLYNOMIAL_BYTES / VECTOR_BYTES)
#define ROWS_AT_ONCE (PARTS * LANES)

// powers[((variable * (max_power + 1)) + power) * PARTS + part]
static void NAME(table_powers)(const REAL *in, int64_t stride, int64_t rows, int64_t max_power,
                               NAME(vec) *powers) {
  for (int variable = 0; variable < 3; variable++) {
    NAME(vec) *to = powers + variable * (max_power + 1) * PARTS;
    for (int part = 0; part < PARTS; part++) {
      const int64_t begin = part * LANES, n = least(LANES, rows - begin);
      NAME(vec) x = {0};
      for (int64_t i = 0; i < n; i++) { x[i] = in[(begin + i) * stride + variable]; }
      NAME(vec) power = NAME(splat)(1);
      for (int64_t m = 0; m <= max_power; m++) {
        to[m * PARTS + part] = power;
        power *= x;
      }
    }
  }
}

static int NAME(polynomial)(int64_t rows, int64_t outputs, const int32_t *offsets,
                            const e3x_monomial *monomials, int64_t max_power, const REAL *in,
                            int64_t in_stride, const REAL *weights, int64_t weights_stride,
                            int64_t weight_count, REAL *out, void *scratch) {
  NAME(vec) *powers = scratch, *columns = powers + 3 * (max_power + 1) * PARTS;
  const NAME(vec) *px = powers, *py = px + (max_power + 1) * PARTS,
                  *pz = py + (max_power + 1) * PARTS;
  for (int64_t r = 0; r < rows; r += ROWS_AT_ONCE) {
    const int64_t n = least(ROWS_AT_ONCE, rows - r);
    NAME(table_powers)(in + r * in_stride, in_stride, n, max_power, powers);
    for (int part = 0; weight_count > 0 && part < PARTS; part++) {
      NAME(load_columns)(weights + (r + part * LANES) * weights_stride, weights_stride,
           weight_count, least(LANES, n - part * LANES), columns + part, PARTS);
    }
    for (int64_t p = 0; p < outputs; p++) {
      NAME(vec) sum[PARTS];
      UNROLL
      for (int part = 0; part < PARTS; part++) { sum[part] = (NAME(vec)){0}; }
      for (int32_t t = offsets[p]; t < offsets[p + 1]; t++) {
        const e3x_monomial *m = monomials + t;
        const REAL coefficient = (REAL)m->coefficient;
        const NAME(vec) *x = px + m->power[0] * PARTS, *y = py + m->power[1] * PARTS,
                        *z = pz + m->power[2] * PARTS;
        if (weight_count > 0) {
          const NAME(vec) *weight = columns + m->weight * PARTS;
          UNROLL
          for (int part = 0; part < PARTS; part++) {
            sum[part] += (coefficient * x[part]) * (y[part] * z[part]) * weight[part];
          }
          continue;
        }
        UNROLL
        for (int part = 0; part < PARTS; part++) {
          sum[part] += (coefficient * x[part]) * (y[part] * z[part]);
        }
      }
      const REAL *values = (const REAL *)sum;
      REAL *to = out + r * outputs + p;
      for (int64_t i = 0; i < n; i++) { to[i * outputs] = values[i]; }
    }
  }
  return 0;
}

#undef PARTS
#undef ROWS_AT_ONCE
