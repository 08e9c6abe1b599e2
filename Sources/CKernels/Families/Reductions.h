// Sums and extremes over axes and over segments of rows.
// Included once for each instruction set.

#include "../Setup.h"

#include "../Types/Int32.h"
#include "../Integers.h"
#include "../Triples.h"
#include "../Reductions.h"
#include "../Segments.h"
#include "../Types/End.h"

#include "../Types/Float32.h"
#include "../Functions.h"
#include "../Triples.h"
#include "../Reductions.h"
#include "../Segments.h"
#include "../Types/End.h"

#include "../Types/Float64.h"
#include "../Functions.h"
#include "../Triples.h"
#include "../Reductions.h"
#include "../Segments.h"
#include "../Types/End.h"

static int reduce(e3x_reduce_op op, e3x_dtype dtype, const e3x_nest *kept,
                  const e3x_nest *reduced, void *out, const void *a) {
  BY_NUMBER(reduce, op, kept, reduced, out, a)
}

static int segment_sum(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                       const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                       void *out) {
  BY_NUMBER(segment_sum, first, last, offsets, order, width, x, x_stride, out)
}

static int segment_max(e3x_dtype dtype, int64_t first, int64_t last, const int32_t *offsets,
                       const int32_t *order, int64_t width, const void *x, int64_t x_stride,
                       double empty, void *out) {
  BY_NUMBER(segment_max, first, last, offsets, order, width, x, x_stride, empty, out)
}

static int segment_add(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                       int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  BY_NUMBER(segment_add, rows, indices, first, last, width, x, x_stride, out)
}

static int segment_raise(e3x_dtype dtype, int64_t rows, const int32_t *indices, int64_t first,
                         int64_t last, int64_t width, const void *x, int64_t x_stride, void *out) {
  BY_NUMBER(segment_raise, rows, indices, first, last, width, x, x_stride, out)
}

#include "../Close.h"

const e3x_reductions_table JOIN(e3x_reductions, ISA) = {
    .reduce = reduce,
    .segment_sum = segment_sum,
    .segment_max = segment_max,
    .segment_add = segment_add,
    .segment_raise = segment_raise,
};
