// The public functions: pick the table of an instruction set once, then call through it.

#include "CKernels.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "Layout.h"
#include "Table.h"

#if defined(__aarch64__) || defined(_M_ARM64)
#define E3X_LOWEST_ISA E3X_ISA_NEON
#else
#define E3X_LOWEST_ISA E3X_ISA_BASELINE
#endif

// The process's instruction set plus one; 0 before the first use.
static atomic_int chosen;
// Whether it was said that E3X_ISA cannot be followed.
static atomic_flag complained = ATOMIC_FLAG_INIT;

// The instruction set that this thread was told to use plus one; 0 if none was.
static _Thread_local int forced;

// The families of one instruction set.
typedef struct {
  const e3x_elementwise_table *elementwise;
  const e3x_reductions_table *reductions;
  const e3x_couplings_table *couplings;
  const e3x_products_table *products;
  const e3x_harmonics_table *harmonics;
} e3x_table;

#define TABLE(isa)                                                                           \
  {&e3x_elementwise_##isa, &e3x_reductions_##isa, &e3x_couplings_##isa, &e3x_products_##isa, \
   &e3x_harmonics_##isa}
static const e3x_table baseline = TABLE(baseline);
#if defined(__x86_64__)
static const e3x_table avx2 = TABLE(avx2), avx512 = TABLE(avx512);
#endif
#undef TABLE

static const e3x_table *table_of(e3x_isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case E3X_ISA_AVX512: return &avx512;
    case E3X_ISA_AVX2: return &avx2;
#endif
    default: return &baseline;
  }
}

static int has(e3x_isa isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == E3X_ISA_AVX2) { return avx2; }
  if (isa == E3X_ISA_AVX512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
#endif
  return isa == E3X_LOWEST_ISA;
}

static int equal_ignoring_case(const char *a, const char *b) {
  for (;; a++, b++) {
    const char x = *a >= 'A' && *a <= 'Z' ? *a + ('a' - 'A') : *a;
    const char y = *b >= 'A' && *b <= 'Z' ? *b + ('a' - 'A') : *b;
    if (x != y) { return 0; }
    if (x == 0) { return 1; }
  }
}

e3x_isa e3x_wanted_isa(const char *wanted, int *is_met) {
  *is_met = 1;
  const int all[] = {E3X_ISA_AVX512, E3X_ISA_AVX2, E3X_ISA_NEON, E3X_ISA_BASELINE};
  e3x_isa best = E3X_LOWEST_ISA;
  for (int i = 3; i >= 0; i--) {
    const e3x_isa isa = (e3x_isa)all[i];
    if (!has(isa)) { continue; }
    best = isa;
    if (wanted && equal_ignoring_case(wanted, e3x_isa_name(isa))) { return isa; }
  }
  *is_met = wanted == NULL || *wanted == 0;
  return best;
}

e3x_isa e3x_current_isa(void) {
  if (forced != 0) { return (e3x_isa)(forced - 1); }
  const int known = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (known != 0) { return (e3x_isa)(known - 1); }
  // Threads that get here together find the same answer.
  const char *wanted = getenv("E3X_ISA");
  int is_met;
  const e3x_isa isa = e3x_wanted_isa(wanted, &is_met);
  if (!is_met && !atomic_flag_test_and_set(&complained)) {
    fprintf(stderr, "E3X_ISA is %s, which is not among the instruction sets here; using %s\n",
            wanted, e3x_isa_name(isa));
  }
  atomic_store_explicit(&chosen, (int)isa + 1, memory_order_relaxed);
  return isa;
}

int e3x_force_isa(e3x_isa isa) {
  if (!has(isa)) { return -1; }
  forced = (int)isa + 1;
  return 0;
}

const char *e3x_isa_name(e3x_isa isa) {
  switch (isa) {
    case E3X_ISA_AVX2: return "AVX2";
    case E3X_ISA_AVX512: return "AVX-512";
    case E3X_ISA_NEON: return "NEON";
    default: return "baseline";
  }
}

#define FAMILY(name)                                              \
  static inline const e3x_##name##_table *name(void) {            \
    return table_of(e3x_current_isa())->name;                     \
  }
FAMILY(elementwise)
FAMILY(reductions)
FAMILY(couplings)
FAMILY(products)
FAMILY(harmonics)
#undef FAMILY

// --- Elementwise and reductions ---------------------------------------------------------------

int e3x_unary(e3x_unary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a) {
  return elementwise()->unary(op, dtype, nest, out, a);
}

