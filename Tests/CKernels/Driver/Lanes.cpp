// Products of matrices for each feature, copies of components, and derivatives of sums of products,
// with rows one after the other and anywhere.

#include "Tables.h"

static const int allFeatures[] = {1, 3, 8, 16, 20, 33};
static const int fiveMore[] = {0, 0, 5}, sevenMore[] = {0, 0, 7};

template <class T>
static void outer() {
  Dice g(71);
  for (int round = 0; round < 150; round++) {
    const int n1 = g.whole(1, 10), n2 = g.whole(1, 19), features = g.pick(allFeatures);
    const int rows = g.whole(0, 9), next = g.whole(0, 4);
    const int xi = features + g.pick(fiveMore), yj = features + g.pick(sevenMore);
    const bool xIndirect = g.chance(0.5), yIndirect = g.chance(0.5), isFar = g.chance(0.5);
    Table<T> x(rows + next, n1 * xi, xIndirect, g), y(rows + next, n2 * yj, yIndirect, g);
    const e3x_rows a = x.kernelRows(false, xi), b = y.kernelRows(isFar, yj);
    const Soon soon(y, rows, next, g);
    Array<T> out(n1 * n2 * features, (T)5);
    expect(e3x_lane_outer(Type<T>::dtype, features, n1, n2, rows, &a, &b,
                          next ? soon.entries : nullptr, out.at) == 0,
           "outer", round);
    Array<double> expected(out.count);
    for (int64_t at = 0; at < out.count; at++) {
      const int f = (int)(at % features), j = (int)(at / features % n2);
      const int i = (int)(at / features / n2);
      for (int r = 0; r < rows; r++) { expected[at] += x(r, i * xi + f) * y(r, j * yj + f); }
    }
    expectElements("outer", round, out, expected,
                   Array<double>(out.count, Type<T>::epsilon * (4 + rows)));
  }
}

template <class T>
static void apply() {
  Dice g(72);
  for (int round = 0; round < 150; round++) {
    const int n = g.whole(1, 19), nk = g.whole(1, 10), features = g.pick(allFeatures);
    const int rows = g.whole(0, 15), next = g.whole(0, 4);
    const bool adds = g.chance(0.5), isTransposed = g.chance(0.5), isIndirect = g.chance(0.5);
    const bool isFar = g.chance(0.5);
    const int alongN = isTransposed ? features : nk * features;
    const int alongK = isTransposed ? n * features : features;
    const int yk = features + g.pick(fiveMore), outI = features + g.pick(sevenMore);
    const Array<T> matrix(n * nk * features, 1, g);
    Table<T> y(rows + next, nk * yk, isIndirect, g), out(rows + next, n * outI, adds, g);
    // Rounding is in proportion to what is summed.
    Array<double> expected = numbers(out.elements), sizes(expected);
    for (int64_t i = 0; i < sizes.count; i++) { sizes[i] = fabs(sizes[i]); }
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < n; i++) {
        for (int f = 0; f < features; f++) {
          double sum = 0, size = 0;
          for (int k = 0; k < nk; k++) {
            const double term = (double)matrix[i * alongN + k * alongK + f] * y(r, k * yk + f);
            sum += term;
            size += fabs(term);
          }
          const int64_t to = out.at(r, i * outI + f);
          expected[to] = adds ? expected[to] + sum : sum;
          sizes[to] = adds ? sizes[to] + size : size;
        }
      }
    }
    for (int64_t i = 0; i < sizes.count; i++) { sizes[i] *= Type<T>::epsilon * (nk + rows); }
    const e3x_rows b = y.kernelRows(isFar, yk), c = out.kernelRows(!isFar, outI);
    const Soon soon(y, rows, next, g);
    expect(e3x_lane_apply(Type<T>::dtype, features, n, nk, rows, matrix.at, alongN, alongK, &b, &c,
                          adds, next ? soon.entries : nullptr) == 0,
           "apply", round);
    expectElements("apply", round, out.elements, expected, sizes);
  }
}

template <class T>
static void copy() {
  static const int one[] = {0, 1}, five[] = {0, 5};
  Dice g(74);
  for (int round = 0; round < 100; round++) {
    const int n = g.whole(1, 9), rows = g.whole(0, 9), features = g.pick(allFeatures);
    const int near = features + g.pick(one), far = features + g.pick(five);
    const bool isIndirect = g.chance(0.5);
    Table<T> from(rows, n * far, isIndirect, g), to(rows, n * near, false, g);
    Array<T> expected(to.elements);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < n; i++) {
        for (int f = 0; f < features; f++) {
          expected[to.at(r, i * near + f)] = from.elements[from.at(r, i * far + f)];
        }
      }
    }
    const e3x_rows a = from.kernelRows(true, far), b = to.kernelRows(false, near);
    expect(e3x_lane_copy(Type<T>::dtype, features, n, rows, &a, &b) == 0, "copy", round);
    expectEqual("copy", round, to.elements, expected);
  }
}

