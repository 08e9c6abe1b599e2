// Rows of a table: all of them, or those that addresses choose.

#ifndef DRIVER_TABLES_H
#define DRIVER_TABLES_H

#include "Checks.h"

template <class T>
struct Table {
  int rows, width, offset, stored;
  bool isIndirect;
  int chosen[32];
  Array<T> elements;
  void *addresses[32];

  /// Numbers of the layout are drawn before the elements.
  struct Shape {
    int rows, width, offset, stored;
    bool isIndirect;
    int chosen[32];

    Shape(int rows, int used, bool isIndirect, Dice &g) : rows(rows), isIndirect(isIndirect) {
      static const int offsets[] = {0, 3}, gaps[] = {0, 2};
      offset = isIndirect ? g.pick(offsets) : 0;
      width = used + offset + g.pick(gaps);
      stored = isIndirect ? g.whole(1, rows > 1 ? rows : 1) : rows;
      for (int r = 0; r < rows; r++) { chosen[r] = isIndirect ? g.whole(0, stored - 1) : r; }
    }
  };

  Table(const Shape &shape, Dice &g)
      : rows(shape.rows), width(shape.width), offset(shape.offset), stored(shape.stored),
        isIndirect(shape.isIndirect), elements(shape.stored * shape.width, 1, g) {
    for (int r = 0; r < rows; r++) {
      chosen[r] = shape.chosen[r];
      addresses[r] = elements.at + chosen[r] * width;
    }
  }
  Table(int rows, int used, bool isIndirect, Dice &g)
      : Table(Shape(rows, used, isIndirect, g), g) {}
  Table(const Table &) = delete;

  int64_t at(int row, int element) const { return (int64_t)chosen[row] * width + offset + element; }
  double operator()(int row, int element) const { return (double)elements[at(row, element)]; }

  e3x_rows kernelRows(bool isFar, int component = 0, int from = 0) {
    e3x_rows all;
    memset(&all, 0, sizeof all);
    all.component = component;
    if (isIndirect) {
      all.row = addresses + from;
      all.offset = offset * (int64_t)sizeof(T);
      all.is_far = isFar;
    } else {
      all.base = elements.at + from * width;
      all.stride = width;
    }
    return all;
  }
};

/// What is told of the rows behind the first ones.
struct Soon {
  e3x_rows rows;
  e3x_soon entries[2];

  template <class T>
  Soon(Table<T> &table, int first, int count, Dice &g)
      : rows(table.kernelRows(true, 0, first)) {
    const int start = g.whole(0, 3);
    const int elements = g.whole(0, table.width);
    entries[0] = entries[1] = {&rows, count, start, elements};
  }
  Soon(const Soon &) = delete;
};

#endif
