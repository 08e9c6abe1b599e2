// Products of matrices, linear maps and their transposes, and products by blocks of components.

#include "Checks.h"

static const int sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 70};

template <class T>
static void matmul() {
  static const int wide[] = {128, 131}, deep[] = {256, 257, 600};
  Dice g(51);
  for (int round = 0; round < 120; round++) {
    const int m = g.pick(sizes);
    const int n = round % 10 == 0 ? g.pick(wide) : g.pick(sizes);
    const int k = round % 10 == 1 ? g.pick(deep) : g.pick(sizes);
    const int lda = k + g.whole(0, 2);
    const int ldb = n + g.whole(0, 2);
    const int ldo = n + g.whole(0, 2);
    const Array<T> a((int64_t)m * lda, 1, g), b((int64_t)k * ldb, 1, g);
    Array<T> out((int64_t)m * ldo, (T)5);
    expect(e3x_matmul(Type<T>::dtype, m, n, k, a.at, lda, b.at, ldb, out.at, ldo) == 0, "matmul",
           round);
    Array<double> expected = Array<double>((int64_t)m * ldo, 5.0), bounds(out.count);
    for (int r = 0; r < m; r++) {
      for (int c = 0; c < n; c++) {
        double sum = 0;
        for (int i = 0; i < k; i++) { sum += (double)a[r * lda + i] * (double)b[i * ldb + c]; }
        expected[r * ldo + c] = sum;
        bounds[r * ldo + c] = Type<T>::epsilon * (2 + k);
      }
    }
    expectElements("matmul", round, out, expected, bounds);
  }
}

/// However few columns are computed at a time, each has the bits that it has among many.
template <class T>
static void fewColumns() {
  static const struct {
    int m, k;
  } cases[] = {{1, 3}, {13, 32}, {9, 300}};  // 300: added up in two parts
  const int widest = 40;
  Dice g(54);
  for (const auto &c : cases) {
    const Array<T> a(c.m * c.k, 1, g), b(c.k * widest, 1, g);
    Array<T> all(c.m * widest);
    e3x_matmul(Type<T>::dtype, c.m, widest, c.k, a.at, c.k, b.at, widest, all.at, widest);
    for (int n = 1; n <= widest; n++) {
      Array<T> some(c.m * widest, (T)5);
      e3x_matmul(Type<T>::dtype, c.m, n, c.k, a.at, c.k, b.at, widest, some.at, widest);
      bool isEqual = true;
      for (int i = 0; i < c.m * widest; i++) {
        isEqual &= some[i] == (i % widest < n ? all[i] : (T)5);
      }
      expect(isEqual, "few columns", n);
    }
  }
}

/// Rows of components, each with its strides, and the block of every component.
struct Layout {
  int rows, comps, inputs, outputs, blocks = 3, xComp, xRow, yComp, yRow;
  int32_t block[18];

  explicit Layout(Dice &g) {
    static const int allRows[] = {0, 1, 2, 3, 7, 8, 9, 20, 61}, allComps[] = {0, 1, 2, 4, 9, 18};
    static const int moreIn[] = {65, 130}, moreOut[] = {100, 129};
    static const int three[] = {0, 0, 3}, five[] = {0, 0, 5};
    rows = g.pick(allRows);
    comps = g.pick(allComps);
    inputs = g.pick(sizes);
    outputs = g.pick(sizes);
    if (g.chance(0.1)) {
      rows = 9;
      inputs = g.pick(moreIn);
      outputs = g.pick(moreOut);
    }
    for (int c = 0; c < comps; c++) { block[c] = g.whole(-1, 2); }
    if (g.chance(0.6)) {
      for (int c = 0; c < comps; c++) { block[c] = -1 + 4 * c / comps; }  // sorted
    }
    xComp = inputs + g.pick(three);
    xRow = g.chance(0.1) ? 0 : comps * xComp + g.pick(five);
    if (g.chance(0.1)) { xComp = 0; }  // one component for all
    yComp = outputs + g.pick(three);
    yRow = comps * yComp + g.pick(five);
  }
};

