// Sparse multilinear forms, for the REAL being compiled.
//
// Operands that all rows share are multiplied into the values once: a coefficient per term, or,
// if there is any such operand, a row of coefficients per term (`wide`). One to three operands
// remain (`varying`). Then a tile of rows and of features of one output component is kept in
// registers over all of the component's terms.

// Rows that share the loads of coefficients.
#define TILE_ROWS 4
// Rows of a tile of the summing kernel, and of a block whose sum is rounded on its own.
#define SUM_ROWS 8
#define SUM_BLOCK 256

typedef struct {
  int varying, wide;
  int64_t rows, features;
  int64_t padded;  // features of a row of coefficients
  const REAL *operand[3];
  int64_t stride[3];
  REAL *coefficients;
  REAL *partial;  // sums of a block of rows, one padded row per group
  couple_entry *entries;
  couple_group *groups;
  int64_t group_count;
} NAME(form);

static NAME(form) NAME(prepare)(int64_t rows, int64_t features, int slots, const e3x_term *terms,
                                int64_t count, int out_slot,
                                const void *const *operand, const int64_t *row_stride,
                                void *scratch) {
  NAME(form) form = {0};
  form.rows = rows;
  form.features = features;
  const int64_t row_bytes = round_up(features * (int64_t)sizeof(REAL));
  form.padded = row_bytes / (int64_t)sizeof(REAL);
  char *free = scratch;
  form.coefficients = (REAL *)free;
  form.partial = (REAL *)(free += count * row_bytes);
  form.entries = (couple_entry *)(free += count * row_bytes);
  form.groups = (couple_group *)(free + round_up(count * (int64_t)sizeof(couple_entry)));

  int varying[3], shared[3], shared_count = 0;
  for (int s = 0; s < slots; s++) {
    if (s == out_slot) { continue; }
    if (row_stride[s] == 0) {
      shared[shared_count++] = s;
    } else {
      form.operand[form.varying] = operand[s];
      form.stride[form.varying] = row_stride[s];
      varying[form.varying++] = s;
    }
  }
  form.wide = shared_count > 0;
  for (int64_t t = 0; t < count; t++) {
    const e3x_term *term = terms + t;
    if (t == 0 || term->index[out_slot] != terms[t - 1].index[out_slot]) {
      form.groups[form.group_count++] =
          (couple_group){(int32_t)t, term->index[out_slot]};
    }
    couple_entry entry = {{0, 0, 0}, 0};
    for (int v = 0; v < form.varying; v++) {
      entry.offset[v] = (int32_t)(term->index[varying[v]] * features);
    }
    form.entries[t] = entry;
    const REAL value = (REAL)term->value;
    if (!form.wide) {
      form.coefficients[t] = value;
      continue;
    }
    REAL *to = form.coefficients + t * form.padded;
    for (int64_t f = 0; f < form.padded; f++) { to[f] = f < features ? value : 0; }
    for (int i = 0; i < shared_count; i++) {
      const REAL *from = (const REAL *)operand[shared[i]] + term->index[shared[i]] * features;
      for (int64_t f = 0; f < features; f++) { to[f] *= from[f]; }
    }
  }
  form.groups[form.group_count].start = (int32_t)count;
  return form;
}

// The coefficients of term t for `vectors` vectors of features from f on.
INLINE void NAME(load_coefficients)(const NAME(form) *form, const int wide, const int vectors,
                                    int64_t t, int64_t f, NAME(vec) *c) {
  UNROLL
  for (int v = 0; v < vectors; v++) {
    c[v] = wide ? *(const NAME(vec) *)(form->coefficients + t * form->padded + f + v * LANES)
                : NAME(splat)(form->coefficients[t]);
  }
}

// --- One result per row -----------------------------------------------------------------------

