internal import E3xCKernels

/// Writes the instructions of a sweep.
struct SweepBuilder {
  /// A row of a value: the axes after the first, as a strided view into a slot.
  struct View {
    var slot: Int
    /// Elements.
    var offset = 0
    var dimensions: [Int]
    var strides: [Int]
    var rowStride: Int
    var dtype: DType

    var isContiguous: Bool {
      strides == Value.contiguousStrides(dimensions)
        || zip(zip(dimensions, strides), Value.contiguousStrides(dimensions)).allSatisfy {
          $0.0.0 == 1 || $0.0.1 == $0.1
        }
    }
    var count: Int { dimensions.reduce(1, *) }
    var operand: Operand {
      Operand(slot: slot, byteOffset: offset * dtype.byteCount, rowStride: rowStride)
    }
  }

  let graph: Graph
  let analysis: RowAnalysis
  let space: Dimension
  let level: Int
  /// The index list that rows are taken in the order of (``SweepSplit``).
  let order: Int?
  /// Row values of this level that another sweep has written out.
  private let given: Set<Int>

  /// What was written so far.
  var code = SweepCode()

  private var views: [Int: View] = [:]
  /// Slots of values read row by row, and of values that all rows share: a value may be both.
  private var rowSlots: [Int: Int] = [:]
  private var sharedSlots: [Int: Int] = [:]
  private var numberSlots: [UInt64: [DType: Int]] = [:]
  var orderSlot: View?
  /// How many operations of the sweep use a value, row by row.
  var uses: [Int: Int] = [:]
  /// Couplings that are part of the segment sum of their rows.
  var summedCouplings: Set<Int> = []

  init(
    _ analysis: RowAnalysis, space: Dimension, level: Int, order: Int? = nil, given: Set<Int> = []
  ) {
    self.graph = analysis.graph
    self.analysis = analysis
    self.space = space
    self.level = level
    self.order = order
    self.given = given
  }

  /// The sweep that computes these sinks and written-out row values.
  /// - Parameter order: the index list that rows are taken in the order of; nil: they are taken as
  ///   they lie.
  /// - Parameter given: row values of the level that another sweep has written out.
  static func sweep(
    _ analysis: RowAnalysis, space: Dimension, level: Int, targets: [Int], options: PlanOptions,
    order: Int? = nil, given: Set<Int> = []
  ) -> Sweep {
    var builder = SweepBuilder(analysis, space: space, level: level, order: order, given: given)
    let needed = builder.needed(targets)
    builder.countUses(needed)
    for position in needed {
      builder.emit(position)
      if order != nil && analysis.kinds[position] == .row && analysis.isWrittenOut[position] {
        builder.scatter(position)
      }
    }
    let counts = builder.code.run(SweepCode.passes(options), verifies: options.verifies)
    return Sweep(
      space: space, level: level, code: builder.code, passCounts: counts, options: options,
      order: order,
      splits: order == nil && given.isEmpty
        ? SweepSplits(analysis, space: space, level: level, targets: targets, options: options)
        : .none)
  }

  /// Whether a value is computed in this sweep.
  func isMade(_ position: Int) -> Bool {
    analysis.kinds[position] == .row && analysis.spaces[position] == space
      && (!analysis.isWrittenOut[position]
        || (analysis.levels[position] == level && !given.contains(position)))
  }

  /// The operations of the sweep in order.
  private func needed(_ targets: [Int]) -> [Int] {
    var needed = Set(targets)
    var stack = targets
    while let position = stack.popLast() {
      for (input, isRow) in zip(
        graph.operations[position].inputs, analysis.rowEdges[position])
      where isRow && isMade(input) && needed.insert(input).inserted { stack.append(input) }
    }
    return needed.sorted()
  }

  // MARK: Slots and views

  mutating func sharedSlot(_ position: Int) -> Int {
    if let slot = sharedSlots[position] { return slot }
    let slot = code.newSlot(.shared(value: position))
    sharedSlots[position] = slot
    return slot
  }

  private mutating func rowSlot(_ position: Int, rowBytes: Int) -> Int {
    if let slot = rowSlots[position] { return slot }
    let slot = code.newSlot(.rows(value: position, rowBytes: rowBytes))
    rowSlots[position] = slot
    return slot
  }

  mutating func numberSlot(_ number: Double, _ dtype: DType) -> Int {
    if let slot = numberSlots[number.bitPattern]?[dtype] { return slot }
    let slot = code.newSlot(.number(code.memory.keep(FillStorage.shared.storage(number, dtype))))
    numberSlots[number.bitPattern, default: [:]][dtype] = slot
    return slot
  }

