// The inner loops of the engine. No allocation, no threads, no policy: the caller (Swift) decides
// what to run, splits the rows, and provides every buffer.
//
// Every function exists for float32 and float64 (integers and bool where the comment says so), is
// compiled for several instruction sets, and picks one at run time (see e3x_isa).
// Unless a comment says otherwise, counts may be 0, pointers need only their type's alignment, and
// outputs do not overlap inputs.

#ifndef E3X_CKERNELS_H
#define E3X_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The 16-bit types (IEEE 754 binary16, and the upper half of a float32) are for storage: they can
// be copied, and converted from and to float32.
typedef enum {
  E3X_F32 = 0, E3X_F64 = 1, E3X_I32 = 2, E3X_BOOL = 3, E3X_F16 = 4, E3X_BF16 = 5
} e3x_dtype;

// --- Instruction sets -----------------------------------------------------------------------

typedef enum {
  E3X_ISA_BASELINE = 0,
  E3X_ISA_AVX2 = 1,    // AVX2 + FMA
  E3X_ISA_AVX512 = 2,  // AVX-512 F, DQ, BW, VL
  E3X_ISA_NEON = 3
} e3x_isa;

// The instruction set of the process, or the one that this thread was last told to use. That of
// the process is what the environment variable E3X_ISA names at the first use (see e3x_isa_name;
// upper and lower case are the same); without it, or if this machine or build lacks what it names
// (which is said once on stderr), the best one.
e3x_isa e3x_current_isa(void);
// The instruction set of a process whose E3X_ISA is `wanted`, NULL if it is not set; *is_met is 0
// if that cannot be followed, otherwise 1.
e3x_isa e3x_wanted_isa(const char *wanted, int *is_met);
// Makes this thread use an instruction set (for tests); others keep theirs. Returns 0, or -1 if
// this machine or build lacks it.
int e3x_force_isa(e3x_isa isa);
// "baseline", "AVX2", "AVX-512", "NEON".
const char *e3x_isa_name(e3x_isa isa);

// --- Elementwise ----------------------------------------------------------------------------

// A nest of 4 loops, outermost first. Strides count elements and may be 0 (broadcast) or negative.
// The innermost loop is usually contiguous or broadcast: make those cases fast; all must be right.
typedef struct {
  int64_t count[4];
  int64_t out[4];
  int64_t in[3][4];  // strides of up to three inputs
} e3x_nest;

typedef enum {
  E3X_COPY, E3X_NEG, E3X_ABS, E3X_SIGN, E3X_FLOOR, E3X_RECIPROCAL, E3X_SQRT,
  E3X_EXP, E3X_EXPM1, E3X_LOG, E3X_LOG1P, E3X_SIN, E3X_COS, E3X_TANH, E3X_ERF
} e3x_unary_op;

// float32, float64: all. int32: COPY, NEG, ABS, SIGN. bool, 16 bits: COPY. Returns -1 where
// unsupported.
// SIGN(0) = 0, SIGN(NaN) = NaN. float32 transcendental functions: within 2 ulp where |x| is
// moderate; exact limits (exp(-inf) = 0, log(0) = -inf, tanh(inf) = 1), NaN stays NaN.
int e3x_unary(e3x_unary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a);

typedef enum {
  E3X_ADD, E3X_SUB, E3X_MUL, E3X_DIV, E3X_POW, E3X_MIN, E3X_MAX, E3X_ATAN2
} e3x_binary_op;

// float32, float64: all (MIN and MAX give NaN if either is NaN). int32: ADD, SUB, MUL (wrapping),
// DIV (towards zero; x / 0 = 0), MIN, MAX. Returns -1 where unsupported.
int e3x_binary(e3x_binary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out, const void *a,
               const void *b);

typedef enum { E3X_EQ, E3X_NE, E3X_LT, E3X_LE, E3X_GT, E3X_GE } e3x_compare_op;

// float32, float64, int32, bool (EQ, NE); out is bool (uint8_t 0 or 1).
int e3x_compare(e3x_compare_op op, e3x_dtype dtype, const e3x_nest *nest, uint8_t *out,
                const void *a, const void *b);

