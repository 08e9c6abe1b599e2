internal import E3xCKernels

/// All derivatives of a sum of products of components: of the logits of attention, which are
/// s = Σ_b w_b Σ_i x_i y_i over the components i of block b. Each derivative by itself would read
/// the rows of two of x, y and w again.
struct DotDerivatives {
  /// Where x, y, w, s's cotangent and the derivatives lie.
  var x, y, cotangent, dx, dy: Reference
  /// Nil where there are no weights.
  var weights, dweights: Reference?
  var features: Int
  var blocks: Int
  var termCount: Int
  /// The first term of each block, and the end.
  var starts: UnsafePointer<Int32>
  /// Where the components of each term begin in rows of x and y.
  var at: UnsafePointer<Int32>
  /// The terms' coefficients, or nil if all are 1.
  var values: UnsafeRawPointer?

  var operands: [Reference] { [x, y, cotangent] + (weights.map { [$0] } ?? []) }
  var results: [Reference] { [dx, dy] + (dweights.map { [$0] } ?? []) }
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

extension StageBuilder {
  /// Replaces couplings that are all derivatives of one sum of products by one instruction.
  mutating func joinDotDerivatives() {
    var index = 0
    while index < instructions.count {
      if let (slots, members) = dotDerivatives(endingAt: index) {
        instructions[index] = joined(slots, members)
        let others = members.values.filter { $0 != index }.sorted(by: >)
        for other in others { instructions.remove(at: other) }
        index -= others.count
      }
      index += 1
    }
  }

  /// The instructions that open a sum of products at each of its slots, if the last is at `last`.
  private func dotDerivatives(endingAt last: Int) -> (DotSlots, [Int: Int])? {
    guard let table = dotTable(last) else { return nil }
    let own = Int(instructions[last].coupling!.pointee.outSlot)
    for sum in 0..<table.slots where sum != own {
      guard let slots = DotSlots(table, sum: sum) else { continue }
      var members = [own: last]
      for slot in slots.all where slot != own {
        members[slot] = instructions.indices.prefix(last).last {
          dotTable($0) === table && Int(instructions[$0].coupling!.pointee.outSlot) == slot
            && haveSameOperands($0, last)
        }
      }
      guard members.count == slots.all.count,
        members.values.allSatisfy({ first in
          members.values.allSatisfy { haveSameOperands(first, $0) }
            && !instructions[first..<last].dropFirst().contains {
              $0.names(instructions[first].out.slot)
            }
        })
      else { continue }
      return (slots, members)
    }
    return nil
  }

  /// The table of a coupling whose operands and result all have a row of their own.
  private func dotTable(_ index: Int) -> CouplingTable? {
    let instruction = instructions[index]
    guard instruction.code == .couple, let coupling = instruction.coupling?.pointee,
      let table = coupling.table.flatMap({ tables[$0] }),
      (0..<table.slots).allSatisfy({
        $0 == Int(coupling.outSlot) || coupling.rowStrides[$0] != 0
      })
    else { return nil }
    return table
  }

  /// Whether two openings of a table have the same operands, where both have one.
  private func haveSameOperands(_ first: Int, _ second: Int) -> Bool {
    let (a, b) = (instructions[first].coupling!.pointee, instructions[second].coupling!.pointee)
    return instructions[first].dtype == instructions[second].dtype && a.features == b.features
      && (0..<Int(a.slots)).allSatisfy { slot in
        slot == Int(a.outSlot) || slot == Int(b.outSlot) || a.operand(slot) == b.operand(slot)
      }
  }

  private mutating func joined(_ slots: DotSlots, _ members: [Int: Int]) -> Instruction {
    let couplings = members.mapValues { instructions[$0].coupling!.pointee }
    let (first, table) = (instructions[members[slots.x]!], dotTable(members[slots.x]!)!)
    func operand(_ slot: Int) -> Reference {
      couplings.first { $0.key != slot }!.value.operand(slot)
    }
    let features = couplings[slots.x]!.features
    let terms = table.terms(sortedBy: slots.weights ?? slots.x).terms
    let blocks = slots.weights.map { table.sizes[$0] } ?? 1
    let starts = (0...blocks).map { block in
      Int32(terms.count { term in (slots.weights.map { term[$0] } ?? 0) < block })
    }
    let sum = (0..<table.slots).first { !slots.all.contains($0) }!
    var values: UnsafeRawPointer?
    if terms.contains(where: { $0.value != 1 }) {
      values = UnsafeRawPointer(
        first.dtype == .float64
          ? UnsafeRawPointer(memory.copy(terms.map { $0.value }))
          : UnsafeRawPointer(memory.copy(terms.map { Float($0.value) })))
    }
    let derivatives = DotDerivatives(
      x: operand(slots.x), y: operand(slots.y), cotangent: operand(sum),
      dx: first.out, dy: instructions[members[slots.y]!].out,
      weights: slots.weights.map(operand),
      dweights: slots.weights.map { instructions[members[$0]!].out },
      features: features, blocks: blocks, termCount: terms.count, starts: memory.copy(starts),
      at: memory.copy(
        terms.flatMap { [Int32($0[slots.x] * features), Int32($0[slots.y] * features)] }),
      values: values)
    var instruction = Instruction(
      code: .dotDerivatives, dtype: first.dtype, operandType: first.dtype)
    instruction.out = first.out
    instruction.dot = memory.copy([derivatives])
    return instruction
  }
}

extension TileRunner {
  func dotDerivatives(_ instruction: UnsafePointer<Instruction>, _ rows: Int) {
    let (dtype, dot) = (instruction.pointee.dtype, instruction.pointee.dot!)
    func all(_ reference: Reference?) -> e3x_rows {
      reference.map { self.rows($0, dtype) } ?? e3x_rows()
    }
    func adds(_ reference: Reference?) -> Int32 {
      if let reference, self.adds(to: reference) { 1 } else { 0 }
    }
    var kernel = e3x_dot(
      features: Int64(dot.pointee.features), blocks: Int64(dot.pointee.blocks),
      starts: dot.pointee.starts, at: dot.pointee.at, values: dot.pointee.values,
      has_weights: dot.pointee.weights == nil ? 0 : 1, x: all(dot.pointee.x),
      y: all(dot.pointee.y), weights: all(dot.pointee.weights),
      cotangent: all(dot.pointee.cotangent), dx: all(dot.pointee.dx), dy: all(dot.pointee.dy),
      dweights: all(dot.pointee.dweights), add_x: adds(dot.pointee.dx),
      add_y: adds(dot.pointee.dy), add_weights: adds(dot.pointee.dweights))
    _ = e3x_dot_derivatives(dtype.kernel, &kernel, Int64(rows))
  }
}
