// Functions of elements, comparisons, selections and conversions.
// Included once for each instruction set.

#include "../Setup.h"

#include "../Types/Int32.h"
#include "../Integers.h"
#include "../Triples.h"
#include "../Elementwise.h"
#include "../Types/End.h"

#include "../Types/Float32.h"
#include "../Functions.h"
#include "../Functions32.h"
#include "../Triples.h"
#include "../Elementwise.h"
#include "../Types/End.h"

#include "../Types/Float64.h"
#include "../Functions.h"
#include "../Triples.h"
#include "../Elementwise.h"
#include "../Types/End.h"

#include "../Masks.h"

static int unary(e3x_unary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out,
                 const void *a) {
  if (dtype == E3X_BOOL && op == E3X_COPY) {
    copy_bool(nest, out, a);
    return 0;
  }
  if ((dtype == E3X_F16 || dtype == E3X_BF16) && op == E3X_COPY) {
    copy_half(nest, out, a);
    return 0;
  }
  BY_NUMBER(unary, op, nest, out, a)
}

static int binary(e3x_binary_op op, e3x_dtype dtype, const e3x_nest *nest, void *out,
                  const void *a, const void *b) {
  BY_NUMBER(binary, op, nest, out, a, b)
}

static int64_t first_bad_index(const int32_t *indices, int64_t count, int32_t lowest,
                               int32_t highest) {
  int64_t i = 0;
  for (; i + 256 <= count; i += 256) {
    int32_t bad = 0;
    for (int64_t j = i; j < i + 256; j++) {
      bad |= (indices[j] < lowest) | (indices[j] > highest);
    }
    if (bad) { break; }
  }
  for (; i < count; i++) {
    if (indices[i] < lowest || indices[i] > highest) { return i; }
  }
  return -1;
}

#include "../Close.h"

const e3x_elementwise_table JOIN(e3x_elementwise, ISA) = {
    .unary = unary,
    .binary = binary,
    .compare = compare,
    .logical = logical,
    .select = selected,
    .cast = cast,
    .first_bad_index = first_bad_index,
};
