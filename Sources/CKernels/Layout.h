// What the kernels of every instruction set share: loop nests made simple, and scratch layouts.

#ifndef E3X_LAYOUT_H
#define E3X_LAYOUT_H

#include "CKernels.h"
#include "Units/Units.h"

// Rows are processed this many bytes at a time by e3x_polynomial.
#define POLYNOMIAL_BYTES 128

// Up to this degree e3x_harmonics has code of its own where each output is one harmonic.
#define EACH_DEGREE 3

// The values of a harmonic that e3x_harmonics keeps at a time take at most this many bytes.
#define HARMONIC_BYTES 128

// Operands of more bytes than this are taken to lie outside the caches.
#define FAR_BYTES (1 << 20)

// Multiple of 64, so that parts of scratch stay aligned.
static inline int64_t round_up(int64_t bytes) { return (bytes + 63) & ~(int64_t)63; }

// --- Couplings --------------------------------------------------------------------------------

// Bytes at the head of a coupling's scratch, for what was prepared.
#define COUPLE_HEAD 576

// Output components of up to so many terms are computed by loops of a fixed length.
#define FEW_TERMS 4

// A term as the inner loop reads it: where the operands that differ from term to term start
// within their rows.
typedef struct {
  int32_t offset[2];
} couple_entry;

// Neighbouring terms with a common factor: terms start ..< (the next factor's start), and where
// the common operand starts within its row.
typedef struct {
  int32_t start;
  int32_t offset;
} couple_factor;

// Factors start ..< (the next group's start) go to component `out`.
typedef struct {
  int32_t start;
  int32_t out;
} couple_group;

// Bytes of a padded row of features; at least a line, which keys need.
static inline int64_t couple_row(int64_t features, int64_t element) {
  return round_up((features > 1 ? features : 1) * element);
}

// Coefficients (one padded row of features per term), partial sums of a block of rows (as many at
// most; before that, sort keys), entries, factors, groups, gaps, the order of the terms and blocks.
static inline size_t couple_scratch(int64_t element, int64_t features, int64_t terms) {
  const int64_t row = couple_row(features, element);
  return (size_t)(COUPLE_HEAD + 2 * terms * row + round_up(terms * (int64_t)sizeof(couple_entry)) +
                  round_up((terms + 1) * (int64_t)sizeof(couple_factor)) +
                  2 * round_up((terms + 1) * (int64_t)sizeof(couple_group)) +
                  round_up((terms + 1) * (int64_t)sizeof(int32_t)) +
                  round_up(terms * (int64_t)sizeof(couple_block)));
}

// Sorts 64-bit keys; fast for few, and for sorted ones.
static inline void sort_keys(uint64_t *keys, int64_t count) {
  int64_t gap = 1;
  while (gap < count / 9) { gap = 3 * gap + 1; }
  for (; gap > 0; gap /= 3) {
    for (int64_t i = gap; i < count; i++) {
      const uint64_t key = keys[i];
      int64_t j = i;
      for (; j >= gap && keys[j - gap] > key; j -= gap) { keys[j] = keys[j - gap]; }
      keys[j] = key;
    }
  }
}

// Fills `keys` with the positions of the terms (in the low 32 bits), those of one output component
// sorted by their index in `slot`; returns how often output component or that index change.
static inline int64_t factor_terms(const e3x_term *terms, int64_t count, int out_slot, int slot,
                                   uint64_t *keys) {
  int64_t changes = 0;
  for (int64_t begin = 0, end; begin < count; begin = end) {
    for (end = begin;
         end < count && terms[end].index[out_slot] == terms[begin].index[out_slot]; end++) {
      keys[end] = (uint64_t)(uint32_t)terms[end].index[slot] << 32 | (uint64_t)end;
    }
    sort_keys(keys + begin, end - begin);
    for (int64_t t = begin; t < end; t++) {
      changes += t == begin || keys[t] >> 32 != keys[t - 1] >> 32;
    }
  }
  return changes;
}

// --- Loop nests -------------------------------------------------------------------------------

static inline int is_empty(const e3x_nest *nest) {
  return nest->count[0] <= 0 || nest->count[1] <= 0 || nest->count[2] <= 0 || nest->count[3] <= 0;
}

static inline void swap_loops(e3x_nest *nest, int i, int j) {
  int64_t kept = nest->count[i];
  nest->count[i] = nest->count[j];
  nest->count[j] = kept;
  kept = nest->out[i];
  nest->out[i] = nest->out[j];
  nest->out[j] = kept;
  for (int s = 0; s < 3; s++) {
    kept = nest->in[s][i];
    nest->in[s][i] = nest->in[s][j];
    nest->in[s][j] = kept;
  }
}

// The same index set with as few and as long loops as possible: loops of length 1 are dropped and
// neighbours merged where every operand allows it. The strides of `inputs` inputs count. Unused
// outer loops have length 1. A nest without any index keeps a 0 among its counts.
static inline e3x_nest merged_nest(const e3x_nest *nest, int inputs) {
  e3x_nest merged = {{1, 1, 1, 1}, {0}, {{0}}};
  if (is_empty(nest)) {
    merged.count[3] = 0;
    return merged;
  }
  int top = 4;  // the outermost loop filled in
  for (int d = 3; d >= 0; d--) {
    if (nest->count[d] == 1) { continue; }
    int joins = top < 4 && nest->out[d] == merged.out[top] * merged.count[top];
    for (int s = 0; joins && s < inputs; s++) {
      joins = nest->in[s][d] == merged.in[s][top] * merged.count[top];
    }
    if (joins) {
      merged.count[top] *= nest->count[d];
      continue;
    }
    top--;
    merged.count[top] = nest->count[d];
    merged.out[top] = nest->out[d];
    for (int s = 0; s < inputs; s++) { merged.in[s][top] = nest->in[s][d]; }
  }
  if (top == 4) {  // a single index: strides of 1 let it take the contiguous path
    merged.out[3] = 1;
    for (int s = 0; s < inputs; s++) { merged.in[s][3] = 1; }
  }
  return merged;
}

// A merged nest for elementwise work: the innermost loop is one along which the output is
// contiguous, if there is any.
static inline e3x_nest elementwise_nest(const e3x_nest *nest, int inputs) {
  e3x_nest merged = merged_nest(nest, inputs);
  if (merged.out[3] != 1) {
    for (int d = 2; d >= 0; d--) {
      if (merged.out[d] == 1 && merged.count[d] > 1) {
        swap_loops(&merged, d, 3);
        break;
      }
    }
  }
  return merged;
}

#endif
