// Gathers, index checks, counting sorts, and sums and maxima over segments.

#include "Checks.h"

static void firstBadIndex() {
  for (int count : each(0, 1, 7, 255, 256, 257, 1000)) {
    Dice g((uint64_t)count);
    Array<int32_t> indices(count);
    for (int i = 0; i < count; i++) { indices[i] = g.whole(-1, 9); }
    expect(e3x_first_bad_index(indices.at, count, -1, 9) == -1, "first bad index", count);
    for (int position : each(0, count / 2, count - 1)) {
      if (position < 0 || count == 0) { continue; }
      for (int32_t bad : each(-2, 10, INT32_MIN, INT32_MAX)) {
        Array<int32_t> changed(indices);
        changed[position] = bad;
        if (position + 1 < count) { changed[count - 1] = 11; }
        expect(e3x_first_bad_index(changed.at, count, -1, 9) == position, "first bad index", count);
      }
    }
  }
}

static Array<uint8_t> bytes(int64_t count, Dice &g) {
  Array<uint8_t> all(count);
  for (int64_t i = 0; i < count; i++) { all[i] = (uint8_t)g.whole(0, 255); }
  return all;
}

static void gather(int width) {
  static const struct {
    int rows, sources, gap, outGap;
  } cases[] = {{0, 1, 0, 0}, {1, 1, 0, 0}, {50, 7, 0, 0}, {33, 5, 13, 0}, {20, 5, 13, 7}};
  Dice g(41);
  for (const auto &c : cases) {
    const int stride = width + c.gap, apart = width + c.outGap;
    const Array<uint8_t> source = bytes(c.sources * stride, g);
    Array<int32_t> indices(c.rows);
    for (int r = 0; r < c.rows; r++) { indices[r] = g.whole(0, c.sources + 1); }
    Array<uint8_t> out(c.rows * apart);
    Array<uint8_t> expected(out);
    for (int r = 0; r < c.rows; r++) {
      const int from = indices[r] < c.sources ? indices[r] : c.sources - 1;
      memcpy(expected.at + r * apart, source.at + from * stride, (size_t)width);
    }
    e3x_gather(indices.at, c.rows, (size_t)width, c.sources, source.at, stride, out.at, apart);
    expectEqual("gather", width, out, expected);
  }
}

static void scatter(int width) {
  static const struct {
    int rows, gap;
  } cases[] = {{0, 0}, {1, 0}, {50, 0}, {33, 13}};
  Dice g(43);
  for (const auto &c : cases) {
    const int stride = width + c.gap;
    const Array<uint8_t> source = bytes(c.rows * stride, g);
    // Three times as many places as rows: the others stay.
    Array<int32_t> places(3 * c.rows);
    for (int i = 0; i < 3 * c.rows; i++) { places[i] = i; }
    shuffle(places.at, 3 * c.rows, g);
    Array<uint8_t> out(3 * c.rows * width, 7);
    Array<uint8_t> expected(out);
    for (int r = 0; r < c.rows; r++) {
      memcpy(expected.at + places[r] * width, source.at + r * stride, (size_t)width);
    }
    e3x_scatter(places.at, c.rows, (size_t)width, source.at, stride, out.at);
    expectEqual("scatter", width, out, expected);
  }
}

static void segmentIndex(int count, int number) {
  Dice g(42);
  Array<int32_t> indices(count), offsets(number + 1, -5), order(count, -5);
  for (int i = 0; i < count; i++) { indices[i] = g.whole(-1, number + 1); }
  Array<int32_t> expectedOffsets(number + 1), expectedOrder(order);
  int32_t at = 0;
  for (int s = 0; s < number; s++) {
    for (int i = 0; i < count; i++) {
      if (indices[i] == s) { expectedOrder[at++] = i; }
    }
    expectedOffsets[s + 1] = at;
  }
  e3x_segment_index(indices.at, count, number, offsets.at, order.at);
  expectEqual("offsets of segments", count, offsets, expectedOffsets);
  expectEqual("order of segments", count, order, expectedOrder);
}

void checkRows() {
  firstBadIndex();
  for (int width : each(0, 1, 3, 4, 8, 12, 16, 20, 24, 32, 36, 64, 100, 128, 1152)) { gather(width); }
  for (int width : each(0, 1, 4, 16, 36, 288, 1152)) { scatter(width); }
  segmentIndex(0, 0);
  segmentIndex(0, 3);
  segmentIndex(5, 0);
  segmentIndex(100, 1);
  segmentIndex(100, 7);
  segmentIndex(1000, 300);
}

// --- Segments ---------------------------------------------------------------------------------

