// Products of small matrices, one for each feature: C[a, b, f] = sum_k A[k, a, f] B[k, b, f], for
// the REAL being compiled. A tile of C stays in registers over all k: 9 loads for 18 products.

#define TILE_A 3
#define TILE_B 6

INLINE void NAME(lane_tile)(const int ta, const int tb, const int masked, NAME(mask) mask,
                            int64_t nk, const REAL *a, int64_t a_k, int64_t a_a, const REAL *b,
                            int64_t b_k, int64_t b_b, REAL *c, int64_t c_a, int64_t c_b) {
  NAME(vec) sum[TILE_A][TILE_B];
  UNROLL
  for (int i = 0; i < ta; i++) {
    UNROLL
    for (int j = 0; j < tb; j++) { sum[i][j] = (NAME(vec)){0}; }
  }
  for (int64_t k = 0; k < nk; k++) {
    NAME(vec) x[TILE_A];
    UNROLL
    for (int i = 0; i < ta; i++) { x[i] = NAME(load_some)(a + i * a_a, masked, mask); }
    UNROLL
    for (int j = 0; j < tb; j++) {
      const NAME(vec) y = NAME(load_some)(b + j * b_b, masked, mask);
      UNROLL
      for (int i = 0; i < ta; i++) { sum[i][j] += x[i] * y; }
    }
    a += a_k;
    b += b_k;
  }
  UNROLL
  for (int i = 0; i < ta; i++) {
    UNROLL
    for (int j = 0; j < tb; j++) {
      REAL *to = c + i * c_a + j * c_b;
      if (masked) {
        NAME(store_masked)(to, sum[i][j], mask);
      } else {
        NAME(store)(to, sum[i][j]);
      }
    }
  }
}

static int NAME(lane_product)(int64_t na, int64_t nb, int64_t nk, int64_t features, const REAL *a,
                              int64_t a_k, int64_t a_a, const REAL *b, int64_t b_k, int64_t b_b,
                              REAL *c, int64_t c_a, int64_t c_b) {
  const NAME(mask) mask = NAME(first)(features % LANES);
#define TILE(ta, tb, masked)                                                                   \
  NAME(lane_tile)(ta, tb, masked, mask, nk, a + i * a_a + f, a_k, a_a, b + j * b_b + f, b_k,   \
                  b_b, c + i * c_a + j * c_b + f, c_a, c_b)
#define ALONG_B(ta, masked)                                         \
  {                                                                 \
    int64_t j = 0;                                                  \
    for (; j + TILE_B <= nb; j += TILE_B) { TILE(ta, TILE_B, masked); } \
    for (; j + 2 <= nb; j += 2) { TILE(ta, 2, masked); }            \
    if (j < nb) { TILE(ta, 1, masked); }                            \
  }
#define ALONG_A(masked)                                                       \
  {                                                                           \
    int64_t i = 0;                                                            \
    for (; i + TILE_A <= na; i += TILE_A) { ALONG_B(TILE_A, masked) }         \
    for (; i < na; i++) { ALONG_B(1, masked) }                                \
  }
  int64_t f = 0;
  for (; f + LANES <= features; f += LANES) { ALONG_A(0) }
  if (f < features) { ALONG_A(1) }
#undef ALONG_A
#undef ALONG_B
#undef TILE
  return 0;
}

#undef TILE_A
#undef TILE_B
