extension OperationRun {
  func broadcastView(_ value: Value) -> Value {
    if value.dimensions == dimensions { return value }
    var view = value
    let extra = dimensions.count - value.rank
    view.strides = dimensions.indices.map { axis in
      guard axis >= extra else { return 0 }
      return value.dimensions[axis - extra] == dimensions[axis] ? value.strides[axis - extra] : 0
    }
    view.dimensions = dimensions
    return view
  }

  /// The elements in other dimensions that need them in another place.
  func copied() -> Value {
    let result = made()
    var target = result
    target.dimensions = inputs[0].dimensions
    target.strides = Value.contiguousStrides(target.dimensions)
    target.assign(inputs[0], pool)
    return result
  }

  func permuted(_ order: [Int]) -> Value {
    var view = inputs[0]
    view.dimensions = dimensions
    view.strides = order.map { inputs[0].strides[$0] }
    return view
  }

  func sliced(_ axis: Int, _ start: Int) -> Value {
    var view = inputs[0]
    view.dimensions = dimensions
    view.offset += start * view.strides[axis]
    return view
  }

  func padded(_ axis: Int, _ before: Int) -> Value {
    let result = made()
    var middle = result
    middle.offset += before * result.strides[axis]
    middle.dimensions[axis] = inputs[0].dimensions[axis]
    for (start, size) in [
      (0, before),
      (before + middle.dimensions[axis], dimensions[axis] - before - middle.dimensions[axis]),
    ] where size > 0 {
      var margin = result
      margin.offset += start * result.strides[axis]
      margin.dimensions[axis] = size
      let zero = FillStorage.shared.storage(0, dtype)
      margin.assign(
        Value(
          storage: zero, dimensions: margin.dimensions,
          strides: [Int](repeating: 0, count: margin.rank), dtype: dtype), pool)
    }
    middle.assign(inputs[0], pool)
    return result
  }

  func concatenated(_ axis: Int) -> Value {
    let result = made()
    var part = result
    for input in inputs {
      part.dimensions[axis] = input.dimensions[axis]
      part.assign(input, pool)
      part.offset += input.dimensions[axis] * result.strides[axis]
    }
    return result
  }
}