template <class T>
static void reduced(bool isSorted) {
  Dice g(43);
  for (int width : each(0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 32, 40, 63, 64, 67, 129)) {
    static const int counts[] = {0, 1, 40, 300}, segments[] = {1, 3, 20}, gaps[] = {0, 5};
    const int count = g.pick(counts);
    const int number = g.pick(segments);
    const int stride = width + g.pick(gaps);
    Array<int32_t> indices(count), offsets(number + 1), order(count);
    for (int i = 0; i < count; i++) { indices[i] = g.whole(0, number - 1); }
    for (int i = 1; isSorted && i < count; i++) {  // insertion sort
      for (int j = i; j > 0 && indices[j - 1] > indices[j]; j--) {
        const int32_t kept = indices[j];
        indices[j] = indices[j - 1];
        indices[j - 1] = kept;
      }
    }
    e3x_segment_index(indices.at, count, number, offsets.at, order.at);
    Array<T> x((int64_t)count * stride + 1, 20, g);
    if (Type<T>::epsilon > 0) { x[0] = (T)NAN; }
    const int first = number > 2 ? 1 : 0;
    const int64_t size = (int64_t)(number - first) * width;
    Array<T> sum(size, (T)3), best(size, (T)3);
    const int32_t *how = isSorted ? nullptr : order.at;
    expect(e3x_segment_sum(Type<T>::dtype, first, number, offsets.at, how, width, x.at, stride,
                           sum.at) == 0,
           "segment sum", width);
    expect(e3x_segment_max(Type<T>::dtype, first, number, offsets.at, how, width, x.at, stride, -9,
                           best.at) == 0,
           "segment max", width);
    Array<double> expected(size), bounds(size), greatest(size, -INFINITY);
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < width && indices[i] >= first; c++) {
        const int64_t to = (int64_t)(indices[i] - first) * width + c;
        const double value = (double)x[(int64_t)i * stride + c];
        expected[to] += value;
        bounds[to] += 8 * Type<T>::epsilon * fabs(value);
        greatest[to] = isnan(value) || isnan(greatest[to]) ? NAN : fmax(greatest[to], value);
      }
    }
    for (int64_t i = 0; i < size; i++) {
      if (greatest[i] == -INFINITY) { greatest[i] = -9; }
    }
    expectElements("segment sum", width, sum, expected, bounds);
    expectElements("segment max", width, best, greatest, Array<double>(size));
  }
}

/// Rows added to, or raising, those of segments: bit for bit, for sums go in the order of the rows.
template <class T>
static void combined(bool raises) {
  Dice g(47);
  for (int width : each(0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 32, 63, 64, 65, 80, 130)) {
    static const struct {
      int rows, segments, longest;
    } cases[] = {{0, 3, 1}, {40, 0, 3}, {60, 5, 1}, {90, 7, 20}};
    for (const auto &c : cases) {
      static const int gaps[] = {0, 3};
      const int stride = width + g.pick(gaps);
      const Array<T> x((int64_t)c.rows * stride + 1, 2, g);
      // Runs of neighbours with one segment; some outside, which are left out.
      Array<int32_t> indices(c.rows + c.longest);
      for (int filled = 0; filled < c.rows;) {
        const int segment = g.whole(-1, c.segments + 1);
        for (int n = g.whole(1, c.longest); n > 0; n--) { indices[filled++] = segment; }
      }
      const int firsts[] = {0, 0, c.segments / 3};
      const int lasts[] = {c.segments, c.segments, c.segments - 1};
      const int first = g.pick(firsts);
      int last = g.pick(lasts);
      if (last < first) { last = first; }
      Array<T> out((int64_t)c.segments * width + 1, 2, g);
      Array<T> expected(out);
      for (int r = 0; r < c.rows; r++) {
        for (int k = 0; k < width && indices[r] >= first && indices[r] < last; k++) {
          T &to = expected[(int64_t)indices[r] * width + k];
          const T value = x[(int64_t)r * stride + k];
          to = raises ? (to > value ? to : value) : (T)(to + value);
        }
      }
      const auto kernel = raises ? e3x_segment_raise : e3x_segment_add;
      expect(kernel(Type<T>::dtype, c.rows, indices.at, first, last, width, x.at, stride,
                    out.at) == 0,
             "into segments", width);
      expectEqual("into segments", width, out, expected);
    }
  }
}

void checkSegments() {
  for (bool isSorted : each(false, true)) {
    reduced<float>(isSorted);
    reduced<double>(isSorted);
    reduced<int32_t>(isSorted);
  }
  for (bool raises : each(false, true)) {
    combined<float>(raises);
    combined<double>(raises);
    combined<int32_t>(raises);
  }
  uint8_t none = 0;
  const int32_t offsets[] = {0, 0};
  expect(e3x_segment_sum(E3X_BOOL, 0, 1, offsets, nullptr, 1, &none, 1, &none) == -1, "refusal");
  expect(e3x_segment_max(E3X_BOOL, 0, 1, offsets, nullptr, 1, &none, 1, 0, &none) == -1, "refusal");
}
