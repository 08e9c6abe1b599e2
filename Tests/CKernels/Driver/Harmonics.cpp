// Polynomials in three variables, solid harmonics, lengths and directions of vectors.

#include "Checks.h"

template <class T>
static void polynomials(int maxPower) {
  static const struct {
    int outputs, weights;
  } cases[] = {{0, 0}, {1, 0}, {2, 3}, {3, 16}, {7, 0}, {16, 2}, {17, 0}, {35, 1}, {3, 35}, {0, 4}};
  static const int lengths[] = {0, 1, 2, 5}, strides[] = {3, 3, 5}, gaps[] = {0, 0, 2};
  Dice g(71);
  for (int rows : each(0, 1, 3, 15, 16, 17, 31, 32, 33, 70)) {
    for (const auto &c : cases) {
      Array<int32_t> offsets(c.outputs + 1);
      Array<e3x_monomial> monomials(5 * c.outputs);
      int count = 0;
      for (int p = 0; p < c.outputs; p++) {
        for (int n = g.pick(lengths); n > 0; n--) {
          e3x_monomial &m = monomials[count++];
          for (int32_t &power : m.power) { power = g.whole(0, maxPower); }
          m.weight = c.weights > 0 ? g.whole(0, c.weights - 1) : 0;
          m.coefficient = g.between(-2, 2);
        }
        offsets[p + 1] = count;
      }
      const int stride = g.pick(strides), weightStride = c.weights + g.pick(gaps);
      Array<T> x(rows * stride + 3, 1.5, g);
      x[0] = 0;  // 0^0 = 1
      const Array<T> weights(rows * weightStride, 1.5, g);
      Array<T> out(rows * c.outputs, (T)5);
      const Scratch scratch(e3x_polynomial_scratch(Type<T>::dtype, maxPower, c.weights));
      expect(e3x_polynomial(Type<T>::dtype, rows, c.outputs, offsets.at, monomials.at, maxPower,
                            x.at, stride, weights.at, weightStride, c.weights, out.at,
                            scratch.at) == 0,
             "polynomials", rows);
      Array<double> expected(out.count), bounds(out.count);
      for (int64_t at = 0; at < out.count; at++) {
        const int r = (int)(at / c.outputs), p = (int)(at % c.outputs);
        for (int m = offsets[p]; m < offsets[p + 1]; m++) {
          double term = monomials[m].coefficient;
          for (int v = 0; v < 3; v++) {
            for (int n = monomials[m].power[v]; n > 0; n--) { term *= (double)x[r * stride + v]; }
          }
          if (c.weights > 0) { term *= (double)weights[r * weightStride + monomials[m].weight]; }
          expected[at] += term;
          // No relative accuracy among the smallest numbers of the type.
          bounds[at] += (maxPower + 4) * Type<T>::epsilon * (fabs(term) + 1e-30);
        }
      }
      expectElements("polynomials", rows, out, expected, bounds);
    }
  }
}

void checkPolynomials() {
  for (int maxPower : each(0, 1, 4, 12, 20)) {
    polynomials<float>(maxPower);
    polynomials<double>(maxPower);
  }
}

// --- Solid harmonics --------------------------------------------------------------------------

static const int highest = 7;

/// The factors of the recurrence, for harmonics whose squares of a degree sum to r^(2 l).
static void setSteps(double *steps) {
  steps[0] = 1;
  for (int l = 1; l <= highest; l++) {
    for (int m = 0; m <= l; m++) {
      double *step = steps + l * (l + 1) + 2 * m;
      if (m == l) {
        step[0] = l == 1 ? 1 : sqrt((2.0 * l - 1) / (2.0 * l));
        step[1] = 0;
      } else {
        const double below = sqrt((double)(l * l - m * m));
        step[0] = (2.0 * l - 1) / below;
        step[1] = m < l - 1 ? sqrt((double)((l - 1) * (l - 1) - m * m)) / below : 0;
      }
    }
  }
}

