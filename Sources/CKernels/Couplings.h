// The kernel of sparse multilinear forms, for the REAL being compiled. CouplingForms.h prepares
// them.
//
// Terms of an output component that have the index of the common factor in common are summed
// before they are multiplied with it. A tile of rows and of features stays in registers over all
// terms of a component.

// Rows of a tile, which share the loads of coefficients, and vectors of features.
#define TILE_ROWS 4
#define TILE_VECTORS 2
// Rows of a block whose sum is rounded on its own.
#define SUM_BLOCK 256

// The sum over the terms of one factor, of coefficients times per-term operands, for `height`
// rows and `vectors` vectors of features.
INLINE void NAME(factor_sum)(const int varying, const int wide, const int height,
                             const int vectors, const int masked, NAME(mask) mask,
                             const NAME(form) *form, const REAL *const (*base)[TILE_ROWS],
                             int64_t f, int64_t t, const int fresh,
                             NAME(vec) (*sum)[TILE_VECTORS]) {
  const int per_term = varying > 1 ? 1 : 0;
  const couple_entry entry = form->entries[t];
  NAME(vec) c[TILE_VECTORS];
  UNROLL
  for (int v = 0; v < vectors; v++) {
    c[v] = wide ? *(const NAME(vec) *)(form->coefficients + t * form->padded + f + v * LANES)
                : NAME(splat)(form->coefficients[t]);
  }
  UNROLL
  for (int r = 0; r < height; r++) {
    UNROLL
    for (int v = 0; v < vectors; v++) {
      const REAL *p = base[per_term][r] + entry.offset[0];
      NAME(vec) x = NAME(load_some)(p + v * LANES, masked, mask);
      if (varying > 2) {
        const REAL *q = base[2][r] + entry.offset[1];
        x *= NAME(load_some)(q + v * LANES, masked, mask);
      }
      sum[r][v] = fresh ? c[v] * x : sum[r][v] + c[v] * x;
    }
  }
}

// The addresses of the `height` rows after first + height that are far and not in use.
static int NAME(next_rows)(const e3x_rows *rows, int64_t first, int height, int64_t count,
                           const REAL **soon) {
  int found = 0;
  if (!rows->is_far) { return 0; }
  const int64_t last = least(first + 2 * height, count);
  const REAL *before = NAME(row)(rows, first + height - 1);
  for (int64_t r = first + height; r < last; r++) {
    const REAL *row = NAME(row)(rows, r);
    if (row != before) { soon[found++] = row; }
    before = row;
  }
  return found;
}

