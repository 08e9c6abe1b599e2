// How the terms of a form are recognised as multiples of units.

#include "Units.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../Layout.h"
#include "UnitTable.h"

// A component of irreducible representations of one or both parities.
typedef struct {
  int parity, degree, order;
} irrep;

// The number of components of one parity if `size` is that of a layout with units, else 0.
static int32_t components(int32_t size) {
  for (int32_t degree = 0; degree <= UNIT_DEGREE; degree++) {
    const int32_t own = (degree + 1) * (degree + 1);
    if (size == own || size == 2 * own) { return own; }
  }
  return 0;
}

static irrep irrep_of(int32_t index, int32_t components) {
  irrep found = {.parity = index / components};
  const int within = index % components;
  while ((found.degree + 1) * (found.degree + 1) <= within) { found.degree++; }
  found.order = within - found.degree * found.degree;
  return found;
}

static int32_t first_component(irrep of, int32_t components) {
  return of.parity * components + of.degree * of.degree;
}

static int unit_of(int l1, int l2, int l3) {
  for (int n = 0; n < UNIT_COUNT; n++) {
    if (units[n].degree[0] == l1 && units[n].degree[1] == l2 && units[n].degree[2] == l3) {
      return n;
    }
  }
  return -1;
}

// The coefficient of a unit, or 0; `place` is where it stands in the table.
static double coefficient(int unit, int i, int j, int k, int *place) {
  int low = units[unit].start, high = units[unit + 1].start;
  const int wanted = (k * 16 + i) * 16 + j;
  while (low < high) {
    const int middle = (low + high) / 2;
    const int8_t *index = unit_terms[middle].index;
    const int key = (index[2] * 16 + index[0]) * 16 + index[1];
    if (key == wanted) {
      *place = middle - units[unit].start;
      return unit_terms[middle].value;
    }
    if (key < wanted) { low = middle + 1; } else { high = middle; }
  }
  return 0;
}

// Whether the terms of the keys are a multiple of one whole unit.
static int match(const int32_t *own, const e3x_term *terms, const uint64_t *keys, int64_t count,
                 const couple_roles *roles, couple_block *block) {
  const e3x_term *term = terms + (uint32_t)keys[0];
  irrep a = irrep_of(term->index[roles->operand[0]], own[roles->operand[0]]);
  irrep b = irrep_of(term->index[roles->operand[1]], own[roles->operand[1]]);
  irrep c = irrep_of(term->index[roles->result], own[roles->result]);
  const int swapped = a.degree < b.degree;
  const int unit = swapped ? unit_of(b.degree, a.degree, c.degree)
                           : unit_of(a.degree, b.degree, c.degree);
  if (unit < 0 || units[unit + 1].start - units[unit].start != count) { return 0; }
  *block = (couple_block){.unit = unit, .degree = c.degree, .swapped = swapped};
  block->weight = roles->weights < 0 ? 0 : term->index[roles->weights];
  block->at[swapped] = first_component(a, own[roles->operand[0]]);
  block->at[!swapped] = first_component(b, own[roles->operand[1]]);
  block->at[2] = first_component(c, own[roles->result]);
  uint8_t seen[256] = {0};
  for (int64_t t = 0; t < count; t++) {
    term = terms + (uint32_t)keys[t];
    a = irrep_of(term->index[roles->operand[0]], own[roles->operand[0]]);
    b = irrep_of(term->index[roles->operand[1]], own[roles->operand[1]]);
    c = irrep_of(term->index[roles->result], own[roles->result]);
    int place = 0;
    const double one = swapped ? coefficient(unit, b.order, a.order, c.order, &place)
                               : coefficient(unit, a.order, b.order, c.order, &place);
    if (one == 0 || seen[place]) { return 0; }
    seen[place] = 1;
    if (t == 0) { block->value = term->value / one; }
    if (!(fabs(term->value - block->value * one) <= 8 * DBL_EPSILON * fabs(term->value))) {
      return 0;
    }
  }
  return 1;
}

static uint64_t part(const e3x_term *term, int slot, const int32_t *own) {
  const irrep of = irrep_of(term->index[slot], own[slot]);
  return (uint64_t)(of.parity << 2 | of.degree);
}

// The same, for given roles.
static int64_t blocks_for(const couple_roles *roles, const int32_t *size, const e3x_term *terms,
                          int64_t count, int opened, uint64_t *keys, couple_block *blocks) {
  int32_t own[4] = {0};
  const int irreps[3] = {roles->operand[0], roles->operand[1], roles->result};
  for (int s = 0; s < 3; s++) {
    own[irreps[s]] = components(size[irreps[s]]);
    if (own[irreps[s]] == 0) { return 0; }
  }
  if (roles->weights >= 0 && size[roles->weights] >= 1 << 20) { return 0; }
  for (int64_t t = 0; t < count; t++) {
    const e3x_term *term = terms + t;
    const uint64_t weight = roles->weights < 0 ? 0 : (uint64_t)term->index[roles->weights];
    const uint64_t result = part(term, roles->result, own);
    const uint64_t group = opened == roles->weights ? weight << 3 | result : result << 20 | weight;
    keys[t] = (group << 6 | part(term, roles->operand[0], own) << 3 |
               part(term, roles->operand[1], own)) << 32 | (uint64_t)t;
  }
  sort_keys(keys, count);
  int64_t found = 0;
  for (int64_t begin = 0, end; begin < count; begin = end) {
    for (end = begin; end < count && keys[end] >> 32 == keys[begin] >> 32;) { end++; }
    couple_block *block = blocks + found;
    if (!match(own, terms, keys + begin, end - begin, roles, block)) { return 0; }
    if (found > 0) {
      const couple_block *before = block - 1;
      const int same = opened == roles->weights ? before->weight == block->weight
                                                : before->at[2] == block->at[2];
      block->group = before->group + !same;
    }
    found++;
  }
  for (int64_t b = found - 1; b >= 0; b--) {
    const int last = b + 1 == found || blocks[b + 1].group != blocks[b].group;
    blocks[b].end = last ? (int32_t)b + 1 : blocks[b + 1].end;
  }
  return found;
}

int64_t couple_blocks(int slots, const int32_t *size, const e3x_term *terms, int64_t count,
                      int opened, uint64_t *keys, couple_block *blocks, couple_roles *roles) {
  if (slots == 3) {
    *roles = (couple_roles){{opened == 0, opened == 2 ? 1 : 2}, opened, -1};
    return blocks_for(roles, size, terms, count, opened, keys, blocks);
  }
  // Any slot may be that of the weights, the last one most likely.
  for (int weights = slots - 1; slots == 4 && weights >= 0; weights--) {
    int others[3], number = 0;
    for (int s = 0; s < slots; s++) {
      if (s != weights) { others[number++] = s; }
    }
    *roles = (couple_roles){{others[0], others[1]}, others[2], weights};
    if (opened == others[0]) { *roles = (couple_roles){{others[1], others[2]}, opened, weights}; }
    if (opened == others[1]) { *roles = (couple_roles){{others[0], others[2]}, opened, weights}; }
    const int64_t found = blocks_for(roles, size, terms, count, opened, keys, blocks);
    if (found > 0) { return found; }
  }
  return 0;
}
