// Arithmetic over random nests of loops, and the elementary functions over all magnitudes.

#include "Checks.h"

/// One operation over random nests; every element of the output's memory is compared.
template <class T, class Reference, class Call>
static void overNests(const char *what, int inputs, uint64_t seed, double bound, double range,
                      Reference reference, Call call) {
  Dice g(seed);
  for (int round = 0; round < 60; round++) {
    const Counts counts(g);
    const Placement out = Placement::random(counts, true, g);
    Placement in[2];
    for (int s = 0; s < inputs; s++) { in[s] = Placement::random(counts, false, g); }
    Array<T> a(in[0].extent, range, g), b(in[1].extent, range, g);
    if (round % 4 == 0 && Type<T>::epsilon > 0) {
      const double special[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e-42, -1};
      for (Array<T> *values : each(&a, &b)) {
        for (int64_t i = 0; i < values->count; i++) {
          if (g.chance(0.3)) { (*values)[i] = Type<T>::nearest(g.pick(special)); }
        }
      }
    }
    Array<T> result(out.extent, (T)77);
    Array<double> expected = numbers(result);
    counts.each([&](const int *index) {
      expected[out.position(index)] =
          reference((double)a[in[0].position(index)], (double)b[in[1].position(index)]);
    });
    const e3x_nest loops = nest(counts, &out, in, inputs);
    expect(call(&loops, result.at + out.base, a.at + in[0].base, b.at + in[1].base) == 0, what,
           round);
    expectElements(what, round, result, expected, ulps<T>(expected, bound));
  }
}

struct Unary {
  e3x_unary_op op;
  const char *name;
  double (*reference)(double);
  double bound;
};
static double copied(double x) { return x; }
static double negated(double x) { return -x; }
static double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double reciprocal(double x) { return 1 / x; }
static const Unary unary[] = {
    {E3X_COPY, "copy", copied, 0},   {E3X_NEG, "neg", negated, 0},
    {E3X_ABS, "abs", fabs, 0},       {E3X_SIGN, "sign", sign, 0},
    {E3X_FLOOR, "floor", floor, 0},  {E3X_RECIPROCAL, "reciprocal", reciprocal, 0},
    {E3X_SQRT, "sqrt", sqrt, 0},     {E3X_EXP, "exp", exp, 2},
    {E3X_EXPM1, "expm1", expm1, 2},  {E3X_LOG, "log", log, 2},
    {E3X_LOG1P, "log1p", log1p, 2},  {E3X_SIN, "sin", sin, 2},
    {E3X_COS, "cos", cos, 2},        {E3X_TANH, "tanh", tanh, 2},
    {E3X_ERF, "erf", erf, 2},
};

template <class T>
static void checkUnary(const Unary &f, uint64_t seed, double range) {
  overNests<T>(
      f.name, 1, seed, f.bound, range, [&](double x, double) { return f.reference(x); },
      [&](const e3x_nest *loops, T *out, const T *a, const T *) {
        return e3x_unary(f.op, Type<T>::dtype, loops, out, a);
      });
}

struct Binary {
  e3x_binary_op op;
  const char *name;
  double (*reference)(double, double);
  double bound;
};
static double sum(double x, double y) { return x + y; }
static double difference(double x, double y) { return x - y; }
static double product(double x, double y) { return x * y; }
static double quotient(double x, double y) { return x / y; }
static double lesser(double x, double y) { return isnan(x) || isnan(y) ? NAN : x < y ? x : y; }
static double greater(double x, double y) { return isnan(x) || isnan(y) ? NAN : x > y ? x : y; }
static double wholeQuotient(double x, double y) { return y == 0 ? 0 : trunc(x / y); }
static const Binary binary[] = {
    {E3X_ADD, "add", sum, 0},        {E3X_SUB, "sub", difference, 0},
    {E3X_MUL, "mul", product, 0},    {E3X_DIV, "div", quotient, 0},
    {E3X_POW, "pow", pow, 2},        {E3X_MIN, "min", lesser, 0},
    {E3X_MAX, "max", greater, 0},    {E3X_ATAN2, "atan2", atan2, 2},
};

template <class T>
static void checkBinary(const Binary &f, uint64_t seed, double range) {
  const bool isWhole = Type<T>::dtype == E3X_I32 && f.op == E3X_DIV;
  overNests<T>(
      f.name, 2, seed, f.bound, range,
      [&](double x, double y) { return isWhole ? wholeQuotient(x, y) : f.reference(x, y); },
      [&](const e3x_nest *loops, T *out, const T *a, const T *b) {
        return e3x_binary(f.op, Type<T>::dtype, loops, out, a, b);
      });
}