/// All harmonics of a point by the recurrence that the header of the kernels gives.
static void setHarmonics(int maxDegree, const double *steps, const double *p, double *R) {
  const double r2 = p[0] * p[0] + p[1] * p[1] + p[2] * p[2];
  R[0] = 1;
  for (int l = 1; l <= maxDegree; l++) {
    const auto at = [&](int degree, int m) -> double & { return R[degree * degree + degree + m]; };
    const double *step = steps + l * (l + 1);
    const double s = l == 1 ? 0 : at(l - 1, 1 - l), c = at(l - 1, l - 1);
    at(l, l) = step[2 * l] * (p[0] * c - p[1] * s);
    at(l, -l) = step[2 * l] * (p[0] * s + p[1] * c);
    for (int m = 1 - l; m < l; m++) {
      const int size = m < 0 ? -m : m;
      at(l, m) = step[2 * size] * p[2] * at(l - 1, m);
      if (size < l - 1) { at(l, m) -= step[2 * size + 1] * r2 * at(l - 2, m); }
    }
  }
}

/// The place of the harmonic with -m, whose coefficient is often the same.
static int mirrored(int harmonic) {
  const int degree = (int)sqrt((double)harmonic + 0.5), centre = degree * degree + degree;
  return 2 * centre - harmonic;
}

/// Combinations of harmonics: each one by itself, or some of several terms; with weights or without.
template <class T>
static void harmonics(int maxDegree, bool isEach, int weightCount) {
  static const int strides[] = {3, 3, 5};
  double steps[(highest + 1) * (highest + 2)] = {0};
  setSteps(steps);
  const int all = (maxDegree + 1) * (maxDegree + 1), outputs = isEach ? all : 11;
  Dice g((uint64_t)(91 + maxDegree));
  for (int rows : each(0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 70)) {
    Array<int32_t> offsets(outputs + 1);
    Array<e3x_harmonic_term> terms(5 * outputs);
    const bool isPaired = g.chance(0.5);
    int count = 0;
    for (int p = 0; p < outputs; p++) {
      for (int n = isEach ? 1 : g.whole(0, 4); n > 0; n--) {
        e3x_harmonic_term &term = terms[count++];
        term.harmonic = isEach ? p : g.whole(0, all - 1);
        term.weight = weightCount > 0 ? g.whole(0, weightCount - 1) : 0;
        term.coefficient = g.between(-2, 2);
        const int other = mirrored(p);
        if (isEach && isPaired && other < p) { term.coefficient = terms[other].coefficient; }
      }
      offsets[p + 1] = count;
    }
    const int stride = g.pick(strides);
    const Array<T> x(rows * stride + 3, 1.5, g), weights(rows * weightCount, 1.5, g);
    Array<T> out(rows * outputs, (T)5);
    const Scratch scratch(e3x_harmonics_scratch(Type<T>::dtype, maxDegree, count, weightCount));
    expect(e3x_harmonics(Type<T>::dtype, rows, maxDegree, steps, outputs, offsets.at, terms.at,
                         x.at, stride, weights.at, weightCount, weightCount, out.at,
                         scratch.at) == 0,
           "harmonics", rows);
    Array<double> expected(out.count), bounds(out.count);
    for (int r = 0; r < rows; r++) {
      double point[3], R[(highest + 1) * (highest + 1)];
      for (int v = 0; v < 3; v++) { point[v] = (double)x[r * stride + v]; }
      setHarmonics(maxDegree, steps, point, R);
      const double length = sqrt(point[0] * point[0] + point[1] * point[1] + point[2] * point[2]);
      for (int p = 0; p < outputs; p++) {
        for (int t = offsets[p]; t < offsets[p + 1]; t++) {
          double factor = terms[t].coefficient;
          if (weightCount > 0) { factor *= (double)weights[r * weightCount + terms[t].weight]; }
          const int degree = (int)sqrt((double)terms[t].harmonic + 0.5);
          expected[r * outputs + p] += factor * R[terms[t].harmonic];
          // A few roundings a degree, in proportion to the harmonics of the point's length.
          bounds[r * outputs + p] +=
              (4 + 4 * degree) * Type<T>::epsilon * fabs(factor) * pow(length, degree);
        }
      }
    }
    expectElements("harmonics", rows, out, expected, bounds);
  }
}

void checkHarmonics() {
  for (int maxDegree = 0; maxDegree <= highest; maxDegree++) {
    for (bool isEach : each(false, true)) {
      for (int weightCount : each(0, 1, 5)) {
        harmonics<float>(maxDegree, isEach, weightCount);
        harmonics<double>(maxDegree, isEach, weightCount);
      }
    }
  }
}