int e3x_binary(e3x_binary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a,
               const void *b) {
  return elementwise()->binary(op, dtype, nest, out, a, b);
}

int e3x_compare(e3x_compare_op op, e3x_dtype dtype, const e3x_nest *nest, uint8_t *out,
                const void *a, const void *b) {
  return elementwise()->compare(op, dtype, nest, out, a, b);
}

int e3x_logical(e3x_logical_op op, const e3x_nest *nest, uint8_t *out, const uint8_t *a,
                const uint8_t *b) {
  return elementwise()->logical(op, nest, out, a, b);
}

int e3x_select(e3x_dtype dtype, const e3x_nest *nest, void *out, const uint8_t *cond,
               const void *a, const void *b) {
  return elementwise()->select(dtype, nest, out, cond, a, b);
}

int e3x_cast(e3x_dtype to, e3x_dtype from, const e3x_nest *nest, void *out, const void *a) {
  return elementwise()->cast(to, from, nest, out, a);
}

int e3x_reduce(e3x_reduce_op op, e3x_dtype dtype, const e3x_nest *kept, const e3x_nest *reduced,
               void *out, const void *a) {
  return reductions()->reduce(op, dtype, kept, reduced, out, a);
}

// --- Rows and segments ------------------------------------------------------------------------

int64_t e3x_first_bad_index(const int32_t *indices, int64_t count, int32_t lowest,
                            int32_t highest) {
  return elementwise()->first_bad_index(indices, count, lowest, highest);
}

int e3x_segment_sum(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                    const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                    void *out) {
  return reductions()->segment_sum(dtype, first, last, offsets, order, width, x, x_stride, out);
}

int e3x_segment_max(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                    const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                    double empty, void *out) {
  return reductions()->segment_max(dtype, first, last, offsets, order, width, x, x_stride, empty,
                                   out);
}

int e3x_segment_add(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                    int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  return reductions()->segment_add(dtype, rows, indices, first, last, width, x, x_stride, out);
}

int e3x_segment_raise(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                      int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  return reductions()->segment_raise(dtype, rows, indices, first, last, width, x, x_stride, out);
}

// --- Matrices, couplings, polynomials ---------------------------------------------------------

int e3x_matmul(e3x_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, void *out, int64_t ldo) {
  return products()->matmul(dtype, m, n, k, a, lda, b, ldb, out, ldo);
}

int e3x_linear(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs, int64_t outputs,
               const int32_t *block, const void *x, int64_t x_row, int64_t x_comp, const void *w,
               void *y) {
  return e3x_linear_scaled(dtype, rows, comps, inputs, outputs, block, x, x_row, x_comp, w, NULL,
                           0, 0, 0, y);
}

int e3x_linear_scaled(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                      int64_t outputs, const int32_t *block, const void *x, int64_t x_row,
                      int64_t x_comp, const void *w, const void *scale, int64_t scale_row,
                      int is_far, int add, void *y) {
  return products()->linear_scaled(dtype, rows, comps, inputs, outputs, block, x, x_row, x_comp, w,
                                   scale, scale_row, is_far, add, y);
}

int e3x_linear_weights(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                       int64_t outputs, int64_t blocks, const int32_t *block, const void *x,
                       int64_t x_row, int64_t x_comp, const void *y, int64_t y_row,
                       int64_t y_comp, void *dw) {
  return products()->linear_weights(dtype, rows, comps, inputs, outputs, blocks, block, x, x_row,
                                    x_comp, y, y_row, y_comp, dw);
}

int e3x_block_product(e3x_dtype dtype, const e3x_blocks *form, int64_t rows, int opened, int add,
                      const void *a, int64_t a_row, const void *b, int64_t b_row, void *out) {
  return products()->block_product(dtype, form, rows, opened, add, a, a_row, b, b_row, out);
}

size_t e3x_couple_scratch(e3x_dtype dtype, int64_t features, int64_t terms) {
  return couple_scratch(dtype == E3X_F64 ? 8 : 4, features, terms);
}

int e3x_couple_prepare(e3x_dtype dtype, int64_t features, int slots, const int32_t *size,
                       const e3x_term *terms, int64_t term_count, int out_slot, int reduce,
                       const void *const *operand, const int64_t *row_stride,
                       const int64_t *component, void *scratch) {
  return couplings()->couple_prepare(dtype, features, slots, size, terms, term_count, out_slot,
                                     reduce, operand, row_stride, component, scratch);
}

