// Vectors of three components, [rows, 3], for the REAL being compiled: LANES rows are three vectors
// of neighbouring elements, or one vector for each component.

#if VECTOR_BYTES / REAL_BYTES == 16
#define X_OF_TWO 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, -1, -1, -1, -1, -1
#define X_OF_ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29
#define Y_OF_TWO 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, -1, -1, -1, -1, -1
#define Y_OF_ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30
#define Z_OF_TWO 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, -1, -1, -1, -1, -1, -1
#define Z_OF_ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31
#define XY_TO_0 0, 16, -1, 1, 17, -1, 2, 18, -1, 3, 19, -1, 4, 20, -1, 5
#define XYZ_TO_0 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15
#define XY_TO_1 21, -1, 6, 22, -1, 7, 23, -1, 8, 24, -1, 9, 25, -1, 10, 26
#define XYZ_TO_1 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15
#define XY_TO_2 -1, 11, 27, -1, 12, 28, -1, 13, 29, -1, 14, 30, -1, 15, 31, -1
#define XYZ_TO_2 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31
#define THRICE_0 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5
#define THRICE_1 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10
#define THRICE_2 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15
#elif VECTOR_BYTES / REAL_BYTES == 8
#define X_OF_TWO 0, 3, 6, 9, 12, 15, -1, -1
#define X_OF_ALL 0, 1, 2, 3, 4, 5, 10, 13
#define Y_OF_TWO 1, 4, 7, 10, 13, -1, -1, -1
#define Y_OF_ALL 0, 1, 2, 3, 4, 8, 11, 14
#define Z_OF_TWO 2, 5, 8, 11, 14, -1, -1, -1
#define Z_OF_ALL 0, 1, 2, 3, 4, 9, 12, 15
#define XY_TO_0 0, 8, -1, 1, 9, -1, 2, 10
#define XYZ_TO_0 0, 1, 8, 3, 4, 9, 6, 7
#define XY_TO_1 -1, 3, 11, -1, 4, 12, -1, 5
#define XYZ_TO_1 10, 1, 2, 11, 4, 5, 12, 7
#define XY_TO_2 13, -1, 6, 14, -1, 7, 15, -1
#define XYZ_TO_2 0, 13, 2, 3, 14, 5, 6, 15
#define THRICE_0 0, 0, 0, 1, 1, 1, 2, 2
#define THRICE_1 2, 3, 3, 3, 4, 4, 4, 5
#define THRICE_2 5, 5, 6, 6, 6, 7, 7, 7
#elif VECTOR_BYTES / REAL_BYTES == 4
#define X_OF_TWO 0, 3, 6, -1
#define X_OF_ALL 0, 1, 2, 5
#define Y_OF_TWO 1, 4, 7, -1
#define Y_OF_ALL 0, 1, 2, 6
#define Z_OF_TWO 2, 5, -1, -1
#define Z_OF_ALL 0, 1, 4, 7
#define XY_TO_0 0, 4, -1, 1
#define XYZ_TO_0 0, 1, 4, 3
#define XY_TO_1 5, -1, 2, 6
#define XYZ_TO_1 0, 5, 2, 3
#define XY_TO_2 -1, 3, 7, -1
#define XYZ_TO_2 6, 1, 2, 7
#define THRICE_0 0, 0, 0, 1
#define THRICE_1 1, 1, 2, 2
#define THRICE_2 2, 3, 3, 3
#elif VECTOR_BYTES / REAL_BYTES == 2
#define X_OF_TWO 0, 3
#define X_OF_ALL 0, 1
#define Y_OF_TWO 1, -1
#define Y_OF_ALL 0, 2
#define Z_OF_TWO 2, -1
#define Z_OF_ALL 0, 3
#define XY_TO_0 0, 2
#define XYZ_TO_0 0, 1
#define XY_TO_1 -1, 1
#define XYZ_TO_1 2, 1
#define XY_TO_2 3, -1
#define XYZ_TO_2 0, 3
#define THRICE_0 0, 0
#define THRICE_1 0, 1
#define THRICE_2 1, 1
#else
#error "vectors have 2, 4, 8 or 16 lanes"
#endif

// The components of LANES rows from p on.
INLINE void NAME(load_triples)(const REAL *p, NAME(vec) *x, NAME(vec) *y, NAME(vec) *z) {
  const NAME(vec) a = NAME(load)(p), b = NAME(load)(p + LANES), c = NAME(load)(p + 2 * LANES);
  *x = __builtin_shufflevector(__builtin_shufflevector(a, b, X_OF_TWO), c, X_OF_ALL);
  *y = __builtin_shufflevector(__builtin_shufflevector(a, b, Y_OF_TWO), c, Y_OF_ALL);
  *z = __builtin_shufflevector(__builtin_shufflevector(a, b, Z_OF_TWO), c, Z_OF_ALL);
}

// Writes LANES rows of these components from p on.
INLINE void NAME(store_triples)(REAL *p, NAME(vec) x, NAME(vec) y, NAME(vec) z) {
  NAME(store)(p, __builtin_shufflevector(__builtin_shufflevector(x, y, XY_TO_0), z, XYZ_TO_0));
  NAME(store)(p + LANES,
              __builtin_shufflevector(__builtin_shufflevector(x, y, XY_TO_1), z, XYZ_TO_1));
  NAME(store)(p + 2 * LANES,
              __builtin_shufflevector(__builtin_shufflevector(x, y, XY_TO_2), z, XYZ_TO_2));
}

// Each number of LANES rows for three components.
INLINE void NAME(thrice)(NAME(vec) v, NAME(vec) *to) {
  to[0] = __builtin_shufflevector(v, v, THRICE_0);
  to[1] = __builtin_shufflevector(v, v, THRICE_1);
  to[2] = __builtin_shufflevector(v, v, THRICE_2);
}

#undef X_OF_TWO
#undef X_OF_ALL
#undef Y_OF_TWO
#undef Y_OF_ALL
#undef Z_OF_TWO
#undef Z_OF_ALL
#undef XY_TO_0
#undef XYZ_TO_0
#undef THRICE_0
#undef XY_TO_1
#undef XYZ_TO_1
#undef THRICE_1
#undef XY_TO_2
#undef XYZ_TO_2
#undef THRICE_2