typedef enum { E3X_AND, E3X_OR, E3X_XOR, E3X_NOT } e3x_logical_op;

// bool; NOT ignores b (which may be NULL).
int e3x_logical(e3x_logical_op op, const e3x_nest *nest, uint8_t *out, const uint8_t *a,
                const uint8_t *b);

// out = cond ? a : b; strides in[0] of cond, in[1] of a, in[2] of b. Every dtype.
int e3x_select(e3x_dtype dtype, const e3x_nest *nest, void *out, const uint8_t *cond,
               const void *a, const void *b);

// Conversion between any two dtypes (16 bits: from and to float32 only); float to int32 truncates
// and saturates (NaN gives 0);
// to bool: x != 0.
int e3x_cast(e3x_dtype to, e3x_dtype from, const e3x_nest *nest, void *out, const void *a);

// --- Reductions -----------------------------------------------------------------------------

typedef enum { E3X_REDUCE_SUM, E3X_REDUCE_MAX, E3X_REDUCE_MIN } e3x_reduce_op;

// For every index of `kept` (strides out and in[0]) reduces over every index of `reduced`
// (strides in[0]) of a. An empty sum is 0, an empty maximum -inf (int32: INT32_MIN), an empty
// minimum +inf (INT32_MAX); NaN wins in MAX and MIN. float32 sums stay accurate for long axes:
// the error is at most about 1e-6 of the sum of absolute values, for a million entries too.
// The result does not depend on the instruction set's vector width beyond rounding.
// float32, float64, int32.
int e3x_reduce(e3x_reduce_op op, e3x_dtype dtype, const e3x_nest *kept, const e3x_nest *reduced,
               void *out, const void *a);

// --- Rows and segments ----------------------------------------------------------------------

// Position of the first index outside lowest ... highest (both allowed), or -1.
int64_t e3x_first_bad_index(const int32_t *indices, int64_t count, int32_t lowest,
                            int32_t highest);

// out[r, :] = in[min(indices[r], source_rows - 1), :]; rows of `row_bytes` bytes, `in` rows
// `in_stride_bytes` apart, `out` rows `out_stride_bytes`. source_rows >= 1.
void e3x_gather(const int32_t *indices, int64_t rows, size_t row_bytes, int64_t source_rows,
                const void *in, int64_t in_stride_bytes, void *out, int64_t out_stride_bytes);

// out[indices[r], :] = in[r, :]; rows of `row_bytes` bytes, those of `in` `in_stride_bytes` apart, those
// of `out` one after the other. No two indices are the same.
void e3x_scatter(const int32_t *indices, int64_t rows, size_t row_bytes, const void *in,
                 int64_t in_stride_bytes, void *out);

// Asks for the bytes from `from` on to be brought into the second-level cache while other work goes
// on. Any address is allowed.
void e3x_fetch(const void *from, int64_t bytes);

// Stable counting sort of indices 0 ..< segments (others, the padding, are left out):
// order[offsets[s] ..< offsets[s + 1]] are the positions of segment s, ascending.
// offsets: segments + 1 entries; order: count entries.
void e3x_segment_index(const int32_t *indices, int64_t count, int64_t segments, int32_t *offsets,
                       int32_t *order);

// out[s, :] = sum (or max) over the entries p of segment s of x[p, :], for s in first ..< last;
// out points to row `first`. Rows of `width` elements, x rows `x_stride` elements apart, out
// contiguous. `order` NULL means the identity (already sorted). An empty sum is 0, an empty
// maximum `empty`. float32, float64, int32 (sum, max).
int e3x_segment_sum(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                    const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                    void *out);
int e3x_segment_max(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                    const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                    double empty, void *out);

// out[indices[r], :] += x[r, :] (or the larger of both) for every row r with an index in
// first ..< last, in the order of the rows. float32, float64, int32.
int e3x_segment_add(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                    int64_t last, int64_t width, const void *x, int64_t x_stride, void *out);
int e3x_segment_raise(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                      int64_t last, int64_t width, const void *x, int64_t x_stride, void *out);

// --- Matrices -------------------------------------------------------------------------------

