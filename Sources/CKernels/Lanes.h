// Products of small matrices, one for each feature, for the REAL being compiled: outer products
// summed over rows, and such sums applied to rows. A tile of the result stays in registers over
// the summed index: with many registers 9 loads for 18 products.

#if MANY_REGISTERS
#define TILE_A 3
#define TILE_B 6
#else
#define TILE_A 3
#define TILE_B 4
#endif

#define CHUNKS(size, step) (((size) + (step)-1) / (step))
#define LINE ((int64_t)(64 / sizeof(REAL)))

// Rows are fetched in as many shares as there are tiles: share `number`, in lines.
INLINE int64_t NAME(share)(const e3x_soon *soon, int64_t tiles) {
  return CHUNKS(CHUNKS(soon->elements, LINE), tiles) * LINE;
}

INLINE void NAME(fetch_share)(const e3x_soon *soon, int64_t r, int64_t share, int64_t number) {
  const int64_t at = share * number, count = least(share, soon->elements - at);
  if (r < soon->count && count > 0) {
    NAME(fetch)(NAME(row)(soon->rows, r) + soon->first + at, count);
  }
}

// c[i, j, :] = sum_r x[r, i, :] y[r, j, :] for ta components of x and tb of y.
INLINE void NAME(outer_lanes)(const int ta, const int tb, const int masked, NAME(mask) mask,
                              int64_t rows, const e3x_rows *x, int64_t at_x, const e3x_rows *y,
                              int64_t at_y, REAL *c, int64_t c_i, int64_t c_j,
                              const e3x_soon *soon, const int64_t *share, int64_t number) {
  const int64_t x_i = x->component, y_j = y->component;
  NAME(vec) sum[TILE_A][TILE_B];
  UNROLL
  for (int i = 0; i < ta; i++) {
    UNROLL
    for (int j = 0; j < tb; j++) { sum[i][j] = (NAME(vec)){0}; }
  }
  for (int64_t r = 0; r < rows; r++) {
    const REAL *p = NAME(row)(x, r) + at_x, *q = NAME(row)(y, r) + at_y;
    for (int s = 0; soon && s < 2; s++) { NAME(fetch_share)(soon + s, r, share[s], number); }
    NAME(vec) a[TILE_A];
    UNROLL
    for (int i = 0; i < ta; i++) { a[i] = NAME(load_some)(p + i * x_i, masked, mask); }
    UNROLL
    for (int j = 0; j < tb; j++) {
      const NAME(vec) b = NAME(load_some)(q + j * y_j, masked, mask);
      UNROLL
      for (int i = 0; i < ta; i++) { sum[i][j] += a[i] * b; }
    }
  }
  UNROLL
  for (int i = 0; i < ta; i++) {
    UNROLL
    for (int j = 0; j < tb; j++) {
      NAME(store_or_add)(c + i * c_i + j * c_j, sum[i][j], 0, masked, mask);
    }
  }
}

KERNEL int NAME(lane_outer)(int64_t features, int64_t n1, int64_t n2, int64_t rows,
                            const e3x_rows *x, const e3x_rows *y, const e3x_soon *soon, REAL *c) {
  const NAME(mask) mask = NAME(first)(features % LANES);
  const int64_t tiles = CHUNKS(n1, TILE_A) * CHUNKS(n2, TILE_B) * CHUNKS(features, LANES);
  int64_t share[2] = {0};
  for (int s = 0; soon && tiles > 0 && s < 2; s++) { share[s] = NAME(share)(soon + s, tiles); }
  int64_t number = 0;
#define TILE(ta, tb, masked)                                                                  \
  NAME(outer_lanes)(ta, tb, masked, mask, rows, x, i * x->component + f, y,                   \
                    j * y->component + f, c + (i * n2 + j) * features + f, n2 * features,     \
                    features, soon, share, number++);
#define ALONG_A(tb, masked)                                             \
  {                                                                     \
    int64_t i = 0;                                                      \
    for (; i + TILE_A <= n1; i += TILE_A) { TILE(TILE_A, tb, masked); } \
    for (; i < n1; i++) { TILE(1, tb, masked); }                        \
  }
#define ALONG_B(masked)                                               \
  {                                                                   \
    int64_t j = 0;                                                    \
    for (; j + TILE_B <= n2; j += TILE_B) { ALONG_A(TILE_B, masked) } \
    for (; j + 2 <= n2; j += 2) { ALONG_A(2, masked) }                \
    if (j < n2) { ALONG_A(1, masked) }                                \
  }
  int64_t f = 0;
  for (; f + LANES <= features; f += LANES) { ALONG_B(0) }
  if (f < features) { ALONG_B(1) }
#undef ALONG_B
#undef ALONG_A
#undef TILE
  return 0;
}