void checkLanes() {
  outer<float>();
  outer<double>();
  apply<float>();
  apply<double>();
  copy<float>();
  copy<double>();
}

// --- Derivatives of sums of products ----------------------------------------------------------

/// A result of the derivatives, and what plain loops give for it.
template <class T>
struct Derivative {
  bool adds;
  Table<T> table;
  Array<double> expected;

  Derivative(int rows, int used, bool adds, Dice &g)
      : adds(adds), table(rows, used, adds, g), expected(numbers(table.elements)) {}
  void put(double value, int row, int element) {
    double &to = expected[table.at(row, element)];
    to = adds ? to + value : value;
  }
  void check(const char *what, int round, int terms) {
    expectElements(what, round, table.elements, expected,
                   Array<double>(expected.count, 64 * Type<T>::epsilon * (1 + terms)));
  }
};

template <class T>
static void dotDerivatives() {
  static const int widths[] = {1, 3, 8, 16, 20, 32, 33, 40};
  Dice g(83);
  for (int round = 0; round < 150; round++) {
    const int blocks = g.whole(1, 4), features = g.pick(widths), rows = g.whole(0, 13);
    const bool hasWeights = blocks > 1 || g.chance(0.5), hasValues = g.chance(0.5);
    int32_t starts[5] = {0};
    for (int b = 0; b < blocks; b++) { starts[b + 1] = starts[b] + g.whole(0, 3); }
    const int terms = starts[blocks];
    // Each component of x and y in one term, in any order.
    int xs[12], ys[12];
    for (int t = 0; t < terms; t++) { xs[t] = ys[t] = t; }
    shuffle(xs, terms, g);
    shuffle(ys, terms, g);
    int32_t at[24];
    for (int t = 0; t < terms; t++) {
      at[2 * t] = xs[t] * features;
      at[2 * t + 1] = ys[t] * features;
    }
    const Array<T> values(terms, 2, g);
    const bool xIndirect = g.chance(0.5), yIndirect = g.chance(0.5), isFar = g.chance(0.5);
    const bool addsX = g.chance(0.5), addsY = g.chance(0.5), addsWeights = g.chance(0.5);
    Table<T> x(rows, terms * features, xIndirect, g), y(rows, terms * features, yIndirect, g);
    Table<T> w(rows, blocks * features, false, g), d(rows, features, false, g);
    Derivative<T> dx(rows, terms * features, addsX, g), dy(rows, terms * features, addsY, g);
    Derivative<T> dw(rows, blocks * features, addsWeights, g);
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < features; f++) {
        for (int b = 0; b < blocks; b++) {
          const double e = d(r, f) * (hasWeights ? w(r, b * features + f) : 1);
          double sum = 0;
          for (int t = starts[b]; t < starts[b + 1]; t++) {
            const double value = hasValues ? (double)values[t] : 1;
            const int i = xs[t] * features + f, j = ys[t] * features + f;
            sum += value * x(r, i) * y(r, j);
            dx.put(value * e * y(r, j), r, i);
            dy.put(value * e * x(r, i), r, j);
          }
          if (hasWeights) { dw.put(sum * d(r, f), r, b * features + f); }
        }
      }
    }
    e3x_dot dot;
    memset(&dot, 0, sizeof dot);
    dot.features = features;
    dot.blocks = blocks;
    dot.starts = starts;
    dot.at = at;
    dot.values = hasValues ? values.at : nullptr;
    dot.has_weights = hasWeights;
    dot.x = x.kernelRows(isFar);
    dot.y = y.kernelRows(!isFar);
    dot.weights = w.kernelRows(false);
    dot.cotangent = d.kernelRows(false);
    dot.dx = dx.table.kernelRows(isFar);
    dot.dy = dy.table.kernelRows(isFar);
    dot.dweights = dw.table.kernelRows(false);
    dot.add_x = addsX;
    dot.add_y = addsY;
    dot.add_weights = addsWeights;
    expect(e3x_dot_derivatives(Type<T>::dtype, &dot, rows) == 0, "dot derivatives", round);
    dx.check("to x", round, terms);
    dy.check("to y", round, terms);
    dw.check("to weights", round, terms);
  }
}

void checkDots() {
  dotDerivatives<float>();
  dotDerivatives<double>();
}
