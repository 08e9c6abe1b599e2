// Rows that index lists choose: by gathers of the graph, and in sweeps in the order of a list.

extension SweepBuilder {
  /// The rows of `source` that indices choose.
  /// - Parameter position: the operation that errors name.
  mutating func gather(
    _ source: Int, _ indices: View, _ padding: GatherPadding, to target: View, for position: Int
  ) {
    let rowBytes = target.count * target.dtype.byteCount
    let gather = Instruction.Gather(
      source: gatherSource(source),
      indices: IndexList(entries: indices.operand, bound: source, operation: position),
      padding: padding, result: target.operand, rowBytes: rowBytes, copiedBytes: rowBytes)
    code.instructions.append(Instruction(.gather(gather), target.dtype))
  }

  /// Rows of a value in memory, in the order of the sweep's list.
  mutating func orderedView(_ position: Int, _ dimensions: [Int]) -> View {
    let dtype = graph.operations[position].dtype
    // Index lists are there in that order before the sweep, so that it can look ahead.
    if dimensions.isEmpty && dtype == .int32 {
      return View(
        slot: code.newSlot(.orderedList(value: position)), dimensions: [], strides: [],
        rowStride: 1,
        dtype: .int32)
    }
    let target = temporary(dimensions, dtype)
    gather(position, rowNumbers(), .refused, to: target, for: position)
    return target
  }

  /// The numbers of the rows of a tile, in a sweep in the order of a list.
  private mutating func rowNumbers() -> View {
    if let orderSlot { return orderSlot }
    let view = View(
      slot: code.newSlot(.order), dimensions: [], strides: [], rowStride: 1, dtype: .int32)
    orderSlot = view
    return view
  }

  /// Writes the rows of a value where they belong.
  mutating func scatter(_ position: Int) {
    let rows = contiguous(rowView(position))
    let result = Operand(slot: code.newSlot(.scattered(value: position)))
    let scatter = Instruction.Scatter(
      rows: rows.operand, numbers: rowNumbers().operand, result: result,
      rowBytes: rows.count * rows.dtype.byteCount)
    code.instructions.append(Instruction(.scatter(scatter), rows.dtype))
    code.results.append(position)
  }

  /// All rows of the value that is gathered from, in memory.
  mutating func gatherSource(_ position: Int) -> Operand { Operand(slot: sharedSlot(position)) }
}
