/// Rows that other rows choose are read and added to where they lie.
///
/// A gather copies its rows into the tile, and a sum over segments reads rows of the tile that were
/// written for it alone. Couplings take the addresses of rows as well: they read gathered rows in
/// place, and add their results to segments at once.
///
/// - Needs: whole rows gathered (before ``ComputePrefixes``), and all that can be a coupling to be
///   one (after ``SumProducts``).
/// - Effect: where all that use the rows are couplings, gathers and sums over segments become the
///   addresses of rows; slots of rows in the tile become slots of addresses.
/// - Leaves: a coupling with an indirect target adds to its sink; nothing else names that sink but
///   the addresses before it.
struct UseRowsInPlace: SweepPass {
  /// Rows shorter than this, in bytes, are copied.
  let shortestRow: Int

  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    for index in code.instructions.indices where readInPlace(index, &code) { count += 1 }
    var index = 0
    while index < code.instructions.count {
      if addInPlace(index, &code) { count += 1 }
      index += 1
    }
    return count
  }

  private func readInPlace(_ index: Int, _ code: inout SweepCode) -> Bool {
    guard case .gather(let gather) = code.instructions[index].operation,
      code.isTile(gather.result.slot), gather.copiedBytes >= shortestRow
    else { return false }
    let slot = gather.result.slot
    let width = gather.result.rowStride
    let readers = code.users(of: slot, besides: index)
    guard !readers.isEmpty,
      readers.allSatisfy({ code.instructions[$0].takesAddresses(of: slot, width: width) })
    else { return false }
    let addresses = Instruction.GatherAddresses(
      source: gather.source, indices: gather.indices, padding: gather.padding,
      addresses: Operand(slot: slot), ahead: code.scratch(RowsAhead.byteCount),
      zero: code.scratch(gather.rowBytes), rowBytes: gather.rowBytes)
    code.slots[slot].kind = .tile(rowBytes: MemoryLayout<UnsafeRawPointer>.stride)
    code.instructions[index].operation = .gatherAddresses(addresses)
    for reader in readers {
      code.instructions[reader].readAddresses(in: slot, ahead: addresses.ahead.slot)
    }
    return true
  }

  private func addInPlace(_ index: Int, _ code: inout SweepCode) -> Bool {
    let dtype = code.instructions[index].dtype
    guard case .reduceSegments(let sum) = code.instructions[index].operation, !sum.isMaximum,
      code.isTile(sum.rows.slot), sum.rows.byteOffset == 0, sum.rows.rowStride == sum.width,
      sum.width * dtype.byteCount >= shortestRow,
      code.slots[sum.indices.entries.slot].kind.isInMemory
    else { return false }
    let slot = sum.rows.slot
    let others = code.users(of: slot, besides: index)
    guard others.count == 1, others[0] < index, !code.instructions[others[0]].reads(slot),
      code.instructions[others[0]].addsToAddresses(width: sum.width)
    else { return false }
    // The tile's slot holds the addresses instead.
    code.slots[slot].kind = .tile(rowBytes: MemoryLayout<UnsafeRawPointer>.stride)
    let rowBytes = sum.width * dtype.byteCount
    let addresses = Instruction.SinkAddresses(
      sink: sum.sink, indices: sum.indices, addresses: Operand(slot: slot),
      ahead: code.scratch(RowsAhead.byteCount), discarded: code.scratch(rowBytes),
      rowBytes: rowBytes)
    code.instructions.remove(at: index)
    code.instructions[others[0]].changeTarget { target in
      target.rows.ahead = addresses.ahead.slot
      target.sink = sum.sink.slot
    }
    code.instructions.insert(Instruction(.sinkAddresses(addresses), dtype), at: others[0])
    return true
  }
}

extension Instruction {
  /// Whether all that the instruction does with a slot is reading its rows as operands that may lie
  /// anywhere.
  fileprivate func takesAddresses(of slot: Int, width: Int) -> Bool {
    guard !writes(slot) else { return false }
    func fits(_ rows: Rows?) -> Bool {
      rows.map { $0.operand.slot != slot || $0.operand.rowStride == width } ?? true
    }
    switch operation {
    case .couple(let couple): return (0..<4).allSatisfy { fits(couple.operands[$0]) }
    case .groupedSum(let sum):
      return sum.indices.entries.slot != slot && fits(sum.x) && fits(sum.y)
    case .groupedWeights(let weights):
      return weights.indices.entries.slot != slot && fits(weights.x) && fits(weights.y)
    case .groupedOperand(let operand):
      return operand.indices.entries.slot != slot && fits(operand.other)
    default: return false
    }
  }

  /// Makes rows of a slot those whose addresses the slot holds.
  fileprivate mutating func readAddresses(in slot: Int, ahead: Int) {
    func change(_ rows: inout Rows) { if rows.operand.slot == slot { rows.ahead = ahead } }
    switch operation {
    case .couple(var couple):
      for number in 0..<4 where couple.operands[number]?.operand.slot == slot {
        couple.operands[number]!.ahead = ahead
      }
      operation = .couple(couple)
    case .groupedSum(var sum):
      change(&sum.x)
      change(&sum.y)
      operation = .groupedSum(sum)
    case .groupedWeights(var weights):
      change(&weights.x)
      change(&weights.y)
      operation = .groupedWeights(weights)
    case .groupedOperand(var operand):
      change(&operand.other)
      operation = .groupedOperand(operand)
    default: preconditionFailure("only couplings read rows by their addresses")
    }
  }

  /// Whether rows of its result can be added to others, wherever these lie.
  fileprivate func addsToAddresses(width: Int) -> Bool {
    let target: Target
    switch operation {
    case .couple(let couple): target = couple.result
    case .groupedOperand(let operand): target = operand.result
    default: return false
    }
    return !target.rows.isIndirect && target.rows.operand.byteOffset == 0
      && target.rows.operand.rowStride == width
  }

  fileprivate mutating func changeTarget(_ change: (inout Target) -> Void) {
    switch operation {
    case .couple(var couple):
      change(&couple.result)
      operation = .couple(couple)
    case .groupedOperand(var operand):
      change(&operand.result)
      operation = .groupedOperand(operand)
    default: preconditionFailure("only couplings add to rows by their addresses")
    }
  }
}
