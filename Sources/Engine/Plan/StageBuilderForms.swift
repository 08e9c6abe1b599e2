internal import E3xCKernels

// Linear maps, couplings, polynomials and segments on a tile of rows.

extension StageBuilder {
  /// [C, I] with contiguous features; components may lie apart.
  private mutating func components(_ position: Int) -> View {
    let view = rowView(position)
    return view.dimensions[1] == 1 || view.strides[1] == 1 ? view : contiguous(view)
  }

  mutating func emitLinear(_ position: Int, _ map: ComponentBlocks) {
    let operation = graph.operations[position]
    let x = components(operation.inputs[0])
    let target = newView(position)
    var instruction = Instruction(
      code: .linear, dtype: operation.dtype, operandType: operation.dtype)
    instruction.out = target.reference
    instruction.a = x.reference
    instruction.b = sharedContiguous(operation.inputs[1]).reference
    instruction.sizes = (x.dimensions[0], x.dimensions[1], target.dimensions[1], 0, 0)
    instruction.componentStrides.0 = x.strides[0]
    instruction.block = memory.copy(map.block)
    instructions.append(instruction)
    setComputed(position, target)
  }

  mutating func emitLinearWeights(_ position: Int, _ map: ComponentBlocks) {
    let operation = graph.operations[position]
    let (x, y) = (components(operation.inputs[0]), components(operation.inputs[1]))
    let (inputs, outputs) = (x.dimensions[1], y.dimensions[1])
    let count = map.count * inputs * outputs
    var instruction = Instruction(
      code: .linearWeights, dtype: operation.dtype, operandType: operation.dtype)
    instruction.out = sink(position, .rows(.sum), operation.dtype)
    instruction.a = x.reference
    instruction.b = y.reference
    instruction.scratch = scratch(count * operation.dtype.byteCount)
    instruction.sizes = (x.dimensions[0], inputs, outputs, map.count, count)
    instruction.componentStrides = (x.strides[0], y.strides[0])
    instruction.block = memory.copy(map.block)
    instructions.append(instruction)
  }

  mutating func emitBlockProduct(_ position: Int, _ map: ComponentBlocks, _ opened: Int) {
    let operation = graph.operations[position]
    let a = contiguous(rowView(operation.inputs[0]))
    let b = contiguous(rowView(operation.inputs[1]))
    let target = newView(position)
    var instruction = Instruction(
      code: .blockProduct, operation: UInt32(opened), dtype: operation.dtype,
      operandType: operation.dtype)
    instruction.out = target.reference
    instruction.a = a.reference
    instruction.b = b.reference
    let features = opened == 2 ? target.dimensions[1] : b.dimensions[1]
    instruction.sizes = (map.block.count, map.count, features, 0, 0)
    instruction.block = memory.copy(map.block)
    instructions.append(instruction)
    setComputed(position, target)
  }

  mutating func emitCouple(_ position: Int, _ table: CouplingTable, _ output: Int, _ reduce: Bool) {
    let operation = graph.operations[position]
    let features = operation.shape[operation.shape.rank - 1].known!
    let terms = table.terms(sortedBy: output).terms
    var references = [Reference](repeating: Reference(), count: 4)
    var rowStrides = [Int64](repeating: 0, count: 4)
    var next = 0
    for slot in 0..<table.slots where slot != output {
      let view: View
      if analysis.rowEdges[position][next] {
        view = contiguous(rowView(operation.inputs[next]))
      } else {
        view = sharedContiguous(operation.inputs[next])
      }
      references[slot] = view.reference
      rowStrides[slot] = Int64(view.rowStride)
      next += 1
    }
    let coupling = StageCoupling(
      slots: Int32(table.slots), outSlot: Int32(output),
      sizes: memory.copy(table.sizes.map { Int32($0) }), terms: memory.copy(terms),
      termCount: terms.count, features: features, rowStrides: memory.copy(rowStrides),
      operands: (references[0], references[1], references[2], references[3]),
      isPreparedByPart: reduce, table: ObjectIdentifier(table))
    tables[ObjectIdentifier(table)] = table
    var instruction = Instruction(
      code: reduce ? .coupleRows : .couple, dtype: operation.dtype, operandType: operation.dtype)
    instruction.coupling = memory.copy([coupling])
    // Sums over rows keep their blocks there too, each part its own.
    let bytes = e3x_couple_scratch(operation.dtype.kernel, Int64(features), Int64(terms.count))
    instruction.scratch = reduce ? scratch(bytes) : prepared(bytes)
    if reduce {
      instruction.out = sink(position, .rows(.sum), operation.dtype)
    } else {
      let target = newView(position)
      instruction.out = target.reference
      setComputed(position, target)
    }
    instructions.append(instruction)
  }

