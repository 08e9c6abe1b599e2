internal import E3xCKernels

/// A linear map whose result is only multiplied by a row of factors, the same for all components
/// (the weights of attention, a cutoff), multiplies before it writes.
///
/// - Needs: nothing of the passes before.
/// - Effect: the map stands where the multiplication stood, and writes its result.
/// - Leaves: maps with factors, which take no second ones.
struct ScaleInLinearMaps: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    var index = 0
    while index < code.instructions.count {
      if let (position, scaled) = linearMap(scaledBy: index, code) {
        code.instructions[index] = scaled
        code.instructions.remove(at: position)
        count += 1
      } else {
        index += 1
      }
    }
    return count
  }

  private func linearMap(
    scaledBy index: Int, _ code: SweepCode
  ) -> (index: Int, scaled: Instruction)? {
    guard case .elementwise(let product) = code.instructions[index].operation,
      case .binary(E3X_MUL) = product.kernel, product.loops.factor == 1, let b = product.b
    else { return nil }
    let nest = product.loops.nest
    for (left, own, right, other) in [
      (product.a, nest.in.0, b, nest.in.1), (b, nest.in.1, product.a, nest.in.0),
    ] {
      guard left.slot != right.slot, code.isTile(left.slot), left.byteOffset == 0 else { continue }
      let users = code.users(of: left.slot, besides: index)
      guard users.count == 1, users[0] < index,
        case .linear(var linear) = code.instructions[users[0]].operation,
        linear.result.slot == left.slot, linear.scale == nil
      else { continue }
      let (components, features) = (linear.components, linear.outputs)
      // Rows, components and features: of the result, of the map's, and of the factors.
      guard product.loops.axis == 1, nest.count.2 == Int64(components),
        nest.count.3 == Int64(features), own.2 == Int64(features), own.3 == 1, other.2 == 0,
        other.3 == 1, nest.out.2 == Int64(features), nest.out.3 == 1,
        left.rowStride == components * features,
        product.result.rowStride == components * features, product.result.byteOffset == 0
      else { continue }
      linear.result = product.result
      linear.scale = right
      return (users[0], Instruction(.linear(linear), code.instructions[users[0]].dtype))
    }
    return nil
  }
}
