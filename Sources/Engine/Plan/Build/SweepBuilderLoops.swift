internal import E3xCKernels

// Elementwise operations and reductions: nests of loops with the rows outermost.

extension SweepBuilder {
  mutating func emitElementwise(_ position: Int, _ kernel: Instruction.Elementwise.Kernel) {
    let operation = graph.operations[position]
    let target = newView(position)
    var operands: [View] = []
    for (input, isRow) in zip(operation.inputs, analysis.rowEdges[position]) {
      operands.append(
        operand(input, isRow: isRow, rank: operation.shape.rank, target.dimensions))
    }
    elementwise(kernel, to: target, operands)
    setComputed(position, target)
  }

  mutating func emitPad(_ position: Int, _ axis: Int, _ before: Int) {
    let source = rowView(graph.operations[position].inputs[0])
    let target = newView(position)
    var middle = target
    middle.offset += before * target.strides[axis]
    middle.dimensions[axis] = source.dimensions[axis]
    let after = target.dimensions[axis] - before - source.dimensions[axis]
    for (start, size) in [(0, before), (target.dimensions[axis] - after, after)] where size > 0 {
      var margin = target
      margin.offset += start * target.strides[axis]
      margin.dimensions[axis] = size
      let zero = View(
        slot: numberSlot(0, target.dtype), dimensions: margin.dimensions,
        strides: margin.dimensions.map { _ in 0 }, rowStride: 0, dtype: target.dtype)
      copy(zero, to: margin)
    }
    copy(source, to: middle)
    setComputed(position, target)
  }

  /// Loops over a row of several operands, merged, with the rows outside; nil if more than four.
  private func rowLoops(_ dimensions: [Int], _ operands: [View]) -> RowLoops? {
    var counts: [Int] = []
    var strides = operands.map { _ in [Int]() }
    for axis in dimensions.indices where dimensions[axis] != 1 {
      let last = counts.count - 1
      if last >= 0,
        operands.indices.allSatisfy({
          strides[$0][last] == operands[$0].strides[axis] * dimensions[axis]
        })
      {
        counts[last] *= dimensions[axis]
        for index in operands.indices { strides[index][last] = operands[index].strides[axis] }
      } else {
        counts.append(dimensions[axis])
        for index in operands.indices { strides[index].append(operands[index].strides[axis]) }
      }
    }
    var factor = 1
    var rowAxis = 0
    if counts.isEmpty {
      counts = [1]
      for index in operands.indices { strides[index] = [operands[index].rowStride] }
    } else if operands.indices.allSatisfy({
      operands[$0].rowStride == strides[$0][0] * counts[0]
    }) {
      // Rows go on where the outermost loop ends.
      factor = counts[0]
    } else {
      counts.insert(1, at: 0)
      for index in operands.indices { strides[index].insert(operands[index].rowStride, at: 0) }
    }
    guard counts.count <= 4 else { return nil }
    rowAxis = 4 - counts.count
    var nest = e3x_nest()
    nest.count = (1, 1, 1, 1)
    withUnsafeMutableBytes(of: &nest) { bytes in
      let words = bytes.assumingMemoryBound(to: Int64.self)
      for (axis, count) in counts.enumerated() {
        words[rowAxis + axis] = Int64(count)
        for index in operands.indices {
          words[4 * (index + 1) + rowAxis + axis] = Int64(strides[index][axis])
        }
      }
    }
    return RowLoops(nest: nest, axis: rowAxis, factor: factor)
  }

  mutating func elementwise(
    _ kernel: Instruction.Elementwise.Kernel, to target: View, _ operands: [View]
  ) {
    var operands = operands
    var found = rowLoops(target.dimensions, [target] + operands)
    if found == nil {
      // Too many loops: operands in the order of the result have fewer.
      operands = operands.map { operand in
        operand.strides.allSatisfy { $0 == 0 } ? operand : contiguous(operand)
      }
      found = rowLoops(target.dimensions, [target] + operands)
    }
    guard let loops = found else { preconditionFailure("too many loops") }
    var kernel = kernel
    if case .select = kernel {
      kernel = .select(mayAlias: choosesRowsInMemory(operands, for: target))
    }
    let elementwise = Instruction.Elementwise(
      kernel: kernel, loops: loops, result: target.operand, a: operands[0].operand,
      b: operands.count > 1 ? operands[1].operand : nil,
      c: operands.count > 2 ? operands[2].operand : nil)
    code.instructions.append(Instruction(.elementwise(elementwise), target.dtype))
  }