// out[m, n] = sum_k a[m, k] b[k, n]; row-major, leading dimensions in elements, last axes
// contiguous. float32, float64. Any sizes (0 included; k = 0 gives zeros).
int e3x_matmul(e3x_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, void *out, int64_t ldo);

// Linear maps shared between rows, one weight matrix per group of components:
//   y[r, c, :] = x[r, c, :] W[block[c], :, :]      x: rows x comps x inputs, W: blocks x inputs x
// outputs, y: rows x comps x outputs (y contiguous). block[c] < 0: y[r, c, :] = 0.
// x is addressed as x + r * x_row + c * x_comp (elements), its last axis contiguous.
// Typical: rows 10 ... 100000, comps 1 ... 32 in runs of equal block, inputs and outputs 1 ... 256.
int e3x_linear(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs, int64_t outputs,
               const int32_t *block, const void *x, int64_t x_row, int64_t x_comp, const void *w,
               void *y);
// The same times a row of factors for each row: y[r, c, o] = scale[r, o] (x[r, c, :] W)[o]; scale
// rows are scale_row elements apart (0: one for all), and there may be no factors (NULL). is_far:
// whether x is likely outside of the second-level cache, the rows after these ones too. With `add`
// the results are added to y.
int e3x_linear_scaled(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                      int64_t outputs, const int32_t *block, const void *x, int64_t x_row,
                      int64_t x_comp, const void *w, const void *scale, int64_t scale_row,
                      int is_far, int add, void *y);
// The transpose with respect to W: dw[b, i, o] = sum_{r, c: block[c] = b} x[r, c, i] y[r, c, o];
// dw (blocks x inputs x outputs, contiguous) is overwritten. x, y as above, each with its strides.
int e3x_linear_weights(e3x_dtype dtype, int64_t rows, int64_t comps, int64_t inputs,
                       int64_t outputs, int64_t blocks, const int32_t *block, const void *x,
                       int64_t x_row, int64_t x_comp, const void *y, int64_t y_row,
                       int64_t y_comp, void *dw);

// Components of blocks, as of linear maps: block[c] in 0 ..< blocks, or -1 for none.
typedef struct {
  int64_t comps, blocks, features;
  const int32_t *block;
} e3x_blocks;

// For each row the form sum_{c, f} y[c] h[block[c], f] g[c, f], opened at y (0), h (1) or g (2): out is
// the derivative with respect to that operand, contiguous rows, and a and b are the other two in order,
// contiguous rows a_row and b_row elements apart. Opened at g, rows of h are spread over the
// components of their block, each times a number: g[c, f] = y[c] h[block[c], f]. With `add` the
// results are added to out.
int e3x_block_product(e3x_dtype dtype, const e3x_blocks *form, int64_t rows, int opened, int add,
                      const void *a, int64_t a_row, const void *b, int64_t b_row, void *out);

// --- Couplings ------------------------------------------------------------------------------

// One term of a sparse multilinear form in up to four operands: value * a0[i0] a1[i1] a2[i2] a3[i3]
typedef struct {
  int32_t index[4];
  double value;
} e3x_term;

// The form T(a0, ..., a3) = sum_t value_t prod_s a_s[index_t[s], f], opened at one operand:
//   out[r, index_t[o], f] = sum over terms with that index, of
//     value_t prod_{s != o} a_s[r, index_t[s], f]
// `slots` is 2, 3 or 4. Operand s has `size[s]` components of `features` features, contiguous
// within a row; its rows are row_stride[s] elements apart, and 0 means that all rows share it.
// `operand[out_slot]` is ignored. If `reduce` is 0, out has rows x size[out_slot] x features; else
// the rows are summed and out has size[out_slot] x features. Out is overwritten and contiguous;
// components without a term are 0. The terms are sorted by index[out_slot].
// `scratch` has e3x_couple_scratch bytes, 64-byte aligned (the products of shared operands and
// values, computed once per call). Typical: terms 20 ... 5000, features 8 ... 128, four slots with
// one shared operand (path weights), rows 100 ... 100000.
size_t e3x_couple_scratch(e3x_dtype dtype, int64_t features, int64_t terms);
int e3x_couple(e3x_dtype dtype, int64_t rows, int64_t features, int slots, const int32_t *size,
               const e3x_term *terms, int64_t term_count, int out_slot,
               const void *const *operand, const int64_t *row_stride, int reduce, void *out,
               void *scratch);

