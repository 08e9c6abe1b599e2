#include "Forms.h"

#include "Units/UnitTable.h"

static const int mostTerms = 8192;

Form::Form(int slots, Dice &g) : slots(slots), terms(mostTerms) {
  static const int allFeatures[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 64, 67};
  static const int allRows[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 30};
  static const int counts[] = {0, 1, 2, 10, 60}, gaps[] = {0, 0, 3};
  for (int s = 0; s < slots; s++) { size[s] = g.whole(1, 9); }
  features = g.pick(allFeatures);
  rows = g.pick(allRows);
  outSlot = g.whole(0, slots - 1);
  count = g.pick(counts);
  for (int t = 0; t < count; t++) {
    for (int s = 0; s < slots; s++) { terms[t].index[s] = g.whole(0, size[s] - 1); }
    terms[t].value = g.between(-1, 1);
  }
  for (int s = 0; s < slots; s++) { shared[s] = g.chance(0.3); }
  gap = g.pick(gaps);
  if (slots > 2 && g.chance(0.5)) { setUnits(g); }
  sort();
}

/// The unit of these degrees, the higher one of the operands first; -1 if there is none.
static int unitOf(int first, int second, int result) {
  for (int u = 0; u < UNIT_COUNT; u++) {
    if (units[u].degree[0] == first && units[u].degree[1] == second &&
        units[u].degree[2] == result) {
      return u;
    }
  }
  return -1;
}

/// Of one or both parities, with operands, result and weights in any slots.
void Form::setUnits(Dice &g) {
  int order[4] = {0, 1, 2, 3}, degrees[3], parities[3];
  shuffle(order, slots, g);
  for (int &degree : degrees) { degree = g.whole(0, 3); }
  for (int &parity : parities) { parity = g.whole(1, 2); }
  // Another order of components than that of units is computed term by term.
  const bool isReversed = g.chance(0.2);
  count = 0;
  int paths = 0;
  for (int p = 0; p < parities[0] * parities[1] * parities[2]; p++) {
    const int parity[3] = {p % parities[0], p / parities[0] % parities[1],
                           p / parities[0] / parities[1]};
    for (int l1 = 0; l1 <= degrees[0]; l1++) {
      for (int l2 = 0; l2 <= degrees[1]; l2++) {
        for (int l3 = 0; l3 <= degrees[2]; l3++) {
          const int degree[3] = {l1, l2, l3};
          const bool isSwapped = l1 < l2;
          const int unit = isSwapped ? unitOf(l2, l1, l3) : unitOf(l1, l2, l3);
          if (unit < 0 || g.chance(0.3)) { continue; }
          const double factor = g.between(-2, 2);
          for (int t = units[unit].start; t < units[unit + 1].start; t++) {
            e3x_term term = {{0, 0, 0, 0}, factor * unit_terms[t].value};
            for (int s = 0; s < 3; s++) {
              const int own = s < 2 && isSwapped ? 1 - s : s;  // in the unit
              const int component = unit_terms[t].index[own];
              const int all = (degrees[s] + 1) * (degrees[s] + 1);
              term.index[order[s]] = parity[s] * all + degree[s] * degree[s] +
                                     (isReversed ? 2 * degree[s] - component : component);
            }
            if (slots == 4) { term.index[order[3]] = paths; }
            terms[count++] = term;
          }
          paths++;
        }
      }
    }
  }
  for (int s = 0; s < 3; s++) {
    size[order[s]] = parities[s] * (degrees[s] + 1) * (degrees[s] + 1);
  }
  if (slots == 4) { size[order[3]] = paths > 1 ? paths : 1; }
  // As a layer has them.
  for (int s = 0; s < slots; s++) { shared[s] = slots == 4 && s == order[3] && s != outSlot; }
}

/// By the index of the operand that is computed.
void Form::sort() {
  Array<e3x_term> sorted(mostTerms);
  int filled = 0;
  for (int component = 0; component < size[outSlot]; component++) {
    for (int t = 0; t < count; t++) {
      if (terms[t].index[outSlot] == component) { sorted[filled++] = terms[t]; }
    }
  }
  memcpy(terms.at, sorted.at, (size_t)count * sizeof(e3x_term));
}
