// Products of many rows with one matrix, for the REAL being compiled.
//
// The inner kernel keeps a tile of `height` rows by `vectors` vectors of the result in registers
// and runs over the shared index: per step it loads one row of the matrix (`vectors` loads), and
// one element of each of the `height` rows, spread over a vector.

#if MANY_REGISTERS
#define WIDEST 4
#define HEIGHT_4 6
#define HEIGHT_2 8
#define HEIGHT_1 8
#else
#define WIDEST 2
#define HEIGHT_2 6
#define HEIGHT_1 8
#endif

// The rows of one product: element (r, j) starts at base + r * row + j * comp, 0 <= j < run.
typedef struct {
  int64_t rows, run;
  const REAL *x;
  int64_t x_row, x_comp;
  REAL *y;
  int64_t y_row, y_comp;
  // A row of factors for each row of the set, of all columns; or NULL.
  const REAL *scale;
  int64_t scale_row;
  // Rows from here to those of x (and of y) to be fetched into the cache meanwhile.
  int64_t x_ahead, y_ahead;
} NAME(row_set);

INLINE void NAME(product_tile)(const int height, const int vectors, const int masked,
                               NAME(mask) mask, int accumulate, int64_t inner,
                               const REAL *const *x, const REAL *w, int64_t ldw, REAL *const *y,
                               const REAL *const *scale) {
  NAME(vec) sum[8][4];
  const REAL *rows[8];
  UNROLL
  for (int r = 0; r < height; r++) {
    rows[r] = x[r];
    UNROLL
    for (int v = 0; v < vectors; v++) { sum[r][v] = (NAME(vec)){0}; }
  }
  for (int64_t i = 0; i < inner; i++, w += ldw) {
    NAME(vec) weights[4];
    UNROLL
    for (int v = 0; v < vectors; v++) {
      weights[v] = NAME(load_some)(w + v * LANES, masked, mask);
    }
    UNROLL
    for (int r = 0; r < height; r++) {
      const NAME(vec) spread = NAME(splat)(rows[r][i]);
      UNROLL
      for (int v = 0; v < vectors; v++) { sum[r][v] += spread * weights[v]; }
    }
  }
  UNROLL
  for (int r = 0; r < height; r++) {
    UNROLL
    for (int v = 0; v < vectors; v++) {
      REAL *to = y[r] + v * LANES;
      if (scale) { sum[r][v] *= NAME(load_some)(scale[r] + v * LANES, masked, mask); }
      if (masked) {
        if (accumulate) { sum[r][v] += NAME(load_masked)(to, mask); }
        NAME(store_masked)(to, sum[r][v], mask);
      } else {
        if (accumulate) { sum[r][v] += NAME(load)(to); }
        NAME(store)(to, sum[r][v]);
      }
    }
  }
}

#if VECTOR_BYTES > 16
// The same for LANES / 2 columns: twice as many such vectors are multiplied at a time.
INLINE void NAME(product_half_tile)(const int height, int accumulate, int64_t inner,
                                    const REAL *const *x, const REAL *w, int64_t ldw,
                                    REAL *const *y, const REAL *const *scale) {
  NAME(half) sum[8];
  const REAL *rows[8];
  UNROLL
  for (int r = 0; r < height; r++) {
    rows[r] = x[r];
    sum[r] = (NAME(half)){0};
  }
  for (int64_t i = 0; i < inner; i++, w += ldw) {
    const NAME(half) weights = NAME(load_half)(w);
    UNROLL
    for (int r = 0; r < height; r++) {
      const NAME(half) spread = rows[r][i] - (NAME(half)){0};
      sum[r] += spread * weights;
    }
  }
  UNROLL
  for (int r = 0; r < height; r++) {
    if (scale) { sum[r] *= NAME(load_half)(scale[r]); }
    if (accumulate) { sum[r] += NAME(load_half)(y[r]); }
    NAME(store_half)(y[r], sum[r]);
  }
}
#endif

// How much of a vector the columns fill.
#define WHOLE 0
#define SOME 1
#define HALF 2

