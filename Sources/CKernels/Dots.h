// The derivatives of sums of products of components, all at once, for the REAL being compiled: x
// and y are read once for all of them.

// Rows that lie anywhere are fetched this many rows before they are used.
#define DOT_AHEAD 4

// The row to be fetched, unless it is that of the row before, or there is none.
INLINE const REAL *NAME(dot_next)(const e3x_rows *rows, int64_t r, int64_t count) {
  if (!rows->is_far || r + DOT_AHEAD >= count) { return NULL; }
  const REAL *next = NAME(row)(rows, r + DOT_AHEAD);
  return next == NAME(row)(rows, r + DOT_AHEAD - 1) ? NULL : next;
}

// `vectors` vectors of features of row r.
INLINE void NAME(dot_features)(const e3x_dot *dot, const int valued, const int add_x,
                               const int add_y, const int vectors, const int masked,
                               NAME(mask) mask, int64_t r, int64_t f, const REAL *const *next) {
  const int64_t features = dot->features, blocks = dot->blocks;
  const REAL *x = NAME(row)(&dot->x, r) + f, *y = NAME(row)(&dot->y, r) + f;
  const REAL *w = dot->has_weights ? NAME(row)(&dot->weights, r) + f : NULL;
  REAL *dx = NAME(row)(&dot->dx, r) + f, *dy = NAME(row)(&dot->dy, r) + f;
  REAL *dw = dot->has_weights ? NAME(row)(&dot->dweights, r) + f : NULL;
  const REAL *s = NAME(row)(&dot->cotangent, r) + f;
  const REAL *values = dot->values;
  const int32_t *starts = dot->starts, *at = dot->at;
  NAME(vec) d[2], e[2], sum[2];
  UNROLL
  for (int v = 0; v < vectors; v++) {
    d[v] = e[v] = NAME(load_some)(s + v * LANES, masked, mask);
  }
  for (int64_t b = 0; b < blocks; b++) {
    const int32_t begin = starts[b], end = starts[b + 1];
    for (int n = 0; next && begin < end && n < 4; n++) {
      // The components of a block mostly lie together.
      const REAL *from = next[n];
      if (from) { NAME(fetch)(from + at[2 * begin + n % 2], (end - begin) * features); }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
      if (w) { e[v] = NAME(load_some)(w + b * features + v * LANES, masked, mask) * d[v]; }
      sum[v] = (NAME(vec)){0};
    }
    for (int32_t t = begin; t < end; t++) {
      const int32_t i = at[2 * t], j = at[2 * t + 1];
      UNROLL
      for (int v = 0; v < vectors; v++) {
        const NAME(vec) p = NAME(load_some)(x + i + v * LANES, masked, mask);
        const NAME(vec) q = NAME(load_some)(y + j + v * LANES, masked, mask);
        const NAME(vec) factor = valued ? values[t] * e[v] : e[v];
        sum[v] += valued ? values[t] * p * q : p * q;
        NAME(store_or_add)(dx + i + v * LANES, factor * q, add_x, masked, mask);
        NAME(store_or_add)(dy + j + v * LANES, factor * p, add_y, masked, mask);
      }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
      REAL *to = dw + b * features + v * LANES;
      if (dw) { NAME(store_or_add)(to, sum[v] * d[v], dot->add_weights, masked, mask); }
    }
  }
}

INLINE void NAME(dot_rows)(const e3x_dot *dot, const int valued, const int add_x, const int add_y,
                           int64_t rows) {
  const int64_t features = dot->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
#define FEATURES(vectors, masked) \
  NAME(dot_features)(dot, valued, add_x, add_y, vectors, masked, mask, r, f, fetched);
  for (int64_t r = 0; r < rows; r++) {
    const REAL *next[4] = {
        NAME(dot_next)(&dot->x, r, rows), NAME(dot_next)(&dot->y, r, rows),
        NAME(dot_next)(&dot->dx, r, rows), NAME(dot_next)(&dot->dy, r, rows)};
    const REAL *const *fetched = next[0] || next[1] || next[2] || next[3] ? next : NULL;
    int64_t f = 0;
    for (; f + 2 * LANES <= features; f += 2 * LANES, fetched = NULL) { FEATURES(2, 0) }
    for (; f + LANES <= features; f += LANES, fetched = NULL) { FEATURES(1, 0) }
    if (f < features) { FEATURES(1, 1) }
  }
#undef FEATURES
}

#define DOT(valued, to_x, to_y)                                                              \
  KERNEL void NAME(dot_rows_##valued##to_x##to_y)(const e3x_dot *dot, int64_t rows) {        \
    NAME(dot_rows)(dot, valued, to_x, to_y, rows);                                           \
  }
DOT(0, 0, 0) DOT(0, 0, 1) DOT(0, 1, 0) DOT(0, 1, 1)
DOT(1, 0, 0) DOT(1, 0, 1) DOT(1, 1, 0) DOT(1, 1, 1)
#undef DOT

static int NAME(dot_derivatives)(const e3x_dot *dot, int64_t rows) {
#define DOT(to_x, to_y)                                            \
  if (dot->add_x == to_x && dot->add_y == to_y) {                  \
    if (dot->values) { NAME(dot_rows_1##to_x##to_y)(dot, rows); }  \
    if (!dot->values) { NAME(dot_rows_0##to_x##to_y)(dot, rows); } \
  }
  DOT(0, 0)
  DOT(0, 1)
  DOT(1, 0)
  DOT(1, 1)
#undef DOT
  return 0;
}

#undef DOT_AHEAD
