/// Which operations of a graph work row by row, which gather rows together, and where their values
/// must be written out.
///
/// A *space* is the size of a leading axis: the pairs, the atoms. An operation is a *row
/// operation* of a space if row r of its result needs row r of its operands alone (and operands
/// that all rows share). A *sink* takes rows and gives something without them: a segment sum, a sum
/// over rows, a derivative to shared weights. Everything else is *plain* and runs on its own.
struct RowAnalysis {
  enum Kind {
    /// Given before the run.
    case leaf
    /// Runs on its own.
    case plain
    case row
    case sink
  }

  let graph: Graph
  private(set) var kinds: [Kind] = []
  /// The space of row operations and sinks.
  private(set) var spaces: [Dimension?] = []
  /// For row operations and sinks, which operands are read row by row.
  private(set) var rowEdges: [[Bool]] = []
  /// Whether the value is written out in full: everything but most row operations.
  private(set) var isWrittenOut: [Bool] = []
  /// When the value can be there: everything it needs has a lower level, but for row operations
  /// of the same space, which may have the same.
  private(set) var levels: [Int] = []

  /// - Parameter minimumRows: leading axes of known size are spaces from this size on.
  init(_ graph: Graph, minimumRows: Int) {
    self.graph = graph
    let isNumbering = RowAnalysis.numberings(graph)
    for (position, operation) in graph.operations.enumerated() {
      let (kind, space, edges) =
        isNumbering[position]
        ? (.plain, nil, operation.inputs.map { _ in false })
        : RowAnalysis.classify(operation, graph, minimumRows)
      kinds.append(kind)
      spaces.append(space)
      rowEdges.append(edges)
    }
    isWrittenOut = kinds.map { $0 != .row }
    for output in graph.outputs { isWrittenOut[output] = true }
    for (position, operation) in graph.operations.enumerated() {
      for (input, isRow) in zip(operation.inputs, rowEdges[position]) where !isRow {
        isWrittenOut[input] = true
      }
    }
    // Numbers that fill a shape are never written out for row operations; others need them whole.
    assignLevels()
    let choice = WrittenRows(self)
    isWrittenOut = choice.isWrittenOut
  }

  // MARK: Classification

  /// Index lists that depend on sizes alone, such as the destinations of a dense list: they are not
  /// part of sweeps, so that they are worked out once for all runs of a size.
  private static func numberings(_ graph: Graph) -> [Bool] {
    var dependsOnSizesAlone: [Bool] = []
    var differsBetweenRows: [Bool] = []
    return graph.operations.enumerated().map { position, operation in
      let inputs = operation.inputs
      switch operation.primitive {
      case .input, .constant, .check: dependsOnSizesAlone.append(false)
      default: dependsOnSizesAlone.append(inputs.allSatisfy { dependsOnSizesAlone[$0] })
      }
      if case .iota(axis: 0) = operation.primitive {
        differsBetweenRows.append(true)
      } else {
        differsBetweenRows.append(inputs.contains { differsBetweenRows[$0] })
      }
      return dependsOnSizesAlone[position] && differsBetweenRows[position]
        && operation.dtype == .int32
    }
  }

  private static func isSpace(_ dimension: Dimension, _ minimumRows: Int) -> Bool {
    dimension.known.map { $0 >= minimumRows } ?? true
  }

  /// The size of a row; nil if it is not known, or has more axes than a sweep has loops (four, of
  /// which the rows are one).
  static func rowShape(_ shape: Shape) -> [Int]? {
    var sizes: [Int] = []
    for dimension in shape.dropFirst() {
      guard let size = dimension.known else { return nil }
      sizes.append(size)
    }
    return sizes.count { $0 != 1 } <= 3 ? sizes : nil
  }

