// Sums and maxima over the rows of each segment, for the REAL being compiled: segment by segment,
// a few vectors of the row at a time, which stay in registers.

#define SEGMENT_BLOCK 64

// `vectors` vectors of the sum of the rows order[i], begin <= i < end. Blocks of rows are summed
// on their own, for accuracy in long segments.
INLINE void NAME(segment_sum_tile)(const int vectors, const int masked, NAME(mask) mask,
                                   int64_t begin, int64_t end, const int32_t *order,
                                   const REAL *x, int64_t stride, REAL *out) {
  NAME(vec) total[8];
  UNROLL
  for (int v = 0; v < vectors; v++) { total[v] = (NAME(vec)){0}; }
  for (int64_t i = begin; i < end;) {
    const int64_t stop = least(i + SEGMENT_BLOCK, end);
    NAME(vec) s[8];
    UNROLL
    for (int v = 0; v < vectors; v++) { s[v] = (NAME(vec)){0}; }
    for (; i < stop; i++) {
      const REAL *p = x + (order ? order[i] : i) * stride;
      UNROLL
      for (int v = 0; v < vectors; v++) { s[v] += NAME(load_some)(p + v * LANES, masked, mask); }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) { total[v] += s[v]; }
  }
  UNROLL
  for (int v = 0; v < vectors; v++) {
    if (masked) {
      NAME(store_masked)(out, total[v], mask);
    } else {
      NAME(store)(out + v * LANES, total[v]);
    }
  }
}

INLINE void NAME(segment_max_tile)(const int vectors, const int masked, NAME(mask) mask,
                                   int64_t begin, int64_t end, const int32_t *order,
                                   const REAL *x, int64_t stride, REAL *out) {
  NAME(vec) best[8];
  UNROLL
  for (int v = 0; v < vectors; v++) { best[v] = NAME(splat)(LOWEST); }
  for (int64_t i = begin; i < end; i++) {
    const REAL *p = x + (order ? order[i] : i) * stride;
    UNROLL
    for (int v = 0; v < vectors; v++) {
      best[v] = NAME(maximum)(best[v], NAME(load_some)(p + v * LANES, masked, mask));
    }
  }
  UNROLL
  for (int v = 0; v < vectors; v++) {
    if (masked) {
      NAME(store_masked)(out, best[v], mask);
    } else {
      NAME(store)(out + v * LANES, best[v]);
    }
  }
}

#define TILES 4

#define EACH_TILE(function)                                                                     \
  {                                                                                             \
    int64_t c = 0;                                                                              \
    for (; c + TILES * LANES <= width; c += TILES * LANES) {                                    \
      NAME(function)(TILES, 0, mask, begin, end, order, x + c, x_stride, row + c);              \
    }                                                                                           \
    for (; c + LANES <= width; c += LANES) {                                                    \
      NAME(function)(1, 0, mask, begin, end, order, x + c, x_stride, row + c);                  \
    }                                                                                           \
    if (c < width) { NAME(function)(1, 1, mask, begin, end, order, x + c, x_stride, row + c); } \
  }

static int NAME(segment_sum)(int64_t first, int64_t last, const int32_t *offsets,
                             const int32_t *order, int64_t width, const REAL *x,
                             int64_t x_stride, REAL *out) {
  const NAME(mask) mask = NAME(first)(width % LANES);
  for (int64_t s = first; s < last; s++) {
    const int64_t begin = offsets[s], end = offsets[s + 1];
    REAL *row = out + (s - first) * width;
    EACH_TILE(segment_sum_tile)
  }
  return 0;
}

static int NAME(segment_max)(int64_t first, int64_t last, const int32_t *offsets,
                             const int32_t *order, int64_t width, const REAL *x,
                             int64_t x_stride, double empty, REAL *out) {
  const NAME(mask) mask = NAME(first)(width % LANES);
  for (int64_t s = first; s < last; s++) {
    const int64_t begin = offsets[s], end = offsets[s + 1];
    REAL *row = out + (s - first) * width;
    if (begin == end) {
      for (int64_t c = 0; c < width; c++) { row[c] = (REAL)empty; }
    } else {
      EACH_TILE(segment_max_tile)
    }
  }
  return 0;
}