// The same in two steps, for many calls with the same table and shared operands: what is prepared
// stays in `scratch`, of e3x_couple_scratch bytes. `operand` of the first step needs only the
// shared operands (row_stride 0), that of the second only the others. `reduce` may be E3X_ADD_ROWS:
// the sum over the rows is added to out. Both steps must agree on whether rows are summed. With
// rows summed, a scratch serves one thread at a time.
// The features may be a part of wider ones: `component`, if given, has for each slot the elements
// from a component to the next, and rows of out are row_stride[out_slot] elements apart.
enum { E3X_KEEP_ROWS = 0, E3X_SUM_ROWS = 1, E3X_ADD_ROWS = 2 };
int e3x_couple_prepare(e3x_dtype dtype, int64_t features, int slots, const int32_t *size,
                       const e3x_term *terms, int64_t term_count, int out_slot, int reduce,
                       const void *const *operand, const int64_t *row_stride,
                       const int64_t *component, void *scratch);
// Of what was prepared: the number of couplings of two degrees to a third (to degree 3, in
// Cartesian order) that straight-line code computes; 0 if a loop over the terms does.
int64_t e3x_couple_units(const void *scratch);
// With other values of the shared operands, the same table and scratch.
int e3x_couple_refresh(e3x_dtype dtype, const e3x_term *terms, int64_t term_count,
                       const void *const *operand, void *scratch);
int e3x_couple_run(e3x_dtype dtype, int64_t rows, const void *const *operand, int reduce,
                   void *out, void *scratch);

// Rows that lie a distance apart, or anywhere.
typedef struct {
  void *base;        // row r begins at base + r * stride elements,
  int64_t stride;
  void *const *row;  // or, if this is given, at row[r] + offset bytes
  int64_t offset;
  int is_far;        // whether rows are likely outside of the second-level cache
  int64_t component; // elements from a component to the next, for the functions of lanes
} e3x_rows;

// The second step of a coupling, with rows anywhere: `operand` has an entry for each operand that
// is not shared, in the order of slots without the opened one. If `add`, rows are added to those of
// out, one after the other (they may be the same), else they are written.
int e3x_couple_rows(e3x_dtype dtype, int64_t rows, const e3x_rows *operand, const e3x_rows *out,
                    int add, void *scratch);

// A sum of products s[r, f] = sum_b weights[r, b, f] sum_t values[t] x[r, i_t, f] y[r, j_t, f] over
// the terms t in starts[b] ..< starts[b + 1], each component of x and of y in one term, and what is
// known of its derivatives. `at` has for each term the elements before component i_t in a row of x
// and those before component j_t in a row of y. values: of the type of the rows, or NULL (all 1).
typedef struct {
  int64_t features, blocks;
  const int32_t *starts, *at;
  const void *values;
  int has_weights;
  e3x_rows x, y, weights;         // [R, components, F], [R, blocks, F]
  e3x_rows cotangent;             // [R, F]
  e3x_rows dx, dy, dweights;      // as x, y and weights
  int add_x, add_y, add_weights;  // whether rows are added to those there, one after the other
} e3x_dot;

// The derivatives for all rows.
int e3x_dot_derivatives(e3x_dtype dtype, const e3x_dot *dot, int64_t rows);

// Rows that are needed soon: the first `count`, of each the `elements` elements from `first` on.
typedef struct {
  const e3x_rows *rows;
  int64_t count, first, elements;
} e3x_soon;

// Outer products summed over rows, for each feature: c[i, j, f] = sum_r x[r, i, f] y[r, j, f]; c is
// contiguous. `soon` has two entries, or is NULL.
int e3x_lane_outer(e3x_dtype dtype, int64_t features, int64_t n1, int64_t n2, int64_t rows,
                   const e3x_rows *x, const e3x_rows *y, const e3x_soon *soon, void *c);

