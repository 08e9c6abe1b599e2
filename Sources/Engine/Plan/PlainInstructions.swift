internal import E3xCKernels

/// Small operations on whole values as instructions, so that a run need not work out their loops
/// again. Slots are values of the run; there is one "row".
struct PlainInstructions {
  private typealias Operand = (slot: Int, value: Value)

  /// nil for operations that have no such instructions, or are worth several threads.
  private(set) var instructions: [Instruction]?

  init(
    _ operation: Graph.Operation, result: (slot: Int, value: Value),
    operands: [(slot: Int, value: Value)]
  ) {
    guard operands.allSatisfy({ $0.value.count > 0 }), result.value.count > 0 else { return }
    switch operation.primitive {
    case .concatenate(let axis):
      instructions = PlainInstructions.joined(result, operands, axis)
      return
    default:
      guard result.value.count <= Loop.grain else { return }
    }
    switch operation.primitive {
    case .unary(let unary): elementwise(.unary, unary.kernel.rawValue, result, operands)
    case .binary(let binary): elementwise(.binary, binary.kernel.rawValue, result, operands)
    case .compare(let comparison):
      elementwise(.compare, comparison.kernel.rawValue, result, operands)
    case .logical(let logical): elementwise(.logical, logical.kernel.rawValue, result, operands)
    case .not: elementwise(.logical, E3X_NOT.rawValue, result, operands)
    case .select: elementwise(.select, 0, result, operands)
    case .cast: elementwise(.cast, 0, result, operands)
    case .reshape:
      var target = result
      target.value.dimensions = operands[0].value.dimensions
      target.value.strides = Value.contiguousStrides(target.value.dimensions)
      elementwise(.unary, E3X_COPY.rawValue, target, operands)
    case .reduce(let reduction, let axes): reduce(reduction, axes, result, operands[0])
    default: break
    }
  }

  private static func reference(_ operand: Operand) -> Reference {
    Reference(slot: Int32(operand.slot))
  }

  private mutating func elementwise(
    _ code: Instruction.Code, _ kernel: UInt32, _ result: Operand, _ operands: [Operand]
  ) {
    instructions = PlainInstructions.elementwise(code, kernel, result, operands).map { [$0] }
  }

  /// nil if there are too many loops for one instruction.
  private static func elementwise(
    _ code: Instruction.Code, _ kernel: UInt32, _ result: Operand, _ operands: [Operand]
  ) -> Instruction? {
    let dimensions = result.value.dimensions
    let step = Step(
      inputs: [], dimensions: dimensions, dtype: result.value.dtype, bindings: Bindings(),
      pool: .shared)
    let strides = operands.map { step.broadcastView($0.value).strides }
    guard let nest = Loop(dimensions, [result.value.strides] + strides).nest() else { return nil }
    var instruction = Instruction(
      code: code, operation: kernel, dtype: result.value.dtype,
      operandType: operands[0].value.dtype)
    instruction.nest = nest
    instruction.rowFactor = Int(nest.count.0)
    instruction.out = reference(result)
    instruction.a = reference(operands[0])
    if operands.count > 1 { instruction.b = reference(operands[1]) }
    if operands.count > 2 { instruction.c = reference(operands[2]) }
    return instruction
  }

  /// Copies to the parts of the result.
  private static func joined(
    _ result: Operand, _ operands: [Operand], _ axis: Int
  ) -> [Instruction]? {
    var copies: [Instruction] = []
    var start = 0
    for operand in operands {
      guard operand.value.count <= Loop.grain else { return nil }
      var part = result
      part.value.dimensions = operand.value.dimensions
      guard var copy = elementwise(.unary, E3X_COPY.rawValue, part, [operand]) else { return nil }
      copy.out.byteOffset = start * result.value.strides[axis] * result.value.dtype.byteCount
      copies.append(copy)
      start += operand.value.dimensions[axis]
    }
    return copies
  }

  private mutating func reduce(
    _ reduction: Reduction, _ axes: [Int], _ result: Operand, _ operand: Operand
  ) {
    let (source, target) = (operand.value, result.value)
    guard source.count <= Loop.grain else { return }
    let kept = source.dimensions.indices.filter { !axes.contains($0) }
    let outer = Loop(
      kept.map { source.dimensions[$0] },
      [kept.map { target.strides[$0] }, kept.map { source.strides[$0] }])
    let inner = Loop(
      axes.map { source.dimensions[$0] }, [axes.map { _ in 0 }, axes.map { source.strides[$0] }])
    guard let outer = outer.nest(), let inner = inner.nest() else { return }
    var instruction = Instruction(
      code: .reduce, operation: reduction.kernel.rawValue, dtype: target.dtype,
      operandType: source.dtype)
    instruction.nest = outer
    instruction.reduced = inner
    instruction.rowFactor = Int(outer.count.0)
    instruction.out = PlainInstructions.reference(result)
    instruction.a = PlainInstructions.reference(operand)
    instructions = [instruction]
  }
}