  private static func classify(
    _ operation: Graph.Operation, _ graph: Graph, _ minimumRows: Int
  ) -> (Kind, Dimension?, [Bool]) {
    let inputs = operation.inputs.map { graph.operations[$0] }
    let none = [Bool](repeating: false, count: inputs.count)
    let plain = (Kind.plain, Dimension?.none, none)
    func isRows(_ input: Graph.Operation, _ space: Dimension) -> Bool {
      input.shape.first == space && rowShape(input.shape) != nil
    }
    switch operation.primitive {
    case .input, .constant: return (.leaf, nil, none)
    case .reduce(_, let axes) where axes.contains(0):
      guard let space = inputs[0].shape.first, isSpace(space, minimumRows),
        rowShape(inputs[0].shape) != nil
      else { return plain }
      return (.sink, space, [true])
    case .segmentSum, .segmentMax:
      guard inputs[1].shape.rank == 1, let space = inputs[1].shape.first,
        isSpace(space, minimumRows), isRows(inputs[0], space)
      else { return plain }
      // Sweeps begin with the lowest number.
      if case .segmentMax(let empty) = operation.primitive, empty != -.infinity { return plain }
      return (.sink, space, [true, true])
    case .linearWeights:
      guard inputs[0].shape.rank == 3, let space = inputs[0].shape.first,
        isSpace(space, minimumRows), isRows(inputs[0], space), isRows(inputs[1], space)
      else { return plain }
      return (.sink, space, [true, true])
    case .couple(_, _, reduce: true):
      guard let space = inputs.first(where: { $0.shape.rank == 3 })?.shape.first,
        isSpace(space, minimumRows)
      else { return plain }
      return (.sink, space, inputs.map { $0.shape.rank == 3 })
    default: break
    }
    guard let space = operation.shape.first, isSpace(space, minimumRows),
      rowShape(operation.shape) != nil
    else { return plain }
    let rank = operation.shape.rank
    switch operation.primitive {
    case .fill: return (.row, space, [])
    case .iota(let axis): return axis > 0 ? (.row, space, []) : plain
    case .unary, .binary, .compare, .logical, .not, .select, .cast, .broadcast:
      var edges: [Bool] = []
      for input in inputs {
        let isRow = input.shape.rank == rank && input.shape.first == space
        if !isRow && input.shape.rank == rank && input.shape.first != 1 { return plain }
        guard isRow || input.shape.allSatisfy({ $0.known != nil }) else { return plain }
        edges.append(isRow)
      }
      return (.row, space, edges)
    case .reshape:
      return isRows(inputs[0], space) ? (.row, space, [true]) : plain
    case .permute(let order):
      return order[0] == 0 && isRows(inputs[0], space) ? (.row, space, [true]) : plain
    case .slice(let axis, _, _), .pad(let axis, _, _):
      return axis > 0 && isRows(inputs[0], space) ? (.row, space, [true]) : plain
    case .concatenate(let axis):
      return axis > 0 && inputs.allSatisfy({ isRows($0, space) })
        ? (.row, space, inputs.map { _ in true }) : plain
    case .reduce:
      return isRows(inputs[0], space) ? (.row, space, [true]) : plain
    case .linear:
      return rank == 3 && isRows(inputs[0], space) ? (.row, space, [true, false]) : plain
    case .blockProduct:
      return inputs.allSatisfy { isRows($0, space) } ? (.row, space, [true, true]) : plain
    case .couple:
      return rank == 3 ? (.row, space, inputs.map { $0.shape.rank == 3 }) : plain
    case .polynomial, .length, .direction:
      return rank == 2 && isRows(inputs[0], space) ? (.row, space, inputs.map { _ in true }) : plain
    case .gather:
      return inputs[1].shape.rank == 1 && rowShape(inputs[0].shape) != nil
        ? (.row, space, [false, true]) : plain
    case .input, .constant, .size, .matmul, .linearWeights, .segmentSum, .segmentMax, .check,
      .override, .stopGradient:
      return plain
    }
  }

  // MARK: Levels

  private mutating func assignLevels() {
    levels = []
    for (position, operation) in graph.operations.enumerated() {
      guard kinds[position] != .leaf else {
        levels.append(0)
        continue
      }
      var level = 1
      for (input, isRow) in zip(operation.inputs, rowEdges[position]) {
        let sharesSweep =
          isRow && kinds[input] == .row && spaces[input] == spaces[position]
          && kinds[position] != .plain
        level = max(level, levels[input] + (sharesSweep ? 0 : 1))
      }
      levels.append(level)
    }
  }

  /// Whether the value is another one's elements, looked at differently.
  func isView(_ position: Int) -> Bool {
    switch graph.operations[position].primitive {
    case .broadcast, .reshape, .permute, .slice, .fill, .iota: true
    case .input, .constant, .size, .unary, .binary, .compare, .logical, .not, .select, .cast, .pad,
      .concatenate, .reduce, .matmul, .linear, .linearWeights, .blockProduct, .gather,
      .segmentSum, .segmentMax, .couple, .polynomial, .length, .direction, .check, .override,
      .stopGradient:
      false
    }
  }
}
