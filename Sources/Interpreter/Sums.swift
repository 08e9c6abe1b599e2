import E3xEngine

extension InterpretedOperation {
  func reduced(_ reduction: Reduction, over axes: [Int]) -> Elements {
    let isInteger = dtype == .int32
    let empty =
      switch reduction {
      case .sum: 0.0
      case .max: isInteger ? Double(Int32.min) : -.infinity
      case .min: isInteger ? Double(Int32.max) : .infinity
      }
    var sums = Sums(shape, empty)
    forEachIndex(of: inputs[0].shape) { index in
      var kept = index
      for axis in axes { kept[axis] = 0 }
      sums.combine(kept, inputs[0][index]) { a, b in
        switch reduction {
        case .sum: a + b
        case .max: maximum(a, b)
        case .min: BinaryOperation.minimum.value(a, b)
        }
      }
    }
    return Elements(shape, dtype, sums.values)
  }

  func matrixProduct() -> Elements {
    let inner = inputs[0].shape.last!
    return Elements(shape, dtype) { index in
      let (head, i, j) = (index.dropLast(2), index[index.count - 2], index.last!)
      return (0..<inner).reduce(0) { sum, k in
        sum + inputs[0][head + [i, k]] * inputs[1][head + [k, j]]
      }
    }
  }

  // MARK: Features

  func linear(_ map: ComponentBlocks) -> Elements {
    let inner = inputs[0].shape.last!
    return Elements(shape, dtype) { index in
      let block = Int(map.block[index[index.count - 2]])
      guard block >= 0 else { return 0 }
      return (0..<inner).reduce(0) { sum, k in
        sum + inputs[0][index.dropLast() + [k]] * inputs[1][[block, k, index.last!]]
      }
    }
  }

  func linearWeights(_ map: ComponentBlocks) -> Elements {
    let (x, y) = (inputs[0], inputs[1])
    var sums = Sums(shape, 0)
    forEachIndex(of: y.shape) { index in
      let block = Int(map.block[index[index.count - 2]])
      guard block >= 0 else { return }
      for k in 0..<x.shape.last! {
        sums.combine([block, k, index.last!], x[index.dropLast() + [k]] * y[index]) { $0 + $1 }
      }
    }
    return Elements(shape, dtype, sums.values)
  }

  /// Σ y[r, c] h[r, block[c], f] g[r, c, f], opened at y (0), h (1) or g (2).
  func blockProduct(_ map: ComponentBlocks, _ opened: Int) -> Elements {
    var shapes = inputs.map(\.shape)
    shapes.insert(shape, at: opened)
    let places = [0, 1, 2].filter { $0 != opened }
    var sums = Sums(shape, 0)
    forEachIndex(of: shapes[0] + [shapes[1][2]]) { index in
      let (row, component, feature) = (index[0], index[1], index[2])
      let block = Int(map.block[component])
      guard block >= 0 else { return }
      let at = [[row, component], [row, block, feature], [row, component, feature]]
      let product = zip(places, inputs).reduce(1) { $0 * $1.1[at[$1.0]] }
      sums.combine(at[opened], product) { $0 + $1 }
    }
    return Elements(shape, dtype, sums.values)
  }

  // MARK: Index lists

  /// The index list, each entry within 0 ... limit (or below the limit, if there is no padding).
  private func indices(limit: Int, allowsPadding: Bool) throws -> [Int] {
    try inputs[1].values.enumerated().map { position, index in
      guard index >= 0, index < Double(limit) || (allowsPadding && index == Double(limit)) else {
        throw BadIndex(
          index: Int32(index), position: position, limit: limit, allowsPadding: allowsPadding
        ).error(operation.primitive.name, operation.label, dimensions: inputs[1].shape, bindings)
      }
      return Int(index)
    }
  }

  func gathered(_ padding: GatherPadding) throws -> Elements {
    let rows = inputs[0].shape[0]
    let list = try indices(limit: rows, allowsPadding: padding != .refused)
    let width = inputs[0].shape.dropFirst().reduce(1, *)
    let values = list.flatMap { row -> [Double] in
      if row == rows && (padding == .zero || rows == 0) {
        return [Double](repeating: 0, count: width)
      }
      let row = min(row, rows - 1)
      return Array(inputs[0].values[row * width..<(row + 1) * width])
    }
    return Elements(shape, dtype, values)
  }

  func segments(empty: Double, _ combine: (Double, Double) -> Double) throws -> Elements {
    let list = try indices(limit: shape[0], allowsPadding: true)
    let width = shape.dropFirst().reduce(1, *)
    var values = [Double](repeating: empty, count: shape[0] * width)
    for (position, segment) in list.enumerated() where segment < shape[0] {
      for column in 0..<width {
        let value = inputs[0].values[position * width + column]
        values[segment * width + column] = combine(values[segment * width + column], value)
      }
    }
    return Elements(shape, dtype, values)
  }

  func segmentMaximum(empty: Double) throws -> Elements {
    // Of segments with entries, `empty` is no part.
    let highest = try segments(empty: -.infinity, maximum).values
    let list = Set(inputs[1].values.map { Int($0) })
    let width = max(1, shape.dropFirst().reduce(1, *))
    return Elements(
      shape, dtype,
      highest.enumerated().map { list.contains($0.offset / width) ? $0.element : empty })
  }
}

/// Results that terms are added to in any order.
private struct Sums {
  private let shape: [Int]
  private(set) var values: [Double]

  init(_ shape: [Int], _ first: Double) {
    self.shape = shape
    values = [Double](repeating: first, count: shape.reduce(1, *))
  }

  mutating func combine(
    _ index: [Int], _ term: Double, _ operation: (Double, Double) -> Double
  ) {
    var position = 0
    for (size, entry) in zip(shape, index) { position = position * size + entry }
    values[position] = operation(values[position], term)
  }
}
