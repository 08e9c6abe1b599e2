// Sparse multilinear forms prepared for their kernel (Couplings.h), for the REAL being compiled.
//
// Operands that all rows share are multiplied into the values once: a coefficient per term, or,
// if there is any such operand, a row of coefficients per term (`wide`). One to three operands
// remain (`varying`). Terms are sorted by output component and, within one, by the operand that
// changes least often, the common factor. If only one operand remains, components with few terms
// come first, so that loops of a fixed length run over each kind.

typedef struct {
  int64_t block_count;  // if the form is made of units (first: e3x_couple_units reads it)
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
  // With one operand that varies: groups up to here have at most 1, 2, ... terms.
  int64_t at_most[FEW_TERMS];
  // Runs of components without terms: from `start` to before `out`.
  couple_group *gaps;
  int64_t gap_count;
  int64_t components;  // of the output
  int64_t component_out, row_out;  // elements from one to the next, and from row to row
  int64_t component[3];  // of the shared operands, in their order
  // Elements of a row to be fetched meanwhile, and for each factor (0 for none).
  int64_t widest, fetch;
  // For rows that lie anywhere: those of each operand, and of the result.
  const e3x_rows *rows_of[3], *rows_out;
  int add;
  // Of every term in the order of `entries`, which operands are shared, and how many of them.
  int32_t *order;
  int shared[3], shared_count;
  // If the form is made of units: its blocks; which operands theirs are, and their result (if that
  // is one); whether they are summed to weights; and the elements from a component to the next.
  couple_block *blocks;
  couple_roles roles;
  int place[3], sums;
  int64_t distance, distance_result;
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
    const REAL *from = (const REAL *)operand[s] + term->index[s] * form->component[i];
    for (int64_t f = 0; f < form->features; f++) { to[f] *= from[f]; }
  }
}

// The coefficients of all terms, or of all blocks.
static void NAME(set_coefficients)(const NAME(form) *form, const e3x_term *terms, int64_t count,
                                   const void *const *operand) {
  for (int64_t b = 0; b < form->block_count; b++) {
    e3x_term term = {.value = form->blocks[b].value};
    if (form->wide) { term.index[form->roles.weights] = form->blocks[b].weight; }
    NAME(set_coefficient)(form, b, &term, operand);
  }
  for (int64_t t = 0; form->block_count == 0 && t < count; t++) {
    NAME(set_coefficient)(form, t, terms + form->order[t], operand);
  }
}

// Straight-line code pays from so many terms a block on: from degree 2 on.
#define UNIT_TERMS 4

// The places of the operands of units, if the form is made of them and straight-line code pays.
static void NAME(find_units)(NAME(form) *form, int slots, const int32_t *size,
                             const e3x_term *terms, int64_t count, int opened, int reduce,
                             const int64_t *distance) {
  if (FEW_FORMS || form->varying < 2 || form->features < 1) { return; }
  const int64_t found = couple_blocks(slots, size, terms, count, opened,
                                      (uint64_t *)form->partial, form->blocks, &form->roles);
  const int roles[3] = {form->roles.operand[0], form->roles.operand[1], form->roles.result};
  int places = 0;
  for (int r = 0; r < 3; r++) {
    for (int v = 0; v < form->varying; v++) {
      if (form->slot[v] == roles[r]) {
        form->place[r] = v;
        places++;
      }
    }
  }
  form->sums = opened == form->roles.weights;
  if (found == 0 || found * UNIT_TERMS > count || form->sums != (reduce != E3X_KEEP_ROWS) ||
      form->varying != 2 + form->sums || places != form->varying) {
    return;
  }
  form->distance = distance[form->place[0]];
  if (distance[form->place[1]] != form->distance) { return; }
  form->distance_result = form->sums ? distance[form->place[2]] : form->component_out;
  for (int64_t b = 0; b < found; b++) {
    couple_block *block = form->blocks + b;
    block->at[0] *= (int32_t)form->distance;
    block->at[1] *= (int32_t)form->distance;
    block->at[2] *= (int32_t)form->distance_result;
  }
  form->block_count = found;
}