// Rows first ..< first + height, features from f on, all components with terms: stores the
// results in the rows of form->rows_out (adds them, if form->add), or (`reduce`) adds their sum to
// form->partial.
INLINE void NAME(couple_tile)(const int varying, const int wide, const int reduce,
                              const int height, const int vectors, const int masked,
                              NAME(mask) mask, const NAME(form) *form, int64_t first, int64_t f) {
  const REAL *base[3][TILE_ROWS] = {{0}};
  REAL *into[TILE_ROWS] = {0};
  UNROLL
  for (int s = 0; s < varying; s++) {
    UNROLL
    for (int r = 0; r < height; r++) { base[s][r] = NAME(row)(form->rows_of[s], first + r) + f; }
  }
  int same = !reduce && form->add;
  UNROLL
  for (int r = 0; !reduce && r < height; r++) {
    into[r] = NAME(row)(form->rows_out, first + r) + f;
    if (into[r] != into[0]) { same = 0; }
  }
  // Meanwhile, the next tile's rows.
  const REAL *soon[4 * TILE_ROWS];
  int soon_count = 0;
  int64_t fetched = f == 0 && form->fetch > 0 ? 0 : form->widest;
  if (fetched < form->widest) {
    for (int s = 0; s < varying; s++) {
      soon_count += NAME(next_rows)(form->rows_of[s], first, height, form->rows, soon + soon_count);
    }
    if (!reduce) {
      soon_count += NAME(next_rows)(form->rows_out, first, height, form->rows, soon + soon_count);
    }
  }
  for (int64_t g = 0; g < form->group_count; g++) {
    const int64_t component = form->groups[g].out * form->component_out;
    NAME(vec) sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) { sum[r][v] = (NAME(vec)){0}; }
    }
    const int64_t end = form->groups[g + 1].start;
    for (int64_t h = form->groups[g].start; h < end; h++) {
      const couple_factor factor = form->factors[h];
      const int64_t last = form->factors[h + 1].start;
      if (fetched < form->widest) {
        for (int n = 0; n < soon_count; n++) { NAME(fetch)(soon[n] + fetched, form->fetch); }
        fetched += form->fetch;
      }
      NAME(vec) s[TILE_ROWS][TILE_VECTORS];
      NAME(factor_sum)(varying, wide, height, vectors, masked, mask, form,
                       (const REAL *const (*)[TILE_ROWS])base, f, factor.start, 1, s);
      for (int64_t t = factor.start + 1; t < last; t++) {
        NAME(factor_sum)(varying, wide, height, vectors, masked, mask, form,
                         (const REAL *const (*)[TILE_ROWS])base, f, t, 0, s);
      }
      UNROLL
      for (int r = 0; r < height; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
          if (varying == 1) {
            sum[r][v] += s[r][v];
          } else {
            const REAL *p = base[0][r] + factor.offset;
            sum[r][v] += s[r][v] * NAME(load_some)(p + v * LANES, masked, mask);
          }
        }
      }
    }
    if (same) {
      // All rows belong to one: their sum is added to it.
      UNROLL
      for (int v = 0; v < vectors; v++) {
        REAL *at = into[0] + component + v * LANES;
        NAME(vec) all = NAME(load_some)(at, masked, mask);
        UNROLL
        for (int r = 0; r < height; r++) { all += sum[r][v]; }
        if (masked) {
          NAME(store_masked)(at, all, mask);
        } else {
          NAME(store)(at, all);
        }
      }
      continue;
    }
    if (reduce) {
      REAL *to = form->partial + g * form->padded + f;
      UNROLL
      for (int v = 0; v < vectors; v++) {
        NAME(vec) all = sum[0][v];
        UNROLL
        for (int r = 1; r < height; r++) { all += sum[r][v]; }
        NAME(store)(to + v * LANES, NAME(load)(to + v * LANES) + all);
      }
      continue;
    }
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        NAME(store_or_add)(into[r] + component + v * LANES, sum[r][v], form->add, masked, mask);
      }
    }
  }
}

// Rows begin ..< end.
INLINE void NAME(couple_rows)(const int varying, const int wide, const int reduce,
                              const NAME(form) *form, int64_t begin, int64_t end) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
  // With 16 registers and coefficients to spread, two vectors do not fit.
  const int two = !FEW_FORMS && (MANY_REGISTERS || VECTOR_BYTES < 32 || wide || varying < 2);
#define TILE(height, vectors, masked) \
  NAME(couple_tile)(varying, wide, reduce, height, vectors, masked, mask, form, r, f)
#define FEATURES(height)                                                                     \
  {                                                                                          \
    int64_t f = 0;                                                                           \
    for (; two && f + TILE_VECTORS * LANES <= features; f += TILE_VECTORS * LANES) {         \
      TILE(height, TILE_VECTORS, 0);                                                         \
    }                                                                                        \
    for (; f + LANES <= features; f += LANES) { TILE(height, 1, 0); }                        \
    if (f < features) { TILE(height, 1, 1); }                                                \
  }
  int64_t r = begin;
  for (; r + TILE_ROWS <= end; r += TILE_ROWS) { FEATURES(TILE_ROWS) }
  for (; r < end; r++) { FEATURES(1) }
#undef FEATURES
#undef TILE
}

// The sums of a block of rows are added to the result.
static void NAME(add_partial)(const NAME(form) *form, REAL *out) {
  for (int64_t g = 0; g < form->group_count; g++) {
    REAL *to = out + form->groups[g].out * form->component_out;
    const REAL *from = form->partial + g * form->padded;
    for (int64_t f = 0; f < form->features; f++) { to[f] += from[f]; }
  }
}

