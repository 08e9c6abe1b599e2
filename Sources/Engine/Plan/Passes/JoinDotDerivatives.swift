internal import E3xCKernels

/// Couplings that are all derivatives of one sum of products become one instruction
/// (``Instruction/DotDerivatives``), which reads their operands once.
///
/// - Needs: couplings with addresses where they have them (after ``UseRowsInPlace``): equal operands
///   are equal.
/// - Effect: the joint instruction stands where the last of the couplings stood.
/// - Leaves: no result of the others named between where they stood and the joint instruction.
struct JoinDotDerivatives: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    var index = 0
    while index < code.instructions.count {
      if let (slots, members) = dotDerivatives(endingAt: index, code) {
        code.instructions[index] = joined(slots, members, &code)
        let others = members.values.filter { $0 != index }.sorted(by: >)
        for other in others { code.instructions.remove(at: other) }
        index -= others.count
        count += 1
      }
      index += 1
    }
    return count
  }

  /// The instructions that open a sum of products at each of its slots, if the last is at `last`.
  private func dotDerivatives(endingAt last: Int, _ code: SweepCode) -> (DotSlots, [Int: Int])? {
    guard let (own, table) = dot(code, last) else { return nil }
    let opened = Int(own.form.outSlot)
    for sum in 0..<table.slots where sum != opened {
      guard let slots = DotSlots(table, sum: sum) else { continue }
      var members = [opened: last]
      for slot in slots.all where slot != opened {
        members[slot] = code.instructions.indices.prefix(last).last {
          guard let (other, otherTable) = dot(code, $0) else { return false }
          return otherTable === table && Int(other.form.outSlot) == slot
            && haveSameOperands($0, last, code)
        }
      }
      guard members.count == slots.all.count,
        members.values.allSatisfy({ first in
          guard let (coupling, _) = dot(code, first) else { return false }
          return members.values.allSatisfy { haveSameOperands(first, $0, code) }
            && !code.instructions[first..<last].dropFirst().contains {
              $0.names(coupling.result.rows.operand.slot)
            }
        })
      else { continue }
      return (slots, members)
    }
    return nil
  }

  /// A coupling whose operands and result all have a row of their own, and its table.
  private func dot(_ code: SweepCode, _ index: Int) -> (Instruction.Couple, CouplingTable)? {
    guard case .couple(let couple) = code.instructions[index].operation,
      let table = couple.form.table.flatMap({ code.tables[$0] }),
      (0..<table.slots).allSatisfy({
        $0 == Int(couple.form.outSlot) || couple.form.isVarying($0)
      })
    else { return nil }
    return (couple, table)
  }

  /// Whether two openings of a table have the same operands, where both have one.
  private func haveSameOperands(_ first: Int, _ second: Int, _ code: SweepCode) -> Bool {
    guard let (a, _) = dot(code, first), let (b, _) = dot(code, second) else { return false }
    return code.instructions[first].dtype == code.instructions[second].dtype
      && a.form.features == b.form.features
      && (0..<Int(a.form.slots)).allSatisfy { slot in
        slot == Int(a.form.outSlot) || slot == Int(b.form.outSlot)
          || a.operands[slot] == b.operands[slot]
      }
  }

  private func joined(
    _ slots: DotSlots, _ members: [Int: Int], _ code: inout SweepCode
  ) -> Instruction {
    let couplings = members.mapValues { dot(code, $0)!.0 }
    let table = dot(code, members[slots.x]!)!.1
    let dtype = code.instructions[members[slots.x]!].dtype
    func operand(_ slot: Int) -> Rows {
      couplings.first { $0.key != slot }!.value.operands[slot]!
    }
    let features = couplings[slots.x]!.form.features
    let terms = table.terms(sortedBy: slots.weights ?? slots.x).terms
    let blocks = slots.weights.map { table.sizes[$0] } ?? 1
    let starts = (0...blocks).map { block in
      Int32(terms.count { term in (slots.weights.map { term[$0] } ?? 0) < block })
    }
    let sum = (0..<table.slots).first { !slots.all.contains($0) }!
    var values: UnsafeRawPointer?
    if terms.contains(where: { $0.value != 1 }) {
      values = UnsafeRawPointer(
        dtype == .float64
          ? UnsafeRawPointer(code.memory.copy(terms.map { $0.value }))
          : UnsafeRawPointer(code.memory.copy(terms.map { Float($0.value) })))
    }
    let derivatives = Instruction.DotDerivatives(
      x: operand(slots.x), y: operand(slots.y), weights: slots.weights.map(operand),
      cotangent: operand(sum), dx: couplings[slots.x]!.result, dy: couplings[slots.y]!.result,
      dweights: slots.weights.map { couplings[$0]!.result },
      features: features, blocks: blocks, termCount: terms.count,
      starts: code.memory.copy(starts),
      at: code.memory.copy(
        terms.flatMap { [Int32($0[slots.x] * features), Int32($0[slots.y] * features)] }),
      values: values)
    return Instruction(.dotDerivatives(derivatives), dtype)
  }
}

/// Which slots of a coupling are which of a sum of products: x, y, perhaps weights, and the sum.
private struct DotSlots {
  var x: Int
  var y: Int
  var weights: Int?

  /// nil unless every component of two slots is in one term, and `sum` has one component.
  init?(_ table: CouplingTable, sum: Int) {
    guard table.sizes[sum] == 1, table.slots > 2 else { return nil }
    let terms = table.terms(sortedBy: sum).terms
    let others = (0..<table.slots).filter { $0 != sum }
    let single = others.filter { slot in
      terms.count == table.sizes[slot] && Set(terms.map { $0[slot] }).count == terms.count
    }
    guard single.count >= 2 else { return nil }
    (x, y) = (single[0], single[1])
    weights = others.first { $0 != x && $0 != y }
  }

  var all: [Int] { [x, y] + (weights.map { [$0] } ?? []) }
}

extension e3x_term {
  fileprivate subscript(slot: Int) -> Int {
    Int([index.0, index.1, index.2, index.3][slot])
  }
}
