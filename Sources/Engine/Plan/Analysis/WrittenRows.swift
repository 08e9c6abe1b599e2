/// Which row operations are written out: values that several sweeps need are computed again in
/// each, or written out, whichever moves fewer bytes.
struct WrittenRows {
  private(set) var isWrittenOut: [Bool]
  private let analysis: RowAnalysis
  /// What must be written out in any case.
  private let whole: [Bool]
  /// Written out in place of a wider value that later sweeps would read otherwise.
  private var early: Set<Int> = []
  /// The sweeps that need each value.
  private var needs: [Set<Int>] = []
  /// What values cost if none is written out.
  private var fromRows: [Double] = []
  /// The lists of the sums over segments that need each value; ``otherwise`` for anything else.
  private var orders: [Set<Int>] = []
  private static let otherwise = -1
  /// The row operations and sinks of the same space that take each value row by row.
  private var consumers: [[Int]] = []

  init(_ analysis: RowAnalysis) {
    self.analysis = analysis
    whole = analysis.isWrittenOut
    isWrittenOut = whole
    let count = analysis.graph.operations.count
    consumers = [[Int]](repeating: [], count: count)
    for position in 0..<count
    where analysis.kinds[position] == .row || analysis.kinds[position] == .sink {
      for input in rowInputs(position) { consumers[input].append(position) }
    }
    // A first choice shows which narrow values several sweeps need: these are written out, and
    // what is computed from them costs less than it seems.
    fromRows = costs { _ in false }
    choose(fromRows)
    let narrow = isWrittenOut
    let costs = self.costs { narrow[$0] && width($0) <= 16 }
    while choose(costs) {}
  }

  /// Goes from results to operands.
  /// - Returns: whether another round may find more.
  @discardableResult
  private mutating func choose(_ costs: [Double]) -> Bool {
    isWrittenOut = whole
    for position in early { isWrittenOut[position] = true }
    needs = [Set<Int>](repeating: [], count: whole.count)
    orders = needs
    let known = early.count
    for position in whole.indices.reversed() {
      let kind = analysis.kinds[position]
      guard kind == .row || kind == .sink else { continue }
      if kind == .row && !isWrittenOut[position] && needs[position].count > 1
        && !analysis.isView(position)
      {
        let width = width(position)
        if width <= 16 {
          isWrittenOut[position] = true
        } else if costs[position] > 4 * Double(width) {
          if let narrower = narrower(position) {
            early.formUnion(narrower)
          } else {
            isWrittenOut[position] = true
          }
        }
      }
      if kind == .row && !isWrittenOut[position] && orders[position].count > 1
        && bytes(position) <= 16 && fromRows[position] >= 4 * Double(width(position))
        && !analysis.isView(position)
      {
        isWrittenOut[position] = true
      }
      // What is written out already is there for later sweeps.
      for input in rowInputs(position) {
        needs[input].formUnion(sweeps(position))
        orders[input].formUnion(orders(of: position))
      }
    }
    return early.count > known
  }

  /// The sweeps that compute a value.
  private func sweeps(_ position: Int) -> Set<Int> {
    isWrittenOut[position] || analysis.kinds[position] == .sink
      ? [analysis.levels[position]] : needs[position]
  }

  /// The orders of rows that need a value: sums over the segments of another list may go in that
  /// list's (``SweepSplit``), where each narrow value that others need too is better gathered than
  /// computed again from several.
  private func orders(of position: Int) -> Set<Int> {
    let operation = analysis.graph.operations[position]
    if case .segmentSum = operation.primitive, analysis.kinds[position] == .sink {
      return [operation.inputs[1]]
    }
    return isWrittenOut[position] || analysis.kinds[position] == .sink
      ? [Self.otherwise] : orders[position]
  }

  /// What later sweeps compute from a value, if it could be computed in the value's own sweep and
  /// takes fewer bytes than the value.
  private func narrower(_ position: Int) -> [Int]? {
    let level = analysis.levels[position]
    var found: [Int] = []
    var bytes = 0
    var stack = consumers[position]
    while let consumer = stack.popLast() {
      if sweeps(consumer).isSubset(of: [level]) { continue }
      guard analysis.kinds[consumer] == .row, analysis.levels[consumer] == level else { return nil }
      if analysis.isView(consumer) {
        stack += consumers[consumer]
      } else if !found.contains(consumer) {
        found.append(consumer)
        bytes += self.bytes(consumer)
      }
    }
    return bytes < self.bytes(position) ? found : nil
  }

  /// The operands that are row operations of the same space, read row by row.
  private func rowInputs(_ position: Int) -> [Int] {
    zip(analysis.graph.operations[position].inputs, analysis.rowEdges[position]).compactMap {
      input, isRow in
      isRow && analysis.kinds[input] == .row && analysis.spaces[input] == analysis.spaces[position]
        ? input : nil
    }
  }

  private func width(_ position: Int) -> Int {
    RowAnalysis.rowShape(analysis.graph.operations[position].shape)!.reduce(1, *)
  }

  private func bytes(_ position: Int) -> Int {
    width(position) * analysis.graph.operations[position].dtype.byteCount
  }

  /// What it costs to compute a row again, in elements moved.
  /// - Parameter isRead: Whether a row operation's value is read instead.
  private func costs(_ isRead: (Int) -> Bool) -> [Double] {
    let graph = analysis.graph
    var costs: [Double] = []
    for (position, operation) in graph.operations.enumerated() {
      guard analysis.kinds[position] == .row else {
        costs.append(0)
        continue
      }
      let width = Double(width(position))
      guard !isRead(position) else {
        costs.append(width)
        continue
      }
      var cost: Double
      switch operation.primitive {
      case .linear:
        let inputs = Double(graph.operations[operation.inputs[1]].shape[1].known ?? 1)
        cost = width * (1 + inputs / 16)
      case .couple(let table, _, _):
        let features = Double(operation.shape[2].known ?? 1)
        cost = width + Double(table.terms.count) * features / 8
      case .polynomial(let table):
        cost = Double(table.kernel.work)
      case .unary(let unary):
        cost =
          [.exp, .expMinusOne, .log, .logOnePlus, .sin, .cos, .tanh, .erf].contains(unary)
          ? 4 * width : width
      case .gather: cost = 1.5 * width
      case .broadcast, .reshape, .permute, .slice, .fill, .iota: cost = 0
      case .binary, .compare, .logical, .not, .select, .cast, .pad, .concatenate, .reduce,
        .blockProduct, .length, .direction:
        cost = width
      case .input, .constant, .size, .matmul, .linearWeights, .segmentSum, .segmentMax, .check,
        .override, .stopGradient:
        preconditionFailure("\(operation.primitive) makes no rows")
      }
      for (input, isRow) in zip(operation.inputs, analysis.rowEdges[position]) where isRow {
        cost += costs[input]
      }
      costs.append(cost)
    }
    return costs
  }
}
