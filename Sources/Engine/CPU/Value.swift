internal import E3xCKernels

/// A tensor with its elements: a strided view into a storage. Views cost nothing.
struct Value {
  var storage: Storage
  /// The position of the first element, in elements.
  var offset: Int
  var dimensions: [Int]
  /// Distances between neighbours along each axis, in elements; 0 where an axis repeats.
  var strides: [Int]
  var dtype: DType

  init(storage: Storage, offset: Int = 0, dimensions: [Int], strides: [Int], dtype: DType) {
    self.storage = storage
    self.offset = offset
    self.dimensions = dimensions
    self.strides = strides
    self.dtype = dtype
  }

  /// A value whose elements lie one after the other.
  init(contiguous storage: Storage, _ dimensions: [Int], _ dtype: DType) {
    self.init(
      storage: storage, dimensions: dimensions, strides: Value.contiguousStrides(dimensions),
      dtype: dtype)
  }

  /// A new value to be written.
  init(uninitialized dimensions: [Int], _ dtype: DType) {
    let count = dimensions.reduce(1, *)
    self.init(contiguous: Storage(byteCount: count * dtype.byteCount), dimensions, dtype)
  }

  static func contiguousStrides(_ dimensions: [Int]) -> [Int] {
    var strides = dimensions
    var stride = 1
    for axis in dimensions.indices.reversed() {
      strides[axis] = stride
      stride *= dimensions[axis]
    }
    return strides
  }

  var count: Int { dimensions.reduce(1, *) }
  var rank: Int { dimensions.count }

  /// The address of the first element.
  var pointer: UnsafeMutableRawPointer { storage.pointer + offset * dtype.byteCount }

  var isContiguous: Bool {
    var stride = 1
    for axis in dimensions.indices.reversed() {
      if dimensions[axis] != 1 && strides[axis] != stride { return false }
      stride *= dimensions[axis]
    }
    return true
  }

  /// The same elements, one after the other.
  func contiguous(_ pool: ThreadPool) -> Value {
    if isContiguous { return self }
    let copy = Value(uninitialized: dimensions, dtype)
    copy.assign(self, pool)
    return copy
  }

  /// The elements as those of another type.
  func cast(to dtype: DType, _ pool: ThreadPool) -> Value {
    let from = self.dtype.kernel
    return OperationRun(
      inputs: [self], dimensions: dimensions, dtype: dtype, bindings: Bindings(), pool: pool
    ).elementwise { nest, pointers in
      e3x_cast(dtype.kernel, from, &nest, pointers[0], pointers[1])
    }
  }

  /// Copies the elements of `source`, of the same dimensions.
  func assign(_ source: Value, _ pool: ThreadPool) {
    let dtype = self.dtype
    Loop(dimensions, [strides, source.strides]).run(pool, [self, source]) { nest, pointers in
      _ = e3x_unary(E3X_COPY, dtype.kernel, &nest, pointers[0], pointers[1])
    }
  }

  /// The view under other dimensions, or nil where that needs a copy.
  func reshaped(_ target: [Int]) -> Value? {
    guard let strides = Value.strides(dimensions, strides, reshapedTo: target) else { return nil }
    var view = self
    view.dimensions = target
    view.strides = strides
    return view
  }

  /// The strides under which the elements of a view have dimensions `target`, or nil.
  static func strides(
    _ dimensions: [Int], _ strides: [Int], reshapedTo target: [Int]
  ) -> [Int]? {
    // Axes of size 1 aside, each group of source axes that can be seen as one axis is split anew.
    let axes = dimensions.indices.filter { dimensions[$0] != 1 }
    if dimensions.contains(0) { return contiguousStrides(target) }
    var result = [Int](repeating: 0, count: target.count)
    var source = 0
    var axis = 0
    while axis < target.count {
      if target[axis] == 1 {
        axis += 1
        continue
      }
      guard source < axes.count else { return nil }
      var sourceSize = dimensions[axes[source]]
      var targetSize = target[axis]
      let (firstSource, firstTarget) = (source, axis)
      while sourceSize != targetSize {
        if sourceSize < targetSize {
          source += 1
          guard source < axes.count else { return nil }
          sourceSize *= dimensions[axes[source]]
        } else {
          axis += 1
          guard axis < target.count else { return nil }
          targetSize *= target[axis]
        }
      }
      for index in firstSource..<source
      where strides[axes[index]] != strides[axes[index + 1]] * dimensions[axes[index + 1]] {
        return nil
      }
      var stride = strides[axes[source]]
      for index in (firstTarget...axis).reversed() {
        result[index] = stride
        stride *= target[index]
      }
      source += 1
      axis += 1
    }
    return result
  }

  /// The distance between rows, if all axes but the last `trailing` are one axis of rows and the
  /// trailing ones are contiguous (or, for `looseFirst`, all of them but the first).
  func rowStride(trailing: Int, looseFirst: Bool = false) -> Int? {
    let start = rank - trailing
    var stride = 1
    for axis in (start..<rank).reversed() {
      if looseFirst && axis == start { break }
      if dimensions[axis] != 1 && strides[axis] != stride { return nil }
      stride *= dimensions[axis]
    }
    var outer: Int?
    var expected = 0
    for axis in (0..<start).reversed() where dimensions[axis] != 1 {
      if outer == nil {
        outer = strides[axis]
        expected = strides[axis]
      } else if strides[axis] != expected {
        return nil
      }
      expected *= dimensions[axis]
    }
    return outer ?? stride
  }
}
