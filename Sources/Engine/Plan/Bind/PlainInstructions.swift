internal import E3xCKernels

/// Small operations on whole values as instructions, so that a run need not work out their loops
/// again. Slots are values of the run; there is one "row".
struct PlainInstructions {
  /// A whole value of the run, which is the slot of its number.
  private typealias Whole = (slot: Int, value: Value)

  /// nil for operations that have no such instructions, or are worth several threads.
  private(set) var instructions: [Instruction]?

  init(
    _ operation: Graph.Operation, result: (slot: Int, value: Value),
    operands: [(slot: Int, value: Value)]
  ) {
    guard operands.allSatisfy({ $0.value.count > 0 }), result.value.count > 0 else { return }
    if case .concatenate(let axis) = operation.primitive {
      instructions = PlainInstructions.joined(result, operands, axis)
      return
    }
    guard result.value.count <= Loop.grain else { return }
    switch operation.primitive {
    case .unary(let unary): elementwise(.unary(unary.kernel), result, operands)
    case .binary(let binary): elementwise(.binary(binary.kernel), result, operands)
    case .compare(let comparison):
      elementwise(.compare(comparison.kernel, operands[0].value.dtype), result, operands)
    case .logical(let logical): elementwise(.logical(logical.kernel), result, operands)
    case .not: elementwise(.logical(E3X_NOT), result, operands)
    case .select: elementwise(.select(mayAlias: false), result, operands)
    case .cast: elementwise(.cast(from: operands[0].value.dtype), result, operands)
    case .reshape:
      var target = result
      target.value.dimensions = operands[0].value.dimensions
      target.value.strides = Value.contiguousStrides(target.value.dimensions)
      elementwise(.unary(E3X_COPY), target, operands)
    case .reduce(let reduction, let axes): reduce(reduction, axes, result, operands[0])
    case .input, .constant, .fill, .iota, .size, .broadcast, .permute, .slice, .pad, .concatenate,
      .matmul, .linear, .linearWeights, .blockProduct, .gather, .segmentSum, .segmentMax, .couple,
      .polynomial, .length, .direction, .check, .override, .stopGradient:
      break
    }
  }

  private mutating func elementwise(
    _ kernel: Instruction.Elementwise.Kernel, _ result: Whole, _ operands: [Whole]
  ) {
    instructions = PlainInstructions.elementwise(kernel, result, operands).map { [$0] }
  }

  /// nil if there are too many loops for one instruction.
  private static func elementwise(
    _ kernel: Instruction.Elementwise.Kernel, _ result: Whole, _ operands: [Whole],
    byteOffset: Int = 0
  ) -> Instruction? {
    let dimensions = result.value.dimensions
    let run = OperationRun(
      inputs: [], dimensions: dimensions, dtype: result.value.dtype, bindings: Bindings(),
      pool: .shared)
    let strides = operands.map { run.broadcastView($0.value).strides }
    guard let loops = oneRow(Loop(dimensions, [result.value.strides] + strides)) else {
      return nil
    }
    let slots = operands.map { Operand(slot: $0.slot) }
    let elementwise = Instruction.Elementwise(
      kernel: kernel, loops: loops, result: Operand(slot: result.slot, byteOffset: byteOffset),
      a: slots[0], b: slots.count > 1 ? slots[1] : nil, c: slots.count > 2 ? slots[2] : nil)
    return Instruction(.elementwise(elementwise), result.value.dtype)
  }

  /// The loops as those over one row.
  private static func oneRow(_ loop: Loop) -> RowLoops? {
    loop.nest().map { RowLoops(nest: $0, axis: 0, factor: Int($0.count.0)) }
  }

  /// Copies to the parts of the result.
  private static func joined(
    _ result: Whole, _ operands: [Whole], _ axis: Int
  ) -> [Instruction]? {
    var copies: [Instruction] = []
    var start = 0
    for operand in operands {
      guard operand.value.count <= Loop.grain else { return nil }
      var part = result
      part.value.dimensions = operand.value.dimensions
      let offset = start * result.value.strides[axis] * result.value.dtype.byteCount
      guard let copy = elementwise(.unary(E3X_COPY), part, [operand], byteOffset: offset) else {
        return nil
      }
      copies.append(copy)
      start += operand.value.dimensions[axis]
    }
    return copies
  }

  private mutating func reduce(
    _ reduction: Reduction, _ axes: [Int], _ result: Whole, _ operand: Whole
  ) {
    let (source, target) = (operand.value, result.value)
    guard source.count <= Loop.grain else { return }
    let kept = source.dimensions.indices.filter { !axes.contains($0) }
    let outer = Loop(
      kept.map { source.dimensions[$0] },
      [kept.map { target.strides[$0] }, kept.map { source.strides[$0] }])
    let inner = Loop(
      axes.map { source.dimensions[$0] }, [axes.map { _ in 0 }, axes.map { source.strides[$0] }])
    guard let outer = PlainInstructions.oneRow(outer), let inner = inner.nest() else { return }
    let reduce = Instruction.Reduce(
      kernel: reduction.kernel, kept: outer, reduced: inner, source: Operand(slot: operand.slot),
      result: Operand(slot: result.slot))
    instructions = [Instruction(.reduce(reduce), target.dtype)]
  }
}