  /// The rows of a value.
  mutating func rowView(_ position: Int) -> View {
    if let view = views[position] { return view }
    let operation = graph.operations[position]
    let dimensions = RowAnalysis.rowShape(operation.shape)!
    let width = dimensions.reduce(1, *)
    let view: View
    if order == nil {
      view = View(
        slot: rowSlot(position, rowBytes: width * operation.dtype.byteCount),
        dimensions: dimensions, strides: Value.contiguousStrides(dimensions), rowStride: width,
        dtype: operation.dtype)
    } else {
      view = orderedView(position, dimensions)
    }
    views[position] = view
    return view
  }

  /// A value that all rows share, with all of its axes.
  mutating func sharedView(_ position: Int) -> View {
    let operation = graph.operations[position]
    if case .fill(let number) = operation.primitive {
      let dimensions = operation.shape.map { $0.known ?? 1 }
      return View(
        slot: numberSlot(number, operation.dtype), dimensions: dimensions,
        strides: dimensions.map { _ in 0 }, rowStride: 0, dtype: operation.dtype)
    }
    let dimensions = operation.shape.map { $0.known ?? 1 }
    return View(
      slot: sharedSlot(position), dimensions: dimensions,
      strides: Value.contiguousStrides(dimensions), rowStride: 0, dtype: operation.dtype)
  }

  /// A new contiguous row for a value: in memory if it is written out.
  mutating func newView(_ position: Int) -> View {
    let operation = graph.operations[position]
    let dimensions = RowAnalysis.rowShape(operation.shape)!
    let width = dimensions.reduce(1, *)
    let bytes = width * operation.dtype.byteCount
    let slot: Int
    if analysis.isWrittenOut[position] && order == nil {
      slot = code.newSlot(.result(value: position, rowBytes: bytes))
      code.results.append(position)
    } else {
      slot = code.newSlot(.tile(rowBytes: bytes))
    }
    return View(
      slot: slot, dimensions: dimensions, strides: Value.contiguousStrides(dimensions),
      rowStride: width, dtype: operation.dtype)
  }

  mutating func temporary(_ dimensions: [Int], _ dtype: DType) -> View {
    let width = dimensions.reduce(1, *)
    return View(
      slot: code.newSlot(.tile(rowBytes: width * dtype.byteCount)), dimensions: dimensions,
      strides: Value.contiguousStrides(dimensions), rowStride: width, dtype: dtype)
  }

  /// A view of a value that is not computed but looked at differently; written out if it must be.
  private mutating func setView(_ position: Int, _ view: View) {
    let rowBytes = view.count * view.dtype.byteCount
    guard order == nil else {
      views[position] = view
      return
    }
    if analysis.isWrittenOut[position], case .tile(rowBytes) = code.slots[view.slot].kind,
      view.isContiguous, view.offset == 0, view.rowStride == view.count
    {
      // Its rows are made where they are written out.
      code.slots[view.slot].kind = .result(value: position, rowBytes: rowBytes)
      code.results.append(position)
      views[position] = view
    } else if analysis.isWrittenOut[position] {
      let target = newView(position)
      copy(view, to: target)
      views[position] = target
    } else {
      views[position] = view
    }
  }

  mutating func contiguous(_ view: View) -> View {
    if view.isContiguous { return view }
    let target = temporary(view.dimensions, view.dtype)
    copy(view, to: target)
    return target
  }

  /// An index list: entries one after the other.
  mutating func indexList(_ position: Int) -> View {
    let view = rowView(position)
    if view.rowStride == 1 { return view }
    let target = temporary(view.dimensions, view.dtype)
    copy(view, to: target)
    return target
  }

  mutating func copy(_ view: View, to target: View) {
    elementwise(.unary(E3X_COPY), to: target, [view])
  }

  /// An operand of an elementwise operation, broadcast to a row of these dimensions.
  mutating func operand(_ input: Int, isRow: Bool, rank: Int, _ dimensions: [Int]) -> View {
    var view = isRow ? rowView(input) : sharedView(input)
    if !isRow && view.dimensions.count == rank {
      // The axis of the rows, of size 1.
      view.dimensions.removeFirst()
      view.strides.removeFirst()
    }
    let extra = dimensions.count - view.dimensions.count
    view.strides = dimensions.indices.map { axis in
      axis < extra || view.dimensions[axis - extra] != dimensions[axis]
        ? 0 : view.strides[axis - extra]
    }
    view.dimensions = dimensions
    return view
  }

