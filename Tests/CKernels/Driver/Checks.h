// What groups of checks tell: whether something holds, and numbers with what plain loops give.

#ifndef DRIVER_CHECKS_H
#define DRIVER_CHECKS_H

#include "Arrays.h"

/// Counts what does not hold, and says the first few with the round that they belong to.
void expect(bool holds, const char *what, int round = 0);

/// Numbers that a kernel computed, what plain loops give, and by how much they may differ. They are
/// written to the file of results, if there is one.
void expectNumbers(const char *what, int round, int64_t count, const double *values,
                   const double *expected, const double *bounds);

/// Equal, where NaN equals NaN.
inline bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/// The same for elements: agreement also means the number of the type that is nearest.
template <class T>
void expectElements(const char *what, int round, const Array<T> &values,
                    const Array<double> &expected, const Array<double> &bounds) {
  Array<double> got = numbers(values), wanted(expected);
  for (int64_t i = 0; i < got.count; i++) {
    if (same(got[i], (double)Type<T>::nearest(wanted[i]))) { wanted[i] = got[i]; }
  }
  expectNumbers(what, round, got.count, got.at, wanted.at, bounds.at);
}

/// Elements that must be these, to the last bit (zeros of either sign are the same).
template <class T>
void expectEqual(const char *what, int round, const Array<T> &values, const Array<T> &expected) {
  const Array<double> got = numbers(values), wanted = numbers(expected), none(values.count);
  expectNumbers(what, round, got.count, got.at, wanted.at, none.at);
}

/// The distance between neighbouring numbers of the type near a number.
template <class T>
double spacing(double x) {
  const double size = fabs(x) > Type<T>::least ? fabs(x) : Type<T>::least;
  if (!isfinite(size)) { return 0; }
  int exponent;
  frexp(size, &exponent);
  return ldexp(Type<T>::epsilon, exponent - 1);
}

/// As many units in the last place of each number.
template <class T>
Array<double> ulps(const Array<double> &expected, double count) {
  Array<double> bounds(expected.count);
  for (int64_t i = 0; i < bounds.count; i++) { bounds[i] = count * spacing<T>(expected[i]); }
  return bounds;
}

// The groups, each with the sizes and seeds of the tests in Swift of the same name.
void checkElementwise();
void checkTranscendental();
void checkMasks();
void checkHalves();
void checkReductions();
void checkRows();
void checkSegments();
void checkMatrices();
void checkBlocks();
void checkLanes();
void checkCouplings();
void checkDots();
void checkPolynomials();
void checkHarmonics();
void checkDirections();

#endif
