// Compiles every template for every type, into the table TABLE of one instruction set.
// TARGET is the clang target attribute's text, or undefined for the compiler's default.

#include "Setup.h"

#ifdef TARGET
#define PRAGMA(text) _Pragma(#text)
#define PUSH_TARGET(features) \
  PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
PUSH_TARGET(TARGET)
#endif

// --- int32 ------------------------------------------------------------------------------------

#define REAL int32_t
#define BITS int32_t
#define REAL_BYTES 4
#define REAL_IS_INTEGER 1
#define SUFFIX i32
#include "Vectors.h"
#include "Integers.h"

#include "Triples.h"
#include "Elementwise.h"
#include "Reductions.h"
#include "Segments.h"
#undef REAL
#undef BITS
#undef REAL_BYTES
#undef REAL_IS_INTEGER
#undef SUFFIX

// --- float32 ----------------------------------------------------------------------------------

#define REAL float
#define BITS int32_t
#define REAL_BYTES 4
#define REAL_IS_INTEGER 0
#define SUFFIX f32
#define CALL(name) name##f
#include "Vectors.h"

#include "Functions.h"
#include "Functions32.h"

#include "Triples.h"
#include "Elementwise.h"
#include "Reductions.h"
#include "Segments.h"

#include "Lanes.h"

#include "CouplingForms.h"
#include "Contractions.h"
#include "Couplings.h"
#include "Dots.h"
#include "Matrices.h"
#include "Turns.h"
#include "Blocks.h"
#include "Polynomials.h"
#include "Harmonics.h"
#include "Directions.h"
#undef REAL
#undef BITS
#undef REAL_BYTES
#undef SUFFIX
#undef CALL

// --- float64 ----------------------------------------------------------------------------------

#define REAL double
#define BITS int64_t
#define REAL_BYTES 8
#define SUFFIX f64
#define CALL(name) name
#include "Vectors.h"

#include "Functions.h"

#include "Triples.h"
#include "Elementwise.h"
#include "Reductions.h"
#include "Segments.h"

#include "Lanes.h"

#include "CouplingForms.h"
#include "Contractions.h"
#include "Couplings.h"
#include "Dots.h"
#include "Matrices.h"
#include "Turns.h"
#include "Blocks.h"
#include "Polynomials.h"
#include "Harmonics.h"
#include "Directions.h"

#if VECTOR_BYTES == 64
// Harmonics of low degree in vectors of half the width: turning takes a round less, and on Zen 4
// two such instructions that share no pipe run in the time of a whole one.
#undef VECTOR_BYTES
#define VECTOR_BYTES 32
#undef SUFFIX
#define SUFFIX f64_narrow
#include "Vectors.h"

#include "Triples.h"
#include "Turns.h"

#include "Harmonics.h"
#undef VECTOR_BYTES
#define VECTOR_BYTES 64
#define HAS_NARROW_HARMONICS 1
#endif
#undef REAL
#undef BITS
#undef REAL_BYTES
#undef REAL_IS_INTEGER
#undef SUFFIX
#undef CALL

// --- All types --------------------------------------------------------------------------------

#include "Masks.h"

// Calls the function of the given type; -1 for one without.
#define BY_REAL(function, ...)                                        \
  switch (dtype) {                                                    \
    case E3X_F32: return function##_f32(__VA_ARGS__);                 \
    case E3X_F64: return function##_f64(__VA_ARGS__);                 \
    default: return -1;                                               \
  }
