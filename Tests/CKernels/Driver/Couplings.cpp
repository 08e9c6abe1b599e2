// Sparse multilinear forms: whole, in parts of their features, and with rows anywhere.

#include "Forms.h"

/// The operands of a form, row after row.
template <class T>
struct Operands {
  int64_t stride[4] = {0, 0, 0, 0};
  const void *pointers[4] = {nullptr, nullptr, nullptr, nullptr};
  Array<T> elements;
  int64_t start[4];

  static int64_t total(const Form &form, int gap) {
    int64_t count = 0;
    for (int s = 0; s < form.slots; s++) { count += (form.rows + 1) * (form.width(s) + gap); }
    return count;
  }
  Operands(const Form &form, int gap, Dice &g) : elements(total(form, gap), 1, g) {
    int64_t at = 0;
    for (int s = 0; s < form.slots; s++) {
      stride[s] = form.shared[s] && s != form.outSlot ? 0 : form.width(s) + gap;
      start[s] = at;
      if (s != form.outSlot) { pointers[s] = elements.at + at; }
      at += (form.rows + 1) * (form.width(s) + gap);
    }
  }
  double operator()(int row, int slot, int element) const {
    return (double)elements[start[slot] + row * stride[slot] + element];
  }
};

static int unitsSeen;

template <class T>
static void whole(int slots, bool reduces) {
  Dice g((uint64_t)(61 + slots));
  unitsSeen = 0;
  for (int round = 0; round < 200; round++) {
    Form form(slots, g);
    if (reduces && round % 20 == 0) {
      form.rows = 1100;
      form.features = 6;
    }
    const Operands<T> operands(form, form.gap, g);
    const int outRow = form.width(form.outSlot);
    Array<T> out((int64_t)(reduces ? 1 : form.rows) * outRow, (T)5);
    const Scratch scratch(e3x_couple_scratch(Type<T>::dtype, form.features, form.count));
    const int status = e3x_couple(Type<T>::dtype, form.rows, form.features, slots, form.size,
                                  form.terms.at, form.count, form.outSlot, operands.pointers,
                                  operands.stride, reduces, out.at, scratch.at);
    expect(status == 0, "coupling", round);
    unitsSeen += e3x_couple_units(scratch.at) > 0;
    Array<double> expected(out.count), bounds(out.count);
    for (int r = 0; r < form.rows; r++) {
      const int64_t to = reduces ? 0 : (int64_t)r * outRow;
      form.add([&](int slot, int element) { return operands(r, slot, element); },
               expected.at + to, bounds.at + to);
    }
    // In float64 the plain sum over the rows is no better than the kernel's.
    const double tolerance = (sizeof(T) == 4 ? 6 : 6 + 2 * form.rows) * Type<T>::epsilon;
    for (int64_t i = 0; i < bounds.count; i++) { bounds[i] *= tolerance; }
    expectElements("coupling", round, out, expected, bounds);
  }
  // Straight-line code was among what was checked: only sums to weights are summed by it.
  // There is none for x86-64 processors without AVX2, of which there are few.
  const bool hasUnits = e3x_current_isa() != E3X_ISA_BASELINE;
  const bool fits = slots == 4 || (slots == 3 && !reduces);
  expect((unitsSeen > 5) == (hasUnits && fits), "units", unitsSeen);
}

/// Some of the features at a time, within rows of all of them.
template <class T>
static void inParts() {
  static const int kinds[] = {E3X_KEEP_ROWS, E3X_SUM_ROWS, E3X_ADD_ROWS};
  Dice g(65);
  for (int round = 0; round < 200; round++) {
    const Form form(g.whole(2, 4), g);
    const int reduce = g.pick(kinds), split = g.whole(0, form.features);
    const Operands<T> operands(form, 0, g);
    const int outRow = form.width(form.outSlot);
    Array<T> out((int64_t)(reduce == E3X_KEEP_ROWS ? form.rows : 1) * outRow);
    const int64_t component[] = {form.features, form.features, form.features, form.features};
    const int parts[][2] = {{0, split}, {split, form.features - split}};
    for (const auto &part : parts) {
      const Scratch scratch(e3x_couple_scratch(Type<T>::dtype, form.features, form.count));
      const void *pointers[4];
      for (int s = 0; s < form.slots; s++) {
        const T *from = (const T *)operands.pointers[s];
        pointers[s] = from ? from + part[0] : nullptr;
      }
      expect(e3x_couple_prepare(Type<T>::dtype, part[1], form.slots, form.size, form.terms.at,
                                form.count, form.outSlot, reduce, pointers, operands.stride,
                                component, scratch.at) == 0,
             "coupling in parts", round);
      expect(e3x_couple_run(Type<T>::dtype, form.rows, pointers, reduce, out.at + part[0],
                            scratch.at) == 0,
             "coupling in parts", round);
    }
    Array<double> expected(out.count), bounds(out.count);
    for (int r = 0; r < form.rows; r++) {
      const int64_t to = reduce == E3X_KEEP_ROWS ? (int64_t)r * outRow : 0;
      form.add([&](int slot, int element) { return operands(r, slot, element); },
               expected.at + to, bounds.at + to);
    }
    for (int64_t i = 0; i < bounds.count; i++) {
      bounds[i] *= (8 + 2 * form.rows) * Type<T>::epsilon;
    }
    expectElements("coupling in parts", round, out, expected, bounds);
  }
}