KERNEL int NAME(lane_copy)(int64_t features, int64_t n, int64_t rows, const e3x_rows *from,
                           const e3x_rows *to) {
  const NAME(mask) mask = NAME(first)(features % LANES);
  for (int64_t r = 0; r < rows; r++) {
    const REAL *p = NAME(row)(from, r);
    REAL *q = NAME(row)(to, r);
    for (int64_t i = 0; i < n; i++, p += from->component, q += to->component) {
      int64_t f = 0;
      for (; f + LANES <= features; f += LANES) { NAME(store)(q + f, NAME(load)(p + f)); }
      if (f < features) { NAME(store_masked)(q + f, NAME(load_masked)(p + f, mask), mask); }
    }
  }
  return 0;
}

// out[r, i, :] = (or +=) sum_k g[i, k, :] y[r, k, :] for ta components and tb rows.
INLINE void NAME(apply_lanes)(const int ta, const int tb, const int masked, NAME(mask) mask,
                              int64_t nk, const REAL *g, int64_t g_i, int64_t g_k,
                              const REAL *const *y, int64_t at_y, int64_t y_k, REAL *const *out,
                              int64_t at_out, int64_t out_i, int add) {
  NAME(vec) sum[TILE_A][TILE_B];
  UNROLL
  for (int i = 0; i < ta; i++) {
    UNROLL
    for (int j = 0; j < tb; j++) { sum[i][j] = (NAME(vec)){0}; }
  }
  for (int64_t k = 0; k < nk; k++) {
    NAME(vec) a[TILE_A];
    UNROLL
    for (int i = 0; i < ta; i++) { a[i] = NAME(load_some)(g + i * g_i, masked, mask); }
    UNROLL
    for (int j = 0; j < tb; j++) {
      const NAME(vec) b = NAME(load_some)(y[j] + at_y, masked, mask);
      UNROLL
      for (int i = 0; i < ta; i++) { sum[i][j] += a[i] * b; }
    }
    g += g_k;
    at_y += y_k;
  }
  // Rows may be the same: one after the other.
  UNROLL
  for (int j = 0; j < tb; j++) {
    UNROLL
    for (int i = 0; i < ta; i++) {
      REAL *to = out[j] + at_out + i * out_i;
      NAME(store_or_add)(to, sum[i][j], add, masked, mask);
    }
  }
}

KERNEL int NAME(lane_apply)(int64_t features, int64_t n, int64_t nk, int64_t rows, const REAL *g,
                            int64_t g_i, int64_t g_k, const e3x_rows *y, const e3x_rows *out,
                            int add, const e3x_soon *soon) {
  const NAME(mask) mask = NAME(first)(features % LANES);
  const int64_t tiles = CHUNKS(n, TILE_A) * CHUNKS(features, LANES);
  int64_t share[2] = {0};
  for (int s = 0; soon && tiles > 0 && s < 2; s++) { share[s] = NAME(share)(soon + s, tiles); }
#define TILE(ta, tb, masked)                                                              \
  {                                                                                       \
    for (int s = 0; soon && s < 2; s++) {                                                 \
      for (int64_t r = j; r < j + (tb); r++) {                                            \
        NAME(fetch_share)(soon + s, r, share[s], number);                                 \
      }                                                                                   \
    }                                                                                     \
    number++;                                                                             \
    NAME(apply_lanes)(ta, tb, masked, mask, nk, g + i * g_i + f, g_i, g_k, from, f,       \
                      y->component, to, i * out->component + f, out->component, add);     \
  }
#define ALONG_A(tb, masked)                                            \
  {                                                                    \
    int64_t i = 0;                                                     \
    for (; i + TILE_A <= n; i += TILE_A) { TILE(TILE_A, tb, masked); } \
    for (; i < n; i++) { TILE(1, tb, masked); }                        \
  }
#define ROWS_AT_ONCE(tb)                                                 \
  for (; j + (tb) <= rows; j += (tb)) {                                  \
    const REAL *from[TILE_B];                                            \
    REAL *to[TILE_B];                                                    \
    UNROLL                                                               \
    for (int r = 0; r < (tb); r++) {                                     \
      from[r] = NAME(row)(y, j + r);                                     \
      to[r] = NAME(row)(out, j + r);                                     \
    }                                                                    \
    int64_t f = 0, number = 0;                                           \
    for (; f + LANES <= features; f += LANES) { ALONG_A(tb, 0) }         \
    if (f < features) { ALONG_A(tb, 1) }                                 \
  }
  int64_t j = 0;
  ROWS_AT_ONCE(TILE_B)
  ROWS_AT_ONCE(2)
  ROWS_AT_ONCE(1)
#undef ROWS_AT_ONCE
#undef ALONG_A
#undef TILE
  return 0;
}

#undef TILE_A
#undef TILE_B
#undef CHUNKS
#undef LINE
