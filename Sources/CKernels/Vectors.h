// Vectors of REAL (float, double or int32_t), of the width of a register, and how to load and
// store whole ones, the first few lanes, and strided ones.

#define LANES ((int)(VECTOR_BYTES / sizeof(REAL)))

typedef REAL NAME(vec) __attribute__((vector_size(VECTOR_BYTES)));
typedef BITS NAME(bits) __attribute__((vector_size(VECTOR_BYTES)));
typedef REAL NAME(unaligned)
    __attribute__((vector_size(VECTOR_BYTES), aligned(__alignof__(REAL)), may_alias));
// As many float64 lanes as a vector has lanes.
typedef double NAME(wide)
    __attribute__((vector_size(VECTOR_BYTES / sizeof(REAL) * 8), aligned(VECTOR_BYTES)));

INLINE NAME(vec) NAME(load)(const REAL *p) { return *(const NAME(unaligned) *)p; }
INLINE void NAME(store)(REAL *p, NAME(vec) v) { *(NAME(unaligned) *)p = v; }
INLINE NAME(vec) NAME(splat)(REAL x) {
  return x - (NAME(vec)){0};  // minus, so that -0 stays -0
}
#if VECTOR_BYTES > 16
// Half as many lanes, for rows too short for a whole vector.
typedef REAL NAME(half) __attribute__((vector_size(VECTOR_BYTES / 2)));
typedef REAL NAME(unaligned_half)
    __attribute__((vector_size(VECTOR_BYTES / 2), aligned(__alignof__(REAL)), may_alias));
INLINE NAME(half) NAME(load_half)(const REAL *p) { return *(const NAME(unaligned_half) *)p; }
INLINE void NAME(store_half)(REAL *p, NAME(half) v) { *(NAME(unaligned_half) *)p = v; }
#endif
INLINE NAME(vec) NAME(choose)(NAME(bits) mask, NAME(vec) yes, NAME(vec) no) {
  return (NAME(vec))((mask & (NAME(bits))yes) | (~mask & (NAME(bits))no));
}

// A mask of the first n lanes, 0 <= n <= LANES (one of none is not used). Loads give 0 in the
// others, stores leave them.
#if VECTOR_BYTES == 64

#if REAL_BYTES == 8
typedef __mmask8 NAME(mask);
#define MASKED(name) _mm512_##name##pd
#else
typedef __mmask16 NAME(mask);
#define MASKED(name) _mm512_##name##ps
#endif
INLINE NAME(mask) NAME(first)(int64_t n) { return (NAME(mask))((1u << n) - 1); }
INLINE NAME(vec) NAME(load_masked)(const REAL *p, NAME(mask) mask) {
  return (NAME(vec))MASKED(maskz_loadu_)(mask, p);
}
INLINE void NAME(store_masked)(REAL *p, NAME(vec) v, NAME(mask) mask) {
#if REAL_BYTES == 8
  MASKED(mask_storeu_)(p, mask, (__m512d)v);
#else
  MASKED(mask_storeu_)(p, mask, (__m512)v);
#endif
}
#undef MASKED

#elif VECTOR_BYTES == 32

typedef __m256i NAME(mask);
INLINE NAME(mask) NAME(first)(int64_t n) {
  static const BITS window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256((const __m256i *)(window + 8 - n));
}
#if REAL_BYTES == 8
#define MASKED_TYPE __m256d
#define MASKED_POINTER double
#define MASKED(name) _mm256_mask##name##_pd
#else
#define MASKED_TYPE __m256
#define MASKED_POINTER float
#define MASKED(name) _mm256_mask##name##_ps
#endif
INLINE NAME(vec) NAME(load_masked)(const REAL *p, NAME(mask) mask) {
  return (NAME(vec))MASKED(load)((const MASKED_POINTER *)p, mask);
}
INLINE void NAME(store_masked)(REAL *p, NAME(vec) v, NAME(mask) mask) {
  MASKED(store)((MASKED_POINTER *)p, mask, (MASKED_TYPE)v);
}
#undef MASKED
#undef MASKED_POINTER
#undef MASKED_TYPE

#else

// Without branches: lanes without an element have the first in their place. n > 0.
typedef struct {
  NAME(bits) lanes;
  int32_t at[LANES];
} NAME(mask);
// Written out: so many loops over lanes would take half of the time of compilation.
#if REAL_BYTES == 8
INLINE NAME(mask) NAME(first)(int64_t n) {
  const int second = n > 1;
  return (NAME(mask)){{-1, -second}, {0, second}};
}
#define MASKED(p, at) {(p)[0], (p)[(at)[1]]}
#else
INLINE NAME(mask) NAME(first)(int64_t n) {
  const int a = n > 1, b = n > 2, c = n > 3;
  return (NAME(mask)){{-1, -a, -b, -c}, {0, a, 2 * b, 3 * c}};
}
#define MASKED(p, at) {(p)[0], (p)[(at)[1]], (p)[(at)[2]], (p)[(at)[3]]}
#endif
INLINE NAME(vec) NAME(load_masked)(const REAL *p, NAME(mask) mask) {
  const NAME(vec) v = MASKED(p, mask.at);
  return (NAME(vec))((NAME(bits))v & mask.lanes);
}
#undef MASKED
INLINE void NAME(store_masked)(REAL *p, NAME(vec) v, NAME(mask) mask) {
#if REAL_BYTES == 4
  p[mask.at[3]] = v[3];
  p[mask.at[2]] = v[2];
#endif
  p[mask.at[1]] = v[1];
  p[0] = v[0];  // at last, as it is written in place of lanes without an element
}

#endif

// The first n lanes from (to) elements `stride` apart; the other lanes are 0.
INLINE NAME(vec) NAME(load_strided)(const REAL *p, int64_t stride, int64_t n) {
  if (stride == 0) { return NAME(splat)(*p); }
  NAME(vec) v = {0};
  if (n == LANES) {
    UNROLL
    for (int i = 0; i < LANES; i++) { v[i] = p[i * stride]; }
    return v;
  }
  REAL *lanes = (REAL *)&v;
  for (int64_t i = 0; i < n; i++) { lanes[i] = p[i * stride]; }
  return v;
}
INLINE void NAME(store_strided)(REAL *p, int64_t stride, NAME(vec) v, int64_t n) {
  const REAL *lanes = (const REAL *)&v;
  for (int64_t i = 0; i < n; i++) { p[i * stride] = lanes[i]; }
}

// A vector, or, if `masked`, the elements of the mask.
INLINE NAME(vec) NAME(load_some)(const REAL *p, const int masked, NAME(mask) mask) {
  return masked ? NAME(load_masked)(p, mask) : NAME(load)(p);
}

INLINE void NAME(store_or_add)(REAL *to, NAME(vec) v, const int add, const int masked,
                               NAME(mask) mask) {
  if (add) { v += NAME(load_some)(to, masked, mask); }
  if (masked) {
    NAME(store_masked)(to, v, mask);
  } else {
    NAME(store)(to, v);
  }
}

// Fetches elements into the second-level cache: it waits for far more lines at once than the first
// level does.
INLINE void NAME(fetch)(const REAL *p, int64_t count) {
  for (int64_t i = 0; i < count; i += (int64_t)(64 / sizeof(REAL))) {
    __builtin_prefetch(p + i, 0, 2);
  }
}

// Row r of rows that lie a distance apart, or anywhere.
INLINE REAL *NAME(row)(const e3x_rows *rows, int64_t r) {
  return rows->row ? (REAL *)((char *)rows->row[r] + rows->offset)
                   : (REAL *)rows->base + r * rows->stride;
}
