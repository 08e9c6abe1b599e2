// Turns, for the REAL being compiled: between rows of numbers that lie together in memory and
// vectors of one number of each row.

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

// to[j * distance] = number j of each of n <= LANES rows of `count` numbers, `stride` apart; 0 in
// the lanes without a row.
INLINE void NAME(load_columns)(const REAL *from, int64_t stride, int64_t count, int64_t n,
                               NAME(vec) *to, int distance) {
  if (n == LANES && count == 3 && stride == 3) {
    NAME(load_triples)(from, to, to + distance, to + 2 * distance);
    return;
  }
  for (int64_t j = 0; j < count; j += LANES) {
    const int64_t m = least(LANES, count - j);
    if (n < LANES || 4 * m <= LANES) {
      for (int64_t i = j; i < j + m; i++) {
        to[i * distance] = n <= 0 ? (NAME(vec)){0} : NAME(load_strided)(from + i, stride, n);
      }
      continue;
    }
    const NAME(mask) mask = NAME(first)(m);
    NAME(vec) rows[LANES], turned[LANES];
    UNROLL
    for (int i = 0; i < LANES; i++) {
      const REAL *row = from + i * stride + j;
      rows[i] = m == LANES ? NAME(load)(row) : NAME(load_masked)(row, mask);
    }
    NAME(turn)(rows, turned);
    UNROLL
    for (int i = 0; i < LANES; i++) {
      if (i < m) { to[(j + i) * distance] = turned[i]; }
    }
  }
}

// Writes number j of each of n <= LANES rows, the lanes of columns[j], for j < count <= LANES to
// rows that lie `stride` apart.
INLINE void NAME(store_columns)(const NAME(vec) *columns, int64_t count, REAL *to, int64_t stride,
                                int64_t n) {
  if (4 * count <= LANES) {
    if (count == 3 && stride == 3 && n == LANES) {
      NAME(store_triples)(to, columns[0], columns[1], columns[2]);
      return;
    }
    for (int64_t j = 0; j < count; j++) { NAME(store_strided)(to + j, stride, columns[j], n); }
    return;
  }
  NAME(vec) turned[LANES];
  NAME(turn)(columns, turned);
  const NAME(mask) mask = NAME(first)(count);
  for (int64_t i = 0; i < n; i++) {
    if (count == LANES) {
      NAME(store)(to + i * stride, turned[i]);
    } else {
      NAME(store_masked)(to + i * stride, turned[i], mask);
    }
  }
}

#undef LOW_PAIRS
#undef HIGH_PAIRS
