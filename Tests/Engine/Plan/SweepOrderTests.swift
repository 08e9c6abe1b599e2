import E3xEngine
import TestSupport
import Testing

/// Sweeps over pairs that run as one, block by block, and sums in the order of a list of their own.
@Suite(.verifiedPlans) struct SweepOrderTests {
  private static let table = CouplingTable(
    name: "all", sizes: [2, 2, 3, 3],
    terms: (0..<36).map { term in
      .init([term / 18, term / 9 % 2, term / 3 % 3, term % 3], 0.1 + 0.01 * Double(term * 7 % 11))
    })
  private static let atoms = 60
  private static let features = 11

  /// How the destinations of pairs lie.
  enum Destinations: CaseIterable {
    case sorted, oneLongSegment, padded, paddedBehindLongSegment, unsorted
  }

  private static func destinations(_ kind: Destinations) -> [Int32] {
    (0..<(kind == .paddedBehindLongSegment ? 8000 : 700)).map { (pair: Int) -> Int32 in
      let atom: Int
      switch kind {
      // Atoms 0, 20 and 40 have none.
      case .sorted: atom = (pair * 60 / 700) % 20 == 0 ? pair * 60 / 700 + 1 : pair * 60 / 700
      case .oneLongSegment: atom = pair < 300 ? pair / 30 : pair < 650 ? 11 : pair / 12
      case .padded: atom = min(pair / 10, 60)
      case .paddedBehindLongSegment: atom = pair < 100 ? pair / 2 : pair < 7000 ? 59 : 60
      case .unsorted: atom = pair * 37 % 60
      }
      return Int32(atom)
    }
  }

  /// A softmax over the pairs of each destination, the weighted sum of couplings, and the sum over
  /// the sources that its transpose has.
  private static func attend(_ arguments: [Tensor]) throws -> [Tensor] {
    let (x, filter, weights) = (arguments[0], arguments[1], arguments[2])
    let (dst, src) = (arguments[3], arguments[4])
    let count = x.shape[0]
    let values = try x.gathered(src)
    let logits = try (values * x.gathered(dst)).sum([1, 2], keepDimensions: true)
    let most = try logits.segmentMax(dst, count: count)
    let powers = try (logits - most.gathered(dst)).exp()
    let shares = try powers / (powers.segmentSum(dst, count: count).gathered(dst) + 1)
    let weighted = try filter * shares
    let sum = try Tensor.couple(table, [weights, weighted, values], output: 3)
      .segmentSum(dst, count: count)
    let cotangents = try sum.gathered(dst)
    let back = try Tensor.couple(table, [weights, weighted, cotangents], output: 2)
      .segmentSum(src, count: count)
    // What the derivatives to the weights and to the filter are, and what of these a softmax sums.
    let toWeights = try Tensor.couple(
      table, [weighted, values, cotangents], output: 0, reduce: true)
    let toFilter = try Tensor.couple(table, [weights, values, cotangents], output: 1)
    let toShares = try (toFilter * filter).sum([1, 2], keepDimensions: true)
    let toSums = try (toShares * shares).segmentSum(dst, count: count)
    return [sum, back, shares, toWeights, try toFilter * shares, toShares, toSums]
  }

