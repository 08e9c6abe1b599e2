// The kernel of forms made of units (Units/Units.h), for the REAL being compiled.
//
// All components of a result of one degree stay in registers over the blocks that add to it, for
// as many rows as there are registers for: they share what a block costs beside its arithmetic.

// Rows of a tile, and how many of them are computed at once.
#define UNIT_ROWS 4
#if MANY_REGISTERS
#define UNIT_HEIGHT(degree) ((degree) < 2 ? 4 : 2)
#else
#define UNIT_HEIGHT(degree) ((degree) == 0 ? 4 : (degree) == 1 ? 2 : 1)
#endif
// The largest number of components of a unit.
#define UNIT_COMPONENTS 7

// Where rows of a tile begin: of the operands and of the result.
typedef struct {
  const REAL *operand[2][UNIT_ROWS];
  REAL *result[UNIT_ROWS];
} NAME(unit_tile);

// sum[r][k] += c * (component k)
#define UNIT(degree) NAME(JOIN(unit_sums, degree))
#define UNIT_PARAMETERS NAME(vec) c, NAME(vec) (*sum)[UNIT_COMPONENTS]
#define SCALE(value) (c * (value))
#define TAKE(k, value) sum[r][k] += c * (value)
#define TAKE_SCALED(k, value) sum[r][k] = sum[r][k] value
#include "Units/UnitKernels.h"
#undef UNIT
#undef UNIT_PARAMETERS
#undef SCALE
#undef TAKE
#undef TAKE_SCALED

// sum += (component k) * with[r][k]
#define UNIT(degree) NAME(JOIN(unit_dots, degree))
#define UNIT_PARAMETERS const REAL *const *with, int64_t apart, NAME(vec) *sum
#define SCALE(value) (value)
#define TAKE(k, value) *sum += (value) * NAME(load_some)(with[r] + k * apart, masked, mask)
#define TAKE_SCALED TAKE
#include "Units/UnitKernels.h"
#undef UNIT
#undef UNIT_PARAMETERS
#undef SCALE
#undef TAKE
#undef TAKE_SCALED

// The operands of a block in the `height` rows from `first` on.
INLINE void NAME(unit_operands)(const int height, const couple_block *block,
                                const NAME(unit_tile) *tile, int first, int64_t f,
                                const REAL **p, const REAL **q) {
  UNROLL
  for (int r = 0; r < height; r++) {
    p[r] = tile->operand[block->swapped][first + r] + block->at[0] + f;
    q[r] = tile->operand[!block->swapped][first + r] + block->at[1] + f;
  }
}

// Fetches the share of block b of `soon` rows, once for each of them.
INLINE void NAME(unit_fetch)(const NAME(form) *form, int64_t b, int64_t f,
                             const REAL *const *soon, int soon_count) {
  const int64_t at = b * form->fetch;
  for (int n = 0; f == 0 && at < form->widest && n < soon_count; n++) {
    NAME(fetch)(soon[n] + at, form->fetch);
  }
}

// The result of the blocks from b on that have the same, in the `height` rows from `first` on.
INLINE void NAME(unit_result)(const int degree, const int height, const int masked,
                              NAME(mask) mask, const NAME(form) *form, int64_t b,
                              const NAME(unit_tile) *tile, int first, int64_t f) {
  NAME(vec) sum[UNIT_ROWS][UNIT_COMPONENTS];
  UNROLL
  for (int r = 0; r < height; r++) {
    UNROLL
    for (int k = 0; k < 2 * degree + 1; k++) { sum[r][k] = (NAME(vec)){0}; }
  }
  const int64_t to = form->blocks[b].at[2] + f, end = form->blocks[b].end;
  for (; b < end; b++) {
    const couple_block *block = form->blocks + b;
    const REAL *p[UNIT_ROWS], *q[UNIT_ROWS];
    NAME(unit_operands)(height, block, tile, first, f, p, q);
    const NAME(vec) c =
        form->wide ? *(const NAME(vec) *)(form->coefficients + b * form->padded + f)
                   : NAME(splat)(form->coefficients[b]);
#define SUMS(degree) \
  NAME(JOIN(unit_sums, degree))(block->unit, height, p, q, form->distance, masked, mask, c, sum)
    switch (degree) {
      case 0: SUMS(0); break;
      case 1: SUMS(1); break;
      case 2: SUMS(2); break;
      default: SUMS(3);
    }
#undef SUMS
  }
  UNROLL
  for (int r = 0; r < height; r++) {
    UNROLL
    for (int k = 0; k < 2 * degree + 1; k++) {
      NAME(store_or_add)(tile->result[first + r] + to + k * form->component_out, sum[r][k],
                         form->add, masked, mask);
    }
  }
}