static void integersWrap() {
  Array<int32_t> a(5), b(5), out(5);
  const int32_t left[] = {INT32_MAX, INT32_MIN, INT32_MIN, 1 << 30, 5}, right[] = {1, 1, -1, 4, 0};
  memcpy(a.at, left, sizeof left);
  memcpy(b.at, right, sizeof right);
  const Placement place[] = {Placement::contiguous(5), Placement::contiguous(5)};
  const e3x_nest loops = nest(Counts(1, 1, 1, 5), place, place, 2);
  const int32_t expected[3][5] = {
      {INT32_MIN, INT32_MIN + 1, INT32_MAX, (1 << 30) + 4, 5},
      {INT32_MAX, INT32_MIN, INT32_MIN, 0, 0},
      {INT32_MAX, INT32_MIN, INT32_MIN, 1 << 28, 0},
  };
  const e3x_binary_op ops[] = {E3X_ADD, E3X_MUL, E3X_DIV};
  for (int i = 0; i < 3; i++) {
    expect(e3x_binary(ops[i], E3X_I32, &loops, out.at, a.at, b.at) == 0, "integers wrap", i);
    expect(memcmp(out.at, expected[i], sizeof expected[i]) == 0, "integers wrap", i);
  }
  expect(e3x_unary(E3X_EXP, E3X_I32, &loops, out.at, a.at) == -1, "refusal");
  expect(e3x_unary(E3X_NEG, E3X_BOOL, &loops, out.at, a.at) == -1, "refusal");
  expect(e3x_binary(E3X_POW, E3X_I32, &loops, out.at, a.at, b.at) == -1, "refusal");
  expect(e3x_binary(E3X_ADD, E3X_BOOL, &loops, out.at, a.at, b.at) == -1, "refusal");
}

void checkElementwise() {
  for (const Unary &f : unary) {
    checkUnary<float>(f, 1, 3);
    checkUnary<double>(f, 2, 3);
    if (f.op <= E3X_SIGN) { checkUnary<int32_t>(f, 3, 100); }
  }
  for (const Binary &f : binary) {
    checkBinary<float>(f, 4, 3);
    checkBinary<double>(f, 5, 3);
    if (f.op != E3X_POW && f.op != E3X_ATAN2) { checkBinary<int32_t>(f, 6, 9); }
  }
  for (double exponent : each(-1.0, 1.0, 2.0, 3.0, 0.5, 0.0, 2.5)) {
    overNests<float>(
        "power with one exponent", 1, 7, 2, 3, [&](double x, double) { return pow(x, exponent); },
        [&](const e3x_nest *loops, float *out, const float *a, const float *) {
          const float power = (float)exponent;
          return e3x_binary(E3X_POW, E3X_F32, loops, out, a, &power);
        });
  }
  integersWrap();
}

static Array<float> applied(const Unary &f, const Array<float> &x) {
  Array<float> out(x.count);
  const Placement place = Placement::contiguous(x.count);
  const e3x_nest loops = nest(Counts(1, 1, 1, (int)x.count), &place, &place, 1);
  expect(e3x_unary(f.op, E3X_F32, &loops, out.at, x.at) == 0, f.name);
  return out;
}

static Array<double> referred(const Unary &f, const Array<float> &x) {
  Array<double> expected(x.count);
  for (int64_t i = 0; i < x.count; i++) { expected[i] = f.reference((double)x[i]); }
  return expected;
}

static void everyMagnitude(const Unary &f) {
  const float ranges[] = {0.01f, 1, 10, 105, 9000};
  const uint32_t stride = 7919, last = 0x7f800000;
  const int64_t patterns = last / stride + 1, each = 40000;
  Array<float> x(2 * patterns + 5 * each);
  for (int64_t i = 0; i < patterns; i++) {
    const uint32_t bits = (uint32_t)i * stride;
    memcpy(&x[2 * i], &bits, sizeof bits);
    x[2 * i + 1] = -x[2 * i];
  }
  Dice g(11);
  for (int64_t i = 0; i < 5 * each; i++) {
    const double range = ranges[i / each];
    x[2 * patterns + i] = (float)g.between(-range, range);
  }
  const Array<double> expected = referred(f, x);
  expectElements(f.name, 0, applied(f, x), expected, ulps<float>(expected, f.bound));
}

/// Each value in turn, so that every lane, the masked ones too, sees special values.
static void specialValues(const Unary &f) {
  const float least = 0x1p-149f;
  const float values[] = {
      0, -0.0f, INFINITY, -INFINITY, NAN, least, -least, 1, -1, FLT_MAX, -FLT_MAX, 500 * least,
      -500 * least, 88.7f, 88.73f, -87.4f, -103.9f, -104, -104.1f,
  };
  const int count = sizeof values / sizeof *values;
  for (int shift = 0; shift < count; shift++) {
    Array<float> x(count);
    for (int i = 0; i < count; i++) { x[i] = values[(i + shift) % count]; }
    const Array<double> expected = referred(f, x);
    const Array<float> out = applied(f, x);
    expectElements(f.name, shift, out, expected, ulps<float>(expected, f.bound));
    for (int i = 0; i < count; i++) {
      if (expected[i] == 0) { expect(signbit(out[i]) == signbit(expected[i]), f.name, shift); }
    }
  }
}

void checkTranscendental() {
  for (const Unary &f : unary) {
    if (f.op < E3X_EXP) { continue; }
    everyMagnitude(f);
    specialValues(f);
  }
}
