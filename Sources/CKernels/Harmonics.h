// Combinations of solid harmonics, for the REAL being compiled. All harmonics of PARTS vectors of
// rows go into scratch, from degree to degree for each order; what is asked for is summed from
// them, LANES polynomials at a time, and turned so that each row's polynomials lie together.

#define PARTS 2
#define ROWS_AT_ONCE (PARTS * LANES)

// Elements of a and b in turn, from their lower or upper halves.
#if VECTOR_BYTES / REAL_BYTES == 16
#define LOW_PAIRS 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_PAIRS 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif VECTOR_BYTES / REAL_BYTES == 8
#define LOW_PAIRS 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_PAIRS 4, 12, 5, 13, 6, 14, 7, 15
#elif VECTOR_BYTES / REAL_BYTES == 4
#define LOW_PAIRS 0, 4, 1, 5
#define HIGH_PAIRS 2, 6, 3, 7
#else
#define LOW_PAIRS 0, 2
#define HIGH_PAIRS 1, 3
#endif

// One round of a turn: shuffles from[j] with from[j + LANES / 2].
INLINE void NAME(turn_round)(const NAME(vec) *from, NAME(vec) *to) {
  UNROLL
  for (int j = 0; j < LANES / 2; j++) {
    to[2 * j] = __builtin_shufflevector(from[j], from[j + LANES / 2], LOW_PAIRS);
    to[2 * j + 1] = __builtin_shufflevector(from[j], from[j + LANES / 2], HIGH_PAIRS);
  }
}

// Turns LANES vectors of LANES elements: element j of vector i becomes element i of vector j.
// As many rounds as LANES has binary digits, written out so that all stays in registers.
INLINE void NAME(turn)(const NAME(vec) *v, NAME(vec) *turned) {
#if VECTOR_BYTES / REAL_BYTES == 2
  NAME(turn_round)(v, turned);
#else
  NAME(vec) a[LANES];
  NAME(turn_round)(v, a);
#if VECTOR_BYTES / REAL_BYTES == 4
  NAME(turn_round)(a, turned);
#else
  NAME(vec) b[LANES];
  NAME(turn_round)(a, b);
#if VECTOR_BYTES / REAL_BYTES == 8
  NAME(turn_round)(b, turned);
#else
  NAME(vec) c[LANES];
  NAME(turn_round)(b, c);
  NAME(turn_round)(c, turned);
#endif
#endif
#endif
}

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

// sums[part * LANES + j] = polynomial j, for j < count.
static void NAME(combine)(const int32_t *offsets, const e3x_harmonic_term *terms,
                          const REAL *coefficients, int64_t count, const NAME(vec) *harmonics,
                          NAME(vec) *sums) {
  if (offsets[count] - offsets[0] == count && count == LANES) {
    int one_each = 1;
    for (int j = 0; j < LANES; j++) { one_each &= offsets[j + 1] - offsets[j] == 1; }
    if (one_each) {
      UNROLL
      for (int j = 0; j < LANES; j++) {
        const int32_t t = offsets[0] + j;
        const NAME(vec) *harmonic = harmonics + terms[t].harmonic * PARTS;
        UNROLL
        for (int part = 0; part < PARTS; part++) {
          sums[part * LANES + j] = coefficients[t] * harmonic[part];
        }
      }
      return;
    }
  }
  for (int64_t j = 0; j < count; j++) {
    NAME(vec) sum[PARTS];
    UNROLL
    for (int part = 0; part < PARTS; part++) { sum[part] = (NAME(vec)){0}; }
    for (int32_t t = offsets[j]; t < offsets[j + 1]; t++) {
      const NAME(vec) *harmonic = harmonics + terms[t].harmonic * PARTS;
      UNROLL
      for (int part = 0; part < PARTS; part++) { sum[part] += coefficients[t] * harmonic[part]; }
    }
    UNROLL
    for (int part = 0; part < PARTS; part++) { sums[part * LANES + j] = sum[part]; }
  }
}

static int NAME(harmonics)(int64_t rows, int64_t max_degree, const double *steps,
                           int64_t polynomials, const int32_t *offsets,
                           const e3x_harmonic_term *terms, const REAL *in, int64_t in_stride,
                           REAL *out, void *scratch) {
  const int64_t step_count = (max_degree + 1) * (max_degree + 2);
  NAME(vec) *harmonics = scratch;
  REAL *own_steps = (REAL *)(harmonics + (max_degree + 1) * (max_degree + 1) * PARTS);
  REAL *coefficients = own_steps + step_count;
  for (int64_t i = 0; i < step_count; i++) { own_steps[i] = (REAL)steps[i]; }
  for (int32_t t = 0; t < offsets[polynomials]; t++) {
    coefficients[t] = (REAL)terms[t].coefficient;
  }
  for (int64_t r = 0; r < rows; r += ROWS_AT_ONCE) {
    const int64_t n = least(ROWS_AT_ONCE, rows - r);
    NAME(vec) xyz[3][PARTS];
    if (in_stride == 3 && n == ROWS_AT_ONCE) {
      UNROLL
      for (int part = 0; part < PARTS; part++) {
        NAME(load_triples)(in + (r + part * LANES) * 3, &xyz[0][part], &xyz[1][part],
                           &xyz[2][part]);
      }
    } else {
      for (int variable = 0; variable < 3; variable++) {
        for (int64_t part = 0; part < PARTS; part++) {
          const int64_t begin = part * LANES, m = least(LANES, n - begin);
          const REAL *from = in + (r + begin) * in_stride + variable;
          xyz[variable][part] =
              m <= 0 ? (NAME(vec)){0} : NAME(load_strided)(from, in_stride, m);
        }
      }
    }
    NAME(solid_harmonics)(max_degree, own_steps, xyz[0], xyz[1], xyz[2], harmonics);
    for (int64_t p = 0; p < polynomials; p += LANES) {
      const int64_t count = least(LANES, polynomials - p);
      NAME(vec) sums[PARTS * LANES];
      NAME(combine)(offsets + p, terms, coefficients, count, harmonics, sums);
      REAL *to = out + r * polynomials + p;
      if (4 * count <= LANES) {
        for (int64_t part = 0; part * LANES < n; part++) {
          const int64_t m = least(LANES, n - part * LANES);
          if (polynomials == 3 && m == LANES) {
            const NAME(vec) *sum = sums + part * LANES;
            NAME(store_triples)(to + part * LANES * 3, sum[0], sum[1], sum[2]);
            continue;
          }
          for (int64_t j = 0; j < count; j++) {
            NAME(store_strided)(to + part * LANES * polynomials + j, polynomials,
                                sums[part * LANES + j], m);
          }
        }
        continue;
      }
      const NAME(mask) mask = NAME(first)(count);
      for (int64_t part = 0; part * LANES < n; part++) {
        const int64_t m = least(LANES, n - part * LANES);
        NAME(vec) turned[LANES];
        NAME(turn)(sums + part * LANES, turned);
        if (count == LANES && m == LANES) {
          UNROLL
          for (int i = 0; i < LANES; i++) { NAME(store)(to + i * polynomials, turned[i]); }
        } else if (count == LANES) {
          for (int64_t i = 0; i < m; i++) { NAME(store)(to + i * polynomials, turned[i]); }
        } else {
          for (int64_t i = 0; i < m; i++) {
            NAME(store_masked)(to + i * polynomials, turned[i], mask);
          }
        }
        to += m * polynomials;
      }
    }
  }
  return 0;
}

#undef LOW_PAIRS
#undef HIGH_PAIRS
#undef PARTS
#undef ROWS_AT_ONCE
