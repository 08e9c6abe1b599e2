internal import E3xCKernels

// Linear maps, couplings, polynomials and segments on a tile of rows.

extension SweepBuilder {
  /// [C, I] with contiguous features; components may lie apart.
  private mutating func components(_ position: Int) -> View {
    let view = rowView(position)
    return view.dimensions[1] == 1 || view.strides[1] == 1 ? view : contiguous(view)
  }

  mutating func emitLinear(_ position: Int, _ map: ComponentBlocks) {
    let operation = graph.operations[position]
    let x = components(operation.inputs[0])
    let target = newView(position)
    let linear = Instruction.Linear(
      source: x.operand, weights: sharedContiguous(operation.inputs[1]).operand,
      result: target.operand, components: x.dimensions[0], inputs: x.dimensions[1],
      outputs: target.dimensions[1], componentStride: x.strides[0],
      blocks: code.memory.copy(map.block))
    code.instructions.append(Instruction(.linear(linear), operation.dtype))
    setComputed(position, target)
  }

  mutating func emitLinearWeights(_ position: Int, _ map: ComponentBlocks) {
    let operation = graph.operations[position]
    let (x, y) = (components(operation.inputs[0]), components(operation.inputs[1]))
    let (inputs, outputs) = (x.dimensions[1], y.dimensions[1])
    let sink = sink(position, .rows(.sum), operation.dtype)
    let bytes = map.count * inputs * outputs * operation.dtype.byteCount
    let weights = Instruction.LinearWeights(
      source: x.operand, cotangent: y.operand, sink: sink, scratch: code.scratch(bytes),
      components: x.dimensions[0], inputs: inputs, outputs: outputs, sourceStride: x.strides[0],
      cotangentStride: y.strides[0], blockCount: map.count, blocks: code.memory.copy(map.block))
    code.instructions.append(Instruction(.linearWeights(weights), operation.dtype))
  }

  mutating func emitBlockProduct(_ position: Int, _ map: ComponentBlocks, _ opened: Int) {
    let operation = graph.operations[position]
    let a = contiguous(rowView(operation.inputs[0]))
    let b = contiguous(rowView(operation.inputs[1]))
    let target = newView(position)
    let product = Instruction.BlockProduct(
      opened: opened, a: a.operand, b: b.operand, result: target.operand,
      components: map.block.count, blockCount: map.count,
      features: opened == 2 ? target.dimensions[1] : b.dimensions[1],
      blocks: code.memory.copy(map.block))
    code.instructions.append(Instruction(.blockProduct(product), operation.dtype))
    setComputed(position, target)
  }

  mutating func emitCouple(_ position: Int, _ table: CouplingTable, _ output: Int, _ reduce: Bool) {
    let operation = graph.operations[position]
    let features = operation.shape[operation.shape.rank - 1].known!
    let terms = table.terms(sortedBy: output).terms
    var operands = CouplingOperands()
    var rowStrides = [Int64](repeating: 0, count: 4)
    var next = 0
    for slot in 0..<table.slots where slot != output {
      let view: View
      if analysis.rowEdges[position][next] {
        view = contiguous(rowView(operation.inputs[next]))
      } else {
        view = sharedContiguous(operation.inputs[next])
      }
      operands[slot] = Rows(view.operand)
      rowStrides[slot] = Int64(view.rowStride)
      next += 1
    }
    let form = CouplingForm(
      slots: Int32(table.slots), outSlot: Int32(output),
      sizes: code.memory.copy(table.sizes.map { Int32($0) }), terms: code.memory.copy(terms),
      termCount: terms.count, features: features, rowStrides: code.memory.copy(rowStrides),
      table: ObjectIdentifier(table))
    code.tables[ObjectIdentifier(table)] = table
    let bytes = e3x_couple_scratch(operation.dtype.kernel, Int64(features), Int64(terms.count))
    if reduce {
      // Sums over rows keep their blocks with what is prepared, each part its own.
      let scratch = code.scratch(bytes)
      let couple = Instruction.CoupleRows(
        form: form, operands: operands, sink: sink(position, .rows(.sum), operation.dtype),
        scratch: scratch)
      code.instructions.append(Instruction(.coupleRows(couple), operation.dtype))
    } else {
      let prepared = code.prepared(bytes)
      let target = newView(position)
      let couple = Instruction.Couple(
        form: form, operands: operands, result: Target(target.operand), prepared: prepared)
      code.instructions.append(Instruction(.couple(couple), operation.dtype))
      setComputed(position, target)
    }
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
      slot: code.newSlot(.number(code.memory.keep(filled))), dimensions: view.dimensions,
      strides: Value.contiguousStrides(view.dimensions), rowStride: 0, dtype: view.dtype)
  }

  mutating func emitPolynomial(_ position: Int, _ table: PolynomialTable) {
    let operation = graph.operations[position]
    let x = contiguous(rowView(operation.inputs[0]))
    let weights = operation.inputs.dropFirst().map { contiguous(rowView($0)) }
    let target = newView(position)
    let polynomial = Instruction.Polynomial(
      kernel: code.memory.copy([table.kernel]), points: x.operand,
      weights: weights.first?.operand, result: target.operand,
      scratch: code.scratch(table.kernel.scratchBytes(operation.dtype)))
    code.instructions.append(Instruction(.polynomial(polynomial), operation.dtype))
    setComputed(position, target)
  }

  /// Lengths or directions of vectors.
  mutating func emitVectors(_ position: Int, _ kernel: Instruction.Vectors.Kernel) {
    let operation = graph.operations[position]
    let x = contiguous(rowView(operation.inputs[0]))
    let target = newView(position)
    let vectors = Instruction.Vectors(kernel: kernel, source: x.operand, result: target.operand)
    code.instructions.append(Instruction(.vectors(vectors), operation.dtype))
    setComputed(position, target)
  }

  mutating func emitSegments(_ position: Int) {
    let operation = graph.operations[position]
    let isMaximum = if case .segmentMax = operation.primitive { true } else { false }
    let source = contiguous(rowView(operation.inputs[0]))
    let indices = indexList(operation.inputs[1])
    let isInMemory = code.slots[indices.slot].kind.isInMemory
    let sink = sink(
      position,
      .segments(indices: isInMemory ? operation.inputs[1] : nil, isMaximum: isMaximum),
      operation.dtype)
    let segments = Instruction.ReduceSegments(
      isMaximum: isMaximum, rows: source.operand,
      indices: IndexList(entries: indices.operand, bound: position, operation: position),
      sink: sink, width: source.count)
    code.instructions.append(Instruction(.reduceSegments(segments), operation.dtype))
  }
}
