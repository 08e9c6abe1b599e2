internal import E3xCKernels

extension StageBuilder {
  /// Where two results are only added to each other, the one that is computed last is added to the
  /// other one by its own kernel.
  mutating func addToResults() {
    var index = 0
    while index < instructions.count {
      if !takeUpAddition(index) { index += 1 }
    }
  }

  /// Removes the addition at `index` if a kernel can do it.
  private mutating func takeUpAddition(_ index: Int) -> Bool {
    let sum = instructions[index]
    guard sum.isPlainAddition else { return false }
    for (adding, to) in [(sum.b, sum.a), (sum.a, sum.b)] {
      guard let writers = onlyWriters(of: adding.slot, before: index), writers.count == 1,
        let others = onlyWriters(of: to.slot, before: index), let last = others.last,
        instructions[writers[0]].canAdd(to: adding.slot, width: sum.out.rowStride)
      else { continue }
      let writer = writers[0]
      // What it reads is there as long as it is needed, so that it may also come later.
      guard last < writer || instructions[writer].mayComeLater else { continue }
      for other in others { instructions[other].write(to: sum.out, for: to.slot, memory) }
      var result = sum.out
      result.isSum = true
      instructions[writer].write(to: result, for: adding.slot, memory)
      instructions.remove(at: index)
      if last > writer { instructions.insert(instructions.remove(at: writer), at: index - 1) }
      return true
    }
    return false
  }

  /// The instructions before `index` that write a slot of the tile, in order; nil if others than
  /// that at `index` read it.
  private func onlyWriters(of slot: Int32, before index: Int) -> [Int]? {
    guard slot >= 0, case .tile = slots[Int(slot)].kind else { return nil }
    let users = instructions.indices.filter { $0 != index && instructions[$0].names(slot) }
    let areWriters = users.allSatisfy { user in
      let instruction = instructions[user]
      // A selection may look at rows in memory, which must stay as they are.
      return user < index && instruction.scratch.slot != slot && !instruction.reads(slot)
        && !instruction.isIndirectResult(slot) && !instruction.canAlias
    }
    return areWriters && !users.isEmpty ? users : nil
  }
}

extension Instruction {
  /// An addition of whole rows of two values of the tile.
  fileprivate var isPlainAddition: Bool {
    let width = out.rowStride
    return code == .binary && operation == E3X_ADD.rawValue && dtype.isFloatingPoint
      && dtype == operandType && rowAxis == 3 && rowFactor == width
      && nest.count.0 * nest.count.1 * nest.count.2 == 1
      && nest.out.3 == 1 && nest.in.0.3 == 1 && nest.in.1.3 == 1 && a.slot != b.slot
      && [out, a, b].allSatisfy {
        $0.byteOffset == 0 && $0.rowStride == width && !$0.isIndirect
      }
  }

  /// Its results, of which a joined instruction has several.
  var results: [Reference] { dot?.pointee.results ?? [out] }

  fileprivate func isIndirectResult(_ slot: Int32) -> Bool {
    results.contains { $0.slot == slot && $0.isIndirect }
  }

  /// Whether its kernel can add rows of this width to what is there.
  fileprivate func canAdd(to slot: Int32, width: Int) -> Bool {
    guard
      results.allSatisfy({ $0.slot != slot || ($0.rowStride == width && $0.byteOffset == 0) })
    else { return false }
    switch code {
    case .dotDerivatives, .runOperand, .linear, .blockProduct: return true
    case .couple:
      let coupling = coupling!.pointee
      let varying = (0..<Int(coupling.slots)).count {
        $0 != Int(coupling.outSlot) && coupling.rowStrides[$0] != 0
      }
      // With one operand that varies there is a faster kernel, which cannot.
      return hasAddresses || varying > 1
    default: return false
    }
  }

  /// Whether nothing depends on what runs right before it, and nothing else that it gives is used
  /// before its result is.
  fileprivate var mayComeLater: Bool { code == .couple || code == .linear || code == .blockProduct }

  /// Writes elsewhere what it wrote to a slot.
  fileprivate mutating func write(to result: Reference, for slot: Int32, _ memory: StageMemory) {
    func moved(_ reference: Reference) -> Reference {
      guard reference.slot == slot else { return reference }
      var moved = result
      moved.isSum = result.isSum || reference.isSum
      moved.byteOffset = reference.byteOffset
      return moved
    }
    out = moved(out)
    guard var derivatives = dot?.pointee else { return }
    (derivatives.dx, derivatives.dy) = (moved(derivatives.dx), moved(derivatives.dy))
    derivatives.dweights = derivatives.dweights.map(moved)
    dot = memory.copy([derivatives])
  }
}
