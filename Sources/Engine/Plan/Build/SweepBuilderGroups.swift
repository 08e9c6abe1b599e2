internal import E3xCKernels

// Couplings by groups of rows with one index: "sum before coupling".
//
// A coupling is linear in the outer product of its two row operands, and its weights are the same
// for all rows. Summed over the rows of an index, it is the contraction of the summed outer product:
// dense products for each row, and the sparse contraction once for each group. The same holds for its
// transposes where the cotangent is gathered by that index.

extension SweepBuilder {
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
  /// - Parameter ifOnlyUse: only through reshapes that nothing else of the sweep uses.
  func behindReshapes(_ position: Int, ifOnlyUse: Bool) -> Int {
    var position = position
    while case .reshape = graph.operations[position].primitive, isMade(position),
      !analysis.isWrittenOut[position], !ifOnlyUse || uses[position] == 1
    {
      position = graph.operations[position].inputs[0]
    }
    return position
  }

  /// Whether a coupling's rows are only summed over the segments of a list, and the sums of outer
  /// products can be coupled instead.
  private func isSummable(_ position: Int, over list: Int) -> Bool {
    guard case .couple(let table, let output, reduce: false) = graph.operations[position].primitive,
      table.weightsSlot != nil, output > 0, uses[position] == 1, !analysis.isWrittenOut[position],
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

  /// The slot of a coupling whose rows belong to an index, if it can go by groups of rows with that
  /// index: opened at one of the other two, or at the weights and summed over all rows.
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
    guard isMade(source), !analysis.isWrittenOut[source],
      case .gather = graph.operations[source].primitive
    else { return false }
    return order == nil || graph.operations[source].inputs[1] == order
  }

  /// What all three patterns share: the coupling with its scratch.
  /// - Parameters:
  ///   - opened: what the form is opened at: the weights (0), the outer product (1) or the rows of
  ///     the index (2).
  ///   - other: the slot that belongs to an index.
  private mutating func groupedCoupling(
    _ table: CouplingTable, _ dtype: DType, features: Int, opened: Int, weights: Operand?,
    indexed other: Int
  ) -> GroupedCoupling {
    let outer = table.outerProduct(without: other)
    let (x, y) = CouplingTable.pair(without: other)
    let components = GroupedCoupling.Components(
      x: table.sizes[x], y: table.sizes[y], indexed: table.sizes[other])
    let pairs = components.x * components.y
    let isNear = pairs * features * dtype.byteCount <= GroupedCoupling.nearBytes
    let chunk = isNear ? max(1, features) : min(features, 64 / dtype.byteCount)
    let productBytes = pairs * chunk * dtype.byteCount
    let batch = max(1, min(4, 128 * 1024 / max(1, productBytes)))
    let products = code.scratch(batch * productBytes)
    let values = code.scratch(batch * components.indexed * features * dtype.byteCount)
    let terms = outer.terms(sortedBy: opened).terms
    let form = CouplingForm(
      slots: 3, outSlot: Int32(opened), sizes: code.memory.copy(outer.sizes.map { Int32($0) }),
      terms: code.memory.copy(terms), termCount: terms.count, features: features,
      // Rows of products and values differ.
      rowStrides: code.memory.copy([0, 1, 1, 0]))
    var coupling = GroupedCoupling(
      outer: form, weights: weights, components: components, features: features, batch: batch,
      products: products, values: values, prepared: products, chunk: chunk,
      preparedBytes: e3x_couple_scratch(dtype.kernel, Int64(chunk), Int64(terms.count)))
    if coupling.needsCopy(byteCount: dtype.byteCount) {
      coupling.copies = code.scratch(
        GroupedCoupling.mostRows * coupling.copyStride * dtype.byteCount)
    }
    // Opened at the weights, rows are summed: see `emitCouple`.
    let bytes = coupling.preparedCount * coupling.preparedBytes
    coupling.prepared = opened == 0 ? code.scratch(bytes) : code.prepared(bytes)
    return coupling
  }

  /// The sum over segments of a coupling; false if the operation is none.
  mutating func emitGroupedSum(_ position: Int) -> Bool {
    let operation = graph.operations[position]
    guard case .segmentSum = operation.primitive else { return false }
    let source = behindReshapes(operation.inputs[0], ifOnlyUse: true)
    guard summedCouplings.contains(source),
      case .couple(let table, let output, _) = graph.operations[source].primitive
    else { return false }
    let inputs = graph.operations[source].inputs
    let indices = contiguous(rowView(operation.inputs[1]))
    let (x, y) = (contiguous(rowView(inputs[1])), contiguous(rowView(inputs[2])))
    let coupling = groupedCoupling(
      table, operation.dtype, features: graph.operations[source].shape[2].known!, opened: 2,
      weights: sharedContiguous(inputs[0]).operand, indexed: output)
    let isInMemory = code.slots[indices.slot].kind.isInMemory
    let sum = Instruction.GroupedSum(
      coupling: coupling, x: Rows(x.operand), y: Rows(y.operand),
      indices: IndexList(entries: indices.operand, bound: position, operation: position),
      sink: sink(
        position, .segments(indices: isInMemory ? operation.inputs[1] : nil, isMaximum: false),
        operation.dtype))
    code.instructions.append(Instruction(.groupedSum(sum), operation.dtype))
    return true
  }

  /// A coupling with the rows of an index, opened at an operand or at the weights; false if the
  /// operation is none.
  mutating func emitGroupedCoupling(
    _ position: Int, _ table: CouplingTable, _ output: Int
  ) -> Bool {
    guard let indexed = indexedSlot(position) else { return false }
    let operation = graph.operations[position]
    let input = inputs(of: position, output)
    let (x, y) = CouplingTable.pair(without: indexed)
    let gather = behindReshapes(input[indexed]!, ifOnlyUse: false)
    guard case .gather(let padding) = graph.operations[gather].primitive else { return false }
    let (source, list) = (graph.operations[gather].inputs[0], graph.operations[gather].inputs[1])
    let indices = IndexList(
      entries: contiguous(rowView(list)).operand, bound: source, operation: gather)
    let features = operation.shape[operation.shape.rank - 1].known!
    func indexedRows(_ coupling: GroupedCoupling) -> IndexedRows {
      IndexedRows(
        source: gatherSource(source), padding: padding,
        rowBytes: coupling.components.indexed * features * operation.dtype.byteCount)
    }
    if output > 0 {
      let weights = sharedContiguous(input[0]!).operand
      let other = Rows(contiguous(rowView(input[output == x ? y : x]!)).operand)
      let coupling = groupedCoupling(
        table, operation.dtype, features: features, opened: 1, weights: weights, indexed: indexed)
      let rows = indexedRows(coupling)
      let target = newView(position)
      let opened = Instruction.GroupedOperand(
        coupling: coupling, side: output == x ? .x : .y, other: other, indices: indices,
        indexed: rows, result: Target(target.operand))
      code.instructions.append(Instruction(.groupedOperand(opened), operation.dtype))
      setComputed(position, target)
    } else {
      let (left, right) = (
        Rows(contiguous(rowView(input[x]!)).operand), Rows(contiguous(rowView(input[y]!)).operand)
      )
      let coupling = groupedCoupling(
        table, operation.dtype, features: features, opened: 0, weights: nil, indexed: indexed)
      let opened = Instruction.GroupedWeights(
        coupling: coupling, x: left, y: right, indices: indices, indexed: indexedRows(coupling),
        sink: sink(position, .rows(.sum), operation.dtype))
      code.instructions.append(Instruction(.groupedWeights(opened), operation.dtype))
    }
    return true
  }
}