// The first row from `r` on whose segment is one of first ..< last.
static int64_t NAME(row_within)(int64_t r, int64_t rows, const int32_t *indices, int64_t first,
                                int64_t last) {
  while (r < rows && (indices[r] < first || indices[r] >= last)) { r++; }
  return r;
}

// Rows added to (or raising) the row of their segment; others are left out. Neighbouring rows of
// one segment are combined in registers, `vectors` vectors at a time, in their order. Where the
// segments lie outside of the caches, the next rows are fetched meanwhile.
#define RUN_TILE(combine, vectors, masked)                                                  \
  {                                                                                         \
    NAME(vec) all[TILES];                                                                   \
    UNROLL                                                                                  \
    for (int v = 0; v < (vectors); v++) {                                                   \
      all[v] = NAME(load_some)(to + c + v * LANES, masked, mask);                           \
    }                                                                                       \
    for (int64_t i = r; i < end; i++) {                                                     \
      const REAL *from = x + i * x_stride + c;                                              \
      UNROLL                                                                                \
      for (int v = 0; v < (vectors); v++) {                                                 \
        const NAME(vec) a = all[v], b = NAME(load_some)(from + v * LANES, masked, mask);    \
        all[v] = combine;                                                                   \
      }                                                                                     \
    }                                                                                       \
    UNROLL                                                                                  \
    for (int v = 0; v < (vectors); v++) {                                                   \
      if (masked) {                                                                         \
        NAME(store_masked)(to + c, all[v], mask);                                           \
      } else {                                                                              \
        NAME(store)(to + c + v * LANES, all[v]);                                            \
      }                                                                                     \
    }                                                                                       \
  }

#define INTO_SEGMENTS(function, combine)                                                       \
  static int NAME(function)(int64_t rows, const int32_t *indices, int64_t first, int64_t last, \
                            int64_t width, const REAL *x, int64_t x_stride, REAL *out) {       \
    const NAME(mask) mask = NAME(first)(width % LANES);                                        \
    const int is_far = (last - first) * width * (int64_t)sizeof(REAL) > FAR_BYTES;             \
    int64_t r = NAME(row_within)(0, rows, indices, first, last);                               \
    while (r < rows) {                                                                         \
      const int64_t s = indices[r];                                                            \
      int64_t end = r + 1;                                                                     \
      while (end < rows && indices[end] == s) { end++; }                                       \
      const int64_t next = NAME(row_within)(end, rows, indices, first, last);                  \
      if (is_far && next < rows) {                                                             \
        NAME(fetch)(out + indices[next] * width, width);                                       \
        NAME(fetch)(x + next * x_stride, width);                                               \
      }                                                                                        \
      REAL *to = out + s * width;                                                              \
      int64_t c = 0;                                                                           \
      for (; end > r + 1 && c + TILES * LANES <= width; c += TILES * LANES) {                  \
        RUN_TILE(combine, TILES, 0)                                                            \
      }                                                                                        \
      for (; end == r + 1 && c + LANES <= width; c += LANES) {                                 \
        const NAME(vec) a = NAME(load)(to + c), b = NAME(load)(x + r * x_stride + c);          \
        NAME(store)(to + c, combine);                                                          \
      }                                                                                        \
      for (; c + LANES <= width; c += LANES) { RUN_TILE(combine, 1, 0) }                       \
      if (c < width) { RUN_TILE(combine, 1, 1) }                                               \
      r = next;                                                                                \
    }                                                                                          \
    return 0;                                                                                  \
  }
INTO_SEGMENTS(segment_add, a + b)
INTO_SEGMENTS(segment_raise, NAME(maximum)(a, b))
#undef INTO_SEGMENTS
#undef RUN_TILE

#undef SEGMENT_BLOCK
#undef TILES
#undef EACH_TILE
#undef LOWEST
#undef HIGHEST