  /// A shared operand with its elements one after the other.
  mutating func sharedContiguous(_ position: Int) -> View {
    let view = sharedView(position)
    if view.isContiguous { return view }
    // One number in every element: written out.
    guard case .fill(let number) = graph.operations[position].primitive else { return view }
    let filled: Storage =
      view.dtype == .float64
      ? Storage([Double](repeating: number, count: view.count))
      : Storage([Float](repeating: Float(number), count: view.count))
    return View(
      slot: newSlot(.number(memory.keep(filled))), dimensions: view.dimensions,
      strides: Value.contiguousStrides(view.dimensions), rowStride: 0, dtype: view.dtype)
  }

  mutating func emitPolynomial(_ position: Int, _ table: PolynomialTable) {
    let operation = graph.operations[position]
    let x = contiguous(rowView(operation.inputs[0]))
    let weights = operation.inputs.dropFirst().map { contiguous(rowView($0)) }
    let target = newView(position)
    var instruction = Instruction(
      code: .polynomial, dtype: operation.dtype, operandType: operation.dtype)
    instruction.out = target.reference
    instruction.a = x.reference
    if let weights = weights.first { instruction.b = weights.reference }
    instruction.polynomials = memory.copy([table.kernel])
    instruction.scratch = scratch(table.kernel.scratchBytes(operation.dtype))
    instructions.append(instruction)
    setComputed(position, target)
  }

  /// Lengths or directions of vectors.
  mutating func emitVectors(_ position: Int, _ code: Instruction.Code, above: Double = 0) {
    let operation = graph.operations[position]
    let x = contiguous(rowView(operation.inputs[0]))
    let target = newView(position)
    var instruction = Instruction(
      code: code, dtype: operation.dtype, operandType: operation.dtype)
    instruction.out = target.reference
    instruction.a = x.reference
    instruction.above = above
    instructions.append(instruction)
    setComputed(position, target)
  }

  mutating func emitSegments(_ position: Int) {
    let operation = graph.operations[position]
    let isMaximum = if case .segmentMax = operation.primitive { true } else { false }
    let source = contiguous(rowView(operation.inputs[0]))
    let indices = indexList(operation.inputs[1])
    var instruction = Instruction(
      code: isMaximum ? .segmentRaise : .segmentAdd, dtype: operation.dtype,
      operandType: operation.dtype)
    let isInMemory = slots[indices.slot].kind.isInMemory
    instruction.out = sink(
      position,
      .segments(indices: isInMemory ? operation.inputs[1] : nil, isMaximum: isMaximum),
      operation.dtype)
    instruction.a = source.reference
    instruction.b = indices.reference
    instruction.sizes.0 = source.count
    // The value whose rows are the segments.
    instruction.sizes.1 = position
    instruction.indexed = position
    instructions.append(instruction)
  }
}

/// Where the slots of a stage lie in the memory of a part: tile slots that are not needed at the
/// same time share it.
struct TileLayout {
  private(set) var slots: [Slot]
  private(set) var tileBytes = 0
  private(set) var scratchBytes = 0
  private(set) var preparedBytes = 0

  init(slots: [Slot], instructions: [Instruction]) {
    self.slots = slots
    var first = [Int](repeating: Int.max, count: slots.count)
    var last = [Int](repeating: -1, count: slots.count)
    for (index, instruction) in instructions.enumerated() {
      var references = [
        instruction.out, instruction.a, instruction.b, instruction.c, instruction.scratch,
      ]
      if let coupling = instruction.coupling?.pointee {
        let operands = coupling.operands
        references += [operands.0, operands.1, operands.2, operands.3]
      }
      if let dot = instruction.dot?.pointee { references += dot.operands + dot.results }
      if let run = instruction.run?.pointee {
        references += [run.products, run.values, run.copies]
      }
      for reference in references where reference.slot >= 0 {
        first[Int(reference.slot)] = min(first[Int(reference.slot)], index)
        last[Int(reference.slot)] = max(last[Int(reference.slot)], index)
      }
    }
    // First fit, in the order in which slots are written.
    var taken: [(start: Int, end: Int, until: Int)] = []
    for slot in slots.indices.sorted(by: { first[$0] < first[$1] }) {
      switch slots[slot].kind {
      case .tile(let bytesPerRow):
        guard last[slot] >= 0 else { continue }
        let size = (bytesPerRow + 3) & ~3
        taken.removeAll { $0.until < first[slot] }
        taken.sort { $0.start < $1.start }
        var start = 0
        for other in taken where other.start < start + size { start = max(start, other.end) }
        taken.append((start, start + size, last[slot]))
        self.slots[slot].offset = start
        tileBytes = max(tileBytes, start + size)
      case .scratch(let bytes):
        self.slots[slot].offset = scratchBytes
        scratchBytes += (bytes + 63) & ~63
      case .prepared(let bytes):
        self.slots[slot].offset = preparedBytes
        preparedBytes += (bytes + 63) & ~63
      default: break
      }
    }
  }
}
