internal import E3xCKernels

extension StageBuilder {
  /// Of rows of which only the first elements are used, only these are computed or gathered: of a
  /// basis, say, those of degree 0.
  mutating func computePrefixes() {
    for index in instructions.indices.reversed() {
      let out = instructions[index].out
      guard out.slot >= 0, case .tile(let rowBytes) = slots[Int(out.slot)].kind,
        out.byteOffset == 0
      else { continue }
      let users = instructions.indices.filter { $0 != index && instructions[$0].names(out.slot) }
      // Other instructions may write the other elements.
      guard users.allSatisfy({ instructions[$0].out.slot != out.slot }) else { continue }
      let used = users.map { instructions[$0].elementsRead(of: out.slot) }.max() ?? .max
      let width = rowBytes / instructions[index].dtype.byteCount
      if used < width { instructions[index].compute(first: used, of: width) }
    }
  }
}

extension Instruction {
  /// One more than the last element of a row of a slot that is read; `Int.max` if that is not known.
  fileprivate func elementsRead(of slot: Int32) -> Int {
    func extent(_ reference: Reference, _ elements: Int, _ dtype: DType) -> Int {
      reference.slot == slot ? reference.byteOffset / dtype.byteCount + elements : 0
    }
    func loops(_ strides: (Int64, Int64, Int64, Int64), _ nest: e3x_nest) -> Int {
      let lasts = [
        (nest.count.0 - 1) * strides.0, (nest.count.1 - 1) * strides.1,
        (nest.count.2 - 1) * strides.2, (nest.count.3 - 1) * strides.3,
      ]
      return Int(lasts.reduce(1, +))
    }
    switch code {
    case .unary, .binary, .cast:
      return max(
        extent(a, loops(nest.in.0, nest), operandType),
        extent(b, loops(nest.in.1, nest), operandType))
    case .select where !canAlias:
      // The condition is of another type.
      guard a.slot != slot else { return .max }
      return max(
        extent(b, loops(nest.in.1, nest), dtype), extent(c, loops(nest.in.2, nest), dtype))
    case .linear:
      guard b.slot != slot, c.slot != slot else { return .max }
      return extent(a, (sizes.0 - 1) * componentStrides.0 + sizes.1, dtype)
    default: return .max
    }
  }

  /// Computes only the first elements of a row, if it can.
  fileprivate mutating func compute(first count: Int, of width: Int) {
    switch code {
    case .gather:
      sizes.0 = min(sizes.0, count * dtype.byteCount)
    case .unary, .binary, .cast, .select:
      guard !canAlias, nest.count.3 == Int64(width), nest.out.3 == 1, elements == width else {
        return
      }
      if rowAxis == 3 {
        // The loop goes on from row to row, which is faster than a loop for each row.
        guard rowFactor == width, 2 * count <= width else { return }
        let row = Int64(width)
        (nest.out.2, nest.in.0.2, nest.in.1.2, nest.in.2.2) = (
          nest.out.3 * row, nest.in.0.3 * row, nest.in.1.3 * row, nest.in.2.3 * row
        )
        (rowAxis, rowFactor) = (2, 1)
      } else if rowFactor != 1 {
        return
      }
      nest.count.3 = Int64(count)
    default: break
    }
  }
}