// AddressSanitizer, which checks every load, takes a quarter of an hour to compile one function of
// all units.
#if __has_feature(address_sanitizer)
#define UNIT_CALL static __attribute__((noinline, no_sanitize("address")))
#else
#define UNIT_CALL INLINE
#endif

// The same for a tile of `rows` rows, 1 or all.
#define UNIT_RESULTS(degree)                                                                    \
  UNIT_CALL void NAME(JOIN(unit_results, degree))(                                              \
      int rows, int masked, NAME(mask) mask, const NAME(form) *form, int64_t b,                 \
      const NAME(unit_tile) *tile, int64_t f) {                                                 \
    if (rows == 1) {                                                                            \
      if (masked) {                                                                             \
        NAME(unit_result)(degree, 1, 1, mask, form, b, tile, 0, f);                             \
      } else {                                                                                  \
        NAME(unit_result)(degree, 1, 0, mask, form, b, tile, 0, f);                             \
      }                                                                                         \
      return;                                                                                   \
    }                                                                                           \
    for (int first = 0; first < UNIT_ROWS; first += UNIT_HEIGHT(degree)) {                      \
      if (masked) {                                                                             \
        NAME(unit_result)(degree, UNIT_HEIGHT(degree), 1, mask, form, b, tile, first, f);       \
      } else {                                                                                  \
        NAME(unit_result)(degree, UNIT_HEIGHT(degree), 0, mask, form, b, tile, first, f);       \
      }                                                                                         \
    }                                                                                           \
  }
UNIT_RESULTS(0)
UNIT_RESULTS(1)
UNIT_RESULTS(2)
UNIT_RESULTS(3)
#undef UNIT_RESULTS

// All results of a tile, features from f on. Meanwhile, `soon` rows are fetched.
INLINE void NAME(unit_results)(const int rows, const int masked, NAME(mask) mask,
                               const NAME(form) *form, const NAME(unit_tile) *tile, int64_t f,
                               const REAL *const *soon, int soon_count) {
  for (int64_t b = 0; b < form->block_count; b = form->blocks[b].end) {
    for (int64_t own = b; own < form->blocks[b].end; own++) {
      NAME(unit_fetch)(form, own, f, soon, soon_count);
    }
    switch (form->blocks[b].degree) {
      case 0: NAME(unit_results_0)(rows, masked, mask, form, b, tile, f); break;
      case 1: NAME(unit_results_1)(rows, masked, mask, form, b, tile, f); break;
      case 2: NAME(unit_results_2)(rows, masked, mask, form, b, tile, f); break;
      default: NAME(unit_results_3)(rows, masked, mask, form, b, tile, f);
    }
  }
}

// The sum of the products of a block's unit with the rows of `result`.
INLINE NAME(vec) NAME(unit_dot)(const int degree, const int rows, const int masked,
                                NAME(mask) mask, const NAME(form) *form,
                                const couple_block *block, const NAME(unit_tile) *tile,
                                int64_t f) {
  const REAL *p[UNIT_ROWS], *q[UNIT_ROWS], *with[UNIT_ROWS];
  NAME(unit_operands)(rows, block, tile, 0, f, p, q);
  UNROLL
  for (int r = 0; r < rows; r++) { with[r] = tile->result[r] + block->at[2] + f; }
  NAME(vec) sum = {0};
  const int64_t apart = form->distance_result;
#define DOTS(degree) \
  NAME(JOIN(unit_dots, degree))(block->unit, rows, p, q, form->distance, masked, mask, with, \
                                apart, &sum)
  switch (degree) {
    case 0: DOTS(0); break;
    case 1: DOTS(1); break;
    case 2: DOTS(2); break;
    default: DOTS(3);
  }
#undef DOTS
  return sum;
}

// The same for a tile of `rows` rows, 1 or all.
#define UNIT_DOT(degree)                                                                         \
  UNIT_CALL NAME(vec) NAME(JOIN(unit_dot, degree))(                                              \
      int rows, int masked, NAME(mask) mask, const NAME(form) *form, const couple_block *block,  \
      const NAME(unit_tile) *tile, int64_t f) {                                                  \
    if (rows == 1) {                                                                             \
      return masked ? NAME(unit_dot)(degree, 1, 1, mask, form, block, tile, f)                   \
                    : NAME(unit_dot)(degree, 1, 0, mask, form, block, tile, f);                  \
    }                                                                                            \
    return masked ? NAME(unit_dot)(degree, UNIT_ROWS, 1, mask, form, block, tile, f)             \
                  : NAME(unit_dot)(degree, UNIT_ROWS, 0, mask, form, block, tile, f);            \
  }
UNIT_DOT(0)
UNIT_DOT(1)
UNIT_DOT(2)
UNIT_DOT(3)
#undef UNIT_DOT

