// Forms made of units: couplings of two irreducible representations to a third, by straight-line
// code that WriteKernels writes from exact coefficients.

#ifndef E3X_UNITS_H
#define E3X_UNITS_H

#include "CKernels.h"

// A multiple of a unit between components of the operands of a form.
typedef struct {
  int32_t unit, degree;  // that of the result
  int32_t swapped;       // whether the second operand is the one of the higher degree
  int32_t weight;        // component of the weights
  int32_t group, end;    // a group has the same result, or the same weight, and ends before `end`
  int32_t at[3];         // where operands (the one of the higher degree first) and result begin
  double value;
} couple_block;

// Which slots a form of units has: two operands and a result, and weights or -1.
typedef struct {
  int operand[2], result, weights;
} couple_roles;

// If the terms are multiples of whole units of components in Cartesian order: these, those of one
// group together, and 0 if not. `opened` is the slot that is computed: that of the result, or that
// of the weights, if there are any. `keys` has an element for each term, as `blocks` has.
int64_t couple_blocks(int slots, const int32_t *size, const e3x_term *terms, int64_t count,
                      int opened, uint64_t *keys, couple_block *blocks, couple_roles *roles);

#endif
