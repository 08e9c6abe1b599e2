// Polynomials and harmonics of vectors, their lengths and directions.
// Included once for each instruction set.

#include "../Setup.h"

#include "../Types/Float32.h"
#include "../Functions.h"
#include "../Triples.h"
#include "../Turns.h"
#include "../Polynomials.h"
#include "../Harmonics.h"
#include "../Directions.h"
#include "../Types/End.h"

#include "../Types/Float64.h"
#include "../Functions.h"
#include "../Triples.h"
#include "../Turns.h"
#include "../Polynomials.h"
#include "../Harmonics.h"
#include "../Directions.h"

#if VECTOR_BYTES == 64
// Harmonics of low degree in vectors of half the width: turning takes a round less, and on Zen 4
// two such instructions that share no pipe run in the time of a whole one.
#undef VECTOR_BYTES
#define VECTOR_BYTES 32
#undef SUFFIX
#define SUFFIX f64_narrow
#include "../Vectors.h"
#include "../Triples.h"
#include "../Turns.h"
#include "../Harmonics.h"
#undef VECTOR_BYTES
#define VECTOR_BYTES 64
#define HAS_NARROW_HARMONICS 1
#endif
#include "../Types/End.h"

static int polynomial(e3x_dtype dtype, int64_t rows, int64_t outputs, const int32_t *offsets,
                      const e3x_monomial *monomials, int64_t max_power, const void *in,
                      int64_t in_stride, const void *weights, int64_t weights_stride,
                      int64_t weight_count, void *out, void *scratch) {
  BY_REAL(polynomial, rows, outputs, offsets, monomials, max_power, in, in_stride, weights,
          weights_stride, weight_count, out, scratch)
}

static int harmonics(e3x_dtype dtype, int64_t rows, int64_t max_degree, const double *steps,
                     int64_t outputs, const int32_t *offsets, const e3x_harmonic_term *terms,
                     const void *in, int64_t in_stride, const void *weights, int64_t weights_stride,
                     int64_t weight_count, void *out, void *scratch) {
#ifdef HAS_NARROW_HARMONICS
  if (dtype == E3X_F64 && max_degree <= EACH_DEGREE && weight_count == 0) {
    return harmonics_f64_narrow(rows, max_degree, steps, outputs, offsets, terms, in, in_stride,
                                weights, weights_stride, weight_count, out, scratch);
  }
#endif
  BY_REAL(harmonics, rows, max_degree, steps, outputs, offsets, terms, in, in_stride, weights,
          weights_stride, weight_count, out, scratch)
}

static int length(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride, void *out) {
  BY_REAL(length, rows, in, in_stride, out)
}

static int direction(e3x_dtype dtype, int64_t rows, const void *in, int64_t in_stride,
                     double above, void *out) {
  BY_REAL(direction, rows, in, in_stride, above, out)
}

#include "../Close.h"

const e3x_harmonics_table JOIN(e3x_harmonics, ISA) = {
    .polynomial = polynomial,
    .harmonics = harmonics,
    .length = length,
    .direction = direction,
};
