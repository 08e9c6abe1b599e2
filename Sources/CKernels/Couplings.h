// Sparse multilinear forms, for the REAL being compiled.
//
// Operands that all rows share are multiplied into the values once: a coefficient per term, or,
// if there is any such operand, a row of coefficients per term (`wide`). One to three operands
// remain (`varying`). Terms of an output component that have the index of one of these in common
// are summed before they are multiplied with it. A tile of rows and of features stays in
// registers over all terms of a component.

// Rows of a tile, which share the loads of coefficients, and vectors of features.
#define TILE_ROWS 4
#define TILE_VECTORS 2
// Rows of a block whose sum is rounded on its own.
#define SUM_BLOCK 256

typedef struct {
  int varying, wide;
  int64_t rows, features;
  int64_t padded;  // features of a row of coefficients
  // The operands that depend on the row, the common factor first if there are several.
  const REAL *operand[3];
  int slot[3];
  int64_t stride[3];
  int64_t width[3];  // elements of a row
  REAL *coefficients;
  REAL *partial;  // sums of a block of rows, one padded row per group
  couple_entry *entries;
  couple_factor *factors;
  couple_group *groups;
  int64_t group_count;
  int64_t components;  // of the output
  int64_t fetch;  // elements of each row of an operand to fetch per group, 0 for none
  // For rows that lie anywhere: those of each operand, and of the result.
  const e3x_rows *rows_of[3], *rows_out;
  int add;
  // Of every term in the order of `entries`, which operands are shared, and how many of them.
  int32_t *order;
  int shared[3], shared_count;
} NAME(form);

// The coefficient(s) of a term: its value times the shared operands.
static void NAME(set_coefficient)(const NAME(form) *form, int64_t t, const e3x_term *term,
                                  const void *const *operand) {
  const REAL value = (REAL)term->value;
  if (!form->wide) {
    form->coefficients[t] = value;
    return;
  }
  REAL *to = form->coefficients + t * form->padded;
  for (int64_t f = 0; f < form->padded; f++) { to[f] = f < form->features ? value : 0; }
  for (int i = 0; i < form->shared_count; i++) {
    const int s = form->shared[i];
    const REAL *from = (const REAL *)operand[s] + term->index[s] * form->features;
    for (int64_t f = 0; f < form->features; f++) { to[f] *= from[f]; }
  }
}

static NAME(form) NAME(prepare)(int64_t features, int slots, const int32_t *size,
                                const e3x_term *terms, int64_t count, int out_slot,
                                const void *const *operand, const int64_t *row_stride,
                                void *scratch) {
  NAME(form) form = {0};
  form.features = features;
  form.components = size[out_slot];
  const int64_t row_bytes = round_up(features * (int64_t)sizeof(REAL));
  form.padded = row_bytes / (int64_t)sizeof(REAL);
  char *free = (char *)scratch + COUPLE_HEAD;
  form.coefficients = (REAL *)free;
  form.partial = (REAL *)(free += count * row_bytes);
  uint64_t *keys = (uint64_t *)form.partial;
  form.entries = (couple_entry *)(free += count * row_bytes);
  free += round_up(count * (int64_t)sizeof(couple_entry));
  form.factors = (couple_factor *)free;
  form.groups =
      (couple_group *)(free += round_up((count + 1) * (int64_t)sizeof(couple_factor)));
  form.order = (int32_t *)(free + round_up((count + 1) * (int64_t)sizeof(couple_group)));

  int varying[3] = {0};
  for (int s = 0; s < slots; s++) {
    if (s == out_slot) { continue; }
    if (row_stride[s] == 0) {
      form.shared[form.shared_count++] = s;
    } else {
      varying[form.varying++] = s;
    }
  }
  form.wide = form.shared_count > 0;
  // The common factor is the operand that makes the fewest.
  int best = 0;
  int64_t fewest = INT64_MAX;
  for (int v = 0; form.varying > 1 && v < form.varying; v++) {
    const int64_t changes = factor_terms(terms, count, out_slot, varying[v], keys);
    if (changes < fewest) {
      fewest = changes;
      best = v;
    }
  }
  const int factor = varying[best];
  varying[best] = varying[0];
  varying[0] = factor;
  factor_terms(terms, count, out_slot, form.varying > 1 ? factor : out_slot, keys);
  for (int v = 0; v < form.varying; v++) {
    form.slot[v] = varying[v];
    form.stride[v] = row_stride[varying[v]];
    form.width[v] = size[varying[v]] * features;
  }

  const int per_term = form.varying > 1 ? 1 : 0;  // the first operand that each term has its own of
  int64_t factor_count = 0;
  for (int64_t t = 0; t < count; t++) {
    const e3x_term *term = terms + (uint32_t)keys[t];
    const int fresh = t == 0 || term->index[out_slot] != form.groups[form.group_count - 1].out;
    if (fresh || keys[t] >> 32 != keys[t - 1] >> 32) {
      form.factors[factor_count++] =
          (couple_factor){(int32_t)t, (int32_t)(term->index[factor] * features)};
    }
    if (fresh) {
      form.groups[form.group_count++] =
          (couple_group){(int32_t)(factor_count - 1), term->index[out_slot]};
    }
    couple_entry entry = {{0, 0}};
    for (int v = per_term; v < form.varying; v++) {
      entry.offset[v - per_term] = (int32_t)(term->index[varying[v]] * features);
    }
    form.entries[t] = entry;
    form.order[t] = (int32_t)(uint32_t)keys[t];
    NAME(set_coefficient)(&form, t, term, operand);
  }
  form.factors[factor_count].start = (int32_t)count;
  form.groups[form.group_count].start = (int32_t)factor_count;
  return form;
}