/// With factors for each row (or without), added to what is there (or not).
template <class T>
static void linear(bool isScaled) {
  Dice g(isScaled ? 55 : 52);
  for (int round = 0; round < 120; round++) {
    const Layout l(g);
    const Array<T> x(l.rows * l.xRow + l.comps * l.xComp + l.inputs, 1, g);
    const Array<T> w(l.blocks * l.inputs * l.outputs, 1, g);
    const int gap = g.whole(0, 3);
    const int scaleRow = g.chance(0.3) ? 0 : l.outputs + gap;
    const bool adds = isScaled && g.chance(0.4);
    const bool hasFactors = isScaled && g.chance(0.7);
    const int isFar = g.chance(0.5);
    const Array<T> scale((int64_t)l.rows * scaleRow + l.outputs, 1, g);
    Array<T> y((int64_t)l.rows * l.comps * l.outputs, (T)5);
    const int status =
        isScaled ? e3x_linear_scaled(Type<T>::dtype, l.rows, l.comps, l.inputs, l.outputs, l.block,
                                     x.at, l.xRow, l.xComp, w.at, hasFactors ? scale.at : nullptr,
                                     scaleRow, isFar, adds, y.at)
                 : e3x_linear(Type<T>::dtype, l.rows, l.comps, l.inputs, l.outputs, l.block, x.at,
                              l.xRow, l.xComp, w.at, y.at);
    expect(status == 0, "linear", round);
    Array<double> expected(y.count), bounds(y.count);
    for (int64_t at = 0; at < y.count; at++) {
      const int o = (int)(at % l.outputs), c = (int)(at / l.outputs % l.comps);
      const int r = (int)(at / l.outputs / l.comps);
      double sum = 0;
      for (int i = 0; i < l.inputs && l.block[c] >= 0; i++) {
        sum += (double)x[(int64_t)r * l.xRow + c * l.xComp + i] *
               (double)w[(l.block[c] * l.inputs + i) * l.outputs + o];
      }
      if (hasFactors) { sum *= (double)scale[(int64_t)r * scaleRow + o]; }
      expected[at] = sum + (adds ? 5 : 0);
      bounds[at] = Type<T>::epsilon * ((isScaled ? 4 + 2 * l.inputs : 2 + l.inputs) + (adds ? 5 : 0));
    }
    expectElements(isScaled ? "linear scaled" : "linear", round, y, expected, bounds);
  }
}

template <class T>
static void linearWeights() {
  Dice g(53);
  for (int round = 0; round < 100; round++) {
    Layout l(g);
    if (round % 20 == 0) {
      l.rows = 700;
      l.inputs = 5;
      l.outputs = 6;
    }
    l.xComp = l.xComp > l.inputs ? l.xComp : l.inputs;
    l.xRow = l.xRow > l.comps * l.xComp ? l.xRow : l.comps * l.xComp;
    l.yComp = l.yComp > l.outputs ? l.yComp : l.outputs;
    l.yRow = l.yRow > l.comps * l.yComp ? l.yRow : l.comps * l.yComp;
    const Array<T> x((int64_t)l.rows * l.xRow, 1, g), y((int64_t)l.rows * l.yRow, 1, g);
    Array<T> dw(l.blocks * l.inputs * l.outputs, (T)5);
    expect(e3x_linear_weights(Type<T>::dtype, l.rows, l.comps, l.inputs, l.outputs, l.blocks,
                              l.block, x.at, l.xRow, l.xComp, y.at, l.yRow, l.yComp, dw.at) == 0,
           "linear weights", round);
    // float32 sums grow no worse beyond a block; in float64 the reference is no better.
    int terms = l.rows * l.comps;
    if (sizeof(T) == 4 && terms > 128) { terms = 128; }
    Array<double> expected(dw.count);
    const Array<double> bounds(dw.count, Type<T>::epsilon * (2 + terms));
    for (int r = 0; r < l.rows; r++) {
      for (int c = 0; c < l.comps; c++) {
        for (int i = 0; i < l.inputs && l.block[c] >= 0; i++) {
          const double left = (double)x[(int64_t)r * l.xRow + c * l.xComp + i];
          double *to = expected.at + (l.block[c] * l.inputs + i) * l.outputs;
          for (int o = 0; o < l.outputs; o++) {
            to[o] += left * (double)y[(int64_t)r * l.yRow + c * l.yComp + o];
          }
        }
      }
    }
    expectElements("linear weights", round, dw, expected, bounds);
  }
}

