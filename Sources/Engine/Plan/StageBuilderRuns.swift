internal import E3xCKernels

// Couplings by runs of rows with one index: "sum before coupling".
//
// A coupling is linear in the outer product of its two row operands, and its weights are the same
// for all rows. Summed over the rows of an index, it is the contraction of the summed outer product:
// dense products for each row, and the sparse contraction once for each run. The same holds for its
// transposes where the cotangent is gathered by that index.

extension StageBuilder {
  /// Counts uses, and finds the couplings whose rows are only summed.
  mutating func countUses(_ positions: [Int]) {
    for position in positions {
      for (input, isRow) in zip(graph.operations[position].inputs, analysis.rowEdges[position])
      where isRow { uses[input, default: 0] += 1 }
    }
    for position in positions {
      guard case .segmentSum = graph.operations[position].primitive else { continue }
      let source = behindReshapes(graph.operations[position].inputs[0], ifOnlyUse: true)
      if isMade(source), runPattern(source) == .sum { summedCouplings.insert(source) }
    }
  }

  /// The value whose elements a chain of reshapes passes on unchanged.
  /// - Parameter ifOnlyUse: only through reshapes that nothing else of the stage uses.
  func behindReshapes(_ position: Int, ifOnlyUse: Bool) -> Int {
    var position = position
    while case .reshape = graph.operations[position].primitive, isMade(position),
      !analysis.isMaterialized[position], !ifOnlyUse || uses[position] == 1
    {
      position = graph.operations[position].inputs[0]
    }
    return position
  }

  /// Gathers whose rows nobody reads any more, because couplings read them by runs.
  mutating func dropUnusedGathers() {
    var read: Set<Int32> = []
    for instruction in instructions {
      for reference in [instruction.a, instruction.b, instruction.c] { read.insert(reference.slot) }
      if let operands = instruction.coupling?.pointee.operands {
        read.formUnion([operands.0.slot, operands.1.slot, operands.2.slot, operands.3.slot])
      }
    }
    instructions.removeAll { instruction in
      guard instruction.code == .gather else { return false }
      guard case .tile = slots[Int(instruction.out.slot)].kind else { return false }
      return !read.contains(instruction.out.slot)
    }
  }

  enum RunPattern: Equatable {
    /// A coupling whose rows are only summed over segments.
    case sum
    /// A coupling of the rows of an index with x or y, opened at the other.
    case operand(Int)
    /// The sum over all rows, opened at the weights.
    case weights
  }

  /// Whether a coupling can run by runs of rows.
  func runPattern(_ position: Int) -> RunPattern? {
    let operation = graph.operations[position]
    guard case .couple(let table, let output, let reduce) = operation.primitive,
      table.slots == 4
    else { return nil }
    // In the order of a list sums over its segments may open the form anywhere.
    let isSum = !reduce && (order == nil ? output == 3 : output > 0)
    let (x, y) = CouplingTable.pair(without: isSum ? output : 3)
    // Dense products must be cheaper than the terms that they replace.
    guard 5 * table.sizes[x] * table.sizes[y] < 6 * table.termCount else { return nil }
    var input: [Int: Int] = [:]
    var isRow: [Int: Bool] = [:]
    for (index, slot) in (0..<4).filter({ $0 != output }).enumerated() {
      input[slot] = operation.inputs[index]
      isRow[slot] = analysis.rowEdges[position][index]
    }
    if isSum {
      guard isRow[0] == false, isRow[x]!, isRow[y]!, uses[position] == 1,
        !analysis.isMaterialized[position]
      else { return nil }
      return .sum
    }
    switch output {
    case 1, 2:
      guard !reduce, isRow[0] == false, isRow[3 - output]!, isRow[3]!, isGathered(input[3]!) else {
        return nil
      }
      return .operand(output)
    case 0 where reduce:
      guard isRow[1]!, isRow[2]!, isRow[3]!, isGathered(input[3]!) else { return nil }
      return .weights
    default: return nil
    }
  }

  private func isGathered(_ position: Int) -> Bool {
    let source = behindReshapes(position, ifOnlyUse: false)
    guard isMade(source), !analysis.isMaterialized[source],
      case .gather = graph.operations[source].primitive
    else { return false }
    return order == nil || graph.operations[source].inputs[1] == order
  }

