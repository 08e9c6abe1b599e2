import E3xEngine
import E3xNN
import E3xSO3
import TestSupport
import Testing

/// What e3x accepts in silence, with results that mean nothing, and this library refuses; see
/// docs/Parity.md.
@Suite struct DifferenceTests {
  private let x = Tensor([0.1, 0.4, 0.9] as [Double])

  private func expectRefused(
    _ argument: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () throws -> Tensor
  ) {
    let error = #expect(throws: ArgumentError.self, sourceLocation: sourceLocation) {
      try evaluate([call()])
    }
    #expect(error?.argument == argument, sourceLocation: sourceLocation)
  }

  @Test(arguments: [0, -1, Double.nan])
  func limitsArePositive(_ limit: Double) {
    for function in RadialFamily.allCases.map({ RadialFunction.basic($0, limit: limit) }) + [
      .sinc(limit: limit), .rectangularWindow(limit: limit), .triangularWindow(limit: limit),
      .smoothWindow(limit: limit),
    ] {
      expectRefused("limit") { try function(x, num: 3) }
      expectRefused("limit") {
        try RadialFunction(name: function.name, arguments: function.arguments)(x, num: 3)
      }
    }
    expectRefused("cutoff") { try smoothCutoff(x, cutoff: limit) }
    expectRefused("cutoff") { try cosineCutoff(x, cutoff: limit) }
  }

  @Test(arguments: [-1, Double.nan])
  func gammaIsNotNegative(_ gamma: Double) {
    expectRefused("gamma") { try exponentialMapping(x, gamma: gamma) }
    expectRefused("gamma") { try smoothDamping(x, gamma: gamma) }
    for family in RadialFamily.allCases {
      expectRefused("gamma") { try RadialFunction.exponential(family, gamma: gamma)(x, num: 3) }
    }
    expectRefused("initial_gamma") {
      try ExponentialBasis(initialGamma: gamma)(
        Parameters().scope, Tensor([1.0, 2, 3] as [Double], shape: [1, 3]), maxDegree: 1, num: 3
      ).basis
    }
  }

  @Test func numbersOfFunctionsAndDegreesArePositive() throws {
    let features = try testValues([2, 4, 3], seed: 1)
    expectRefused("num") { try RadialFunction.sinc()(x, num: -2) }
    expectRefused("max_degree") { try evenDegreeMask(maxDegree: -1) }
    expectRefused("max_degree") { try oddDegreeMask(maxDegree: -1) }
    expectRefused("max_degree") { try changeMaxDegreeOrType(features, maxDegree: -2) }
  }

  @Test func anIndexEqualToTheSizeIsPadding() throws {
    let features = try testValues([3, 2], seed: 1)
    let indices = Tensor([0, 3] as [Int32])
    let gathered = try gatherSrc(features, srcIdx: indices)
    let slope = try gradient(of: gathered.sum(), withRespectTo: [features])[0]
    #expect(try slope.scalars(as: Double.self) == [1, 1, 0, 0, 0, 0])
    let sums = try indexedSum(features.sliced(0..<2, axis: 0), dstIdx: indices, numSegments: 3)
    try expectAgreement(
      sums, with: features.sliced(0..<1, axis: 0).padded(after: 2, axis: 0), tolerance: 0)
    // There is no embedding of nothing.
    #expect(throws: (any Error).self) {
      try evaluate([Embed(numEmbeddings: 3, features: 2).drawn(indices)])
    }
  }

  @Test func denseListsKeepAllPairs() throws {
    let dense = try sparseToDenseIndices(
      dstIdx: Tensor([0, 0, 2, 1, 0] as [Int32]), srcIdx: Tensor([1, 2, 0, 2, 0] as [Int32]),
      padIdx: 3)
    #expect(try dense.scalars(as: Int32.self) == [1, 2, 0, 2, 3, 3, 0, 3, 3])
  }
}

extension Embed {
  fileprivate func drawn(_ indices: Tensor) throws -> Tensor {
    let parameters = try Parameters.initialize(seed: 0) { try self($0, indices) }
    return try self(parameters.scope, indices)
  }
}
