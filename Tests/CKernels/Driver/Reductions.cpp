// Sums and extremes over random kept and reduced loops, and long sums.

#include "Checks.h"

static const e3x_reduce_op ops[] = {E3X_REDUCE_SUM, E3X_REDUCE_MAX, E3X_REDUCE_MIN};
static const char *const names[] = {"sum", "max", "min"};

template <class T>
static double start(e3x_reduce_op op) {
  if (op == E3X_REDUCE_SUM) { return 0; }
  const bool isWhole = Type<T>::dtype == E3X_I32;
  if (op == E3X_REDUCE_MAX) { return isWhole ? INT32_MIN : (double)-INFINITY; }
  return isWhole ? INT32_MAX : (double)INFINITY;
}

static double combined(e3x_reduce_op op, double best, double x) {
  if (op == E3X_REDUCE_SUM) { return best + x; }
  if (isnan(best) || isnan(x)) { return NAN; }
  return op == E3X_REDUCE_MAX ? fmax(best, x) : fmin(best, x);
}

template <class T>
static void overNests(e3x_reduce_op op) {
  static const int two[] = {1, 2}, three[] = {1, 3}, four[] = {1, 4};
  static const int kept3[] = {0, 1, 2, 5, 17, 32, 70}, reduced3[] = {0, 1, 3, 9, 16, 33, 150};
  Dice g(31);
  for (int round = 0; round < 150; round++) {
    // One array of up to 5 axes: some kept, some reduced, in any order in memory.
    Counts kept(1, 1, 1, 1), reduced(1, 1, 1, 1);
    kept.n[1] = g.pick(two);
    kept.n[2] = g.pick(three);
    kept.n[3] = g.pick(kept3);
    reduced.n[1] = g.pick(two);
    reduced.n[2] = g.pick(four);
    reduced.n[3] = g.pick(reduced3);
    int axes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    if (g.chance(0.5)) { shuffle(axes, 8, g); }
    Placement source[2];
    int64_t step = g.chance(0.2) ? 2 : 1;
    for (int axis : axes) {
      const int which = axis / 4, d = axis % 4;
      const int64_t length = which == 0 ? kept.n[d] : reduced.n[d];
      if (which == 0 && g.chance(0.05)) { continue; }  // broadcast
      source[which].stride[d] = step;
      if (g.chance(0.1)) {
        source[which].stride[d] = -step;
        source[which].base += step * (length > 1 ? length - 1 : 0);
      }
      step *= length > 1 ? length : 1;
      if (g.chance(0.1)) { step += 3; }
    }
    const int64_t base = source[0].base + source[1].base;
    Array<T> a(step, 10, g);
    if (round % 5 == 0 && Type<T>::epsilon > 0) { a[g.whole(0, (int)step - 1)] = (T)NAN; }
    const Placement o = Placement::random(kept, true, g);
    Array<T> out(o.extent, (T)5);
    Array<double> expected = numbers(out), bounds(out.count);
    kept.each([&](const int *i) {
      double result = start<T>(op), size = 0;
      reduced.each([&](const int *j) {
        const double x = (double)a[source[0].position(i) + source[1].position(j)];
        result = combined(op, result, x);
        size += fabs(x);
      });
      expected[o.position(i)] = result;
      bounds[o.position(i)] = op == E3X_REDUCE_SUM ? 2 * Type<T>::epsilon * size : 0;
    });
    const e3x_nest outer = nest(kept, &o, source, 1), inner = nest(reduced, nullptr, source + 1, 1);
    expect(e3x_reduce(op, Type<T>::dtype, &outer, &inner, out.at + o.base, a.at + base) == 0,
           names[op], round);
    expectElements(names[op], round, out, expected, bounds);
  }
}

/// A million float32 values of one sign and of both, along and across the contiguous axis.
static void longSums(int length, int width) {
  for (double low : each(0.0, -1.0)) {
    Dice g(32);
    Array<float> a((int64_t)length * width), out(width);
    for (int64_t i = 0; i < a.count; i++) { a[i] = (float)g.between(low, 1); }
    Placement source[2], o;
    source[0].stride[3] = o.stride[3] = 1;
    source[1].stride[3] = width;
    const e3x_nest kept = nest(Counts(1, 1, 1, width), &o, source, 1);
    const e3x_nest reduced = nest(Counts(1, 1, 1, length), nullptr, source + 1, 1);
    expect(e3x_reduce(E3X_REDUCE_SUM, E3X_F32, &kept, &reduced, out.at, a.at) == 0, "long sums");
    Array<double> expected(width), bounds(width);
    for (int64_t i = 0; i < a.count; i++) {
      expected[i % width] += (double)a[i];
      bounds[i % width] += 1e-6 * fabs((double)a[i]);
    }
    expectElements("long sums", 0, out, expected, bounds);
  }
}

void checkReductions() {
  for (e3x_reduce_op op : ops) {
    overNests<float>(op);
    overNests<double>(op);
    overNests<int32_t>(op);
  }
  longSums(1000003, 1);
  longSums(1000000, 3);
}