  /// What all three patterns share: the coupling, and the scratch of its contraction.
  /// - Parameter other: The slot that belongs to an index.
  private mutating func runCoupling(
    _ table: CouplingTable, _ dtype: DType, features: Int, opened: Int, weights: Reference,
    side: Int, indexed other: Int = 3
  ) -> (RunCoupling, Reference) {
    let outer = table.outerProduct(without: other)
    let (x, y) = CouplingTable.pair(without: other)
    let (n1, n2, n3) = (table.sizes[x], table.sizes[y], table.sizes[other])
    let isNear = n1 * n2 * features * dtype.byteCount <= RunCoupling.nearBytes
    let chunk = isNear ? max(1, features) : min(features, 64 / dtype.byteCount)
    let productBytes = n1 * n2 * chunk * dtype.byteCount
    let batch = max(1, min(4, 128 * 1024 / max(1, productBytes)))
    let products = scratch(batch * productBytes)
    let values = scratch(batch * n3 * features * dtype.byteCount)
    let terms = outer.terms(sortedBy: opened).terms
    let coupling = StageCoupling(
      slots: 3, outSlot: Int32(opened), sizes: memory.copy(outer.sizes.map { Int32($0) }),
      terms: memory.copy(terms), termCount: terms.count, features: features,
      // Rows of products and values differ.
      rowStrides: memory.copy([0, 1, 1, 0]),
      operands: (weights, products, values, Reference()), isPreparedByPart: opened == 0)
    var run = RunCoupling(
      outer: coupling, sizes: (n1, n2, n3), features: features, side: side, batch: batch,
      products: products, values: values, copies: Reference(), chunk: chunk,
      preparedBytes: e3x_couple_scratch(dtype.kernel, Int64(chunk), Int64(terms.count)))
    if run.needsCopy(byteCount: dtype.byteCount) {
      run.copies = scratch(RunCoupling.mostRows * run.copyStride * dtype.byteCount)
    }
    // Opened at the weights, rows are summed: see `emitCouple`.
    let bytes = run.preparedCount * run.preparedBytes
    return (run, opened == 0 ? scratch(bytes) : prepared(bytes))
  }

  /// The sum over segments of a coupling; false if the operation is none.
  mutating func emitRunSum(_ position: Int) -> Bool {
    let operation = graph.operations[position]
    guard case .segmentSum = operation.primitive else { return false }
    let source = behindReshapes(operation.inputs[0], ifOnlyUse: true)
    guard summedCouplings.contains(source),
      case .couple(let table, let output, _) = graph.operations[source].primitive
    else { return false }
    let inputs = graph.operations[source].inputs
    let indices = contiguous(rowView(operation.inputs[1]))
    let (x, y) = (contiguous(rowView(inputs[1])), contiguous(rowView(inputs[2])))
    let weights = sharedContiguous(inputs[0]).reference
    let (run, contraction) = runCoupling(
      table, operation.dtype, features: graph.operations[source].shape[2].known!, opened: 2,
      weights: weights, side: 0, indexed: output)
    var instruction = Instruction(
      code: .runSum, dtype: operation.dtype, operandType: operation.dtype)
    let isInMemory = slots[indices.slot].kind.isInMemory
    instruction.out = sink(
      position, .segments(indices: isInMemory ? operation.inputs[1] : nil, isMaximum: false),
      operation.dtype)
    instruction.a = x.reference
    instruction.b = y.reference
    instruction.c = indices.reference
    instruction.scratch = contraction
    instruction.run = memory.copy([run])
    instruction.coupling = memory.copy([run.outer])
    // The value whose rows are the segments.
    instruction.sizes.1 = position
    instruction.indexed = position
    instructions.append(instruction)
    return true
  }

  /// A coupling with the rows of an index, opened at an operand or at the weights; false if the
  /// operation is none.
  mutating func emitRunCoupling(_ position: Int, _ table: CouplingTable, _ output: Int) -> Bool {
    guard let pattern = runPattern(position), pattern != .sum else { return false }
    let operation = graph.operations[position]
    var input: [Int: Int] = [:]
    for (index, slot) in (0..<4).filter({ $0 != output }).enumerated() {
      input[slot] = operation.inputs[index]
    }
    let gather = behindReshapes(input[3]!, ifOnlyUse: false)
    guard case .gather(let padding) = graph.operations[gather].primitive else { return false }
    let (source, list) = (graph.operations[gather].inputs[0], graph.operations[gather].inputs[1])
    let indices = contiguous(rowView(list))
    var instruction = Instruction(
      code: .runOperand, dtype: operation.dtype, operandType: operation.dtype)
    var (weights, opened, side) = (Reference(), 1, 0)
    if case .operand(let slot) = pattern {
      side = slot
      weights = sharedContiguous(input[0]!).reference
      instruction.a = contiguous(rowView(input[3 - slot]!)).reference
    } else {
      instruction.code = .runWeights
      opened = 0
      instruction.a = contiguous(rowView(input[1]!)).reference
      instruction.b = contiguous(rowView(input[2]!)).reference
    }
    let features = operation.shape[operation.shape.rank - 1].known!
    let (run, contraction) = runCoupling(
      table, operation.dtype, features: features, opened: opened, weights: weights, side: side)
    instruction.c = indices.reference
    instruction.scratch = contraction
    instruction.run = memory.copy([run])
    instruction.coupling = memory.copy([run.outer])
    instruction.padding = padding
    instruction.indexed = gather
    // Bytes of a row, the value that the rows of an index are read from, and its slot.
    instruction.sizes = (
      run.sizes.2 * features * operation.dtype.byteCount, source, gatherSource(source).slot, 0, 0
    )
    if pattern == .weights {
      instruction.out = sink(position, .rows(.sum), operation.dtype)
    } else {
      let target = newView(position)
      instruction.out = target.reference
      setComputed(position, target)
    }
    instructions.append(instruction)
    return true
  }
}
