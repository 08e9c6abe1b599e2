internal import E3xCKernels

/// Sums over components of products of two rows become couplings: neither the product is written,
/// nor read again. Where the weights of attention multiply filters, their derivatives are such.
///
/// - Needs: gathers into the tile, so that ``UseRowsInPlace`` finds the coupling as their reader.
/// - Effect: a coupling stands where the sum stood, and the product is gone.
/// - Leaves: couplings of two operands without a table, both varying.
struct SumProducts: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    var index = 0
    while index < code.instructions.count {
      if let found = Found(code, sum: index) {
        code.instructions[index] = found.coupling(&code)
        code.instructions.remove(at: found.index)
        count += 1
      } else {
        index += 1
      }
    }
    return count
  }

  /// The multiplication of rows [components, features] that a reduction sums to [features].
  private struct Found {
    let index: Int
    let dtype: DType
    let a: Operand
    let b: Operand
    let result: Operand
    let components: Int
    let features: Int

    init?(_ code: SweepCode, sum index: Int) {
      guard case .reduce(let sum) = code.instructions[index].operation,
        sum.kernel == E3X_REDUCE_SUM, sum.kept.factor == 1,
        code.instructions[index].dtype.isFloatingPoint, code.isTile(sum.source.slot)
      else { return nil }
      let kept = sum.kept.nest
      features = Int(kept.count.3)
      components = Int(sum.reduced.count.3)
      let width = features * components
      let users = code.users(of: sum.source.slot, besides: index)
      guard users.count == 1, users[0] < index, kept.elements == features, kept.in.0.3 == 1,
        kept.out.3 == 1, sum.kept.axis < 3, sum.reduced.elements == components,
        sum.reduced.in.0.3 == Int64(features), sum.source.byteOffset == 0,
        sum.source.rowStride == width, sum.result.rowStride == features
      else { return nil }
      // Rows are so many numbers one after the other, in both operands and in the result.
      guard case .elementwise(let product) = code.instructions[users[0]].operation,
        case .binary(E3X_MUL) = product.kernel, let other = product.b,
        product.result.slot == sum.source.slot, product.result.byteOffset == 0,
        product.loops.axis == 3, product.loops.factor == width,
        product.loops.nest.in.0.3 == 1, product.loops.nest.in.1.3 == 1,
        product.a.slot != other.slot
      else { return nil }
      self.index = users[0]
      dtype = code.instructions[users[0]].dtype
      (a, b, result) = (product.a, other, sum.result)
    }

    func coupling(_ code: inout SweepCode) -> Instruction {
      let terms = (0..<Int32(components)).map { e3x_term(index: ($0, $0, 0, 0), value: 1) }
      let form = CouplingForm(
        slots: 3, outSlot: 2,
        sizes: code.memory.copy([Int32(components), Int32(components), 1]),
        terms: code.memory.copy(terms), termCount: terms.count, features: features,
        rowStrides: code.memory.copy([
          Int64(a.rowStride), Int64(b.rowStride), Int64(features),
        ]))
      let prepared = code.prepared(
        e3x_couple_scratch(dtype.kernel, Int64(features), Int64(terms.count)))
      var couple = Instruction.Couple(form: form, result: Target(result), prepared: prepared)
      couple.operands[0] = Rows(a)
      couple.operands[1] = Rows(b)
      return Instruction(.couple(couple), dtype)
    }
  }
}