// Rows first ..< first + height, features from f on, all components with terms.
INLINE void NAME(couple_tile)(const int varying, const int wide, const int height,
                              const int vectors, const int masked, NAME(mask) mask,
                              const NAME(form) *form, int64_t first, int64_t f, REAL *out,
                              int64_t out_stride) {
  const REAL *base[3] = {0};
  int64_t stride[3] = {0};
  UNROLL
  for (int s = 0; s < varying; s++) {
    stride[s] = form->stride[s];
    base[s] = form->operand[s] + first * stride[s] + f;
  }
  out += first * out_stride + f;
  const couple_entry *entry = form->entries;
  for (int64_t g = 0; g < form->group_count; g++) {
    NAME(vec) sum[8][2];
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) { sum[r][v] = (NAME(vec)){0}; }
    }
    const int64_t end = form->groups[g + 1].start;
    for (int64_t t = form->groups[g].start; t < end; t++, entry++) {
      NAME(vec) c[2];
      NAME(load_coefficients)(form, wide, vectors, t, f, c);
      UNROLL
      for (int r = 0; r < height; r++) {
        const REAL *p[3] = {0};
        UNROLL
        for (int s = 0; s < varying; s++) { p[s] = base[s] + entry->offset[s] + r * stride[s]; }
        UNROLL
        for (int v = 0; v < vectors; v++) {
          const NAME(vec) x = NAME(load_some)(p[0] + v * LANES, masked, mask);
          if (varying == 1) {
            sum[r][v] += c[v] * x;
          } else {
            NAME(vec) y = NAME(load_some)(p[1] + v * LANES, masked, mask);
            if (varying == 3) { y *= NAME(load_some)(p[2] + v * LANES, masked, mask); }
            sum[r][v] += (c[v] * x) * y;
          }
        }
      }
    }
    REAL *to = out + form->groups[g].out * form->features;
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        if (masked) {
          NAME(store_masked)(to + r * out_stride, sum[r][v], mask);
        } else {
          NAME(store)(to + r * out_stride + v * LANES, sum[r][v]);
        }
      }
    }
  }
}

INLINE void NAME(couple_rows)(const int varying, const int wide, const NAME(form) *form,
                              REAL *out, int64_t out_stride) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
#define FEATURES(height)                                                                      \
  {                                                                                           \
    int64_t f = 0;                                                                            \
    for (; f + 2 * LANES <= features; f += 2 * LANES) {                                       \
      NAME(couple_tile)(varying, wide, height, 2, 0, mask, form, r, f, out, out_stride);      \
    }                                                                                         \
    for (; f + LANES <= features; f += LANES) {                                               \
      NAME(couple_tile)(varying, wide, height, 1, 0, mask, form, r, f, out, out_stride);      \
    }                                                                                         \
    if (f < features) {                                                                       \
      NAME(couple_tile)(varying, wide, height, 1, 1, mask, form, r, f, out, out_stride);      \
    }                                                                                         \
  }
  int64_t r = 0;
  for (; r + TILE_ROWS <= form->rows; r += TILE_ROWS) { FEATURES(TILE_ROWS) }
  for (; r < form->rows; r++) { FEATURES(1) }
#undef FEATURES
}

// --- The sum over the rows --------------------------------------------------------------------

// partial += the sums over rows first ..< last, for features from f on.
INLINE void NAME(couple_sum_tile)(const int varying, const int wide, const int vectors,
                                  const int masked, NAME(mask) mask, const NAME(form) *form,
                                  int64_t first, int64_t last, int64_t f) {
  const REAL *base[3] = {0};
  int64_t stride[3] = {0};
  UNROLL
  for (int s = 0; s < varying; s++) {
    stride[s] = form->stride[s];
    base[s] = form->operand[s] + first * stride[s] + f;
  }
  const couple_entry *entry = form->entries;
  for (int64_t g = 0; g < form->group_count; g++) {
    REAL *to = form->partial + g * form->padded + f;
    NAME(vec) sum[2];
    UNROLL
    for (int v = 0; v < vectors; v++) { sum[v] = NAME(load)(to + v * LANES); }
    const int64_t end = form->groups[g + 1].start;
    for (int64_t t = form->groups[g].start; t < end; t++, entry++) {
      const REAL *p[3] = {0};
      UNROLL
      for (int s = 0; s < varying; s++) { p[s] = base[s] + entry->offset[s]; }
      NAME(vec) over_rows[2];
      UNROLL
      for (int v = 0; v < vectors; v++) { over_rows[v] = (NAME(vec)){0}; }
      for (int64_t r = first; r < last; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
          const NAME(vec) x = NAME(load_some)(p[0] + v * LANES, masked, mask);
          if (varying == 1) {
            over_rows[v] += x;
          } else {
            NAME(vec) y = NAME(load_some)(p[1] + v * LANES, masked, mask);
            if (varying == 3) { y *= NAME(load_some)(p[2] + v * LANES, masked, mask); }
            over_rows[v] += x * y;
          }
        }
        UNROLL
        for (int s = 0; s < varying; s++) { p[s] += stride[s]; }
      }
      NAME(vec) c[2];
      NAME(load_coefficients)(form, wide, vectors, t, f, c);
      UNROLL
      for (int v = 0; v < vectors; v++) { sum[v] += c[v] * over_rows[v]; }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) { NAME(store)(to + v * LANES, sum[v]); }
  }
}

