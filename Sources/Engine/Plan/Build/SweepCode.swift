/// The code of a sweep: instructions in order, and what they name. ``SweepBuilder`` writes it,
/// passes (``SweepPass``) change it.
package struct SweepCode {
  package var slots: [Slot] = []
  package var instructions: [Instruction] = []
  /// Where rows meet.
  var sinks: [Sweep.Sink] = []
  /// Row values that the sweep writes out.
  package var results: [Int] = []
  /// The tables of couplings.
  var tables: [ObjectIdentifier: CouplingTable] = [:]
  let memory = KernelMemory()

  // MARK: Slots

  mutating func newSlot(_ kind: Slot.Kind) -> Int {
    slots.append(Slot(kind: kind))
    return slots.count - 1
  }

  /// Memory of each part.
  mutating func scratch(_ bytes: Int) -> Operand {
    Operand(slot: newSlot(.scratch(bytes: bytes)))
  }

  /// Memory that all parts share, for what a coupling prepares.
  mutating func prepared(_ bytes: Int) -> Operand {
    Operand(slot: newSlot(.prepared(bytes: bytes)))
  }

  func isTile(_ slot: Int) -> Bool {
    if case .tile = slots[slot].kind { true } else { false }
  }

  // MARK: Uses

  /// The other instructions that name a slot, in order.
  func users(of slot: Int, besides index: Int) -> [Int] {
    instructions.indices.filter { $0 != index && instructions[$0].names(slot) }
  }

  /// By slot: the instructions that name it, in order.
  func users() -> [[Int]] {
    var users = [[Int]](repeating: [], count: slots.count)
    for (index, instruction) in instructions.enumerated() {
      instruction.forEachOperand { operand, _ in
        if users[operand.slot].last != index { users[operand.slot].append(index) }
      }
    }
    return users
  }

  /// By slot: from the first instruction that names it to the last; nil if none does.
  func lives() -> [ClosedRange<Int>?] {
    var lives = [ClosedRange<Int>?](repeating: nil, count: slots.count)
    for (index, instruction) in instructions.enumerated() {
      instruction.forEachOperand { operand, _ in
        lives[operand.slot] = (lives[operand.slot]?.lowerBound ?? index)...index
      }
    }
    return lives
  }

  /// Bytes of rows that are read and written where they lie, for each row of a tile.
  var inPlaceBytes: Int {
    instructions.reduce(0) { bytes, instruction in
      switch instruction.operation {
      case .gatherAddresses(let gather): bytes + gather.rowBytes
      case .sinkAddresses(let sink): bytes + sink.rowBytes
      default: bytes
      }
    }
  }
}