// A matrix for each feature, applied to rows: out[r, i, f] = sum_k g[i, k, f] y[r, k, f], with
// distances in elements along i and k of g. If `add`, rows are added to those of out, one after the
// other. `soon` has two entries, or is NULL.
int e3x_lane_apply(e3x_dtype dtype, int64_t features, int64_t n, int64_t nk, int64_t rows,
                   const void *g, int64_t g_i, int64_t g_k, const e3x_rows *y,
                   const e3x_rows *out, int add, const e3x_soon *soon);

// Copies the n components of rows; `to` has a base.
int e3x_lane_copy(e3x_dtype dtype, int64_t features, int64_t n, int64_t rows,
                  const e3x_rows *from, const e3x_rows *to);

// --- Polynomials ----------------------------------------------------------------------------

// coefficient x^power[0] y^power[1] z^power[2], times the weight of that number where there are
// any.
typedef struct {
  int32_t power[3];
  int32_t weight;
  double coefficient;
} e3x_monomial;

// out[r, p] = sum over the monomials m in offsets[p] ..< offsets[p + 1] of m(x, y, z), times
// weights[r * weights_stride + its weight] if weight_count > 0; (x, y, z) =
// in[r * in_stride + (0, 1, 2)]. 0^0 = 1. Powers up to max_power (of each variable).
// out: rows x outputs, contiguous.
// Typical: rows 100 ... 1000000, outputs 1 ... 170, max_power up to 12 (any must work).
// float32 powers and sums in float32, vectorised over rows. `scratch` has e3x_polynomial_scratch
// bytes, 64-byte aligned.
size_t e3x_polynomial_scratch(e3x_dtype dtype, int64_t max_power, int64_t weight_count);
int e3x_polynomial(e3x_dtype dtype, int64_t rows, int64_t outputs, const int32_t *offsets,
                   const e3x_monomial *monomials, int64_t max_power, const void *in,
                   int64_t in_stride, const void *weights, int64_t weights_stride,
                   int64_t weight_count, void *out, void *scratch);

// A harmonic R_lm, at l * l + l + m, times a coefficient, and times the weight of that number where
// there are any.
typedef struct {
  int32_t harmonic;
  int32_t weight;
  double coefficient;
} e3x_harmonic_term;

// out[r, p] = sum over the terms t in offsets[p] ..< offsets[p + 1] of coefficient_t R_t(x, y, z),
// times weights[r * weights_stride + weight_t] if weight_count > 0; (x, y, z) =
// in[r * in_stride + (0, 1, 2)]. R_lm are the real solid harmonics of all degrees up
// to max_degree, with m < 0 the sine-like ones: R_00 = 1 and, with a and b for each l and m >= 0,
// the pair at l * (l + 1) + 2 m of `steps`,
//   R_l,l = a (x R_l-1,l-1 - y R_l-1,1-l),  R_l,-l = a (x R_l-1,1-l + y R_l-1,l-1),
//   R_l,m = a z R_l-1,m - b r^2 R_l-2,m     (|m| < l; the second term only for |m| < l - 1).
// steps[0], the scale of all, must be 1.
// out: rows x outputs, contiguous; an output without a term is 0. float32, float64;
// vectorised over rows. `scratch` has e3x_harmonics_scratch bytes, 64-byte aligned.
size_t e3x_harmonics_scratch(e3x_dtype dtype, int64_t max_degree, int64_t terms,
                             int64_t weight_count);
int e3x_harmonics(e3x_dtype dtype, int64_t rows, int64_t max_degree, const double *steps,
                  int64_t outputs, const int32_t *offsets, const e3x_harmonic_term *terms,
                  const void *in, int64_t in_stride, const void *weights, int64_t weights_stride,
                  int64_t weight_count, void *out, void *scratch);

// The lengths of vectors (x, y, z) = in[r * in_stride + (0, 1, 2)], and these divided by their
// length where it is greater than `above`, or as they are: for any vector, huge or tiny, the length
// is that of real numbers rounded a few times. out: rows x 1 and rows x 3, contiguous. float32,
// float64. Typical: rows 1 ... 1000000.
int e3x_length(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, void *out);
int e3x_direction(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, double above,
                  void *out);

// A moment's rest in a loop that waits for another thread.
static inline void e3x_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#ifdef __cplusplus
}
#endif

#endif
