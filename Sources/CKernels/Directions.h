// Lengths and directions of vectors of three components, for the REAL being compiled.
//
// Squares of components near 1 neither overflow nor vanish, and are summed as they are. A vector
// whose square is out of that range is divided by its largest component first.

#if REAL_BYTES == 8
#define LEAST_SQUARE 0x1p-900
#define GREATEST_SQUARE 0x1p1000
#define LEAST_NORMAL 0x1p-1022
#else
#define LEAST_SQUARE 0x1p-80f
#define GREATEST_SQUARE 0x1p120f
#define LEAST_NORMAL 0x1p-126f
#endif

// The lengths of LANES vectors. `scaled` and `inverse` are what directions are made of: the
// vectors, those out of range divided by their largest component, and 1 / the length of these.
INLINE NAME(vec) NAME(lengths)(const NAME(vec) *xyz, NAME(vec) *scaled, NAME(vec) *inverse) {
  const NAME(vec) zero = {0}, one = NAME(splat)(1);
  const NAME(vec) square = xyz[0] * xyz[0] + xyz[1] * xyz[1] + xyz[2] * xyz[2];
  // Also where it is no number.
  const NAME(bits) is_out = ~(NAME(bits))((square >= NAME(splat)(LEAST_SQUARE)) &
                                          (square <= NAME(splat)(GREATEST_SQUARE)));
  UNROLL
  for (int c = 0; c < 3; c++) { scaled[c] = xyz[c]; }
  BITS any = 0;
  UNROLL
  for (int i = 0; i < LANES; i++) { any |= is_out[i]; }
  if (!any) {
    const NAME(vec) length = NAME(square_root)(square);
    *inverse = one / length;
    return length;
  }
  NAME(vec) largest = NAME(splat)(LEAST_NORMAL);
  for (int c = 0; c < 3; c++) {
    largest = NAME(maximum)(NAME(absolute)(xyz[c]), largest);
  }
  largest = NAME(choose)(is_out, largest, one);
  for (int c = 0; c < 3; c++) { scaled[c] = xyz[c] / largest; }
  const NAME(vec) length = NAME(square_root)(scaled[0] * scaled[0] + scaled[1] * scaled[1] +
                                             scaled[2] * scaled[2]);
  *inverse = one / NAME(choose)(length == zero, one, length);
  return largest * length;
}

INLINE void NAME(load_vectors)(const REAL *from, int64_t stride, int64_t n, NAME(vec) *xyz) {
  if (n == LANES && stride == 3) {
    NAME(load_triples)(from, xyz, xyz + 1, xyz + 2);
    return;
  }
  for (int c = 0; c < 3; c++) { xyz[c] = NAME(load_strided)(from + c, stride, n); }
}

static int NAME(length)(int64_t rows, const REAL *in, int64_t in_stride, REAL *out) {
  for (int64_t r = 0; r < rows; r += LANES) {
    const int64_t n = least(LANES, rows - r);
    NAME(vec) xyz[3], scaled[3], inverse;
    NAME(load_vectors)(in + r * in_stride, in_stride, n, xyz);
    const NAME(vec) length = NAME(lengths)(xyz, scaled, &inverse);
    if (n == LANES) {
      NAME(store)(out + r, length);
    } else {
      NAME(store_strided)(out + r, 1, length, n);
    }
  }
  return 0;
}

static int NAME(direction)(int64_t rows, const REAL *in, int64_t in_stride, double above,
                           REAL *out) {
  const NAME(vec) least_length = NAME(splat)((REAL)above);
  for (int64_t r = 0; r < rows; r += LANES) {
    const int64_t n = least(LANES, rows - r);
    NAME(vec) xyz[3], scaled[3], inverse;
    NAME(load_vectors)(in + r * in_stride, in_stride, n, xyz);
    const NAME(bits) is_divided =
        (NAME(bits))(NAME(lengths)(xyz, scaled, &inverse) > least_length);
    UNROLL
    for (int c = 0; c < 3; c++) {
      xyz[c] = NAME(choose)(is_divided, scaled[c] * inverse, xyz[c]);
    }
    if (n == LANES) {
      NAME(store_triples)(out + 3 * r, xyz[0], xyz[1], xyz[2]);
      continue;
    }
    for (int c = 0; c < 3; c++) { NAME(store_strided)(out + 3 * r + c, 3, xyz[c], n); }
  }
  return 0;
}

#undef LEAST_SQUARE
#undef GREATEST_SQUARE
#undef LEAST_NORMAL
