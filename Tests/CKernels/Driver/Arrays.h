// Numbers drawn from a seed, arrays that see who writes beside them, and loops over nests.
//
// No standard library of C++, so that a compiler and a C library are all that another processor
// needs. Arguments of one call are never drawn in that call: their order is not defined.

#ifndef DRIVER_ARRAYS_H
#define DRIVER_ARRAYS_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/// A few values to go through.
template <class T, size_t N>
struct List {
  T items[N];
  const T *begin() const { return items; }
  const T *end() const { return items + N; }
};
template <class T, class... More>
List<T, 1 + sizeof...(More)> each(T first, More... more) {
  return {{first, (T)more...}};
}

/// A small reproducible generator (SplitMix64), that of the tests in Swift.
struct Dice {
  uint64_t state;

  explicit Dice(uint64_t seed) : state(seed) {}

  uint64_t next() {
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// 0 ..< 1, the same number on every machine.
  double unit() { return (double)(next() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  int whole(int low, int high) { return low + (int)(next() % (uint64_t)(high - low + 1)); }
  bool chance(double p) { return unit() < p; }
  template <class T, size_t N>
  T pick(const T (&values)[N]) {
    return values[next() % N];
  }
};

/// What kernels call an element type.
template <class T>
struct Type;
template <>
struct Type<float> {
  static constexpr e3x_dtype dtype = E3X_F32;
  static constexpr const char *name = "float32";
  static constexpr double epsilon = 0x1p-23, least = FLT_MIN;
  static float nearest(double x) { return (float)x; }
};
template <>
struct Type<double> {
  static constexpr e3x_dtype dtype = E3X_F64;
  static constexpr const char *name = "float64";
  static constexpr double epsilon = 0x1p-52, least = DBL_MIN;
  static double nearest(double x) { return x; }
};
template <>
struct Type<int32_t> {
  static constexpr e3x_dtype dtype = E3X_I32;
  static constexpr const char *name = "int32";
  static constexpr double epsilon = 0, least = 0;
  static int32_t nearest(double x) { return (int32_t)round(x); }
};
template <>
struct Type<uint8_t> {
  static constexpr e3x_dtype dtype = E3X_BOOL;
  static constexpr const char *name = "bool";
  static constexpr double epsilon = 0, least = 0;
  static uint8_t nearest(double x) { return round(x) != 0; }
};
template <>
struct Type<uint16_t> {  // patterns of 16 bits
  static constexpr const char *name = "16 bits";
  static constexpr double epsilon = 0, least = 0;
  static uint16_t nearest(double x) { return (uint16_t)x; }
};

/// Says that bytes beside an array were written to.
void reportStrayWrite();

/// Elements between two walls of bytes that must not change; aligned for their type, not for more.
template <class T>
struct Array {
  static constexpr int64_t wall = 128;
  char *memory;
  T *at;
  int64_t count, shift;

  explicit Array(int64_t count) : count(count) {
    static int serial = 0;
    shift = wall + (serial++ % 3) * (int64_t)sizeof(T);
    memory = (char *)malloc((size_t)(size() + 2 * shift));
    memset(memory, 0xA5, (size_t)(size() + 2 * shift));
    at = (T *)(memory + shift);
    memset(at, 0, (size_t)size());
  }
  Array(int64_t count, T value) : Array(count) {
    for (int64_t i = 0; i < count; i++) { at[i] = value; }
  }
  /// Uniform values in -range ... range.
  Array(int64_t count, double range, Dice &g) : Array(count) {
    for (int64_t i = 0; i < count; i++) { at[i] = Type<T>::nearest(g.between(-range, range)); }
  }
  Array(const Array &other) : Array(other.count) { memcpy(at, other.at, (size_t)size()); }
  Array &operator=(const Array &) = delete;
  ~Array() {
    for (int64_t i = 0; i < shift; i++) {
      if (memory[i] != (char)0xA5 || memory[shift + size() + i] != (char)0xA5) {
        reportStrayWrite();
        break;
      }
    }
    free(memory);
  }

  int64_t size() const { return count * (int64_t)sizeof(T); }
  T &operator[](int64_t i) { return at[i]; }
  const T &operator[](int64_t i) const { return at[i]; }
};

/// The elements of an array as numbers.
template <class T>
Array<double> numbers(const Array<T> &array) {
  Array<double> all(array.count);
  for (int64_t i = 0; i < array.count; i++) { all[i] = (double)array[i]; }
  return all;
}

template <class T>
void shuffle(T *values, int count, Dice &g) {
  for (int i = count - 1; i > 0; i--) {
    const int j = g.whole(0, i);
    const T kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
}

/// Scratch, aligned to a line, with nothing useful in it.
struct Scratch {
  void *at;
  explicit Scratch(size_t bytes) {
    const size_t size = (bytes + 127) / 64 * 64;
    at = aligned_alloc(64, size);
    memset(at, 0xff, size);
  }
  Scratch(const Scratch &) = delete;
  ~Scratch() { free(at); }
};

/// The lengths of four loops.
struct Counts {
  int n[4];

  /// With tails of every vector width, short and empty loops.
  explicit Counts(Dice &g) {
    static const int inner[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 67};
    static const int first[] = {1, 1, 2, 3}, second[] = {1, 2, 4}, third[] = {1, 3, 5};
    if (g.chance(0.05)) {
      const int some[] = {2, 0, 3, 4};
      memcpy(n, some, sizeof n);
      shuffle(n, 4, g);
      return;
    }
    n[0] = g.pick(first);
    n[1] = g.pick(second);
    n[2] = g.pick(third);
    n[3] = g.pick(inner);
  }
  Counts(int a, int b, int c, int d) : n{a, b, c, d} {}

  template <class Body>
  void each(Body body) const {
    int i[4];
    for (i[0] = 0; i[0] < n[0]; i[0]++) {
      for (i[1] = 0; i[1] < n[1]; i[1]++) {
        for (i[2] = 0; i[2] < n[2]; i[2]++) {
          for (i[3] = 0; i[3] < n[3]; i[3]++) { body(i); }
        }
      }
    }
  }
};

/// How one operand of a nest lies in memory.
struct Placement {
  int64_t stride[4] = {0, 0, 0, 0};
  int64_t base = 0, extent = 1;

  /// Contiguous, or with gaps, reversed axes, another order of axes, and (inputs only) broadcast
  /// axes.
  static Placement random(const Counts &counts, bool isOutput, Dice &g) {
    Placement p;
    int order[4] = {3, 2, 1, 0};
    int64_t step = 1;
    const bool isPlain = g.chance(0.3);
    if (!isPlain && g.chance(0.3)) { shuffle(order, 4, g); }
    if (!isPlain && g.chance(0.2)) { step = g.whole(2, 3); }
    for (int axis : order) {
      const int64_t count = counts.n[axis] > 0 ? counts.n[axis] : 1;
      if (!isPlain && !isOutput && g.chance(0.3)) { continue; }
      p.stride[axis] = step;
      if (!isPlain && g.chance(0.15)) {
        p.stride[axis] = -step;
        p.base += step * (count - 1);
      }
      step *= count;
      if (!isPlain && g.chance(0.2)) { step += g.whole(1, 5); }
    }
    p.extent = step > 1 ? step : 1;
    return p;
  }
  static Placement contiguous(int64_t count) {
    Placement p;
    p.stride[3] = 1;
    p.extent = count;
    return p;
  }

  int64_t position(const int *index) const {
    int64_t at = base;
    for (int d = 0; d < 4; d++) { at += index[d] * stride[d]; }
    return at;
  }
};

inline e3x_nest nest(const Counts &counts, const Placement *out, const Placement *inputs,
                     int inputCount) {
  e3x_nest nest;
  memset(&nest, 0, sizeof nest);
  for (int d = 0; d < 4; d++) {
    nest.count[d] = counts.n[d];
    nest.out[d] = out ? out->stride[d] : 0;
    for (int s = 0; s < inputCount; s++) { nest.in[s][d] = inputs[s].stride[d]; }
  }
  return nest;
}

#endif
