internal import E3xCKernels

/// Of rows of which only the first elements are used, only these are computed or gathered: of a
/// basis, say, those of degree 0.
///
/// - Needs: gathers that are left after ``UseRowsInPlace``.
/// - Effect: goes backwards, so that what an instruction no longer reads is not computed before it.
/// - Leaves: tile slots of which only the first elements of each row are written, and no others
///   read.
struct ComputePrefixes: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    // Instructions keep their places and their slots.
    let allUsers = code.users()
    for index in code.instructions.indices.reversed() {
      let instruction = code.instructions[index]
      guard let result = instruction.shortenedResult,
        case .tile(let rowBytes) = code.slots[result.slot].kind, result.byteOffset == 0
      else { continue }
      let users = allUsers[result.slot].filter { $0 != index }
      // Other instructions may write the other elements.
      guard users.allSatisfy({ !code.instructions[$0].writes(result.slot) }) else { continue }
      let used = users.map { code.instructions[$0].elementsRead(of: result.slot) }.max() ?? .max
      let width = rowBytes / instruction.dtype.byteCount
      if used < width, code.instructions[index].compute(first: used, of: width) { count += 1 }
    }
    return count
  }
}

extension Instruction {
  /// The result, if the instruction may be able to compute only the first elements of a row.
  fileprivate var shortenedResult: Operand? {
    switch operation {
    case .gather(let gather): gather.result
    case .elementwise(let elementwise): elementwise.result
    default: nil
    }
  }

  /// One more than the last element of a row of a slot that is read; `Int.max` if that is not known.
  fileprivate func elementsRead(of slot: Int) -> Int {
    switch operation {
    case .elementwise(let elementwise):
      switch elementwise.kernel {
      case .unary, .binary, .cast: break
      case .select(mayAlias: false):
        // The condition is of another type.
        guard elementwise.a.slot != slot else { return .max }
      case .select, .compare, .logical: return .max
      }
    case .linear(let linear):
      guard linear.weights.slot != slot, linear.scale?.slot != slot else { return .max }
    default: return .max
    }
    var elements = 0
    forEachOperand { operand, access in
      if operand.slot == slot && access.kind == .read {
        elements = max(elements, (operand.byteOffset + access.bytes) / access.elementBytes)
      }
    }
    return elements
  }

  /// Computes only the first elements of a row, if it can.
  fileprivate mutating func compute(first count: Int, of width: Int) -> Bool {
    switch operation {
    case .gather(var gather):
      guard count * dtype.byteCount < gather.copiedBytes else { return false }
      gather.copiedBytes = count * dtype.byteCount
      operation = .gather(gather)
      return true
    case .elementwise(var elementwise):
      switch elementwise.kernel {
      case .unary, .binary, .cast, .select(mayAlias: false): break
      default: return false
      }
      guard elementwise.loops.shorten(to: count, of: width) else { return false }
      operation = .elementwise(elementwise)
      return true
    default: return false
    }
  }
}

extension RowLoops {
  /// Goes over the first elements of a row only, if the innermost loop is over all of them.
  fileprivate mutating func shorten(to count: Int, of width: Int) -> Bool {
    guard nest.count.3 == Int64(width), nest.out.3 == 1, elements == width else { return false }
    if axis == 3 {
      // The loop goes on from row to row, which is faster than a loop for each row.
      guard factor == width, 2 * count <= width else { return false }
      let row = Int64(width)
      (nest.out.2, nest.in.0.2, nest.in.1.2, nest.in.2.2) = (
        nest.out.3 * row, nest.in.0.3 * row, nest.in.1.3 * row, nest.in.2.3 * row
      )
      (axis, factor) = (2, 1)
    } else if factor != 1 {
      return false
    }
    nest.count.3 = Int64(count)
    return true
  }
}
