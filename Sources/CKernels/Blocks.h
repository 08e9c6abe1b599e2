// The form sum_{c, f} y[c] h[block[c], f] g[c, f] of numbers y and rows of features h and g, opened
// at each of them, for the REAL being compiled. Components of a block mostly follow each other.

// g[c, :] = (or +=) y[c] h[block[c], :] for `vectors` vectors of features.
INLINE void NAME(spread_features)(const int vectors, const int masked, NAME(mask) mask,
                                  const e3x_blocks *form, int add, const REAL *y, const REAL *h,
                                  REAL *g) {
  for (int64_t c = 0; c < form->comps;) {
    const int32_t block = form->block[c];
    NAME(vec) row[2];
    UNROLL
    for (int v = 0; v < vectors; v++) {
      row[v] = block < 0 ? (NAME(vec)){0}
                         : NAME(load_some)(h + block * form->features + v * LANES, masked, mask);
    }
    for (; c < form->comps && form->block[c] == block; c++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        NAME(store_or_add)(g + c * form->features + v * LANES, y[c] * row[v], add, masked, mask);
      }
    }
  }
}

// h[b, :] += sum over block[c] = b of y[c] g[c, :].
INLINE void NAME(collect_features)(const int vectors, const int masked, NAME(mask) mask,
                                   const e3x_blocks *form, int add, const REAL *y,
                                   const REAL *g, REAL *h) {
  (void)add;
  for (int64_t c = 0; c < form->comps;) {
    const int32_t block = form->block[c];
    NAME(vec) sum[2] = {{0}, {0}};
    for (; c < form->comps && form->block[c] == block; c++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        sum[v] += y[c] * NAME(load_some)(g + c * form->features + v * LANES, masked, mask);
      }
    }
    UNROLL
    for (int v = 0; v < vectors && block >= 0; v++) {
      NAME(store_or_add)(h + block * form->features + v * LANES, sum[v], 1, masked, mask);
    }
  }
}

#define EACH_FEATURE(function, from, to)                                                        \
  {                                                                                             \
    int64_t f = 0;                                                                              \
    for (; f + 2 * LANES <= features; f += 2 * LANES) {                                         \
      NAME(function)(2, 0, mask, form, add, y, (from) + f, (to) + f);                           \
    }                                                                                           \
    for (; f + LANES <= features; f += LANES) {                                                 \
      NAME(function)(1, 0, mask, form, add, y, (from) + f, (to) + f);                           \
    }                                                                                           \
    if (f < features) { NAME(function)(1, 1, mask, form, add, y, (from) + f, (to) + f); }       \
  }

static int NAME(spread_blocks)(const e3x_blocks *form, int64_t rows, int add, const REAL *y,
                               int64_t y_row, const REAL *h, int64_t h_row, REAL *g) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
  for (int64_t r = 0; r < rows; r++, y += y_row, h += h_row, g += form->comps * features) {
    EACH_FEATURE(spread_features, h, g)
  }
  return 0;
}

static int NAME(collect_blocks)(const e3x_blocks *form, int64_t rows, int add, const REAL *y,
                                int64_t y_row, const REAL *g, int64_t g_row, REAL *h) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
  if (!add) { memset(h, 0, (size_t)(rows * form->blocks * features) * sizeof(REAL)); }
  for (int64_t r = 0; r < rows; r++, y += y_row, g += g_row, h += form->blocks * features) {
    EACH_FEATURE(collect_features, g, h)
  }
  return 0;
}
#undef EACH_FEATURE

// The sums of the lanes of LANES vectors.
INLINE NAME(vec) NAME(sums_of_lanes)(const NAME(vec) *v) {
  NAME(vec) t[LANES];
  NAME(turn)(v, t);
  UNROLL
  for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLL
    for (int i = 0; i < half; i++) { t[i] += t[i + half]; }
  }
  return t[0];
}

// The products of h[block[c], :] and g[c, :], lane by lane.
INLINE NAME(vec) NAME(dot_lanes)(const REAL *h, const REAL *g, int64_t features, NAME(mask) mask) {
  NAME(vec) sum = {0};
  int64_t f = 0;
  for (; f + LANES <= features; f += LANES) { sum += NAME(load)(h + f) * NAME(load)(g + f); }
  if (f < features) { sum += NAME(load_masked)(h + f, mask) * NAME(load_masked)(g + f, mask); }
  return sum;
}

static int NAME(dot_blocks)(const e3x_blocks *form, int64_t rows, int add, const REAL *h,
                            int64_t h_row, const REAL *g, int64_t g_row, REAL *y) {
  const int64_t features = form->features, comps = form->comps;
  const NAME(mask) mask = NAME(first)(features % LANES);
  // Results lie one after the other: as many at once as there are lanes.
  NAME(vec) lanes[LANES];
  int64_t n = 0;
  for (int64_t r = 0; r < rows; r++, h += h_row, g += g_row) {
    for (int64_t c = 0; c < comps; c++) {
      const int32_t block = form->block[c];
      lanes[n++] = block < 0 ? (NAME(vec)){0}
                             : NAME(dot_lanes)(h + block * features, g + c * features, features,
                                               mask);
      if (n == LANES) {
        NAME(store_or_add)(y, NAME(sums_of_lanes)(lanes), add, 0, mask);
        y += LANES;
        n = 0;
      }
    }
  }
  if (n > 0) {
    for (int64_t i = n; i < LANES; i++) { lanes[i] = (NAME(vec)){0}; }
    NAME(store_or_add)(y, NAME(sums_of_lanes)(lanes), add, 1, NAME(first)(n));
  }
  return 0;
}

static int NAME(block_product)(const e3x_blocks *form, int64_t rows, int opened, int add,
                               const REAL *a, int64_t a_row, const REAL *b, int64_t b_row,
                               REAL *out) {
  switch (opened) {
    case 0: return NAME(dot_blocks)(form, rows, add, a, a_row, b, b_row, out);
    case 1: return NAME(collect_blocks)(form, rows, add, a, a_row, b, b_row, out);
    case 2: return NAME(spread_blocks)(form, rows, add, a, a_row, b, b_row, out);
    default: return -1;
  }
}