// All rows of the set times the columns starting at `column`.
INLINE void NAME(product_column)(const int height, const int vectors, const int fill,
                                 NAME(mask) mask, int accumulate, const NAME(row_set) *set,
                                 int64_t from, int64_t inner, int64_t outer, const REAL *w,
                                 int64_t ldw, int64_t column) {
  const int64_t total = set->rows * set->run;
  const REAL *x_next = set->x + from, *x[8];
  REAL *y_next = set->y + column, *y[8];
  const REAL *scale_next = set->scale ? set->scale + column : NULL, *scale[8];
  int64_t j = 0;  // of the next row within its run
  const int64_t x_skip = set->x_row - set->run * set->x_comp;
  const int64_t y_skip = set->y_row - set->run * set->y_comp;
  const int fetches_x = column == 0 && from == 0 && set->x_ahead > 0;
  const int fetches_y = fetches_x && set->y_ahead > 0;
  const int64_t x_ahead = set->x_ahead * set->x_row, y_ahead = set->y_ahead * set->y_row;
#define NEXT_ROWS(n)                 \
  UNROLL                             \
  for (int r = 0; r < (n); r++) {    \
    x[r] = x_next;                   \
    y[r] = y_next;                   \
    scale[r] = scale_next;           \
    if (fetches_x) { NAME(fetch)(x_next + x_ahead, inner); } \
    if (fetches_y) { NAME(fetch)(y_next + y_ahead, outer); } \
    x_next += set->x_comp;           \
    y_next += set->y_comp;           \
    if (++j == set->run) {           \
      j = 0;                         \
      x_next += x_skip;              \
      y_next += y_skip;              \
      if (scale_next) { scale_next += set->scale_row; } \
    }                                \
  }
#if VECTOR_BYTES > 16
#define HALF_TILE(n)                                                  \
  NAME(product_half_tile)(n, accumulate, inner, x, w + column, ldw, y, \
                          set->scale ? scale : NULL)
#else
#define HALF_TILE(n)
#endif
#define ROWS_AT_ONCE(n)                                                                        \
  for (; q + (n) <= total; q += (n)) {                                                         \
    NEXT_ROWS(n)                                                                               \
    if (fill == HALF) {                                                                        \
      HALF_TILE(n);                                                                            \
    } else {                                                                                   \
      NAME(product_tile)(n, vectors, fill, mask, accumulate, inner, x, w + column, ldw, y,     \
                         set->scale ? scale : NULL);                                           \
    }                                                                                          \
  }
  int64_t q = 0;
  ROWS_AT_ONCE(height)
  ROWS_AT_ONCE(4)
  ROWS_AT_ONCE(1)
#undef ROWS_AT_ONCE
#undef HALF_TILE
#undef NEXT_ROWS
}

// y = x w, or with `add` y += x w; w is inner x outer.
static void NAME(product)(const NAME(row_set) *set, int64_t inner, int64_t outer, const REAL *w,
                          int64_t ldw, int add) {
  // A panel of w of this depth and of a tile's width stays in the L1 cache.
  const int64_t depth = 256;
  const NAME(mask) mask = NAME(first)(outer % LANES);
#define COLUMN(height, vectors, fill)                                                       \
  NAME(product_column)(height, vectors, fill, mask, add || from > 0, set, from, n, outer,   \
                       w + from * ldw, ldw, column)
  for (int64_t from = 0; from < inner; from += depth) {
    const int64_t n = least(depth, inner - from);
    int64_t column = 0;
#if WIDEST == 4
    for (; column + 4 * LANES <= outer; column += 4 * LANES) { COLUMN(HEIGHT_4, 4, WHOLE); }
#endif
    for (; column + 2 * LANES <= outer; column += 2 * LANES) { COLUMN(HEIGHT_2, 2, WHOLE); }
    for (; column + LANES <= outer; column += LANES) { COLUMN(HEIGHT_1, 1, WHOLE); }
#if VECTOR_BYTES > 16
    if (outer - column == LANES / 2) {
      COLUMN(8, 1, HALF);
      column = outer;
    }
#endif
    if (column < outer) { COLUMN(HEIGHT_1, 1, SOME); }
  }
#undef COLUMN
}

static int NAME(matmul)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t lda, const REAL *b,
                        int64_t ldb, REAL *out, int64_t ldo) {
  if (k <= 0) {
    for (int64_t r = 0; r < m; r++) {
      for (int64_t c = 0; c < n; c++) { out[r * ldo + c] = 0; }
    }
    return 0;
  }
  const NAME(row_set) set = {m, 1, a, lda, 0, out, ldo, 0, NULL, 0, 0, 0};
  NAME(product)(&set, k, n, b, ldb, 0);
  return 0;
}

// The end of the run of components that use the same block as component c.
static int64_t NAME(end_of_run)(const int32_t *block, int64_t c, int64_t comps) {
  int64_t end = c + 1;
  while (end < comps && (block[end] == block[c] || (block[end] < 0 && block[c] < 0))) { end++; }
  return end;
}

