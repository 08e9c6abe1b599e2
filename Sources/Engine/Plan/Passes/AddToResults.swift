internal import E3xCKernels

/// Where two results are only added to each other, the one that is computed last is added to the
/// other one by its own kernel.
///
/// - Needs: linear maps scaled already (after ``ScaleInLinearMaps``), derivatives joined (after
///   ``JoinDotDerivatives``), and rows of the width that they keep (after ``ComputePrefixes``).
/// - Effect: both write to the sum's slot, and the addition is gone; what adds may move behind what
///   it adds to.
/// - Leaves: slots with a first writer and with others that add to it after that.
struct AddToResults: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    var index = 0
    while index < code.instructions.count {
      if takeUpAddition(index, &code) { count += 1 } else { index += 1 }
    }
    return count
  }

  /// Removes the addition at `index` if a kernel can do it.
  private func takeUpAddition(_ index: Int, _ code: inout SweepCode) -> Bool {
    guard let sum = code.instructions[index].plainAddition, let b = sum.b else { return false }
    for (adding, to) in [(b, sum.a), (sum.a, b)] {
      guard let writers = onlyWriters(of: adding.slot, before: index, code), writers.count == 1,
        let others = onlyWriters(of: to.slot, before: index, code), let last = others.last,
        code.instructions[writers[0]].canAdd(to: adding.slot, width: sum.result.rowStride)
      else { continue }
      let writer = writers[0]
      // What it reads is there as long as it is needed, so that it may also come later.
      guard last < writer || code.instructions[writer].mayComeLater else { continue }
      for other in others { code.instructions[other].write(to: sum.result, for: to.slot) }
      code.instructions[writer].add(to: sum.result, for: adding.slot)
      code.instructions.remove(at: index)
      if last > writer {
        code.instructions.insert(code.instructions.remove(at: writer), at: index - 1)
      }
      return true
    }
    return false
  }

  /// The instructions before `index` that write a slot of the tile, in order; nil if others than
  /// that at `index` read it.
  private func onlyWriters(of slot: Int, before index: Int, _ code: SweepCode) -> [Int]? {
    guard code.isTile(slot) else { return nil }
    let users = code.users(of: slot, besides: index)
    let areWriters = users.allSatisfy { user in
      // A selection may look at rows in memory, which must stay as they are.
      user < index && !code.instructions[user].reads(slot) && !code.instructions[user].mayAlias
    }
    return areWriters && !users.isEmpty ? users : nil
  }
}

extension Instruction {
  /// An addition of whole rows of two values.
  fileprivate var plainAddition: Elementwise? {
    guard case .elementwise(let sum) = operation, case .binary(E3X_ADD) = sum.kernel,
      let b = sum.b, dtype.isFloatingPoint
    else { return nil }
    let (width, nest) = (sum.result.rowStride, sum.loops.nest)
    let isPlain =
      sum.loops.axis == 3 && sum.loops.factor == width
      && nest.count.0 * nest.count.1 * nest.count.2 == 1
      && nest.out.3 == 1 && nest.in.0.3 == 1 && nest.in.1.3 == 1 && sum.a.slot != b.slot
      && [sum.result, sum.a, b].allSatisfy { $0.byteOffset == 0 && $0.rowStride == width }
    return isPlain ? sum : nil
  }

  fileprivate var mayAlias: Bool {
    if case .elementwise(let elementwise) = operation,
      case .select(mayAlias: true) = elementwise.kernel
    {
      true
    } else {
      false
    }
  }

  /// Whether its kernel can add rows of this width to what is there.
  fileprivate func canAdd(to slot: Int, width: Int) -> Bool {
    var isWhole = true
    forEachOperand { operand, access in
      if operand.slot == slot && access.kind != .read
        && (operand.rowStride != width || operand.byteOffset != 0)
      {
        isWhole = false
      }
    }
    guard isWhole else { return false }
    switch operation {
    case .dotDerivatives, .groupedOperand, .linear, .blockProduct: return true
    case .couple(let couple):
      // With one operand that varies there is a faster kernel, which cannot.
      return couple.usesAddresses || (0..<4).count(where: couple.form.isVarying) > 1
    default: return false
    }
  }

  /// Whether nothing depends on what runs right before it, and nothing else that it gives is used
  /// before its result is.
  fileprivate var mayComeLater: Bool {
    switch operation {
    case .couple, .linear, .blockProduct: true
    default: false
    }
  }

  /// Writes elsewhere what it wrote to a slot.
  fileprivate mutating func write(to result: Operand, for slot: Int) {
    visitOperands { operand, access in
      if operand.slot == slot && access.kind != .read {
        (operand.slot, operand.rowStride) = (result.slot, result.rowStride)
      }
    }
  }

  /// Adds elsewhere what it wrote to a slot.
  fileprivate mutating func add(to result: Operand, for slot: Int) {
    write(to: result, for: slot)
    func add(_ target: inout Target) {
      if target.rows.operand.slot == result.slot { target.isAdded = true }
    }
    switch operation {
    case .linear(var linear):
      linear.isAdded = true
      operation = .linear(linear)
    case .blockProduct(var product):
      product.isAdded = true
      operation = .blockProduct(product)
    case .couple(var couple):
      add(&couple.result)
      operation = .couple(couple)
    case .groupedOperand(var operand):
      add(&operand.result)
      operation = .groupedOperand(operand)
    case .dotDerivatives(var derivatives):
      add(&derivatives.dx)
      add(&derivatives.dy)
      if derivatives.dweights != nil { add(&derivatives.dweights!) }
      operation = .dotDerivatives(derivatives)
    default: preconditionFailure("this kernel cannot add")
    }
  }
}