/// Sums of 300000 float32 products of one sign.
static void longWeightSums() {
  Dice g(54);
  const int rows = 300000;
  Array<float> x(rows), y(rows), dw(1);
  Array<double> expected(1), bounds(1);
  for (int r = 0; r < rows; r++) {
    x[r] = (float)g.unit();
    y[r] = (float)g.unit();
    expected[0] += (double)x[r] * (double)y[r];
  }
  bounds[0] = 2e-6 * expected[0];
  const int32_t block = 0;
  expect(e3x_linear_weights(E3X_F32, rows, 1, 1, 1, 1, &block, x.at, 1, 0, y.at, 1, 0, dw.at) == 0,
         "long weight sums");
  expectElements("long weight sums", 0, dw, expected, bounds);
}

void checkMatrices() {
  matmul<float>();
  matmul<double>();
  fewColumns<float>();
  fewColumns<double>();
  for (bool isScaled : each(false, true)) {
    linear<float>(isScaled);
    linear<double>(isScaled);
  }
  linearWeights<float>();
  linearWeights<double>();
  longWeightSums();
  int32_t none = 0;
  expect(e3x_matmul(E3X_I32, 0, 0, 0, &none, 0, &none, 0, &none, 0) == -1, "refusal");
}

// --- Blocks -----------------------------------------------------------------------------------

/// The form opened at each of its three operands.
template <class T>
static void blockProduct() {
  static const int allFeatures[] = {1, 3, 8, 16, 20, 32, 67}, gaps[] = {0, 0, 4};
  Dice g(83);
  for (int round = 0; round < 120; round++) {
    const int comps = g.whole(1, 17), blocks = g.whole(1, 5);
    const int features = g.pick(allFeatures), rows = g.whole(0, 9);
    // In runs, mostly, and some of no block.
    int32_t block[17];
    for (int c = 0; c < comps; c++) {
      block[c] = c > 0 && g.chance(0.6) ? block[c - 1] : g.whole(-1, blocks - 1);
    }
    const int width[] = {comps, blocks * features, comps * features};
    int row[3];
    for (int s = 0; s < 3; s++) { row[s] = width[s] + g.pick(gaps); }
    const Array<T> operands[] = {Array<T>(rows * row[0], 1, g), Array<T>(rows * row[1], 1, g),
                                 Array<T>(rows * row[2], 1, g)};
    const e3x_blocks form = {comps, blocks, features, block};
    for (int opened = 0; opened < 3; opened++) {
      const bool adds = g.chance(0.4);
      Array<T> out(rows * width[opened], (T)5);
      Array<double> expected(out.count, adds ? 5.0 : 0.0);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < comps; c++) {
          for (int f = 0; f < features && block[c] >= 0; f++) {
            const int at[] = {c, block[c] * features + f, c * features + f};
            double product = 1;
            for (int s = 0; s < 3; s++) {
              if (s != opened) { product *= (double)operands[s][r * row[s] + at[s]]; }
            }
            expected[r * width[opened] + at[opened]] += product;
          }
        }
      }
      const int a = opened == 0 ? 1 : 0, b = opened == 2 ? 1 : 2;
      expect(e3x_block_product(Type<T>::dtype, &form, rows, opened, adds, operands[a].at, row[a],
                               operands[b].at, row[b], out.at) == 0,
             "block product", round);
      const Array<double> bounds(out.count, Type<T>::epsilon * (8 + features + (adds ? 5 : 0)));
      expectElements("block product", round, out, expected, bounds);
    }
  }
}

void checkBlocks() {
  blockProduct<float>();
  blockProduct<double>();
  const int32_t block = 0;
  const e3x_blocks form = {1, 1, 1, &block};
  float x = 1, y = 1, out = 0;
  expect(e3x_block_product(E3X_F32, &form, 1, 2, 0, &x, 1, &y, 1, &out) == 0, "block product");
  expect(e3x_block_product(E3X_I32, &form, 1, 2, 0, &x, 1, &y, 1, &out) == -1, "refusal");
  expect(e3x_block_product(E3X_F32, &form, 1, 3, 0, &x, 1, &y, 1, &out) == -1, "refusal");
}