  @Test(arguments: [ExecutorChoice.automatic, .planned, .ordered], Destinations.allCases)
  func chainsAndSplits(_ choice: ExecutorChoice, _ kind: Destinations) throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let f = Dimension(Self.features)
    let specifications = [
      TensorSpecification([atoms, 3, f], dtype: .float64),
      TensorSpecification([pairs, 2, f], dtype: .float64),
      TensorSpecification([2, f], dtype: .float64), TensorSpecification([pairs], dtype: .int32),
      TensorSpecification([pairs], dtype: .int32),
    ]
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications) { try Self.attend($0) }
      }
    }
    let list = Self.destinations(kind)
    let arguments = try [
      testValues([Self.atoms, 3, Self.features], seed: 1),
      testValues([list.count, 2, Self.features], seed: 2), testValues([2, Self.features], seed: 3),
      Tensor(list), Tensor((0..<list.count).map { Int32($0 * 31 % (Self.atoms + 1)) }),
    ]
    let expected = try compiled(.stepwise)(arguments)
    let function = try compiled(choice)
    // Padding reads sums of the last segment, which must be there by then, whichever part of the
    // rows a thread takes first.
    for _ in 0..<(kind == .paddedBehindLongSegment ? 20 : 1) {
      for (index, (found, plain)) in matched(try function(arguments), expected).enumerated() {
        try expectAgreement(found, with: plain, tolerance: 1e-12, "\(kind), result \(index)")
      }
    }
    let plan = function.plan
    #expect(plan.contains("one pass over blocks of rows"))
    #expect(plan.contains("in the order of that list"))
    // All that the order of the sources allows is computed in it: one outer product for the sums
    // over them and for the derivative to the weights.
    #expect(choice == .automatic || plan.contains("with the one before") == (choice == .ordered))
  }

  /// Of several wrong indices the first one as rows lie is named, whatever order they are taken in.
  @Test(arguments: [ExecutorChoice.planned, .ordered])
  func theFirstWrongIndexIsNamed(_ choice: ExecutorChoice) throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications = [
      TensorSpecification([atoms, 3, 11], dtype: .float64),
      TensorSpecification([pairs, 3, 1], dtype: .float64),
      TensorSpecification([pairs], dtype: .int32), TensorSpecification([pairs], dtype: .int32),
    ]
    let function = try ExecutorChoice.$override.withValue(choice) {
      try CompiledFunction(specifications) { arguments in
        let (x, count) = (arguments[0], arguments[0].shape[0])
        let products = try x.gathered(arguments[2], padding: .refused) * arguments[1]
        return [try products.segmentSum(arguments[3], count: count), try products.sum([1, 2])]
      }
    }
    #expect(function.plan.contains("in the order of that list"))
    var list = (0..<700).map { Int32($0 % 50) }
    // In the order of the other list they follow each other the other way round.
    let (first, second) = (5, 600)
    list[first] = 77
    list[second] = 88
    let error = #expect(throws: EvaluationError.self) {
      try function([
        testValues([50, 3, 11], seed: 1), testValues([700, 3, 1], seed: 2), Tensor(list),
        Tensor((0..<700).map { Int32((699 - $0) / 14) }),
      ])
    }
    #expect(error?.reason.contains("index 77 at position 5 ") == true, "\(error?.reason ?? "")")
  }

  /// A list that is another value's view is in memory as that value alone.
  @Test(arguments: [ExecutorChoice.automatic, .planned, .ordered])
  func chainsOverAListGivenAsAColumn(_ choice: ExecutorChoice) throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications = [
      TensorSpecification([pairs, 2, 3], dtype: .float64),
      TensorSpecification([pairs, 1], dtype: .int32),
      TensorSpecification([atoms, 1], dtype: .float64),
      TensorSpecification([3, 3], dtype: .float64),
    ]
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications) { arguments in
          let (x, count) = (arguments[0], arguments[2].shape[0])
          let list = try arguments[1].reshaped(to: [arguments[1].shape[0]])
          let sums = try x.segmentSum(list, count: count)
          // Sums that come later, but need nothing of the first.
          let weights = try arguments[3].matmul(arguments[3]).expanded(at: 0)
          return try [sums, x.linear(weights, blocks: [0, 0]).segmentSum(list, count: count)]
        }
      }
    }
    let arguments = try [
      testValues([700, 2, 3], seed: 1), Tensor((0..<700).map { Int32($0 / 20) }, shape: [700, 1]),
      testValues([35, 1], seed: 2), testValues([3, 3], seed: 3),
    ]
    let function = try compiled(choice)
    #expect(function.plan.contains("one pass over blocks of rows"))
    for (found, plain) in matched(try function(arguments), try compiled(.stepwise)(arguments)) {
      try expectAgreement(found, with: plain, tolerance: 1e-12)
    }
  }

  /// What is narrow and takes several values is written out where sums over the segments of two
  /// lists need it: the sweep in the order of the other list gathers one value instead of several.
  @Test func narrowValuesAreWrittenForTheOtherOrder() throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications =
      [
        TensorSpecification([pairs, 2, 40], dtype: .float64),
        TensorSpecification([pairs], dtype: .int32),
        TensorSpecification([pairs], dtype: .int32),
        TensorSpecification([atoms, 1], dtype: .float64),
      ] + (0..<4).map { _ in TensorSpecification([pairs, 1, 1], dtype: .float64) }
    func compiled(_ choice: ExecutorChoice, lists: Int) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications) { arguments in
          let narrow = try ((arguments[4] * arguments[5] + arguments[6]) * arguments[7]).exp()
          let count = arguments[3].shape[0]
          return try arguments[1...lists].map {
            try (arguments[0] * narrow).segmentSum($0, count: count)
          }
        }
      }
    }
    let (count, segments) = (900, 31)
    let arguments =
      try [
        testValues([count, 2, 40], seed: 1), Tensor((0..<count).map { Int32($0 / 30) }),
        Tensor((0..<count).map { Int32($0 * 17 % segments) }), testValues([segments, 1], seed: 2),
      ] + (0..<4).map { try testValues([count, 1, 1], seed: 3 + $0) }
    let planned = try compiled(.planned, lists: 2)
    let found = try planned(arguments)
    for (index, plain) in try compiled(.stepwise, lists: 2)(arguments).enumerated() {
      try expectAgreement(found[index], with: plain, tolerance: 1e-12, "list \(index)")
    }
    func writesNarrow(_ function: CompiledFunction) -> Bool {
      function.plan.split(separator: "\n").contains {
        $0.contains("writes %") && $0.hasSuffix("[pairs, 1, 1]")
      }
    }
    #expect(writesNarrow(planned), "\(planned.plan)")
    let single = try compiled(.planned, lists: 1)
    #expect(!writesNarrow(single), "\(single.plan)")
  }
}
