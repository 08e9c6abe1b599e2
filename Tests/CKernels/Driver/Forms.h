// Random multilinear forms of two to four operands, one of which is computed.

#ifndef DRIVER_FORMS_H
#define DRIVER_FORMS_H

#include "Tables.h"

struct Form {
  int slots, features, rows, outSlot, gap, count = 0;
  int32_t size[4];
  bool shared[4];
  Array<e3x_term> terms;

  /// A form of any terms or, half of the time where there are enough operands, of units: multiples
  /// of couplings of irreducible representations of degrees up to 3.
  Form(int slots, Dice &g);
  Form(const Form &) = delete;

  int width(int slot) const { return size[slot] * features; }

  /// What the form gives for one row, added to `sums`, and the sizes of what is added to `sizes`;
  /// `at(slot, element)` is an element of that row.
  template <class At>
  void add(At at, double *sums, double *sizes) const {
    for (int t = 0; t < count; t++) {
      const e3x_term &term = terms[t];
      for (int f = 0; f < features; f++) {
        double product = term.value;
        for (int s = 0; s < slots; s++) {
          if (s != outSlot) { product *= at(s, term.index[s] * features + f); }
        }
        sums[term.index[outSlot] * features + f] += product;
        sizes[term.index[outSlot] * features + f] += fabs(product);
      }
    }
  }

 private:
  void setUnits(Dice &g);
  void sort();
};

#endif