// The sum over the rows.
INLINE void NAME(couple_sum)(const int varying, const int wide, const NAME(form) *form,
                             REAL *out) {
  for (int64_t begin = 0; begin < form->rows; begin += SUM_BLOCK) {
    memset(form->partial, 0, (size_t)(form->group_count * form->padded) * sizeof(REAL));
    const int64_t end = least(begin + SUM_BLOCK, form->rows);
    NAME(couple_rows)(varying, wide, 1, form, begin, end);
    NAME(add_partial)(form, out);
  }
}

// Kernels for so many operands that vary, with wide coefficients or not.
#define FORM_KERNELS(number, varying, wide)                                     \
  KERNEL void NAME(couple_sum_##number)(const NAME(form) *form, REAL *out) {    \
    NAME(couple_sum)(varying, wide, form, out);                                 \
  }                                                                             \
  KERNEL void NAME(couple_all_##number)(const NAME(form) *form) {               \
    NAME(couple_rows)(varying, wide, 0, form, 0, form->rows);                   \
  }
FORM_KERNELS(1, 1, 0)
FORM_KERNELS(1_wide, 1, 1)
FORM_KERNELS(2, 2, 0)
FORM_KERNELS(2_wide, 2, 1)
FORM_KERNELS(3, 3, 0)
#undef FORM_KERNELS

// Calls the kernel of the form.
#define FORM_KERNEL(call)                 \
  switch (form.varying * 2 + form.wide) { \
    case 2: call(1)                       \
    case 3: call(1_wide)                  \
    case 4: call(2)                       \
    case 5: call(2_wide)                  \
    default: call(3)                      \
  }

#if FEW_FORMS
static int NAME(unit_run)(const NAME(form) *form, int reduce, REAL *out) { return -1; }
#else
#include "UnitForms.h"
#endif

// --- All --------------------------------------------------------------------------------------

// No operand depends on the row.
static void NAME(couple_shared)(const NAME(form) *form, int reduce, REAL *out,
                                int64_t out_stride) {
  for (int64_t g = 0; g < form->group_count; g++) {
    REAL *to = out + form->groups[g].out * form->component_out;
    for (int64_t f = 0; f < form->features; f++) {
      REAL sum = 0;
      const couple_factor *factors = form->factors + form->groups[g].start;
      const int32_t end = form->factors[form->groups[g + 1].start].start;
      for (int32_t t = factors->start; t < end; t++) {
        sum += form->coefficients[t * form->padded + f];
      }
      if (reduce == E3X_ADD_ROWS) {
        to[f] += (REAL)form->rows * sum;
      } else {
        to[f] = reduce ? (REAL)form->rows * sum : sum;
      }
    }
  }
  for (int64_t r = 1; !reduce && r < form->rows; r++) {
    for (int64_t g = 0; g < form->group_count; g++) {
      const int64_t at = form->groups[g].out * form->component_out;
      memcpy(out + r * out_stride + at, out + at, (size_t)form->features * sizeof(REAL));
    }
  }
}

// Rows of out: zero the components from `first` to before `last`.
static void NAME(clear)(const NAME(form) *form, int64_t rows, int64_t first, int64_t last,
                        REAL *out) {
  const int64_t distance = form->component_out, features = form->features;
  const int64_t part = distance == features ? (last - first) * features : features;
  for (int64_t r = 0; r < rows && first < last; r++) {
    for (int64_t c = first; c < last; c += distance == features ? last - first : 1) {
      memset(out + r * form->row_out + c * distance, 0, (size_t)part * sizeof(REAL));
    }
  }
}

// Rows of out: zero the components without terms.
static void NAME(clear_others)(const NAME(form) *form, int64_t rows, REAL *out) {
  for (int64_t g = 0; g < form->gap_count; g++) {
    NAME(clear)(form, rows, form->gaps[g].start, form->gaps[g].out, out);
  }
}