INLINE void NAME(couple_sum)(const int varying, const int wide, const NAME(form) *form,
                             REAL *out) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
  for (int64_t block = 0; block < form->rows; block += SUM_BLOCK) {
    const int64_t end = least(block + SUM_BLOCK, form->rows);
    memset(form->partial, 0, (size_t)(form->group_count * form->padded) * sizeof(REAL));
    for (int64_t r = block; r < end; r += SUM_ROWS) {
      const int64_t last = least(r + SUM_ROWS, end);
      int64_t f = 0;
      for (; f + 2 * LANES <= features; f += 2 * LANES) {
        NAME(couple_sum_tile)(varying, wide, 2, 0, mask, form, r, last, f);
      }
      for (; f + LANES <= features; f += LANES) {
        NAME(couple_sum_tile)(varying, wide, 1, 0, mask, form, r, last, f);
      }
      if (f < features) { NAME(couple_sum_tile)(varying, wide, 1, 1, mask, form, r, last, f); }
    }
    for (int64_t g = 0; g < form->group_count; g++) {
      REAL *to = out + form->groups[g].out * features;
      const REAL *from = form->partial + g * form->padded;
      for (int64_t f = 0; f < features; f++) { to[f] += from[f]; }
    }
  }
}

// --- All --------------------------------------------------------------------------------------

// No operand depends on the row.
static void NAME(couple_shared)(const NAME(form) *form, int reduce, REAL *out,
                                int64_t out_stride) {
  for (int64_t g = 0; g < form->group_count; g++) {
    REAL *to = out + form->groups[g].out * form->features;
    for (int64_t f = 0; f < form->features; f++) {
      REAL sum = 0;
      for (int32_t t = form->groups[g].start; t < form->groups[g + 1].start; t++) {
        sum += form->coefficients[t * form->padded + f];
      }
      to[f] = reduce ? (REAL)form->rows * sum : sum;
    }
  }
  for (int64_t r = 1; !reduce && r < form->rows; r++) {
    memcpy(out + r * out_stride, out, (size_t)out_stride * sizeof(REAL));
  }
}

// Rows of out: zero the components without terms.
static void NAME(clear_others)(const NAME(form) *form, int64_t rows, int64_t size, REAL *out) {
  for (int64_t g = 0, next = 0; g <= form->group_count; g++) {
    const int64_t component = g < form->group_count ? form->groups[g].out : size;
    if (component > next) {
      for (int64_t r = 0; r < rows; r++) {
        memset(out + (r * size + next) * form->features, 0,
               (size_t)((component - next) * form->features) * sizeof(REAL));
      }
    }
    next = component + 1;
  }
}

static int NAME(couple)(int64_t rows, int64_t features, int slots, const int32_t *size,
                        const e3x_term *terms, int64_t count, int out_slot,
                        const void *const *operand, const int64_t *row_stride, int reduce,
                        REAL *out, void *scratch) {
  if (features <= 0) { return 0; }
  const int64_t components = size[out_slot], out_stride = components * features;
  if (rows <= 0 || count <= 0) {
    memset(out, 0, (size_t)((reduce ? 1 : rows) * out_stride) * sizeof(REAL));
    return 0;
  }
  const NAME(form) form = NAME(prepare)(rows, features, slots, terms, count, out_slot,
                                        operand, row_stride, scratch);
  if (reduce) {
    memset(out, 0, (size_t)out_stride * sizeof(REAL));
  } else {
    NAME(clear_others)(&form, rows, components, out);
  }
  if (form.varying == 0) {
    NAME(couple_shared)(&form, reduce, out, out_stride);
    return 0;
  }
#define EITHER(varying, wide)                              \
  if (reduce) {                                            \
    NAME(couple_sum)(varying, wide, &form, out);           \
  } else {                                                 \
    NAME(couple_rows)(varying, wide, &form, out, out_stride); \
  }                                                        \
  return 0;
  switch (form.varying * 2 + form.wide) {
    case 2: EITHER(1, 0)
    case 3: EITHER(1, 1)
    case 4: EITHER(2, 0)
    case 5: EITHER(2, 1)
    default: EITHER(3, 0)
  }
#undef EITHER
}

#undef TILE_ROWS
#undef SUM_ROWS
#undef SUM_BLOCK
