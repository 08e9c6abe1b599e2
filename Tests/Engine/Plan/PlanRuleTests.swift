import E3xEngine
import TestSupport
import Testing

/// The verifier passes what the planner makes, and catches plans that are broken on purpose.
@Suite(.verifiedPlans) struct PlanRuleTests {
  private static let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
  private static let dense = CouplingTable(
    name: "dense", sizes: [2, 2, 3, 3],
    terms: (0..<36).map { term in
      .init([term / 18, term / 9 % 2, term / 3 % 3, term % 3], 0.1 + 0.01 * Double(term))
    })
  private static let cross = CouplingTable(
    name: "sparse", sizes: [4, 4, 4],
    terms: [.init([1, 2, 3], 1), .init([2, 1, 3], -1), .init([0, 0, 0], 0.5)])

  /// The code of the only sweep of a function.
  private static func code(
    _ specifications: [TensorSpecification], _ function: ([Tensor]) throws -> [Tensor]
  ) throws -> SweepCode {
    let sweeps = try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction(specifications, function)
    }.sweeps
    try #require(sweeps.count == 1)
    let code = sweeps[0].code
    #expect(code.faults(isPlaced: true).isEmpty)
    return code
  }

  /// Elementwise operations, a sum over rows and rows that are written out.
  fileprivate static func plainCode() throws -> SweepCode {
    try code([TensorSpecification([pairs, 3, 4], dtype: .float64)]) { arguments in
      let values = try (arguments[0] + 1).tanh()
      return [try values.sum([0]), try values.permuted([0, 2, 1]) * 2]
    }
  }

  private func rules(_ code: SweepCode, isPlaced: Bool = false) -> Set<PlanRule> {
    Set(code.faults(isPlaced: isPlaced).map(\.rule))
  }

  /// The first slot that one instruction writes and a later one reads, and the two.
  private func passedOn(
    _ code: SweepCode,
    among slots: (Slot.Kind) -> Bool = { if case .tile = $0 { true } else { false } }
  ) throws -> (slot: Int, writer: Int, reader: Int) {
    for slot in code.slots.indices where slots(code.slots[slot].kind) {
      if let writer = code.instructions.firstIndex(where: { $0.writes(slot) }),
        let reader = code.instructions.lastIndex(where: { $0.reads(slot) })
      {
        return (slot, writer, reader)
      }
    }
    throw Missing()
  }
  private struct Missing: Error {}

  @Test func plansOfTheseTestsAreVerified() { #expect(PlanVerification.isWanted) }

  /// Removes what other instructions read.
  private struct BreakingPass: SweepPass {
    func run(_ code: inout SweepCode) -> Int {
      code.instructions.removeFirst()
      return 1
    }
  }

  @Test func aBrokenPlanStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var code = try PlanRuleTests.plainCode()
      _ = code.run([BreakingPass()], verifies: true)
    }
    await #expect(processExitsWith: .success) {
      var code = try PlanRuleTests.plainCode()
      _ = code.run([BreakingPass()], verifies: false)
    }
  }

  @Test func whatIsReadMustBeWritten() throws {
    var code = try Self.plainCode()
    let (_, writer, _) = try passedOn(code)
    let first = code.instructions.remove(at: writer)
    #expect(rules(code) == [.readsAreWritten])
    // Written, but too late.
    code.instructions.append(first)
    #expect(rules(code) == [.readsAreWritten])
  }

  @Test func halfARowIsNotARow() throws {
    var code = try Self.plainCode()
    let (slot, writer, _) = try passedOn(code)
    let before = code
    code.instructions[writer].visitOperands { operand, access in
      // Eight bytes later, all but the first element are written.
      if operand.slot == slot && access.kind == .write { operand.byteOffset += 8 }
    }
    #expect(rules(code).isSuperset(of: [.readsAreWritten, .rowsFitSlots]))
    #expect(rules(before).isEmpty)
  }

  @Test func givenRowsStay() throws {
    var code = try Self.plainCode()
    let given = try #require(
      code.slots.firstIndex { if case .rows = $0.kind { true } else { false } })
    let (slot, writer, _) = try passedOn(code)
    code.instructions[writer].visitOperands { operand, access in
      if operand.slot == slot && access.kind == .write { operand.slot = given }
    }
    #expect(rules(code).contains(.readsAreWritten))
  }

  @Test func resultsMustBeWritten() throws {
    var code = try Self.plainCode()
    let result = try #require(
      code.slots.firstIndex { if case .result = $0.kind { true } else { false } })
    let complete = code
    code.instructions.removeAll { $0.writes(result) }
    #expect(rules(code) == [.resultsAreWritten])
    code = complete
    code.results.append(code.results[0])
    #expect(rules(code) == [.resultsAreWritten])
  }

  @Test func sinksAreWrittenOnce() throws {
    let complete = try Self.plainCode()
    let sink = try #require(
      complete.slots.firstIndex { if case .sink = $0.kind { true } else { false } })
    let writer = try #require(complete.instructions.firstIndex { $0.writes(sink) })
    var code = complete
    code.instructions.append(code.instructions[writer])
    #expect(rules(code) == [.sinksAreWrittenOnce])
    code = complete
    code.instructions.remove(at: writer)
    #expect(rules(code) == [.sinksAreWrittenOnce])
  }

  @Test func rowsMustFitTheirSlots() throws {
    var code = try Self.plainCode()
    let (slot, _, _) = try passedOn(code)
    code.slots[slot].kind = .tile(rowBytes: 40)
    #expect(rules(code) == [.rowsFitSlots])
  }

  @Test func scratchMustBeLargeEnough() throws {
    var code = try Self.plainCode()
    let scratch = try #require(
      code.slots.firstIndex { if case .scratch = $0.kind { true } else { false } })
    code.slots[scratch].kind = .scratch(bytes: 8)
    #expect(rules(code) == [.rowsFitSlots])
  }

  @Test func stridesMustBeThoseOfTheLoops() throws {
    var code = try Self.plainCode()
    let (slot, _, _) = try passedOn(code)
    // The rows lie further apart, which operands know and loops do not.
    code.slots[slot].kind = .tile(rowBytes: 192)
    for index in code.instructions.indices {
      code.instructions[index].visitOperands { operand, _ in
        if operand.slot == slot { operand.rowStride = 24 }
      }
    }
    #expect(rules(code) == [.stridesFitKernels])
  }

  @Test func addressesAreNoRows() throws {
    var code = try Self.code([
      TensorSpecification([Self.pairs, 4, 5], dtype: .float64),
      TensorSpecification([Self.atoms, 4, 5], dtype: .float64),
      TensorSpecification([Self.pairs], dtype: .int32),
    ]) { x in
      [try .couple(Self.cross, [x[0], x[1].gathered(x[2])], output: 2) * 2]
    }
    let addresses = try #require(
      code.slots.firstIndex { if case .tile(rowBytes: 8) = $0.kind { true } else { false } })
    let last = code.instructions.count - 1
    code.instructions[last].visitOperands { operand, access in
      if access.kind == .read { operand.slot = addresses }
    }
    #expect(rules(code).contains(.addressesAreAddresses))
  }

  @Test func rowsInMemoryThatAreLookedAtStay() throws {
    var code = try Self.code([
      TensorSpecification([Self.pairs, 4, 5], dtype: .float64),
      TensorSpecification([Self.pairs], dtype: .int32),
    ]) { x in
      let chosen = try x[1].isGreater(than: 3).expanded(at: -1).expanded(at: -1)
      return [try Tensor.select(chosen, x[0], 0).tanh() * x[0].sin()]
    }
    let select = try #require(code.instructions.firstIndex { $0.summary.hasPrefix("select") })
    var alias: Int?
    code.instructions[select].visitOperands { operand, access in
      if access.kind == .write { alias = operand.slot }
    }
    let other = try #require(code.instructions.firstIndex { $0.summary.hasPrefix("unary") })
    code.instructions[other].visitOperands { operand, access in
      if access.kind == .write { operand.slot = alias! }
    }
    #expect(rules(code).contains(.aliasesAreReadOnly))
  }

  @Test func sharedProductsStayTogether() throws {
    var code = try Self.code([
      TensorSpecification([2, 5], dtype: .float64),
      TensorSpecification([Self.pairs, 2, 5], dtype: .float64),
      TensorSpecification([Self.pairs, 3, 5], dtype: .float64),
      TensorSpecification([Self.atoms, 3, 5], dtype: .float64),
      TensorSpecification([Self.pairs], dtype: .int32),
    ]) { x in
      [
        try Tensor.couple(Self.dense, [x[0], x[1], x[2]], output: 3)
          .segmentSum(x[4], count: x[3].shape[0]),
        try .couple(Self.dense, [x[1], x[2], x[3].gathered(x[4])], output: 0, reduce: true),
      ]
    }
    let sum = try #require(code.instructions.firstIndex { $0.summary.hasPrefix("groupedSum") })
    let weights = code.instructions.remove(at: sum + 1)
    code.instructions.insert(weights, at: sum)
    #expect(rules(code) == [.sharedProductsAreNeighbours])
  }

  @Test func slotsThatAreNeededTogetherLieApart() throws {
    var code = try Self.code([TensorSpecification([Self.pairs, 3, 4], dtype: .float64)]) {
      arguments in
      let (a, b) = (try arguments[0].tanh(), try arguments[0].sin())
      return [try (a * b).sum([0])]
    }
    for slot in code.slots.indices { code.slots[slot].offset = 0 }
    #expect(rules(code, isPlaced: true) == [.slotsLieApart])
    #expect(rules(code).isEmpty)
  }
}