int64_t e3x_couple_units(const void *scratch) { return *(const int64_t *)scratch; }

int e3x_couple_refresh(e3x_dtype dtype, const e3x_term *terms, int64_t term_count,
                       const void *const *operand, void *scratch) {
  return couplings()->couple_refresh(dtype, terms, term_count, operand, scratch);
}

int e3x_couple_run(e3x_dtype dtype, int64_t rows, const void *const *operand, int reduce,
                   void *out, void *scratch) {
  return couplings()->couple_run(dtype, rows, operand, reduce, out, scratch);
}

int e3x_couple(e3x_dtype dtype, int64_t rows, int64_t features, int slots, const int32_t *size,
               const e3x_term *terms, int64_t term_count, int out_slot,
               const void *const *operand, const int64_t *row_stride, int reduce, void *out,
               void *scratch) {
  const int status = e3x_couple_prepare(dtype, features, slots, size, terms, term_count, out_slot,
                                        reduce, operand, row_stride, NULL, scratch);
  return status ? status : e3x_couple_run(dtype, rows, operand, reduce, out, scratch);
}

int e3x_couple_rows(e3x_dtype dtype, int64_t rows, const e3x_rows *operand, const e3x_rows *out,
                    int add, void *scratch) {
  return couplings()->couple_rows(dtype, rows, operand, out, add, scratch);
}

int e3x_lane_outer(e3x_dtype dtype, int64_t features, int64_t n1, int64_t n2, int64_t rows,
                   const e3x_rows *x, const e3x_rows *y, const e3x_soon *soon, void *c) {
  return products()->lane_outer(dtype, features, n1, n2, rows, x, y, soon, c);
}

int e3x_lane_apply(e3x_dtype dtype, int64_t features, int64_t n, int64_t nk, int64_t rows,
                   const void *g, int64_t g_i, int64_t g_k, const e3x_rows *y,
                   const e3x_rows *out, int add, const e3x_soon *soon) {
  return products()->lane_apply(dtype, features, n, nk, rows, g, g_i, g_k, y, out, add, soon);
}

int e3x_lane_copy(e3x_dtype dtype, int64_t features, int64_t n, int64_t rows,
                  const e3x_rows *from, const e3x_rows *to) {
  return products()->lane_copy(dtype, features, n, rows, from, to);
}

int e3x_dot_derivatives(e3x_dtype dtype, const e3x_dot *dot, int64_t rows) {
  return products()->dot_derivatives(dtype, dot, rows);
}

size_t e3x_polynomial_scratch(e3x_dtype dtype, int64_t max_power, int64_t weight_count) {
  (void)dtype;  // the same number of bytes, half as many rows at a time
  return (size_t)((3 * (max_power + 1) + weight_count) * POLYNOMIAL_BYTES);
}

int e3x_polynomial(e3x_dtype dtype, int64_t rows, int64_t outputs, const int32_t *offsets,
                   const e3x_monomial *monomials, int64_t max_power, const void *in,
                   int64_t in_stride, const void *weights, int64_t weights_stride,
                   int64_t weight_count, void *out, void *scratch) {
  return harmonics()->polynomial(dtype, rows, outputs, offsets, monomials, max_power, in, in_stride,
                                 weights, weights_stride, weight_count, out, scratch);
}

size_t e3x_harmonics_scratch(e3x_dtype dtype, int64_t max_degree, int64_t terms,
                             int64_t weight_count) {
  const int64_t element = dtype == E3X_F64 ? 8 : 4;
  return (size_t)(((max_degree + 1) * (max_degree + 1) + weight_count) * HARMONIC_BYTES +
                  ((max_degree + 1) * (max_degree + 2) + terms) * element);
}

int e3x_harmonics(e3x_dtype dtype, int64_t rows, int64_t max_degree, const double *steps,
                  int64_t outputs, const int32_t *offsets, const e3x_harmonic_term *terms,
                  const void *in, int64_t in_stride, const void *weights, int64_t weights_stride,
                  int64_t weight_count, void *out, void *scratch) {
  return harmonics()->harmonics(dtype, rows, max_degree, steps, outputs, offsets, terms, in,
                                in_stride, weights, weights_stride, weight_count, out, scratch);
}

int e3x_length(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, void *out) {
  return harmonics()->length(dtype, rows, in, in_stride, out);
}

int e3x_direction(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, double above,
                  void *out) {
  return harmonics()->direction(dtype, rows, in, in_stride, above, out);
}
