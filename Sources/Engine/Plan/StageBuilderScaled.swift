internal import E3xCKernels

extension StageBuilder {
  /// A linear map whose result is only multiplied by a row of factors, the same for all components
  /// (the weights of attention, a cutoff), multiplies before it writes.
  mutating func scaleInLinearMaps() {
    var index = 0
    while index < instructions.count {
      if let linear = linearMap(scaledBy: index) {
        var scaled = instructions[linear.index]
        scaled.out = instructions[index].out
        scaled.c = linear.scale
        instructions[index] = scaled
        instructions.remove(at: linear.index)
      } else {
        index += 1
      }
    }
  }

  private func linearMap(scaledBy index: Int) -> (index: Int, scale: Reference)? {
    let product = instructions[index]
    guard product.code == .binary, product.operation == E3X_MUL.rawValue,
      product.rowFactor == 1
    else { return nil }
    for (left, right, loop) in [
      (product.a, product.b, product.nest.in.1), (product.b, product.a, product.nest.in.0),
    ] {
      let own = left.slot == product.a.slot ? product.nest.in.0 : product.nest.in.1
      guard left.slot != right.slot, left.slot >= 0, case .tile = slots[Int(left.slot)].kind,
        left.byteOffset == 0
      else { continue }
      let users = instructions.indices.filter {
        $0 != index && instructions[$0].names(left.slot)
      }
      guard users.count == 1, users[0] < index, instructions[users[0]].code == .linear,
        instructions[users[0]].out.slot == left.slot, instructions[users[0]].c.slot < 0
      else { continue }
      let linear = instructions[users[0]]
      let (components, features) = (linear.sizes.0, linear.sizes.2)
      // Rows, components and features: of the result, of the map's, and of the factors.
      let count = product.nest.count
      guard product.rowAxis == 1, count.2 == Int64(components), count.3 == Int64(features),
        own.2 == Int64(features), own.3 == 1, loop.2 == 0, loop.3 == 1,
        product.nest.out.2 == Int64(features), product.nest.out.3 == 1,
        left.rowStride == components * features, product.out.rowStride == components * features,
        product.out.byteOffset == 0
      else { continue }
      return (users[0], right)
    }
    return nil
  }
}