static int NAME(linear_scaled)(int64_t rows, int64_t comps, int64_t inputs, int64_t outputs,
                               const int32_t *block, const REAL *x, int64_t x_row,
                               int64_t x_comp, const REAL *w, const REAL *scale,
                               int64_t scale_row, int is_far, int add, REAL *y) {
  if (comps <= 0 || outputs <= 0) { return 0; }
  // So many rows at a time that x and y stay in the L2 cache while the runs go over them, the next
  // rows being fetched meanwhile.
  const int64_t row_bytes = comps * (inputs + outputs) * (int64_t)sizeof(REAL);
  const int64_t chunk = row_bytes > 0 ? 8 + 131072 / row_bytes : rows;
  const int all_far = rows * row_bytes > FAR_BYTES;
  const int64_t x_ahead = is_far || all_far ? chunk : 0, y_ahead = all_far ? chunk : 0;
  for (int64_t r = 0; r < rows; r += chunk) {
    const int64_t n = least(chunk, rows - r);
    for (int64_t c = 0, end; c < comps; c = end) {
      end = NAME(end_of_run)(block, c, comps);
      REAL *to = y + (r * comps + c) * outputs;
      if (block[c] < 0 || inputs == 0) {
        for (int64_t i = 0; !add && i < n; i++) {
          memset(to + i * comps * outputs, 0, (size_t)((end - c) * outputs) * sizeof(REAL));
        }
      } else {
        const NAME(row_set) set = {n,  end - c,         x + r * x_row + c * x_comp, x_row, x_comp,
                                   to, comps * outputs, outputs,
                                   scale ? scale + r * scale_row : NULL, scale_row,
                                   x_ahead, y_ahead};
        NAME(product)(&set, inputs, outputs, w + block[c] * inputs * outputs, outputs,
                      add);
      }
    }
  }
  return 0;
}

// --- Sums of outer products -------------------------------------------------------------------

// Sums over so many rows stay in registers; these are added in float64.
#define OUTER_BLOCK 128
// Part of the result that is held in float64 at a time.
#define OUTER_SIDE 64

// sum[i][:] += sum_{r, j} x[r, j, i] y[r, j, :] for `height` inputs and `vectors` vectors; with
// `direct` given, direct[i * ldw + :] instead.
INLINE void NAME(outer_tile)(const int height, const int vectors, const int masked,
                             NAME(mask) mask, const NAME(row_set) *set, int64_t first,
                             int64_t last, const REAL *x, const REAL *y,
                             double (*sum)[OUTER_SIDE], REAL *direct, int64_t ldw) {
  NAME(vec) acc[8][4];
  UNROLL
  for (int i = 0; i < height; i++) {
    UNROLL
    for (int v = 0; v < vectors; v++) { acc[i][v] = (NAME(vec)){0}; }
  }
  const int64_t x_ahead = set->x_ahead * set->x_row * (int64_t)sizeof(REAL);
  const int64_t y_ahead = set->y_ahead * set->y_row * (int64_t)sizeof(REAL);
  for (int64_t r = first; r < last; r++) {
    const REAL *p = x + r * set->x_row, *q = y + r * set->y_row;
    for (int64_t j = 0; j < set->run; j++, p += set->x_comp, q += set->y_comp) {
      __builtin_prefetch((const char *)p + x_ahead, 0, 2);
      UNROLL
      for (int v = 0; v < vectors * VECTOR_BYTES; v += 64) {
        __builtin_prefetch((const char *)q + y_ahead + v, 0, 2);
      }
      NAME(vec) right[4];
      UNROLL
      for (int v = 0; v < vectors; v++) {
        right[v] = NAME(load_some)(q + v * LANES, masked, mask);
      }
      UNROLL
      for (int i = 0; i < height; i++) {
        const NAME(vec) spread = NAME(splat)(p[i]);
        UNROLL
        for (int v = 0; v < vectors; v++) { acc[i][v] += spread * right[v]; }
      }
    }
  }
  UNROLL
  for (int i = 0; i < height; i++) {
    UNROLL
    for (int v = 0; v < vectors; v++) {
      if (direct) {
        REAL *to = direct + i * ldw + v * LANES;
        const NAME(vec) all = NAME(load_some)(to, masked, mask) + acc[i][v];
        if (masked) {
          NAME(store_masked)(to, all, mask);
        } else {
          NAME(store)(to, all);
        }
      } else {
        NAME(wide) *to = (NAME(wide) *)(sum[i] + v * LANES);
        *to += __builtin_convertvector(acc[i][v], NAME(wide));
      }
    }
  }
}