static NAME(form) NAME(prepare)(int64_t features, int slots, const int32_t *size,
                                const e3x_term *terms, int64_t count, int out_slot, int reduce,
                                const void *const *operand, const int64_t *row_stride,
                                const int64_t *component, void *scratch) {
  NAME(form) form = {0};
  form.features = features;
  form.components = size[out_slot];
  const int64_t row_bytes = couple_row(features, (int64_t)sizeof(REAL));
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
  form.gaps = (couple_group *)(free += round_up((count + 1) * (int64_t)sizeof(couple_group)));
  form.order = (int32_t *)(free += round_up((count + 1) * (int64_t)sizeof(couple_group)));
  form.blocks = (couple_block *)(free + round_up((count + 1) * (int64_t)sizeof(int32_t)));

  form.component_out = component ? component[out_slot] : features;
  form.row_out = component ? row_stride[out_slot] : form.components * features;
  int varying[3] = {0};
  for (int s = 0; s < slots; s++) {
    if (s == out_slot) { continue; }
    if (row_stride[s] == 0) {
      form.component[form.shared_count] = component ? component[s] : features;
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
  int64_t distance[3] = {0};
  for (int v = 0; v < form.varying; v++) {
    form.slot[v] = varying[v];
    form.stride[v] = row_stride[varying[v]];
    distance[v] = component ? component[varying[v]] : features;
    form.width[v] = (size[varying[v]] - 1) * distance[v] + features;
  }

  // Where the terms of each group begin in `keys`, and how many there are.
  uint64_t *groups = keys + count;
  for (int64_t begin = 0, end, next = 0; begin < count || next < form.components; begin = end) {
    const int64_t out =
        begin < count ? terms[(uint32_t)keys[begin]].index[out_slot] : form.components;
    if (out > next) { form.gaps[form.gap_count++] = (couple_group){(int32_t)next, (int32_t)out}; }
    next = out + 1;
    for (end = begin; end < count && terms[(uint32_t)keys[end]].index[out_slot] == out;) { end++; }
    if (end > begin) {
      groups[form.group_count++] = (uint64_t)(end - begin) << 32 | (uint64_t)begin;
    }
  }
  if (form.varying == 1) { sort_keys(groups, form.group_count); }

  const int per_term = form.varying > 1 ? 1 : 0;  // the first operand that each term has its own of
  int64_t factor_count = 0, t = 0;
  for (int64_t g = 0; g < form.group_count; g++) {
    const int64_t begin = (uint32_t)groups[g], number = (int64_t)(groups[g] >> 32);
    form.groups[g] = (couple_group){(int32_t)factor_count,
                                    terms[(uint32_t)keys[begin]].index[out_slot]};
    for (int n = 1; n <= FEW_TERMS; n++) { form.at_most[n - 1] += number <= n; }
    for (int64_t k = begin; k < begin + number; k++, t++) {
      const e3x_term *term = terms + (uint32_t)keys[k];
      if (k == begin || keys[k] >> 32 != keys[k - 1] >> 32) {
        form.factors[factor_count++] =
            (couple_factor){(int32_t)t, (int32_t)(term->index[factor] * distance[0])};
      }
      couple_entry entry = {{0, 0}};
      for (int v = per_term; v < form.varying; v++) {
        entry.offset[v - per_term] = (int32_t)(term->index[varying[v]] * distance[v]);
      }
      form.entries[t] = entry;
      form.order[t] = (int32_t)(uint32_t)keys[k];
    }
  }
  form.factors[factor_count].start = (int32_t)count;
  form.groups[form.group_count].start = (int32_t)factor_count;
  NAME(find_units)(&form, slots, size, terms, count, out_slot, reduce, distance);
  NAME(set_coefficients)(&form, terms, count, operand);
  return form;
}

_Static_assert(sizeof(NAME(form)) <= COUPLE_HEAD, "the form must fit the head of its scratch");

static int NAME(couple_prepare)(int64_t features, int slots, const int32_t *size,
                                const e3x_term *terms, int64_t count, int out_slot, int reduce,
                                const void *const *operand, const int64_t *row_stride,
                                const int64_t *component, void *scratch) {
  *(NAME(form) *)scratch = NAME(prepare)(features, slots, size, terms, count, out_slot, reduce,
                                         operand, row_stride, component, scratch);
  return 0;
}

// Shared operands have other values than when the form was prepared.
static int NAME(couple_refresh)(const e3x_term *terms, int64_t count, const void *const *operand,
                                void *scratch) {
  const NAME(form) *form = scratch;
  if (form->wide) { NAME(set_coefficients)(form, terms, count, operand); }
  return 0;
}