#define BY_NUMBER(function, ...)                                      \
  if (dtype == E3X_I32) { return function##_i32(__VA_ARGS__); }       \
  BY_REAL(function, __VA_ARGS__)

static int unary(e3x_unary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out,
                 const void *a) {
  if (dtype == E3X_BOOL && op == E3X_COPY) {
    copy_bool(nest, out, a);
    return 0;
  }
  if ((dtype == E3X_F16 || dtype == E3X_BF16) && op == E3X_COPY) {
    copy_half(nest, out, a);
    return 0;
  }
  BY_NUMBER(unary, op, nest, out, a)
}

static int binary(e3x_binary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out,
                  const void *a, const void *b) {
  BY_NUMBER(binary, op, nest, out, a, b)
}

static int reduce(e3x_reduce_op op, e3x_dtype dtype, const e3x_nest *kept,
                  const e3x_nest *reduced, void *out, const void *a) {
  BY_NUMBER(reduce, op, kept, reduced, out, a)
}

static int64_t first_bad_index(const int32_t *indices, int64_t count, int32_t lowest,
                               int32_t highest) {
  int64_t i = 0;
  for (; i + 256 <= count; i += 256) {
    int32_t bad = 0;
    for (int64_t j = i; j < i + 256; j++) {
      bad |= (indices[j] < lowest) | (indices[j] > highest);
    }
    if (bad) { break; }
  }
  for (; i < count; i++) {
    if (indices[i] < lowest || indices[i] > highest) { return i; }
  }
  return -1;
}

static int segment_sum(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                       const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                       void *out) {
  BY_NUMBER(segment_sum, first, last, offsets, order, width, x, x_stride, out)
}

static int segment_max(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                       const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                       double empty, void *out) {
  BY_NUMBER(segment_max, first, last, offsets, order, width, x, x_stride, empty, out)
}

static int matmul(e3x_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
                  const void *b, int64_t ldb, void *out, int64_t ldo) {
  BY_REAL(matmul, m, n, k, a, lda, b, ldb, out, ldo)
}

static int linear_scaled(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                         int64_t outputs, const int32_t *block, const void *x, int64_t x_row,
                         int64_t x_comp, const void *w, const void *scale, int64_t scale_row,
                         int is_far, int add, void *y) {
  BY_REAL(linear_scaled, rows, comps, inputs, outputs, block, x, x_row, x_comp, w, scale,
          scale_row, is_far, add, y)
}

static int linear_weights(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                          int64_t outputs, int64_t blocks, const int32_t *block, const void *x,
                          int64_t x_row, int64_t x_comp, const void *y, int64_t y_row,
                          int64_t y_comp, void *dw) {
  BY_REAL(linear_weights, rows, comps, inputs, outputs, blocks, block, x, x_row, x_comp, y, y_row,
          y_comp, dw)
}

static int block_product(e3x_dtype dtype, const e3x_blocks *form, int64_t rows, int opened, int add,
                         const void *a, int64_t a_row, const void *b, int64_t b_row, void *out) {
  BY_REAL(block_product, form, rows, opened, add, a, a_row, b, b_row, out)
}

static int couple_prepare(e3x_dtype dtype, int64_t features, int slots, const int32_t *size,
                          const e3x_term *terms, int64_t term_count, int out_slot, int reduce,
                          const void *const *operand, const int64_t *row_stride,
                          const int64_t *component, void *scratch) {
  BY_REAL(couple_prepare, features, slots, size, terms, term_count, out_slot, reduce,
          operand, row_stride, component, scratch)
}

static int couple_refresh(e3x_dtype dtype, const e3x_term *terms, int64_t term_count,
                          const void *const *operand, void *scratch) {
  BY_REAL(couple_refresh, terms, term_count, operand, scratch)
}

static int couple_run(e3x_dtype dtype, int64_t rows, const void *const *operand, int reduced,
                      void *out, void *scratch) {
  BY_REAL(couple_run, rows, operand, reduced, out, scratch)
}

static int segment_add(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                       int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  BY_NUMBER(segment_add, rows, indices, first, last, width, x, x_stride, out)
}

static int segment_raise(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                         int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  BY_NUMBER(segment_raise, rows, indices, first, last, width, x, x_stride, out)
}

static int couple_rows(e3x_dtype dtype, int64_t rows, const e3x_rows *operand,
                       const e3x_rows *out, int add, void *scratch) {
  BY_REAL(couple_indirect, rows, operand, out, add, scratch)
}

static int lane_outer(e3x_dtype dtype, int64_t features, int64_t n1, int64_t n2, int64_t rows,
                      const e3x_rows *x, const e3x_rows *y, const e3x_soon *soon, void *c) {
  BY_REAL(lane_outer, features, n1, n2, rows, x, y, soon, c)
}

static int lane_apply(e3x_dtype dtype, int64_t features, int64_t n, int64_t nk, int64_t rows,
                      const void *g, int64_t g_i, int64_t g_k, const e3x_rows *y,
                      const e3x_rows *out, int add, const e3x_soon *soon) {
  BY_REAL(lane_apply, features, n, nk, rows, g, g_i, g_k, y, out, add, soon)
}

static int lane_copy(e3x_dtype dtype, int64_t features, int64_t n, int64_t rows,
                     const e3x_rows *from, const e3x_rows *to) {
  BY_REAL(lane_copy, features, n, rows, from, to)
}

static int dot_derivatives(e3x_dtype dtype, const e3x_dot *dot, int64_t rows) {
  BY_REAL(dot_derivatives, dot, rows)
}

static int polynomial(e3x_dtype dtype, int64_t rows, int64_t outputs, const int32_t *offsets,
                      const e3x_monomial *monomials, int64_t max_power, const void *in,
                      int64_t in_stride, const void *weights, int64_t weights_stride,
                      int64_t weight_count, void *out, void *scratch) {
  BY_REAL(polynomial, rows, outputs, offsets, monomials, max_power, in, in_stride, weights,
          weights_stride, weight_count, out, scratch)
}

static int harmonics(e3x_dtype dtype, int64_t rows, int64_t max_degree, const double *steps,
                     int64_t outputs, const int32_t *offsets, const e3x_harmonic_term *terms,
                     const void *in, int64_t in_stride, const void *weights, int64_t weights_stride,
                     int64_t weight_count, void *out, void *scratch) {
#ifdef HAS_NARROW_HARMONICS
  if (dtype == E3X_F64 && max_degree <= EACH_DEGREE && weight_count == 0) {
    return harmonics_f64_narrow(rows, max_degree, steps, outputs, offsets, terms, in, in_stride,
                                weights, weights_stride, weight_count, out, scratch);
  }
#endif
  BY_REAL(harmonics, rows, max_degree, steps, outputs, offsets, terms, in, in_stride, weights,
          weights_stride, weight_count, out, scratch)
}

static int length(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, void *out) {
  BY_REAL(length, rows, in, in_stride, out)
}

static int direction(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride,
                     double above, void *out) {
  BY_REAL(direction, rows, in, in_stride, above, out)
}

#ifdef TARGET
#pragma clang attribute pop
#endif

const e3x_table TABLE = {
    .unary = unary,
    .binary = binary,
    .compare = compare,
    .logical = logical,
    .select = selected,
    .cast = cast,
    .reduce = reduce,
    .first_bad_index = first_bad_index,
    .segment_sum = segment_sum,
    .segment_max = segment_max,
    .segment_add = segment_add,
    .segment_raise = segment_raise,
    .matmul = matmul,
    .linear_scaled = linear_scaled,
    .linear_weights = linear_weights,
    .block_product = block_product,
    .couple_prepare = couple_prepare,
    .couple_refresh = couple_refresh,
    .couple_run = couple_run,
    .couple_rows = couple_rows,
    .lane_outer = lane_outer,
    .lane_apply = lane_apply,
    .lane_copy = lane_copy,
    .dot_derivatives = dot_derivatives,
    .polynomial = polynomial,
    .length = length,
    .direction = direction,
    .harmonics = harmonics,
};
