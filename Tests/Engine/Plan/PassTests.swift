import E3xEngine
import TestSupport
import Testing

/// Every pass over instructions finds what it looks for, and keeps away from what is only alike.
@Suite(.verifiedPlans) struct PassTests {
  /// A graph that a pass is for, and one that looks like it.
  struct Example: Sendable, CustomTestStringConvertible {
    let pass: String
    let specifications: [TensorSpecification]
    let fires: @Sendable ([Tensor]) throws -> [Tensor]
    let keepsAway: @Sendable ([Tensor]) throws -> [Tensor]
    var testDescription: String { pass }
  }

  private static let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))

  /// Dense enough that couplings go by groups of rows.
  private static let dense = CouplingTable(
    name: "dense", sizes: [2, 2, 3, 3],
    terms: (0..<36).map { term in
      .init([term / 18, term / 9 % 2, term / 3 % 3, term % 3], 0.1 + 0.01 * Double(term * 7 % 11))
    })
  private static let cross = CouplingTable(
    name: "sparse", sizes: [4, 4, 4],
    terms: [.init([1, 2, 3], 1), .init([2, 1, 3], -1), .init([0, 0, 0], 0.5)])
  private static let dot = CouplingTable(
    name: "sum of products", sizes: [3, 3, 2, 1],
    terms: [.init([0, 1, 0, 0], 1), .init([1, 0, 1, 0], 0.5), .init([2, 2, 1, 0], -1)])

  private static func rows(_ sizes: Dimension..., dtype: DType = .float64) -> TensorSpecification {
    TensorSpecification(Shape(sizes), dtype: dtype)
  }
  private static let list = rows(pairs, dtype: .int32)

  static let examples = [
    // The rows of an index are read by the coupling itself; or the values that it gathers are
    // needed elsewhere.
    Example(
      pass: "DropUnusedGathers",
      specifications: [rows(2, 5), rows(pairs, 3, 5), rows(atoms, 3, 5), list],
      fires: { x in [try .couple(dense, [x[0], x[1], x[2].gathered(x[3])], output: 1)] },
      keepsAway: { x in
        let gathered = try x[2].gathered(x[3])
        return [try .couple(dense, [x[0], x[1], gathered], output: 1), try gathered.tanh()]
      }),
    // The sum over segments and the derivative to the weights have the same outer products; or
    // their rows go by different lists.
    Example(
      pass: "ShareOuterProducts",
      specifications: [
        rows(2, 5), rows(pairs, 2, 5), rows(pairs, 3, 5), rows(atoms, 3, 5), list, list,
      ],
      fires: { x in try groupedSums(x, indexedBy: x[4]) },
      keepsAway: { x in try groupedSums(x, indexedBy: x[5]) }),
    Example(
      pass: "SumProducts", specifications: [rows(pairs, 9, 8), rows(pairs, 9, 8)],
      fires: { x in [try ((x[0] + 1) * (x[1] * 2)).sum([-2])] },
      keepsAway: { x in
        let product = try (x[0] + 1) * (x[1] * 2)
        return [try product.sum([-2]), product]
      }),
    // Only couplings take the addresses of rows.
    Example(
      pass: "UseRowsInPlace", specifications: [rows(pairs, 4, 5), rows(atoms, 4, 5), list],
      fires: { x in [try .couple(cross, [x[0], x[1].gathered(x[2])], output: 2)] },
      keepsAway: { x in [try x[0] * x[1].gathered(x[2])] }),
    // Factors that are the same for all components, or not.
    Example(
      pass: "ScaleInLinearMaps",
      specifications: [
        rows(pairs, 4, 5), rows(2, 5, 6), rows(pairs, 1, 6), rows(pairs, 4, 6),
      ],
      fires: { x in [try x[0].linear(x[1], blocks: [0, 1, 1, 1]) * x[2]] },
      keepsAway: { x in [try x[0].linear(x[1], blocks: [0, 1, 1, 1]) * x[3]] }),
    // All three derivatives of one sum of products, or two of one and one of another.
    Example(
      pass: "JoinDotDerivatives",
      specifications: [rows(pairs, 3, 4), rows(pairs, 3, 4), rows(pairs, 2, 4), rows(pairs, 1, 4)],
      fires: { x in try opened(x[0], x[1], x[2], x[3], last: x[1]) },
      keepsAway: { x in try opened(x[0], x[1], x[2], x[3], last: x[0]) }),
    Example(
      pass: "ComputePrefixes", specifications: [rows(pairs, 4, 6), rows(pairs, 4, 6)],
      fires: { x in [try (x[0] * x[1]).sliced(0..<1, axis: -2).exp()] },
      keepsAway: { x in
        let product = try x[0] * x[1]
        return [try product.sliced(0..<1, axis: -2).exp(), try product.sum([-2])]
      }),
    // A value that is added to itself cannot be written twice.
    Example(
      pass: "AddToResults", specifications: [rows(pairs, 4, 5), rows(2, 5, 5), rows(pairs, 4, 5)],
      fires: { x in [try x[0].linear(x[1], blocks: [0, 1, 1, 1]) + x[2].tanh()] },
      keepsAway: { x in
        let map = try x[0].linear(x[1], blocks: [0, 1, 1, 1])
        return [try map + map]
      }),
  ]

  private static func groupedSums(_ x: [Tensor], indexedBy list: Tensor) throws -> [Tensor] {
    let (a, b) = (try x[1] * 2, try x[2] + 1)
    let rows = try x[3].gathered(list)
    return [
      try Tensor.couple(dense, [x[0], a, b], output: 3)
        .segmentSum(x[4], count: x[3].shape[0]),
      try .couple(dense, [a, b, rows], output: 0, reduce: true),
    ]
  }

  /// The derivatives to x, y (with the operand `last`) and w of Σ w x y.
  private static func opened(
    _ x: Tensor, _ y: Tensor, _ w: Tensor, _ cotangent: Tensor, last: Tensor
  ) throws -> [Tensor] {
    [
      try .couple(dot, [y, w, cotangent], output: 0),
      try .couple(dot, [x, w, cotangent], output: 1),
      try .couple(dot, [x, last, cotangent], output: 2),
    ]
  }

  private static func compiled(
    _ example: Example, _ function: ([Tensor]) throws -> [Tensor], _ choice: ExecutorChoice
  ) throws -> CompiledFunction {
    try ExecutorChoice.$override.withValue(choice) {
      try CompiledFunction(example.specifications, function)
    }
  }

  private static func count(_ pass: String, _ function: CompiledFunction) throws -> Int {
    let counts = function.sweeps.flatMap { $0.passCounts.filter { $0.name == pass } }
    try #require(!counts.isEmpty, "there is no pass \(pass)")
    return counts.reduce(0) { $0 + $1.count }
  }

  @Test func everyPassHasAnExample() throws {
    let function = try Self.compiled(Self.examples[2], Self.examples[2].fires, .planned)
    #expect(function.sweeps[0].passCounts.map(\.name) == Self.examples.map(\.pass))
  }

  @Test(arguments: examples) func firesOnItsGraphOnly(_ example: Example) throws {
    let fires = try Self.compiled(example, example.fires, .planned)
    #expect(try Self.count(example.pass, fires) == 1, "\(fires.plan)")
    #expect(fires.plan.contains("\(example.pass) 1"))
    let keepsAway = try Self.compiled(example, example.keepsAway, .planned)
    #expect(try Self.count(example.pass, keepsAway) == 0, "\(keepsAway.plan)")
  }

  @Test(arguments: examples) func valuesStay(_ example: Example) throws {
    let (atoms, pairs) = (7, 40)
    var lists = 0
    let arguments = try example.specifications.enumerated().map { seed, specification in
      let sizes = specification.shape.map { size in
        size.known ?? (size == Self.atoms ? atoms : pairs)
      }
      guard specification.dtype == .int32 else { return try testValues(sizes, seed: seed) }
      // One sorted list, and one that is not; both with padding.
      lists += 1
      return Tensor(
        (0..<pairs).map { Int32(lists == 1 ? $0 * (atoms + 1) / pairs : $0 * 3 % (atoms + 1)) })
    }
    for function in [example.fires, example.keepsAway] {
      let expected = try Self.compiled(example, function, .stepwise)(arguments)
      let found = try Self.compiled(example, function, .planned)(arguments)
      try #require(found.count == expected.count)
      for index in expected.indices {
        try expectAgreement(
          found[index], with: expected[index], tolerance: 1e-13, "result \(index)")
      }
    }
  }
}