  /// Whether a selection takes whole rows in memory or none of them.
  private func choosesRowsInMemory(_ operands: [View], for target: View) -> Bool {
    let (condition, chosen) = (operands[0], operands[1])
    guard condition.strides.allSatisfy({ $0 == 0 }) || target.count == 1,
      condition.rowStride == 1, chosen.isContiguous, target.isContiguous, target.offset == 0,
      chosen.rowStride == target.count, target.rowStride == target.count,
      code.isTile(target.slot), case .rows = code.slots[chosen.slot].kind
    else { return false }
    return true
  }

  /// The loops over the axes that are reduced.
  private func reducedNest(_ view: View, _ axes: [Int]) -> e3x_nest? {
    Loop(
      axes.map { view.dimensions[$0] }, [axes.map { _ in 0 }, axes.map { view.strides[$0] }]
    ).nest()
  }

  private func without(_ view: View, _ axes: [Int]) -> View {
    var kept = view
    let rest = view.dimensions.indices.filter { !axes.contains($0) }
    kept.dimensions = rest.map { view.dimensions[$0] }
    kept.strides = rest.map { view.strides[$0] }
    return kept
  }

  /// The view with `axes` behind all others, contiguous.
  private mutating func sorted(_ view: View, _ axes: [Int]) -> View {
    let order = view.dimensions.indices.filter { !axes.contains($0) } + axes
    var permuted = view
    permuted.dimensions = order.map { view.dimensions[$0] }
    permuted.strides = order.map { view.strides[$0] }
    return contiguous(permuted)
  }

  mutating func emitReduction(_ position: Int, _ reduction: Reduction, _ axes: [Int]) {
    var source = rowView(graph.operations[position].inputs[0])
    var axes = axes
    let target = newView(position)
    let keptTarget = without(target, axes)
    var kept = rowLoops(without(source, axes).dimensions, [keptTarget, without(source, axes)])
    if kept == nil || reducedNest(source, axes) == nil {
      source = sorted(source, axes)
      axes = Array((source.dimensions.count - axes.count)..<source.dimensions.count)
      kept = rowLoops(without(source, axes).dimensions, [keptTarget, without(source, axes)])
    }
    guard let kept, let reduced = reducedNest(source, axes) else {
      preconditionFailure("too many loops")
    }
    let reduce = Instruction.Reduce(
      kernel: reduction.kernel, kept: kept, reduced: reduced, source: source.operand,
      result: target.operand)
    code.instructions.append(Instruction(.reduce(reduce), target.dtype))
    setComputed(position, target)
  }

  /// A sum (or maximum) over the rows, and over other axes.
  mutating func emitRowReduction(_ position: Int, _ reduction: Reduction, _ axes: [Int]) {
    let operation = graph.operations[position]
    var source = rowView(operation.inputs[0])
    var others = axes.filter { $0 > 0 }.map { $0 - 1 }
    func loops(_ source: View, _ others: [Int]) -> (kept: e3x_nest, reduced: RowLoops)? {
      // Rows are the outermost of the reduced loops.
      let kept = without(source, others)
      let keptNest = Loop(
        kept.dimensions, [Value.contiguousStrides(kept.dimensions), kept.strides]
      ).nest()
      var inner = source
      inner.dimensions = others.map { source.dimensions[$0] }
      inner.strides = others.map { source.strides[$0] }
      var nothing = inner
      nothing.strides = inner.strides.map { _ in 0 }
      nothing.rowStride = 0
      guard let keptNest, let reduced = rowLoops(inner.dimensions, [nothing, inner]) else {
        return nil
      }
      return (keptNest, reduced)
    }
    var found = loops(source, others)
    if found == nil {
      source = sorted(source, others)
      others = Array((source.dimensions.count - others.count)..<source.dimensions.count)
      found = loops(source, others)
    }
    guard let (kept, reduced) = found else { preconditionFailure("too many loops") }
    let count = without(source, others).count
    let sink = sink(position, .rows(reduction), operation.dtype)
    let reduce = Instruction.ReduceRows(
      kernel: reduction.kernel, kept: kept, reduced: reduced, source: source.operand, sink: sink,
      scratch: code.scratch(count * operation.dtype.byteCount), count: count)
    code.instructions.append(Instruction(.reduceRows(reduce), operation.dtype))
  }

  mutating func sink(_ position: Int, _ kind: Sweep.Sink.Kind, _ dtype: DType) -> Operand {
    code.sinks.append(Sweep.Sink(value: position, kind: kind, dtype: dtype))
    return Operand(slot: code.newSlot(.sink(index: code.sinks.count - 1)))
  }
}