  // MARK: Operations

  private mutating func emit(_ position: Int) {
    let operation = graph.operations[position]
    let edges = analysis.rowEdges[position]
    func dims() -> [Int] { RowAnalysis.rowShape(operation.shape)! }
    switch operation.primitive {
    case .unary(let unary):
      emitElementwise(position, .unary(unary.kernel))
    case .binary(let binary):
      emitElementwise(position, .binary(binary.kernel))
    case .compare(let comparison):
      let operands = graph.operations[operation.inputs[0]].dtype
      emitElementwise(position, .compare(comparison.kernel, operands))
    case .logical(let logical):
      emitElementwise(position, .logical(logical.kernel))
    case .not:
      emitElementwise(position, .logical(E3X_NOT))
    case .select:
      emitElementwise(position, .select(mayAlias: false))
    case .cast:
      emitElementwise(position, .cast(from: graph.operations[operation.inputs[0]].dtype))
    case .fill(let number):
      setView(
        position,
        View(
          slot: numberSlot(number, operation.dtype), dimensions: dims(),
          strides: dims().map { _ in 0 }, rowStride: 0, dtype: operation.dtype))
    case .iota(let axis):
      var strides = dims().map { _ in 0 }
      strides[axis - 1] = 1
      let storage = Storage(counting: dims()[axis - 1], dtype: operation.dtype)
      setView(
        position,
        View(
          slot: code.newSlot(.number(code.memory.keep(storage))), dimensions: dims(),
          strides: strides,
          rowStride: 0,
          dtype: operation.dtype))
    case .broadcast:
      setView(
        position,
        operand(operation.inputs[0], isRow: edges[0], rank: operation.shape.rank, dims()))
    case .reshape:
      if summedCouplings.contains(behindReshapes(position, ifOnlyUse: true)) { break }
      var view = rowView(operation.inputs[0])
      if let strides = Value.strides(view.dimensions, view.strides, reshapedTo: dims()) {
        (view.dimensions, view.strides) = (dims(), strides)
      } else {
        view = contiguous(view)
        (view.dimensions, view.strides) = (dims(), Value.contiguousStrides(dims()))
      }
      setView(position, view)
    case .permute(let order):
      var view = rowView(operation.inputs[0])
      let source = view
      view.dimensions = order.dropFirst().map { source.dimensions[$0 - 1] }
      view.strides = order.dropFirst().map { source.strides[$0 - 1] }
      setView(position, view)
    case .slice(let axis, let start, _):
      var view = rowView(operation.inputs[0])
      view.offset += start * view.strides[axis - 1]
      view.dimensions = dims()
      setView(position, view)
    case .pad(let axis, let before, _):
      emitPad(position, axis - 1, before)
    case .concatenate(let axis):
      let target = newView(position)
      var part = target
      for input in operation.inputs {
        let source = rowView(input)
        part.dimensions[axis - 1] = source.dimensions[axis - 1]
        copy(source, to: part)
        part.offset += source.dimensions[axis - 1] * target.strides[axis - 1]
      }
      views[position] = target
    case .reduce(let reduction, let axes):
      if axes.contains(0) {
        emitRowReduction(position, reduction, axes)
      } else {
        emitReduction(position, reduction, axes.map { $0 - 1 })
      }
    case .linear(let map): emitLinear(position, map)
    case .linearWeights(let map): emitLinearWeights(position, map)
    case .blockProduct(let map, let opened): emitBlockProduct(position, map, opened)
    case .couple(let table, let output, let reduce):
      if summedCouplings.contains(position) { break }
      if emitGroupedCoupling(position, table, output) { break }
      emitCouple(position, table, output, reduce)
    case .polynomial(let table): emitPolynomial(position, table)
    case .length: emitVectors(position, .length)
    case .direction(let above): emitVectors(position, .direction(above: above))
    case .gather(let padding):
      let indices = indexList(operation.inputs[1])
      let target = newView(position)
      gather(operation.inputs[0], indices, padding, to: target, for: position)
      views[position] = target
    case .segmentSum, .segmentMax:
      if emitGroupedSum(position) { break }
      emitSegments(position)
    case .input, .constant, .size, .matmul, .check, .override, .stopGradient:
      preconditionFailure("\(operation.primitive) is no row operation")
    }
  }

  mutating func setComputed(_ position: Int, _ view: View) { views[position] = view }
}
