internal import E3xCKernels

// Rows that other rows choose, read and added to where they lie.
//
// A gather copies its rows into the tile, and a sum over segments reads rows of the tile that were
// written for it alone. Couplings take the addresses of rows as well: they read gathered rows in
// place, and add their results to segments at once.

extension StageBuilder {
  /// Replaces gathers and sums over segments by the addresses of their rows, where all that use the
  /// rows are couplings.
  mutating func useRowsInPlace(shortestRow: Int) {
    for index in instructions.indices where instructions[index].code == .gather {
      readInPlace(index, shortestRow)
    }
    var index = 0
    while index < instructions.count {
      if instructions[index].code == .segmentAdd { addInPlace(index, shortestRow) }
      index += 1
    }
  }

  private func isTile(_ slot: Int32) -> Bool {
    if slot >= 0, case .tile = slots[Int(slot)].kind { true } else { false }
  }

  private mutating func readInPlace(_ index: Int, _ shortestRow: Int) {
    let gather = instructions[index]
    let slot = gather.out.slot
    guard isTile(slot), gather.sizes.0 >= shortestRow else { return }
    let width = gather.out.rowStride
    let readers = instructions.indices.filter { $0 != index && instructions[$0].names(slot) }
    guard !readers.isEmpty,
      readers.allSatisfy({ instructions[$0].takesAddresses(of: slot, width: width) })
    else { return }
    slots[Int(slot)].kind = .tile(bytesPerRow: MemoryLayout<UnsafeRawPointer>.stride)
    inPlaceBytes += gather.sizes.0
    instructions[index].code = .gatherRows
    instructions[index].scratch = scratch(gather.sizes.0)
    instructions[index].c = scratch(RowsAhead.byteCount)
    for reader in readers {
      instructions[reader].markIndirect(slot, ahead: instructions[index].c.slot, memory)
    }
  }

  private mutating func addInPlace(_ index: Int, _ shortestRow: Int) {
    let sum = instructions[index]
    let slot = sum.a.slot
    guard isTile(slot), !sum.a.isIndirect, sum.a.byteOffset == 0,
      sum.a.rowStride == sum.sizes.0,
      sum.sizes.0 * sum.dtype.byteCount >= shortestRow,
      slots[Int(sum.b.slot)].kind.isInMemory
    else { return }
    let others = instructions.indices.filter { $0 != index && instructions[$0].names(slot) }
    guard others.count == 1, others[0] < index, !instructions[others[0]].reads(slot),
      instructions[others[0]].addsToAddresses(width: sum.sizes.0)
    else { return }
    // The tile's slot holds the addresses instead.
    slots[Int(slot)].kind = .tile(bytesPerRow: MemoryLayout<UnsafeRawPointer>.stride)
    inPlaceBytes += sum.sizes.0 * sum.dtype.byteCount
    var addresses = sum
    addresses.code = .sinkRows
    addresses.a = sum.out
    addresses.out = Reference(slot: slot)
    addresses.sizes.0 = sum.sizes.0 * sum.dtype.byteCount
    addresses.scratch = scratch(addresses.sizes.0)
    addresses.c = scratch(RowsAhead.byteCount)
    instructions.remove(at: index)
    instructions[others[0]].out.isIndirect = true
    instructions[others[0]].out.sink = addresses.a.slot
    instructions[others[0]].out.ahead = addresses.c.slot
    instructions.insert(addresses, at: others[0])
  }
}

extension Instruction {
  private var operands: [Reference] {
    if let dot = dot?.pointee { return dot.operands }
    guard let operands = coupling?.pointee.operands, run == nil else { return [a, b, c] }
    return [a, b, c, operands.0, operands.1, operands.2, operands.3]
  }

  func reads(_ slot: Int32) -> Bool { operands.contains { $0.slot == slot } }

  func names(_ slot: Int32) -> Bool {
    out.slot == slot || scratch.slot == slot || reads(slot)
      || dot?.pointee.results.contains { $0.slot == slot } == true
  }

  /// Whether all that the instruction does with a slot is reading its rows as operands that may lie
  /// anywhere.
  fileprivate func takesAddresses(of slot: Int32, width: Int) -> Bool {
    guard out.slot != slot, scratch.slot != slot else { return false }
    switch code {
    case .couple: return operands.allSatisfy { $0.slot != slot || $0.rowStride == width }
    case .runSum, .runWeights:
      return c.slot != slot && [a, b].allSatisfy { $0.slot != slot || $0.rowStride == width }
    case .runOperand: return c.slot != slot && a.rowStride == width
    default: return false
    }
  }

  fileprivate func addsToAddresses(width: Int) -> Bool {
    switch code {
    case .couple, .runOperand: !out.isIndirect && out.byteOffset == 0 && out.rowStride == width
    default: false
    }
  }

  fileprivate mutating func markIndirect(_ slot: Int32, ahead: Int32, _ memory: StageMemory) {
    if a.slot == slot { (a.isIndirect, a.ahead) = (true, ahead) }
    if b.slot == slot { (b.isIndirect, b.ahead) = (true, ahead) }
    guard run == nil, var coupling = coupling?.pointee else { return }
    if coupling.operands.0.slot == slot { coupling.operands.0.isIndirect = true }
    if coupling.operands.1.slot == slot { coupling.operands.1.isIndirect = true }
    if coupling.operands.2.slot == slot { coupling.operands.2.isIndirect = true }
    if coupling.operands.3.slot == slot { coupling.operands.3.isIndirect = true }
    self.coupling = memory.copy([coupling])
  }
}
