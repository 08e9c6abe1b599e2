internal import E3xCKernels

extension StageBuilder {
  /// Sums over components of products of two rows become couplings: neither the product is written,
  /// nor read again. Where the weights of attention multiply filters, their derivatives are such.
  mutating func sumProducts() {
    var index = 0
    while index < instructions.count {
      if let (product, components) = product(summedBy: index) {
        instructions[index] = sum(instructions[product], instructions[index], components)
        instructions.remove(at: product)
      } else {
        index += 1
      }
    }
  }

  /// The multiplication of rows [components, features] that a reduction sums to [features].
  private func product(summedBy index: Int) -> (index: Int, components: Int)? {
    let sum = instructions[index]
    guard sum.code == .reduce, sum.operation == E3X_REDUCE_SUM.rawValue, sum.rowFactor == 1,
      sum.dtype.isFloatingPoint, sum.a.slot >= 0, case .tile = slots[Int(sum.a.slot)].kind
    else { return nil }
    let (features, components) = (Int(sum.nest.count.3), Int(sum.reduced.count.3))
    let width = features * components
    let users = instructions.indices.filter { $0 != index && instructions[$0].names(sum.a.slot) }
    guard users.count == 1, users[0] < index, sum.elements == features, sum.nest.in.0.3 == 1,
      sum.nest.out.3 == 1, sum.rowAxis < 3, sum.loopCount(sum.reduced) == components,
      sum.reduced.in.0.3 == Int64(features), sum.a.byteOffset == 0, sum.a.rowStride == width,
      sum.out.rowStride == features
    else { return nil }
    let product = instructions[users[0]]
    // Rows are so many numbers one after the other, in both operands and in the result.
    guard product.code == .binary, product.operation == E3X_MUL.rawValue,
      product.out.slot == sum.a.slot, product.out.byteOffset == 0, product.rowAxis == 3,
      product.rowFactor == width, product.nest.in.0.3 == 1, product.nest.in.1.3 == 1,
      product.a.slot != product.b.slot
    else { return nil }
    return (users[0], components)
  }

  private mutating func sum(
    _ product: Instruction, _ reduction: Instruction, _ components: Int
  ) -> Instruction {
    let features = Int(reduction.nest.count.3)
    let terms = (0..<Int32(components)).map { e3x_term(index: ($0, $0, 0, 0), value: 1) }
    let coupling = StageCoupling(
      slots: 3, outSlot: 2, sizes: memory.copy([Int32(components), Int32(components), 1]),
      terms: memory.copy(terms), termCount: terms.count, features: features,
      rowStrides: memory.copy([
        Int64(product.a.rowStride), Int64(product.b.rowStride), Int64(features),
      ]),
      operands: (product.a, product.b, Reference(), Reference()), isPreparedByPart: false)
    var instruction = Instruction(
      code: .couple, dtype: product.dtype, operandType: product.dtype)
    instruction.coupling = memory.copy([coupling])
    instruction.scratch = prepared(
      e3x_couple_scratch(product.dtype.kernel, Int64(features), Int64(terms.count)))
    instruction.out = reduction.out
    return instruction
  }
}
