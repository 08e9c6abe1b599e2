import E3xEngine
import E3xExact
import E3xNN
import E3xSO3
import TestSupport
import Testing

/// Vectors along axes and diagonals, zero vectors and atoms that nearly coincide: values and
/// derivatives up to the third are finite numbers, in both element types and by both executors.
@Suite struct SingularTests {
  /// Directions along all axes and diagonals, of these lengths, and the zero vector.
  static func vectors(_ lengths: [Double]) throws -> Tensor {
    var values = [0.0, 0, 0]
    for x in -1...1 {
      for y in -1...1 {
        for z in -1...1 where (x, y, z) != (0, 0, 0) {
          for length in lengths { values += [x, y, z].map { Double($0) * length } }
        }
      }
    }
    return try Tensor(values, shape: [values.count / 3, 3])
  }

  static let lengths: [DType: [Double]] = [
    .float64: [1, 1e-3, 1e-8, 1e-160], .float32: [1, 1e-3, 1e-8, 1e-30],
  ]

  @Test(
    arguments: [DType.float64, .float32], [ExecutorChoice.stepwise, .planned])
  func harmonics(_ dtype: DType, _ executor: ExecutorChoice) throws {
    let r = try Self.vectors(Self.lengths[dtype]!).cast(to: dtype).materialized()
    try ExecutorChoice.$override.withValue(executor) {
      for degree in 0...6 {
        // The order only permutes components: half of the degrees for each executor.
        let order = (degree % 2 == 0) == (executor == .stepwise)
        try expectFiniteDerivatives(at: r, "spherical, degree \(degree)") {
          try sphericalHarmonics($0, maxDegree: degree, cartesianOrder: order)
        }
        try expectFiniteDerivatives(at: r, "solid, degree \(degree)") {
          try solidHarmonics($0, maxDegree: degree, cartesianOrder: order)
        }
      }
    }
  }

  /// Solid harmonics are polynomials: right also where vectors vanish.
  @Test func derivativesOfSolidHarmonicsAreThoseOfDifferences() throws {
    for degree in 0...6 {
      try expectDerivatives(
        at: Self.vectors([1, 1e-3]), order: 3, step: 1e-4, tolerance: 1e-5
      ) { try solidHarmonics($0, maxDegree: degree) }
    }
  }

  @Test func derivativesOfSphericalHarmonicsAlongAxesAreThoseOfDifferences() throws {
    let r = try Self.vectors([1, 3]).sliced(1..<53, axis: 0).materialized()
    for degree in 0...6 {
      try expectDerivatives(at: r, order: 3, step: 2e-5, tolerance: 1e-5) {
        try sphericalHarmonics($0, maxDegree: degree)
      }
    }
  }

  static let radial: [RadialFunction] =
    FunctionTests.radial + [
      .rectangularWindow(limit: 2.5), .reciprocalBernstein, .exponentialBernstein,
    ]

  @Test(arguments: radial, [DType.float64, .float32])
  func basisFunctions(_ radialFn: RadialFunction, _ dtype: DType) throws {
    let r = try Self.vectors(Self.lengths[dtype]!).cast(to: dtype).materialized()
    let settings: [(CutoffFunction?, DampingFunction?, AngularFunction)] = [
      (nil, nil, .sphericalHarmonics()), (.smooth(cutoff: 1), .smooth(gamma: 2), .solidHarmonics),
      (.cosine(cutoff: 1), nil, .sphericalHarmonics()),
      (.smooth(cutoff: 5), .smooth(gamma: 2), .sphericalHarmonics()),
    ]
    for (cutoff, damping, angular) in settings {
      try expectFiniteDerivatives(at: r, "\(radialFn), \(cutoff.debugDescription)") { r in
        let result = try basis(
          r, maxDegree: 3, num: 3, radialFn: radialFn, angularFn: angular, cutoffFn: cutoff,
          returnCutoff: cutoff != nil, returnNorm: true, dampingFn: damping)
        let factor = try result.norm! + (result.cutoff ?? result.norm!)
        return try result.basis * factor.expanded(at: -1).expanded(at: -1).expanded(at: -1)
      }
    }
  }