// --- The kernel -------------------------------------------------------------------------------

// Row r of operand s of a tile: rows lie a distance apart or, if `spread`, anywhere.
#define AT(s, r) (spread ? base[s][r] : base[s][0] + (r) * stride[s])

// The sum over the terms of one factor, of coefficients times per-term operands, for `height`
// rows and `vectors` vectors of features.
INLINE void NAME(factor_sum)(const int varying, const int wide, const int height,
                             const int vectors, const int masked, NAME(mask) mask,
                             const NAME(form) *form, const int64_t *stride,
                             const REAL *const (*base)[TILE_ROWS], const int spread, int64_t f,
                             int64_t t, const int fresh, NAME(vec) (*sum)[TILE_VECTORS]) {
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
      const REAL *p = AT(per_term, r) + entry.offset[0];
      NAME(vec) x = NAME(load_some)(p + v * LANES, masked, mask);
      if (varying > 2) {
        const REAL *q = AT(2, r) + entry.offset[1];
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
// results in `out`, or (`reduce`) adds their sum to form->partial. With `spread` rows are those of
// form->rows_of and form->rows_out.
INLINE void NAME(couple_tile)(const int varying, const int wide, const int reduce,
                              const int spread, const int height, const int vectors,
                              const int masked, NAME(mask) mask, const NAME(form) *form,
                              int64_t first, int64_t f, REAL *out, int64_t out_stride) {
  const REAL *base[3][TILE_ROWS] = {{0}};
  REAL *into[TILE_ROWS] = {0};
  int64_t stride[3] = {0};
  UNROLL
  for (int s = 0; s < varying; s++) {
    stride[s] = form->stride[s];
    base[s][0] = form->operand[s] + first * stride[s] + f;
    UNROLL
    for (int r = 0; spread && r < height; r++) {
      base[s][r] = NAME(row)(form->rows_of[s], first + r) + f;
    }
  }
  if (!spread) { out += first * out_stride + f; }
  int same = spread && form->add;
  UNROLL
  for (int r = 0; spread && r < height; r++) {
    into[r] = NAME(row)(form->rows_out, first + r) + f;
    if (into[r] != into[0]) { same = 0; }
  }
  const int64_t fetch = f == 0 ? form->fetch : 0;
  const REAL *soon[4 * TILE_ROWS];
  int soon_count = 0;
  if (spread && fetch > 0) {
    for (int s = 0; s < varying; s++) {
      soon_count += NAME(next_rows)(form->rows_of[s], first, height, form->rows, soon + soon_count);
    }
    soon_count += NAME(next_rows)(form->rows_out, first, height, form->rows, soon + soon_count);
  }
  for (int64_t g = 0; g < form->group_count; g++) {
    // Meanwhile, a part of the next tile's rows.
    if (spread) {
      for (int n = 0; n < soon_count; n++) { NAME(fetch)(soon[n] + g * fetch, fetch); }
    } else {
      for (int s = 0; fetch > 0 && s < varying; s++) {
        const int64_t done = g * fetch, count = least(fetch, form->width[s] - done);
        for (int r = height; r < 2 * height; r++) {
          NAME(fetch)(base[s][0] + r * stride[s] + done, count);
        }
      }
      for (int r = height; fetch > 0 && !reduce && r < 2 * height; r++) {
        NAME(fetch)(out + r * out_stride + g * fetch, fetch);
      }
    }
    const int64_t component = form->groups[g].out * form->features;
    REAL *to = reduce ? form->partial + g * form->padded + f : spread ? NULL : out + component;
    NAME(vec) sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (int r = 0; r < (reduce ? 1 : height); r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        sum[r][v] = reduce ? NAME(load)(to + v * LANES) : (NAME(vec)){0};
      }
    }
    const int64_t end = form->groups[g + 1].start;
    for (int64_t h = form->groups[g].start; h < end; h++) {
      const couple_factor factor = form->factors[h];
      const int64_t last = form->factors[h + 1].start;
      NAME(vec) s[TILE_ROWS][TILE_VECTORS];
      NAME(factor_sum)(varying, wide, height, vectors, masked, mask, form, stride,
                       (const REAL *const (*)[TILE_ROWS])base, spread, f, factor.start, 1, s);
      for (int64_t t = factor.start + 1; t < last; t++) {
        NAME(factor_sum)(varying, wide, height, vectors, masked, mask, form, stride,
                         (const REAL *const (*)[TILE_ROWS])base, spread, f, t, 0, s);
      }
      UNROLL
      for (int r = 0; r < height; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
          const int one = reduce ? 0 : r;
          if (varying == 1) {
            sum[one][v] += s[r][v];
          } else {
            const REAL *p = AT(0, r) + factor.offset;
            sum[one][v] += s[r][v] * NAME(load_some)(p + v * LANES, masked, mask);
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
    UNROLL
    for (int r = 0; r < (reduce ? 1 : height); r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        if (spread) {
          REAL *at = into[r] + component + v * LANES;
          NAME(vec) all = sum[r][v];
          if (form->add) { all += NAME(load_some)(at, masked, mask); }
          if (masked) {
            NAME(store_masked)(at, all, mask);
          } else {
            NAME(store)(at, all);
          }
        } else if (masked && !reduce) {
          NAME(store_masked)(to + r * out_stride, sum[r][v], mask);
        } else {
          NAME(store)(to + r * out_stride + v * LANES, sum[r][v]);
        }
      }
    }
  }
}

// Rows begin ..< end.
INLINE void NAME(couple_rows)(const int varying, const int wide, const int reduce,
                              const int spread, const NAME(form) *form, int64_t begin, int64_t end, REAL *out,
                              int64_t out_stride) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
#define TILE(height, vectors, masked)                                                        \
  NAME(couple_tile)(varying, wide, reduce, spread, height, vectors, masked, mask, form, r, f, \
                    out, out_stride)
#define FEATURES(height)                                                                     \
  {                                                                                          \
    int64_t f = 0;                                                                           \
    for (; f + TILE_VECTORS * LANES <= features; f += TILE_VECTORS * LANES) {                \
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

// The sum over the rows.
INLINE void NAME(couple_sum)(const int varying, const int wide, const NAME(form) *form,
                             REAL *out) {
  for (int64_t begin = 0; begin < form->rows; begin += SUM_BLOCK) {
    memset(form->partial, 0, (size_t)(form->group_count * form->padded) * sizeof(REAL));
    NAME(couple_rows)(varying, wide, 1, 0, form, begin, least(begin + SUM_BLOCK, form->rows), out, 0);
    for (int64_t g = 0; g < form->group_count; g++) {
      REAL *to = out + form->groups[g].out * form->features;
      const REAL *from = form->partial + g * form->padded;
      for (int64_t f = 0; f < form->features; f++) { to[f] += from[f]; }
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

_Static_assert(sizeof(NAME(form)) <= COUPLE_HEAD, "the form must fit the head of its scratch");

static int NAME(couple_prepare)(int64_t features, int slots, const int32_t *size,
                                const e3x_term *terms, int64_t count, int out_slot,
                                const void *const *operand, const int64_t *row_stride,
                                void *scratch) {
  *(NAME(form) *)scratch = NAME(prepare)(features, slots, size, terms, count, out_slot, operand,
                                         row_stride, scratch);
  return 0;
}

// Shared operands have other values than when the form was prepared.
static int NAME(couple_refresh)(const e3x_term *terms, int64_t count, const void *const *operand,
                                void *scratch) {
  const NAME(form) *form = scratch;
  for (int64_t t = 0; form->wide && t < count; t++) {
    NAME(set_coefficient)(form, t, terms + form->order[t], operand);
  }
  return 0;
}

static int NAME(couple_run)(int64_t rows, const void *const *operand, int reduce, REAL *out,
                            void *scratch) {
  NAME(form) form = *(NAME(form) *)scratch;
  const int64_t features = form.features, out_stride = form.components * features;
  if (features <= 0) { return 0; }
  if (rows <= 0 || form.group_count == 0) {
    if (reduce != E3X_ADD_ROWS) {
      memset(out, 0, (size_t)((reduce ? 1 : rows) * out_stride) * sizeof(REAL));
    }
    return 0;
  }
  form.rows = rows;
  for (int v = 0; v < form.varying; v++) { form.operand[v] = operand[form.slot[v]]; }
  if (reduce == E3X_SUM_ROWS) {
    memset(out, 0, (size_t)out_stride * sizeof(REAL));
  } else if (!reduce) {
    NAME(clear_others)(&form, rows, form.components, out);
  }
  if (form.varying == 0) {
    NAME(couple_shared)(&form, reduce, out, out_stride);
    return 0;
  }
  int64_t widest = 0, elements = 0;
  for (int v = 0; v < form.varying; v++) {
    if (form.width[v] > widest) { widest = form.width[v]; }
    elements += form.width[v];
  }
  if (rows * elements * (int64_t)sizeof(REAL) > FAR_BYTES) {
    const int64_t line = (int64_t)(64 / sizeof(REAL));
    form.fetch = (widest + form.group_count * line - 1) / (form.group_count * line) * line;
  }
#define EITHER(varying, wide)                              \
  if (reduce) {                                            \
    NAME(couple_sum)(varying, wide, &form, out);           \
  } else {                                                 \
    NAME(couple_rows)(varying, wide, 0, 0, &form, 0, rows, out, out_stride); \
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

// Rows of operands and of the result that lie anywhere; at least one operand depends on the row.
static int NAME(couple_indirect)(int64_t rows, const e3x_rows *operand, const e3x_rows *out,
                                 int add, void *scratch) {
  NAME(form) form = *(NAME(form) *)scratch;
  if (form.features <= 0 || rows <= 0) { return 0; }
  if (form.varying == 0) { return -1; }
  form.rows = rows;
  form.rows_out = out;
  form.add = add;
  int64_t widest = form.components * form.features;
  int is_far = out->is_far;
  for (int v = 0; v < form.varying; v++) {
    // Operands are listed in the order of their slots.
    int place = 0;
    for (int w = 0; w < form.varying; w++) { place += form.slot[w] < form.slot[v]; }
    form.rows_of[v] = operand + place;
    is_far |= operand[place].is_far;
    if (form.width[v] > widest) { widest = form.width[v]; }
  }
  for (int64_t r = 0; !add && r < rows; r++) {
    NAME(clear_others)(&form, 1, form.components, NAME(row)(out, r));
  }
  if (form.group_count == 0) { return 0; }
  const int64_t line = (int64_t)(64 / sizeof(REAL));
  form.fetch =
      is_far ? (widest + form.group_count * line - 1) / (form.group_count * line) * line : 0;
#define SPREAD(varying, wide)                                      \
  NAME(couple_rows)(varying, wide, 0, 1, &form, 0, rows, NULL, 0); \
  return 0;
  switch (form.varying * 2 + form.wide) {
    case 2: SPREAD(1, 0)
    case 3: SPREAD(1, 1)
    case 4: SPREAD(2, 0)
    case 5: SPREAD(2, 1)
    default: SPREAD(3, 0)
  }
#undef SPREAD
}

#undef AT
#undef TILE_ROWS
#undef TILE_VECTORS
#undef SUM_BLOCK
