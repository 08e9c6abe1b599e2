// Comparisons, logic, selections and conversions over random nests; conversions of 16 bits.

#include "Checks.h"

template <class T>
static void checkCompare() {
  const e3x_compare_op ops[] = {E3X_EQ, E3X_NE, E3X_LT, E3X_LE, E3X_GT, E3X_GE};
  for (e3x_compare_op op : ops) {
    if (Type<T>::dtype == E3X_BOOL && op > E3X_NE) { continue; }
    Dice g(21);
    for (int round = 0; round < 40; round++) {
      const Counts counts(g);
      const Placement o = Placement::random(counts, true, g);
      Placement in[2];
      for (Placement &place : in) { place = Placement::random(counts, false, g); }
      Array<T> a(in[0].extent), b(in[1].extent);
      for (int64_t i = 0; i < a.count; i++) { a[i] = Type<T>::nearest(g.whole(-2, 2)); }
      for (int64_t i = 0; i < b.count; i++) { b[i] = Type<T>::nearest(g.whole(-2, 2)); }
      if (Type<T>::epsilon > 0) { a[0] = (T)NAN; }
      Array<uint8_t> out(o.extent, 9);
      Array<uint8_t> expected(out);
      counts.each([&](const int *index) {
        const double x = (double)a[in[0].position(index)], y = (double)b[in[1].position(index)];
        const bool holds[] = {x == y, x != y, x < y, x <= y, x > y, x >= y};
        expected[o.position(index)] = holds[op];
      });
      const e3x_nest loops = nest(counts, &o, in, 2);
      expect(e3x_compare(op, Type<T>::dtype, &loops, out.at + o.base, a.at + in[0].base,
                         b.at + in[1].base) == 0,
             "compare", round);
      expectEqual("compare", round, out, expected);
    }
  }
}

static void checkLogic() {
  const e3x_logical_op ops[] = {E3X_AND, E3X_OR, E3X_XOR, E3X_NOT};
  for (e3x_logical_op op : ops) {
    Dice g(22);
    for (int round = 0; round < 40; round++) {
      const Counts counts(g);
      const Placement o = Placement::random(counts, true, g);
      Placement in[2];
      for (Placement &place : in) { place = Placement::random(counts, false, g); }
      const Array<uint8_t> a(in[0].extent, 1, g), b(in[1].extent, 1, g);
      Array<uint8_t> out(o.extent, 9);
      Array<uint8_t> expected(out);
      counts.each([&](const int *index) {
        const bool x = a[in[0].position(index)], y = b[in[1].position(index)];
        const bool results[] = {x && y, x || y, x != y, !x};
        expected[o.position(index)] = results[op];
      });
      const e3x_nest loops = nest(counts, &o, in, 2);
      expect(e3x_logical(op, &loops, out.at + o.base, a.at + in[0].base,
                         op == E3X_NOT ? nullptr : b.at + in[1].base) == 0,
             "logical", round);
      expectEqual("logical", round, out, expected);
    }
  }
}

template <class T>
static void checkSelect() {
  Dice g(23);
  for (int round = 0; round < 80; round++) {
    const Counts counts(g);
    const Placement o = Placement::random(counts, true, g);
    Placement in[3];
    for (Placement &place : in) { place = Placement::random(counts, false, g); }
    const Array<uint8_t> condition(in[0].extent, 1, g);
    const Array<T> a(in[1].extent, 50, g), b(in[2].extent, 50, g);
    Array<T> out(o.extent, (T)1);
    Array<T> expected(out);
    counts.each([&](const int *index) {
      expected[o.position(index)] = condition[in[0].position(index)]
                                        ? a[in[1].position(index)]
                                        : b[in[2].position(index)];
    });
    const e3x_nest loops = nest(counts, &o, in, 3);
    expect(e3x_select(Type<T>::dtype, &loops, out.at + o.base, condition.at + in[0].base,
                      a.at + in[1].base, b.at + in[2].base) == 0,
           "select", round);
    expectEqual("select", round, out, expected);
  }
}

/// What a number becomes: whole numbers are truncated and saturated, and bool is whether it is 0.
template <class To>
static double converted(double x) {
  if (Type<To>::dtype == E3X_BOOL) { return x != 0; }
  if (Type<To>::dtype != E3X_I32) { return (double)Type<To>::nearest(x); }
  return isnan(x) ? 0 : fmin(fmax(trunc(x), INT32_MIN), INT32_MAX);
}

template <class From, class To>
static void checkCast() {
  Dice g(24);
  for (int round = 0; round < 30; round++) {
    const Counts counts(g);
    const Placement o = Placement::random(counts, true, g);
    const Placement p = Placement::random(counts, false, g);
    Array<From> a(p.extent, round % 2 == 0 ? 3 : 1e9, g);
    if (Type<From>::epsilon > 0) {
      const double special[] = {0, -0.7, NAN, INFINITY, -INFINITY, 3e9, -3e9};
      for (int64_t i = 0; i < a.count; i++) {
        if (g.chance(0.3)) { a[i] = (From)g.pick(special); }
      }
    }
    Array<To> out(o.extent, (To)1);
    Array<double> expected = numbers(out);
    counts.each([&](const int *index) {
      expected[o.position(index)] = converted<To>((double)a[p.position(index)]);
    });
    const e3x_nest loops = nest(counts, &o, &p, 1);
    expect(e3x_cast(Type<To>::dtype, Type<From>::dtype, &loops, out.at + o.base,
                    a.at + p.base) == 0,
           "cast", round);
    expectElements("cast", round, out, expected, Array<double>(out.count));
  }
}

template <class From>
static void checkCasts() {
  checkCast<From, float>();
  checkCast<From, double>();
  checkCast<From, int32_t>();
  checkCast<From, uint8_t>();
}