  @Test(arguments: [DType.float64, .float32])
  func learnedBasisFunctions(_ dtype: DType) throws {
    let r = try Self.vectors(Self.lengths[dtype]!).cast(to: dtype).materialized()
    let gamma = try Tensor(0.4, dtype: dtype).materialized()
    for family in RadialFamily.allCases {
      for isCuspless in [true, false] {
        func call(_ r: Tensor, _ gamma: Tensor) throws -> Tensor {
          var parameters = Parameters()
          parameters["gamma"] = gamma
          return try ExponentialBasis()(
            parameters.scope, r, maxDegree: 3, num: 3,
            radialFn: .exponential(family, cuspless: isCuspless), cutoffFn: .smooth(cutoff: 5)
          ).basis
        }
        try expectFiniteDerivatives(at: r, "\(family)") { try call($0, gamma) }
        try expectFiniteDerivatives(at: gamma, "\(family), gamma") { try call(r, $0) }
      }
    }
  }

  /// Atoms along all axes and a diagonal around the first, one at its very place and one nearly.
  private func positions(_ distance: Double) throws -> Tensor {
    try Tensor(
      [
        [0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1], [1, 1, 1],
        [0, 0, 0], [distance, 0, 0],
      ].flatMap { $0 }, shape: [10, 3])
  }

  static let layers = ["MessagePass", "MultiHeadAttention", "SelfAttention"]

  @Test(arguments: layers, PairKind.allCases)
  func layersOfABasis(_ name: String, _ kind: PairKind) throws {
    var dice = Dice(seed: name.count)
    for (step, distance) in [0, 1e-3, 1e-8, 1e-160].enumerated() {
      // Two of the four settings at each distance.
      for (pseudotensors, fused) in [(true, step % 2 == 0), (false, step % 2 == 1)] {
        var scene = try Scene(atoms: 10)
        scene.positions = try positions(distance)
        let x = try testFeatures([10], parities: 1, maxDegree: 1, features: 2, seed: dice.roll(100))
        let toNothing = dice.flag()
        func call(_ scope: Scope, _ r: Tensor, _ x: Tensor) throws -> Tensor {
          scene.positions = r
          let pairs = try scene.pairs(kind)
          let values = try basis(
            scene.displacements(pairs), maxDegree: 3, num: 2, radialFn: .reciprocalBernstein,
            cutoffFn: .smooth(cutoff: 2), returnCutoff: true)
          if name == "MessagePass" {
            return try MessagePass(
              maxDegree: 3, includePseudotensors: pseudotensors, useFusedTensor: fused)(
                scope, x, basis: values.basis, adjIdx: pairs.adjacency,
                dstIdx: pairs.destinations, srcIdx: pairs.sources)
          }
          let layer = MultiHeadAttention(
            maxDegree: 3, includePseudotensors: pseudotensors, useFusedTensor: fused,
            attendsToNothing: toNothing)
          return try name == "SelfAttention"
            ? SelfAttention(layer)(
              scope, x, basis: values.basis, cutoffValue: values.cutoff, adjIdx: pairs.adjacency,
              dstIdx: pairs.destinations, srcIdx: pairs.sources)
            : layer(
              scope, x, x, basis: values.basis, cutoffValue: values.cutoff,
              adjIdx: pairs.adjacency, dstIdx: pairs.destinations, srcIdx: pairs.sources)
        }
        let start = scene.positions
        let parameters = try testParameters { try call($0, start, x) }
        let what = "\(distance), pseudotensors \(pseudotensors), fused \(fused)"
        let executor = dice.flag() ? ExecutorChoice.stepwise : .planned
        try ExecutorChoice.$override.withValue(executor) {
          try expectFiniteDerivatives(at: start, "\(what), positions") {
            try call(parameters.scope, $0, x)
          }
          try expectFiniteDerivatives(at: x, order: 2, "\(what), inputs") {
            try call(parameters.scope, start, $0)
          }
        }
      }
    }
  }
}