// While a tile is computed, each factor (block of units) fetches an equal share of the next tile's
// rows.
static void NAME(plan_fetch)(NAME(form) *form, int is_far) {
  const int64_t line = (int64_t)(64 / sizeof(REAL));
  const int64_t steps =
      form->block_count > 0 ? form->block_count : form->groups[form->group_count].start;
  const int64_t shares = steps * line;
  form->widest = form->components * form->features;
  for (int v = 0; v < form->varying; v++) {
    if (form->width[v] > form->widest) { form->widest = form->width[v]; }
  }
  form->fetch = is_far && shares > 0 ? (form->widest + shares - 1) / shares * line : 0;
}

static int NAME(couple_run)(int64_t rows, const void *const *operand, int reduce, REAL *out,
                            void *scratch) {
  NAME(form) form = *(NAME(form) *)scratch;
  if (form.features <= 0) { return 0; }
  if (rows <= 0 || form.group_count == 0) {
    if (reduce != E3X_ADD_ROWS) {
      NAME(clear)(&form, reduce ? 1 : rows, 0, form.components, out);
    }
    return 0;
  }
  form.rows = rows;
  for (int v = 0; v < form.varying; v++) { form.operand[v] = operand[form.slot[v]]; }
  if (reduce == E3X_SUM_ROWS) {
    NAME(clear)(&form, 1, 0, form.components, out);
  } else if (!reduce) {
    NAME(clear_others)(&form, rows, out);
  }
  if (form.varying == 0) {
    NAME(couple_shared)(&form, reduce, out, form.row_out);
    return 0;
  }
  int64_t elements = 0;
  for (int v = 0; v < form.varying; v++) { elements += form.width[v]; }
  NAME(plan_fetch)(&form, rows * elements * (int64_t)sizeof(REAL) > FAR_BYTES);
  e3x_rows rows_of[3], rows_out = {.base = out, .stride = form.row_out, .is_far = 1};
  for (int v = 0; v < form.varying; v++) {
    rows_of[v] =
        (e3x_rows){.base = (REAL *)form.operand[v], .stride = form.stride[v], .is_far = 1};
    form.rows_of[v] = rows_of + v;
  }
  form.rows_out = &rows_out;
  if (form.block_count > 0) {
    return NAME(unit_run)(&form, reduce, out);
  }
  if (form.varying == 1 && !reduce && form.fetch == 0) {
    NAME(contract)(&form, rows, out);
    return 0;
  }
#define ALL(number)                       \
  if (reduce) {                           \
    NAME(couple_sum_##number)(&form, out); \
  } else {                                \
    NAME(couple_all_##number)(&form);     \
  }                                       \
  return 0;
  FORM_KERNEL(ALL)
#undef ALL
}

// Rows of operands and of the result that lie anywhere; at least one operand depends on the row.
static int NAME(couple_indirect)(int64_t rows, const e3x_rows *operand, const e3x_rows *out,
                                 int add, void *scratch) {
  NAME(form) form = *(NAME(form) *)scratch;
  if (form.features <= 0 || rows <= 0) { return 0; }
  if (form.varying == 0) { return -1; }
  form.rows = rows;
  form.rows_out = out;
  form.add = add;
  int is_far = out->is_far;
  for (int v = 0; v < form.varying; v++) {
    // Operands are listed in the order of their slots.
    int place = 0;
    for (int w = 0; w < form.varying; w++) { place += form.slot[w] < form.slot[v]; }
    form.rows_of[v] = operand + place;
    is_far |= operand[place].is_far;
  }
  for (int64_t r = 0; !add && r < rows; r++) {
    NAME(clear_others)(&form, 1, NAME(row)(out, r));
  }
  if (form.group_count == 0) { return 0; }
  NAME(plan_fetch)(&form, is_far);
  if (form.block_count > 0) {
    return NAME(unit_run)(&form, E3X_KEEP_ROWS, NULL);
  }
#define ALL(number)                 \
  NAME(couple_all_##number)(&form); \
  return 0;
  FORM_KERNEL(ALL)
#undef ALL
}

#undef FORM_KERNEL
#undef TILE_ROWS
#undef TILE_VECTORS
#undef SUM_BLOCK