// --- Lengths and directions -------------------------------------------------------------------

/// In double precision: vectors are scaled by a power of two, which rounds only what is far
/// smaller than the rest.
static double length(const double *x) {
  const double largest = fmax(fabs(x[0]), fmax(fabs(x[1]), fabs(x[2])));
  if (largest == 0 || !isfinite(largest)) { return largest; }
  int exponent;
  frexp(largest, &exponent);
  double sum = 0;
  for (int c = 0; c < 3; c++) {
    const double scaled = ldexp(x[c], 1 - exponent);
    sum += scaled * scaled;
  }
  return ldexp(sqrt(sum), exponent - 1);
}

template <class T>
static void directions(int lowest, int highestExponent) {
  static const int strides[] = {3, 3, 5};
  static const double thresholds[] = {0, 1e-30, 0.5, 1e20};
  Dice g(89);
  for (int round = 0; round < 200; round++) {
    const int rows = g.whole(0, 37), stride = g.pick(strides);
    // All near 1, all of one size, or each of its own.
    const int kind = g.whole(0, 2), common = g.whole(lowest, highestExponent);
    Array<T> x(rows * stride + 3, 1, g);
    for (int r = 0; r < rows && kind > 0; r++) {
      const int exponent = kind == 1 ? common : g.whole(lowest, highestExponent);
      for (int c = 0; c < 3; c++) {
        T &to = x[r * stride + c];
        to = g.chance(0.2) ? 0 : (T)ldexp((double)to, exponent);
      }
    }
    const double above = g.pick(thresholds);
    Array<T> lengths(rows, (T)5), out(3 * rows, (T)5);
    expect(e3x_length(Type<T>::dtype, rows, x.at, stride, lengths.at) == 0, "length", round);
    expect(e3x_direction(Type<T>::dtype, rows, x.at, stride, above, out.at) == 0, "direction",
           round);
    Array<double> n(rows), expected(3 * rows), bounds(3 * rows);
    for (int r = 0; r < rows; r++) {
      double vector[3];
      for (int c = 0; c < 3; c++) { vector[c] = (double)x[r * stride + c]; }
      n[r] = length(vector);
      for (int c = 0; c < 3; c++) {
        expected[3 * r + c] = n[r] > above ? vector[c] / n[r] : vector[c];
        bounds[3 * r + c] = 3 * Type<T>::epsilon * fabs(expected[3 * r + c]);
      }
      // Where rounding decides which it is, either is right; no vector here is that near.
      expect(fabs(n[r] - above) >= 1e-6 * above, "threshold", round);
    }
    expectElements("length", round, lengths, n, ulps<T>(n, 3));
    expectElements("direction", round, out, expected, bounds);
  }
}

/// One vector that is not a number leaves its neighbours alone.
template <class T>
static void vectorsThatAreNoNumbers() {
  for (double special : each((double)NAN, (double)INFINITY)) {
    Array<T> x(3 * 16, (T)2), lengths(16), out(3 * 16);
    x[3 * 4] = (T)special;
    e3x_length(Type<T>::dtype, 16, x.at, 3, lengths.at);
    e3x_direction(Type<T>::dtype, 16, x.at, 3, 0, out.at);
    for (int r = 0; r < 16; r++) {
      const bool isSpecial = r == 4;
      expect(isfinite((double)lengths[r]) == !isSpecial, "no numbers", r);
      expect(isSpecial || fabs((double)out[3 * r] - 1 / sqrt(3)) < 3 * Type<T>::epsilon,
             "no numbers", r);
    }
    expect(!isfinite((double)out[3 * 4]), "no numbers");
  }
}

void checkDirections() {
  directions<float>(-124, 126);
  directions<double>(-1020, 1022);
  vectorsThatAreNoNumbers<float>();
  vectorsThatAreNoNumbers<double>();
  int32_t x[3] = {1, 1, 1};
  expect(e3x_length(E3X_I32, 1, x, 3, x) == -1, "refusal");
  expect(e3x_direction(E3X_I32, 1, x, 3, 0, x) == -1, "refusal");
}