// All `inputs` inputs with `vectors` vectors of outputs.
INLINE void NAME(outer_column)(const int height, const int vectors, const int masked,
                               NAME(mask) mask, const NAME(row_set) *set, int64_t first,
                               int64_t last, int64_t inputs, const REAL *x, const REAL *y,
                               double (*sum)[OUTER_SIDE], int64_t column, REAL *direct,
                               int64_t ldw) {
  int64_t i = 0;
#define INPUTS_AT_ONCE(n)                                                                   \
  for (; i + (n) <= inputs; i += (n)) {                                                     \
    NAME(outer_tile)(n, vectors, masked, mask, set, first, last, x + i, y + column,         \
                     (double (*)[OUTER_SIDE])(sum[i] + column),                             \
                     direct ? direct + i * ldw + column : NULL, ldw);                       \
  }
  INPUTS_AT_ONCE(height)
  INPUTS_AT_ONCE(4)
  INPUTS_AT_ONCE(1)
#undef INPUTS_AT_ONCE
}

// dw[:inputs, :outputs] += the sum over a row set; inputs and outputs at most OUTER_SIDE. y is
// not written.
static void NAME(outer_block)(const NAME(row_set) *set, int64_t inputs, int64_t outputs, REAL *dw,
                              int64_t ldw) {
  _Alignas(64) double sum[OUTER_SIDE][OUTER_SIDE];
  const int64_t chunk = set->x_ahead;
  // A single sum needs no wider one to be added to.
  REAL *direct = set->rows <= chunk ? dw : NULL;
  for (int64_t i = 0; !direct && i < inputs; i++) { memset(sum[i], 0, sizeof sum[i]); }
  const NAME(mask) mask = NAME(first)(outputs % LANES);
  for (int64_t r = 0; r < set->rows; r += chunk) {
    const int64_t end = least(r + chunk, set->rows);
    int64_t column = 0;
#define COLUMN(height, vectors, masked)                                                      \
  NAME(outer_column)(height, vectors, masked, mask, set, r, end, inputs, set->x, set->y, sum, \
                     column, direct, ldw)
#if WIDEST == 4
    for (; column + 4 * LANES <= outputs; column += 4 * LANES) { COLUMN(HEIGHT_4, 4, 0); }
#endif
    for (; column + 2 * LANES <= outputs; column += 2 * LANES) { COLUMN(HEIGHT_2, 2, 0); }
    for (; column + LANES <= outputs; column += LANES) { COLUMN(HEIGHT_1, 1, 0); }
    if (column < outputs) { COLUMN(HEIGHT_1, 1, 1); }
#undef COLUMN
  }
  for (int64_t i = 0; !direct && i < inputs; i++) {
    for (int64_t o = 0; o < outputs; o++) { dw[i * ldw + o] += (REAL)sum[i][o]; }
  }
}

static int NAME(linear_weights)(int64_t rows, int64_t comps, int64_t inputs, int64_t outputs,
                                int64_t blocks, const int32_t *block, const REAL *x,
                                int64_t x_row, int64_t x_comp, const REAL *y, int64_t y_row,
                                int64_t y_comp, REAL *dw) {
  memset(dw, 0, (size_t)(blocks * inputs * outputs) * sizeof(REAL));
  for (int64_t c = 0, end; c < comps; c = end) {
    end = NAME(end_of_run)(block, c, comps);
    if (block[c] < 0) { continue; }
    REAL *to = dw + block[c] * inputs * outputs;
    const int64_t chunk = end - c < OUTER_BLOCK ? OUTER_BLOCK / (end - c) : 1;
    for (int64_t i = 0; i < inputs; i += OUTER_SIDE) {
      for (int64_t o = 0; o < outputs; o += OUTER_SIDE) {
        const NAME(row_set) set = {rows,  end - c, x + c * x_comp + i, x_row,
                                   x_comp, (REAL *)y + c * y_comp + o, y_row, y_comp,
                                   NULL,  0, chunk, chunk};
        NAME(outer_block)(&set, least(OUTER_SIDE, inputs - i), least(OUTER_SIDE, outputs - o),
                          to + i * outputs + o, outputs);
      }
    }
  }
  return 0;
}

#undef WHOLE
#undef SOME
#undef HALF
#undef WIDEST
#undef HEIGHT_4
#undef HEIGHT_2
#undef HEIGHT_1
#undef OUTER_BLOCK
#undef OUTER_SIDE
