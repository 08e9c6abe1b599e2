// Products of matrices, of blocks, of lanes and of components.
// Included once for each instruction set.

#include "../Setup.h"

#include "../Types/Float32.h"
#include "../Lanes.h"
#include "../Dots.h"
#include "../Matrices.h"
#include "../Triples.h"
#include "../Turns.h"
#include "../Blocks.h"
#include "../Types/End.h"

#include "../Types/Float64.h"
#include "../Lanes.h"
#include "../Dots.h"
#include "../Matrices.h"
#include "../Triples.h"
#include "../Turns.h"
#include "../Blocks.h"
#include "../Types/End.h"

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

#include "../Close.h"

const e3x_products_table JOIN(e3x_products, ISA) = {
    .matmul = matmul,
    .linear_scaled = linear_scaled,
    .linear_weights = linear_weights,
    .block_product = block_product,
    .lane_outer = lane_outer,
    .lane_apply = lane_apply,
    .lane_copy = lane_copy,
    .dot_derivatives = dot_derivatives,
};