void checkMasks() {
  checkCompare<float>();
  checkCompare<double>();
  checkCompare<int32_t>();
  checkCompare<uint8_t>();
  checkLogic();
  checkSelect<float>();
  checkSelect<double>();
  checkSelect<int32_t>();
  checkSelect<uint8_t>();
  checkCasts<float>();
  checkCasts<double>();
  checkCasts<int32_t>();
  checkCasts<uint8_t>();
}

// --- 16 bits ----------------------------------------------------------------------------------

struct Format {
  e3x_dtype dtype;
  const char *name;
  int fractionBits, bias, maxExponent;

  /// The value of a pattern, from the definition of the format.
  double value(uint16_t pattern) const {
    const double sign = pattern >> 15 ? -1 : 1;
    const int exponent = (pattern & 0x7fff) >> fractionBits;
    const double fraction =
        (double)(pattern & ((1 << fractionBits) - 1)) / (double)(1 << fractionBits);
    if (exponent == maxExponent) { return fraction == 0 ? sign * INFINITY : NAN; }
    const double scale = ldexp(1, (exponent > 1 ? exponent : 1) - bias);
    return sign * (exponent == 0 ? fraction : 1 + fraction) * scale;
  }
};

template <class From, class To>
static Array<To> cast(const Array<From> &values, e3x_dtype from, e3x_dtype to) {
  Array<To> out(values.count);
  const Placement place = Placement::contiguous(values.count);
  const e3x_nest loops = nest(Counts(1, 1, 1, (int)values.count), &place, &place, 1);
  expect(e3x_cast(to, from, &loops, out.at, values.at) == 0, "cast of 16 bits");
  return out;
}

static void everyPattern(const Format &format) {
  Array<uint16_t> patterns(65536);
  Array<double> expected(65536);
  for (int i = 0; i < 65536; i++) {
    patterns[i] = (uint16_t)i;
    expected[i] = format.value((uint16_t)i);
  }
  const Array<float> values = cast<uint16_t, float>(patterns, format.dtype, E3X_F32);
  expectElements(format.name, 0, values, expected, Array<double>(65536));
  const Array<uint16_t> back = cast<float, uint16_t>(values, E3X_F32, format.dtype);
  for (int i = 0; i < 65536; i++) {
    expect(isnan(expected[i]) ? isnan(format.value(back[i])) : back[i] == i, "pattern", i);
  }
}

/// Between two patterns the nearest is taken, the even one in the middle; from float64 once.
template <class From>
static void nearestPattern(const Format &format) {
  const int last = format.maxExponent << format.fractionBits;
  // The infinite pattern is where the next number would stand.
  const double end = ldexp(1, format.maxExponent - format.bias);
  Array<From> inputs(3 * last);
  Array<uint16_t> expected(3 * last);
  for (int pattern = 0; pattern < last; pattern++) {
    const double high = pattern + 1 == last ? end : format.value((uint16_t)(pattern + 1));
    const From middle = (From)((format.value((uint16_t)pattern) + high) / 2);
    const bool isFloat = sizeof(From) == sizeof(float);
    inputs[3 * pattern] = middle;
    inputs[3 * pattern + 1] = isFloat ? (From)nextafterf((float)middle, -INFINITY)
                                      : (From)nextafter((double)middle, -INFINITY);
    inputs[3 * pattern + 2] = isFloat ? (From)nextafterf((float)middle, INFINITY)
                                      : (From)nextafter((double)middle, INFINITY);
    expected[3 * pattern] = (uint16_t)(pattern & 1 ? pattern + 1 : pattern);
    expected[3 * pattern + 1] = (uint16_t)pattern;
    expected[3 * pattern + 2] = (uint16_t)(pattern + 1);
  }
  expectEqual("nearest pattern", 0, cast<From, uint16_t>(inputs, Type<From>::dtype, format.dtype),
              expected);
  for (int64_t i = 0; i < inputs.count; i++) {
    inputs[i] = -inputs[i];
    expected[i] |= 0x8000;
  }
  expectEqual("nearest pattern", 1, cast<From, uint16_t>(inputs, Type<From>::dtype, format.dtype),
              expected);
  const Array<From> nan(7, (From)NAN);
  const Array<uint16_t> none = cast<From, uint16_t>(nan, Type<From>::dtype, format.dtype);
  for (int64_t i = 0; i < none.count; i++) { expect(isnan(format.value(none[i])), "NaN"); }
}

static void copies(const Format &format) {
  Array<uint16_t> patterns(9), out(9, (uint16_t)9);
  const uint16_t values[] = {0, 0x8000, 0x7c01, 0xffff, 3, 4, 5, 6, 7};
  memcpy(patterns.at, values, sizeof values);
  const Placement place = Placement::contiguous(9);
  const e3x_nest loops = nest(Counts(1, 1, 1, 9), &place, &place, 1);
  expect(e3x_unary(E3X_COPY, format.dtype, &loops, out.at, patterns.at) == 0, "copy of 16 bits");
  expectEqual("copy of 16 bits", 0, out, patterns);
  expect(e3x_unary(E3X_NEG, format.dtype, &loops, out.at, patterns.at) == -1, "refusal");
  expect(e3x_cast(E3X_F64, format.dtype, &loops, out.at, patterns.at) == -1, "refusal");
}

void checkHalves() {
  const Format formats[] = {{E3X_F16, "float16", 10, 15, 31}, {E3X_BF16, "bfloat16", 7, 127, 255}};
  for (const Format &format : formats) {
    everyPattern(format);
    nearestPattern<float>(format);
    nearestPattern<double>(format);
    copies(format);
  }
}
