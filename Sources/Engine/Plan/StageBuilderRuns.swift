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
      if isMade(source), isSummable(source, over: graph.operations[position].inputs[1]) {
        summedCouplings.insert(source)
      }
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

  /// Whether a coupling's rows are only summed over the segments of a list, and the sums of outer
  /// products can be coupled instead.
  private func isSummable(_ position: Int, over list: Int) -> Bool {
    guard case .couple(let table, let output, reduce: false) = graph.operations[position].primitive,
      table.weightsSlot != nil, output > 0, uses[position] == 1, !analysis.isMaterialized[position],
      isDense(table, without: output)
    else { return false }
    // Only sums in the order of their list may open the form anywhere.
    guard output == 3 || list == order else { return false }
    let isRow = analysis.rowEdges[position]
    return !isRow[0] && isRow[1] && isRow[2]
  }

  /// Whether outer products are cheaper than the terms that they replace.
  private func isDense(_ table: CouplingTable, without indexed: Int) -> Bool {
    let (x, y) = CouplingTable.pair(without: indexed)
    return 5 * table.sizes[x] * table.sizes[y] < 6 * table.terms.count
  }

  /// The slot of a coupling whose rows belong to an index, if it can go by runs of that index: opened
  /// at one of the other two, or at the weights and summed over all rows.
  private func indexedSlot(_ position: Int) -> Int? {
    let operation = graph.operations[position]
    guard case .couple(let table, let output, let reduce) = operation.primitive,
      table.weightsSlot != nil, output == 0 ? reduce : !reduce
    else { return nil }
    let input = inputs(of: position, output)
    func isRow(_ slot: Int) -> Bool {
      slot == output || analysis.rowEdges[position][slot < output ? slot : slot - 1]
    }
    guard isRow(1), isRow(2), isRow(3), output == 0 || !isRow(0) else { return nil }
    // Rows of the last slot are those of a cotangent, by the index that sums go by. Which list is
    // sorted is known only in sweeps in the order of one.
    return (order == nil ? [3] : [3, 2, 1]).first { slot in
      slot != output && isDense(table, without: slot) && isGathered(input[slot]!)
    }
  }

  /// The operands of a coupling by slot.
  private func inputs(of position: Int, _ output: Int) -> [Int: Int] {
    let slots = (0..<4).filter { $0 != output }
    return Dictionary(uniqueKeysWithValues: zip(slots, graph.operations[position].inputs))
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
    side: Int, indexed other: Int
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

  /// A sum over segments and the sum over all rows of the same outer products, opened at the
  /// weights, compute them once.
  mutating func shareOuterProducts() {
    var index = 0
    while index < instructions.count {
      let sum = instructions[index]
      if sum.code == .runSum,
        let other = instructions.firstIndex(where: { $0.hasProducts(of: sum) })
      {
        var joined = instructions.remove(at: other)
        if other < index { index -= 1 }
        var (sumRun, run) = (sum.run!.pointee, joined.run!.pointee)
        (sumRun.hasJoined, run.isJoined) = (true, true)
        run.products = sumRun.products
        instructions[index].run = memory.copy([sumRun])
        joined.run = memory.copy([run])
        instructions.insert(joined, at: index + 1)
      }
      index += 1
    }
  }

  /// A coupling with the rows of an index, opened at an operand or at the weights; false if the
  /// operation is none.
  mutating func emitRunCoupling(_ position: Int, _ table: CouplingTable, _ output: Int) -> Bool {
    guard let indexed = indexedSlot(position) else { return false }
    let operation = graph.operations[position]
    let input = inputs(of: position, output)
    let (x, y) = CouplingTable.pair(without: indexed)
    let gather = behindReshapes(input[indexed]!, ifOnlyUse: false)
    guard case .gather(let padding) = graph.operations[gather].primitive else { return false }
    let (source, list) = (graph.operations[gather].inputs[0], graph.operations[gather].inputs[1])
    let indices = contiguous(rowView(list))
    var instruction = Instruction(
      code: .runOperand, dtype: operation.dtype, operandType: operation.dtype)
    var (weights, opened, side) = (Reference(), 1, 0)
    if output > 0 {
      side = output == x ? 1 : 2
      weights = sharedContiguous(input[0]!).reference
      instruction.a = contiguous(rowView(input[output == x ? y : x]!)).reference
    } else {
      instruction.code = .runWeights
      opened = 0
      instruction.a = contiguous(rowView(input[x]!)).reference
      instruction.b = contiguous(rowView(input[y]!)).reference
    }
    let features = operation.shape[operation.shape.rank - 1].known!
    let (run, contraction) = runCoupling(
      table, operation.dtype, features: features, opened: opened, weights: weights, side: side,
      indexed: indexed)
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
    if output == 0 {
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

extension Instruction {
  /// Whether this is the sum over all rows of the outer products that a sum over segments has.
  fileprivate func hasProducts(of sum: Instruction) -> Bool {
    guard code == .runWeights, dtype == sum.dtype, a == sum.a, b == sum.b, c == sum.c else {
      return false
    }
    let (own, other) = (run!.pointee, sum.run!.pointee)
    return !own.isJoined && !other.hasJoined && own.sizes == other.sizes
      && own.features == other.features && own.chunk == other.chunk && own.batch == other.batch
  }
}