/// Rows anywhere, written or added, after other shared operands were prepared and these refreshed.
template <class T>
static void anywhere() {
  Dice g(73);
  for (int round = 0; round < 200; round++) {
    Form form(g.whole(2, 4), g);
    const bool adds = g.chance(0.5), isFar = g.chance(0.5), isOutFar = g.chance(0.5);
    bool isIndirect[4];
    for (int s = 0; s < 4; s++) { isIndirect[s] = g.chance(0.6); }
    int varying = 0;
    for (int s = 0; s < form.slots; s++) { varying += s != form.outSlot && !form.shared[s]; }
    if (varying == 0) { continue; }
    const Operands<T> shared(form, 0, g), others(form, 0, g);
    Table<T> tables[] = {
        {form.rows, form.width(0), isIndirect[0], g},
        {form.rows, form.width(1), isIndirect[1], g},
        {form.rows, form.slots > 2 ? form.width(2) : 1, isIndirect[2], g},
        {form.rows, form.slots > 3 ? form.width(3) : 1, isIndirect[3], g},
    };
    Table<T> out(form.rows, form.width(form.outSlot), adds, g);
    Array<double> expected = numbers(out.elements);
    const int outRow = form.width(form.outSlot);
    for (int r = 0; r < form.rows; r++) {
      Array<double> sums(outRow), sizes(outRow);
      form.add(
          [&](int slot, int element) {
            return form.shared[slot] ? shared(r, slot, element) : tables[slot](r, element);
          },
          sums.at, sizes.at);
      for (int i = 0; i < outRow; i++) {
        double &to = expected[out.at(r, i)];
        to = adds ? to + sums[i] : sums[i];
      }
    }
    const Scratch scratch(e3x_couple_scratch(Type<T>::dtype, form.features, form.count));
    e3x_rows rows[3];
    int count = 0;
    for (int s = 0; s < form.slots; s++) {
      if (s != form.outSlot && !form.shared[s]) { rows[count++] = tables[s].kernelRows(isFar); }
    }
    const e3x_rows target = out.kernelRows(isOutFar);
    int status = e3x_couple_prepare(Type<T>::dtype, form.features, form.slots, form.size,
                                    form.terms.at, form.count, form.outSlot, E3X_KEEP_ROWS,
                                    others.pointers, shared.stride, nullptr, scratch.at);
    status |= e3x_couple_refresh(Type<T>::dtype, form.terms.at, form.count, shared.pointers,
                                 scratch.at);
    status |= e3x_couple_rows(Type<T>::dtype, form.rows, rows, &target, adds, scratch.at);
    expect(status == 0, "coupling anywhere", round);
    const double bound = Type<T>::epsilon * (8 + form.rows) * (form.count + 1);
    expectElements("coupling anywhere", round, out.elements, expected,
                   Array<double>(expected.count, bound));
  }
}

/// The sum over 200000 rows of float32 products of one sign.
static void longSums() {
  Dice g(65);
  const int rows = 200000;
  Array<float> a(rows), b(rows), out(1);
  Array<double> expected(1), bounds(1);
  for (int r = 0; r < rows; r++) {
    a[r] = (float)g.unit();
    b[r] = (float)g.unit();
    expected[0] += 0.75 * (double)a[r] * (double)b[r];
  }
  bounds[0] = 5e-6 * expected[0];
  const e3x_term term = {{0, 0, 0, 0}, 0.75};
  const int32_t size[] = {1, 1, 1};
  const int64_t stride[] = {0, 1, 1};
  const void *pointers[] = {nullptr, a.at, b.at};
  const Scratch scratch(e3x_couple_scratch(E3X_F32, 1, 1));
  expect(e3x_couple(E3X_F32, rows, 1, 3, size, &term, 1, 0, pointers, stride, 1, out.at,
                    scratch.at) == 0,
         "long sums");
  expectElements("long sums", 0, out, expected, bounds);
}

void checkCouplings() {
  for (int slots = 2; slots <= 4; slots++) {
    for (bool reduces : each(false, true)) {
      whole<float>(slots, reduces);
      whole<double>(slots, reduces);
    }
  }
  inParts<float>();
  inParts<double>();
  anywhere<float>();
  anywhere<double>();
  longSums();
  const int32_t size[] = {1, 1};
  const void *pointers[] = {nullptr, nullptr};
  const int64_t stride[] = {0, 0};
  int32_t out = 0;
  expect(e3x_couple(E3X_I32, 0, 0, 2, size, nullptr, 0, 0, pointers, stride, 0, &out, nullptr) == -1,
         "refusal");
}
