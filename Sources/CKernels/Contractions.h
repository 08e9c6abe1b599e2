// The kernel of forms in one operand that differs from row to row (CouplingForms.h): a sparse
// matrix, with numbers or rows of features as its elements, times each row.

INLINE void NAME(contract_term)(const int wide, const int height, const int vectors,
                                const int masked, NAME(mask) mask, const NAME(form) *form,
                                const REAL *const *base, int64_t f, int64_t t,
                                NAME(vec) (*sum)[2]) {
  const REAL *c = form->coefficients + t * (wide ? form->padded : 1);
  const int64_t offset = form->entries[t].offset[0];
  UNROLL
  for (int v = 0; v < vectors; v++) {
    const NAME(vec) factor = wide ? *(const NAME(vec) *)(c + f + v * LANES) : NAME(splat)(*c);
    UNROLL
    for (int r = 0; r < height; r++) {
      sum[r][v] += factor * NAME(load_some)(base[r] + offset + v * LANES, masked, mask);
    }
  }
}

// `number` terms of each of the groups first ..< last; 0 for any number. `t` is the first term.
INLINE int64_t NAME(contract_groups)(const int number, const int wide, const int height,
                                     const int vectors, const int masked, NAME(mask) mask,
                                     const NAME(form) *form, const REAL *const *base,
                                     REAL *const *to, int64_t f, int64_t first, int64_t last,
                                     int64_t t) {
  for (int64_t g = first; g < last; g++) {
    NAME(vec) sum[4][2];
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) { sum[r][v] = (NAME(vec)){0}; }
    }
    const int64_t count =
        number ? number
               : form->factors[form->groups[g + 1].start].start -
                     form->factors[form->groups[g].start].start;
#define TERM(i) \
  NAME(contract_term)(wide, height, vectors, masked, mask, form, base, f, t + (i), sum);
    if (number > 0) {
      UNROLL
      for (int i = 0; i < number; i++) { TERM(i) }
    } else {
      for (int64_t i = 0; i < count; i++) { TERM(i) }
    }
#undef TERM
    t += count;
    const int64_t component = form->groups[g].out * form->component_out;
    UNROLL
    for (int r = 0; r < height; r++) {
      UNROLL
      for (int v = 0; v < vectors; v++) {
        if (masked) {
          NAME(store_masked)(to[r] + component, sum[r][v], mask);
        } else {
          NAME(store)(to[r] + component + v * LANES, sum[r][v]);
        }
      }
    }
  }
  return t;
}

INLINE void NAME(contract_tile)(const int wide, const int height, const int vectors,
                                const int masked, NAME(mask) mask, const NAME(form) *form,
                                int64_t row, int64_t f, REAL *out) {
  const REAL *base[4];
  REAL *to[4];
  UNROLL
  for (int r = 0; r < height; r++) {
    base[r] = form->operand[0] + (row + r) * form->stride[0] + f;
    to[r] = out + (row + r) * form->row_out + f;
  }
  const int64_t *at_most = form->at_most;
  int64_t t = 0;
#define GROUPS(number, first, last)                                                        \
  t = NAME(contract_groups)(number, wide, height, vectors, masked, mask, form, base, to, f, \
                            first, last, t);
  GROUPS(1, 0, at_most[0])
  GROUPS(2, at_most[0], at_most[1])
  GROUPS(3, at_most[1], at_most[2])
  GROUPS(4, at_most[2], at_most[3])
  GROUPS(0, at_most[3], form->group_count)
#undef GROUPS
}

INLINE void NAME(contract_rows)(const int wide, const NAME(form) *form, int64_t rows, REAL *out) {
  const int64_t features = form->features;
  const NAME(mask) mask = NAME(first)(features % LANES);
#define FEATURES(height)                                                                 \
  for (; r + (height) <= rows; r += (height)) {                                          \
    int64_t f = 0;                                                                       \
    for (; !FEW_FORMS && f + 2 * LANES <= features; f += 2 * LANES) {                                  \
      NAME(contract_tile)(wide, height, 2, 0, mask, form, r, f, out);                    \
    }                                                                                    \
    for (; f + LANES <= features; f += LANES) {                                          \
      NAME(contract_tile)(wide, height, 1, 0, mask, form, r, f, out);                    \
    }                                                                                    \
    if (f < features) { NAME(contract_tile)(wide, height, 1, 1, mask, form, r, f, out); } \
  }
  int64_t r = 0;
  FEATURES(4)
  FEATURES(1)
#undef FEATURES
}

KERNEL void NAME(contract_narrow)(const NAME(form) *form, int64_t rows, REAL *out) {
  NAME(contract_rows)(0, form, rows, out);
}
KERNEL void NAME(contract_wide)(const NAME(form) *form, int64_t rows, REAL *out) {
  NAME(contract_rows)(1, form, rows, out);
}

// All components that have terms.
static void NAME(contract)(const NAME(form) *form, int64_t rows, REAL *out) {
  if (form->wide) {
    NAME(contract_wide)(form, rows, out);
  } else {
    NAME(contract_narrow)(form, rows, out);
  }
}