// All dot products of a tile with the rows of `result`, added to form->partial. Meanwhile, `soon`
// rows are fetched.
INLINE void NAME(unit_dots)(const int rows, const int masked, NAME(mask) mask,
                            const NAME(form) *form, const NAME(unit_tile) *tile, int64_t f,
                            const REAL *const *soon, int soon_count) {
  for (int64_t b = 0; b < form->block_count; b++) {
    NAME(unit_fetch)(form, b, f, soon, soon_count);
    const couple_block *block = form->blocks + b;
    NAME(vec) sum;
    switch (block->degree) {
      case 0: sum = NAME(unit_dot_0)(rows, masked, mask, form, block, tile, f); break;
      case 1: sum = NAME(unit_dot_1)(rows, masked, mask, form, block, tile, f); break;
      case 2: sum = NAME(unit_dot_2)(rows, masked, mask, form, block, tile, f); break;
      default: sum = NAME(unit_dot_3)(rows, masked, mask, form, block, tile, f);
    }
    REAL *to = form->partial + block->group * form->padded + f;
    NAME(store)(to, NAME(load)(to) + NAME(splat)(form->coefficients[b]) * sum);
  }
}

// A kernel for a tile of one row and one of all, of whole vectors and of the last one.
typedef void NAME(unit_kernel)(NAME(mask) mask, const NAME(form) *form,
                               const NAME(unit_tile) *tile, int64_t f, const REAL *const *soon,
                               int soon_count);
#define UNIT_KERNEL(function, name, rows, masked)                                               \
  KERNEL void NAME(name)(NAME(mask) mask, const NAME(form) *form, const NAME(unit_tile) *tile,  \
                         int64_t f, const REAL *const *soon, int soon_count) {                  \
    NAME(function)(rows, masked, mask, form, tile, f, soon, soon_count);                        \
  }
#define UNIT_KERNELS(function)                                 \
  UNIT_KERNEL(function, one_##function, 1, 0)                  \
  UNIT_KERNEL(function, one_##function##_masked, 1, 1)         \
  UNIT_KERNEL(function, all_##function, UNIT_ROWS, 0)          \
  UNIT_KERNEL(function, all_##function##_masked, UNIT_ROWS, 1) \
  static NAME(unit_kernel) *const NAME(function##_of)[2][2] = {\
      {NAME(one_##function), NAME(one_##function##_masked)},   \
      {NAME(all_##function), NAME(all_##function##_masked)}};
UNIT_KERNELS(unit_results)
UNIT_KERNELS(unit_dots)
#undef UNIT_KERNELS
#undef UNIT_KERNEL

// Rows begin ..< end; all are summed, into form->partial, if form->sums.
static void NAME(unit_rows)(const NAME(form) *form, int64_t begin, int64_t end) {
  const NAME(mask) mask = NAME(first)(form->features % LANES);
  const e3x_rows *const *operand = form->rows_of;
  const e3x_rows *of[3] = {operand[form->place[0]], operand[form->place[1]],
                           form->sums ? operand[form->place[2]] : form->rows_out};
  for (int64_t row = begin; row < end;) {
    const int rows = end - row < UNIT_ROWS ? 1 : UNIT_ROWS;
    NAME(unit_tile) tile;
    for (int r = 0; r < rows; r++) {
      tile.operand[0][r] = NAME(row)(of[0], row + r);
      tile.operand[1][r] = NAME(row)(of[1], row + r);
      tile.result[r] = NAME(row)(of[2], row + r);
    }
    const REAL *soon[3 * UNIT_ROWS];
    int soon_count = 0;
    for (int n = 0; form->fetch > 0 && n < 3; n++) {
      soon_count += NAME(next_rows)(of[n], row, rows, end, soon + soon_count);
    }
    for (int64_t f = 0; f < form->features; f += LANES) {
      const int masked = f + LANES > form->features;
      if (form->sums) {
        NAME(unit_dots_of)[rows > 1][masked](mask, form, &tile, f, soon, soon_count);
      } else {
        NAME(unit_results_of)[rows > 1][masked](mask, form, &tile, f, soon, soon_count);
      }
    }
    row += rows;
  }
}

// All rows, or (`reduce`) their sum, of blocks that are rounded on their own.
static int NAME(unit_run)(const NAME(form) *form, int reduce, REAL *out) {
  if (form->sums != (reduce != E3X_KEEP_ROWS)) { return -1; }
  if (!reduce) {
    NAME(unit_rows)(form, 0, form->rows);
    return 0;
  }
  for (int64_t begin = 0; begin < form->rows; begin += SUM_BLOCK) {
    memset(form->partial, 0, (size_t)(form->group_count * form->padded) * sizeof(REAL));
    NAME(unit_rows)(form, begin, least(begin + SUM_BLOCK, form->rows));
    NAME(add_partial)(form, out);
  }
  return 0;
}

#undef UNIT_ROWS
#undef UNIT_HEIGHT
#undef UNIT_COMPONENTS
#undef UNIT_CALL
