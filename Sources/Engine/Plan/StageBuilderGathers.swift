// Rows that index lists choose: by gathers of the graph, and in sweeps in the order of a list.

extension StageBuilder {
  /// The rows of `source` that indices choose.
  /// - Parameter position: the operation that errors name.
  mutating func gather(
    _ source: Int, _ indices: View, _ padding: GatherPadding, to target: View, for position: Int
  ) {
    var instruction = Instruction(code: .gather, dtype: target.dtype, operandType: target.dtype)
    instruction.out = target.reference
    instruction.a = gatherSource(source).reference
    instruction.b = indices.reference
    // The bytes of a row that are copied, and those of whole rows.
    instruction.sizes.0 = target.count * target.dtype.byteCount
    instruction.sizes.2 = instruction.sizes.0
    // The value whose number of rows bounds the indices.
    instruction.sizes.1 = source
    instruction.padding = padding
    instruction.indexed = position
    instructions.append(instruction)
  }

  /// Rows of a value in memory, in the order of the sweep's list.
  mutating func orderedView(_ position: Int, _ dimensions: [Int]) -> View {
    let dtype = graph.operations[position].dtype
    // Index lists are there in that order before the sweep, so that it can look ahead.
    if dimensions.isEmpty && dtype == .int32 {
      return View(
        slot: newSlot(.orderedList(value: position)), dimensions: [], strides: [], rowStride: 1,
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
      slot: newSlot(.order), dimensions: [], strides: [], rowStride: 1, dtype: .int32)
    orderSlot = view
    return view
  }

  /// Writes the rows of a value where they belong.
  mutating func scatter(_ position: Int) {
    let rows = contiguous(rowView(position))
    var instruction = Instruction(code: .scatter, dtype: rows.dtype, operandType: rows.dtype)
    instruction.out = Reference(slot: Int32(newSlot(.scattered(value: position))))
    instruction.a = rows.reference
    instruction.b = rowNumbers().reference
    instruction.sizes.0 = rows.count * rows.dtype.byteCount
    instructions.append(instruction)
    results.append(position)
  }

  /// All rows of the value that is gathered from, in memory.
  mutating func gatherSource(_ position: Int) -> View {
    View(
      slot: sharedSlot(position), dimensions: [], strides: [],
      rowStride: 0, dtype: graph.operations[position].dtype)
  }
}
