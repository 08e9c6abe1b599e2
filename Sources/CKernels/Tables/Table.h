// The functions of one instruction set, in the families that are compiled on their own. Each member
// has the signature of the public function of the same name; see CKernels.h for what they do.

#ifndef E3X_TABLE_H
#define E3X_TABLE_H

#include "CKernels.h"

typedef struct {
  int (*unary)(e3x_unary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a);
  int (*binary)(e3x_binary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a,
                const void *b);
  int (*compare)(e3x_compare_op op, e3x_dtype dtype, const e3x_nest *nest, uint8_t *out,
                 const void *a, const void *b);
  int (*logical)(e3x_logical_op op, const e3x_nest *nest, uint8_t *out, const uint8_t *a,
                 const uint8_t *b);
  int (*select)(e3x_dtype dtype, const e3x_nest *nest, void *out, const uint8_t *cond,
                const void *a, const void *b);
  int (*cast)(e3x_dtype to, e3x_dtype from, const e3x_nest *nest, void *out, const void *a);
  int64_t (*first_bad_index)(const int32_t *indices, int64_t count, int32_t lowest,
                             int32_t highest);
} e3x_elementwise_table;

typedef struct {
  int (*reduce)(e3x_reduce_op op, e3x_dtype dtype, const e3x_nest *kept, const e3x_nest *reduced,
                void *out, const void *a);
  int (*segment_sum)(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                     const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                     void *out);
  int (*segment_max)(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                     const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                     double empty, void *out);
  int (*segment_add)(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                     int64_t last, int64_t width, const void *x, int64_t x_stride, void *out);
  int (*segment_raise)(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                       int64_t last, int64_t width, const void *x, int64_t x_stride, void *out);
} e3x_reductions_table;

typedef struct {
  int (*couple_prepare)(e3x_dtype dtype, int64_t features, int slots, const int32_t *size,
                        const e3x_term *terms, int64_t term_count, int out_slot, int reduce,
                        const void *const *operand, const int64_t *row_stride,
                        const int64_t *component, void *scratch);
  int (*couple_refresh)(e3x_dtype dtype, const e3x_term *terms, int64_t term_count,
                        const void *const *operand, void *scratch);
  int (*couple_run)(e3x_dtype dtype, int64_t rows, const void *const *operand, int reduce,
                    void *out, void *scratch);
  int (*couple_rows)(e3x_dtype dtype, int64_t rows, const e3x_rows *operand, const e3x_rows *out,
                     int add, void *scratch);
} e3x_couplings_table;

typedef struct {
  int (*matmul)(e3x_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
                const void *b, int64_t ldb, void *out, int64_t ldo);
  int (*linear_scaled)(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                       int64_t outputs, const int32_t *block, const void *x, int64_t x_row,
                       int64_t x_comp, const void *w, const void *scale, int64_t scale_row,
                       int is_far, int add, void *y);
  int (*linear_weights)(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                        int64_t outputs, int64_t blocks, const int32_t *block, const void *x,
                        int64_t x_row, int64_t x_comp, const void *y, int64_t y_row,
                        int64_t y_comp, void *dw);
  int (*block_product)(e3x_dtype dtype, const e3x_blocks *form, int64_t rows, int opened, int add,
                       const void *a, int64_t a_row, const void *b, int64_t b_row, void *out);
  int (*lane_outer)(e3x_dtype dtype, int64_t features, int64_t n1, int64_t n2, int64_t rows,
                    const e3x_rows *x, const e3x_rows *y, const e3x_soon *soon, void *c);
  int (*lane_apply)(e3x_dtype dtype, int64_t features, int64_t n, int64_t nk, int64_t rows,
                    const void *g, int64_t g_i, int64_t g_k, const e3x_rows *y,
                    const e3x_rows *out, int add, const e3x_soon *soon);
  int (*lane_copy)(e3x_dtype dtype, int64_t features, int64_t n, int64_t rows,
                   const e3x_rows *from, const e3x_rows *to);
  int (*dot_derivatives)(e3x_dtype dtype, const e3x_dot *dot, int64_t rows);
} e3x_products_table;

typedef struct {
  int (*polynomial)(e3x_dtype dtype, int64_t rows, int64_t outputs, const int32_t *offsets,
                    const e3x_monomial *monomials, int64_t max_power, const void *in,
                    int64_t in_stride, const void *weights, int64_t weights_stride,
                    int64_t weight_count, void *out, void *scratch);
  int (*harmonics)(e3x_dtype dtype, int64_t rows, int64_t max_degree, const double *steps,
                   int64_t outputs, const int32_t *offsets, const e3x_harmonic_term *terms,
                   const void *in, int64_t in_stride, const void *weights, int64_t weights_stride,
                   int64_t weight_count, void *out, void *scratch);
  int (*length)(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, void *out);
  int (*direction)(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, double above,
                   void *out);
} e3x_harmonics_table;

// A table of each family for every instruction set that this build knows.
#define E3X_TABLES(isa)                                        \
  extern const e3x_elementwise_table e3x_elementwise_##isa;    \
  extern const e3x_reductions_table e3x_reductions_##isa;      \
  extern const e3x_couplings_table e3x_couplings_##isa;        \
  extern const e3x_products_table e3x_products_##isa;          \
  extern const e3x_harmonics_table e3x_harmonics_##isa;
E3X_TABLES(baseline)
#if defined(__x86_64__)
E3X_TABLES(avx2)
E3X_TABLES(avx512)
#endif
#undef E3X_TABLES

#endif
