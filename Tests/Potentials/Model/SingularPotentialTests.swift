import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// Energy, forces, products of the Hessian and third derivatives of a potential, compiled for any
/// structure.
private struct CompiledPotential {
  let function: CompiledFunction
  let cutoff: Double

  /// The results for one structure.
  struct Derivatives {
    var energy: Double
    var forces: Tensor
    /// The Hessian times u, times v.
    var curvatureU: Tensor
    var curvatureV: Tensor
    var third: Tensor
  }

  init(degree: Int, pseudotensors: Bool, fused: Bool, smooth: Bool, _ executor: ExecutorChoice)
    throws
  {
    let small = try SmallPotential(
      smooth: smooth, maxDegree: degree, pseudotensors: pseudotensors, fused: fused, seed: degree)
    let (potential, parameters) = (small.potential, small.parameters)
    cutoff = potential.configuration.cutoff
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let vectors = TensorSpecification([atoms, 3], dtype: .float64)
    function = try ExecutorChoice.$override.withValue(executor) {
      try CompiledFunction([
        vectors, TensorSpecification([atoms], dtype: .int32),
        TensorSpecification([pairs], dtype: .int32),
        TensorSpecification([pairs], dtype: .int32), vectors, vectors,
      ]) { arguments in
        let (r, u, v) = (arguments[0], arguments[4], arguments[5])
        let energy = try potential.atomicEnergies(
          parameters.scope, positions: r, species: arguments[1], dstIdx: arguments[2],
          srcIdx: arguments[3]
        ).sum()
        let forces = try -gradient(of: energy, withRespectTo: [r])[0]
        func along(_ x: Tensor, _ direction: Tensor) throws -> Tensor {
          try gradient(of: (x * direction).sum(), withRespectTo: [r])[0]
        }
        let (hu, hv) = (try -along(forces, u), try -along(forces, v))
        return [energy, forces, hu, hv, try along(hu, v)]
      }
    }
  }

  func callAsFunction(
    _ positions: [Double], u: Tensor, v: Tensor, padding: Int = 0
  ) throws -> Derivatives {
    let count = positions.count / 3
    let neighbors = try Neighbors(positions: positions, cutoff: cutoff)
    let end = [Int32](repeating: Int32(count), count: padding)
    let results = try function([
      Tensor(positions, shape: [count, 3]), Tensor((0..<count).map { Int32($0 % 2 == 0 ? 8 : 1) }),
      Tensor(neighbors.destinations + end), Tensor(neighbors.sources + end), u, v,
    ])
    return Derivatives(
      energy: try results[0].item(), forces: results[1], curvatureU: results[2],
      curvatureV: results[3], third: results[4])
  }
}

@Suite struct SingularPotentialTests {
  struct Setting: Sendable, CustomStringConvertible {
    var degree: Int
    var pseudotensors: Bool
    var fused: Bool
    var smooth: Bool
    var description: String {
      "degree \(degree), pseudotensors \(pseudotensors), fused \(fused), smooth \(smooth)"
    }
  }

  static let settings: [Setting] = [3, 4].flatMap { degree in
    [(true, false), (false, false), (true, true), (false, true)].map {
      Setting(degree: degree, pseudotensors: $0.0, fused: $0.1, smooth: (degree == 3) == $0.0)
    }
  }

  /// An atom with neighbours along all axes and diagonals.
  static let star: [Double] = [
    0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1.1, 0, 0, -1.1, 0, 0, 0, 1.2, 0, 0, -1.2, 1, 1, 0, -1, 0, 1, 1,
    -1, 1,
  ]

  private func products(_ a: Tensor, _ b: Tensor) throws -> Double { try (a * b).sum().item() }

  @Test(arguments: settings, [ExecutorChoice.stepwise, .automatic])
  func derivativesAlongAxes(_ setting: Setting, _ executor: ExecutorChoice) throws {
    let potential = try CompiledPotential(
      degree: setting.degree, pseudotensors: setting.pseudotensors, fused: setting.fused,
      smooth: setting.smooth, executor)
    let count = Self.star.count / 3
    // Coordinate axes of single atoms, and random directions.
    for (seed, axis) in [(1, nil), (2, 4), (3, 29)] as [(Int, Int?)] {
      var (u, v) = (
        try testValues([count, 3], seed: seed), try testValues([count, 3], seed: seed + 50)
      )
      if let axis {
        u = try Tensor((0..<(3 * count)).map { $0 == axis ? 1 as Double : 0 }, shape: [count, 3])
        v = try testValues([count, 3], seed: seed)
      }
      let here = try potential(Self.star, u: u, v: v, padding: seed)
      let values: [Double] = try u.scalars()
      let step = 1e-5
      func moved(_ distance: Double) throws -> CompiledPotential.Derivatives {
        try potential(
          matched(Self.star, values).map { $0 + distance * $1 }, u: u, v: v, padding: seed)
      }
      let (up, down) = (try moved(step), try moved(-step))
      // Forces are the gradient of the energy.
      let slope = try -products(here.forces, u)
      let scale = try here.forces.absolute().max().item()
      #expect(
        abs(slope - (up.energy - down.energy) / (2 * step)) <= 1e-7 * max(1, scale), "\(setting)")
      // The Hessian is their derivative, and the third derivative is its.
      try expectAgreement(
        here.curvatureU, with: (down.forces - up.forces) / (2 * step), tolerance: 1e-6,
        "\(setting), second")
      try expectAgreement(
        here.third, with: (up.curvatureV - down.curvatureV) / (2 * step), tolerance: 1e-5,
        "\(setting), third")
      // The Hessian is symmetric.
      let (a, b) = (try products(here.curvatureU, v), try products(here.curvatureV, u))
      let size = try here.curvatureU.absolute().max().item()
      let bound = 3e-11 * max(1, size) * Double(count)
      #expect(abs(a - b) <= bound, "\(setting): \(a), \(b)")
    }
  }

  /// Atoms at one place, and nearly so, also along a diagonal.
  @Test(arguments: settings, [ExecutorChoice.stepwise, .automatic])
  func nearlyCoincidentAtoms(_ setting: Setting, _ executor: ExecutorChoice) throws {
    let potential = try CompiledPotential(
      degree: setting.degree, pseudotensors: setting.pseudotensors, fused: setting.fused,
      smooth: setting.smooth, executor)
    for distance in [0, 1e-3, 1e-8, 1e-160] {
      let directions: [[Double]] = [[1, 0, 0], [0, -1, 0], [-1, 1, 1]]
      for (padding, direction) in directions.enumerated() {
        let close = direction.map { $0 * distance }
        let positions: [Double] = Self.star + close + [0.3, -0.4, 0.5]
        let count = positions.count / 3
        let (u, v) = (try testValues([count, 3], seed: 1), try testValues([count, 3], seed: 2))
        let results = try potential(positions, u: u, v: v, padding: padding)
        let what = "\(setting), \(distance) along \(direction), \(executor)"
        #expect(results.energy.isFinite, "\(what)")
        try expectFinite(results.forces, "\(what): forces")
        try expectFinite(results.curvatureU, "\(what): curvature")
        try expectFinite(results.third, "\(what): third derivative")
        let (a, b) = (try products(results.curvatureU, v), try products(results.curvatureV, u))
        let size = try results.curvatureU.absolute().max().item()
        let bound = 3e-11 * max(1, size) * Double(count)
        #expect(abs(a - b) <= bound, "\(what): \(a), \(b)")
      }
    }
  }

  /// Close to a neighbour the forces are still the gradient of the energy.
  @Test(arguments: settings)
  func forcesOfNearlyCoincidentAtoms(_ setting: Setting) throws {
    let potential = try CompiledPotential(
      degree: setting.degree, pseudotensors: setting.pseudotensors, fused: setting.fused,
      smooth: setting.smooth, .automatic)
    let distance = 1e-3
    let positions = Self.star + [distance, 0, 0]
    let count = positions.count / 3
    let u = try testValues([count, 3], seed: 7)
    let values: [Double] = try u.scalars()
    let step = 1e-4 * distance
    func moved(_ distance: Double) throws -> CompiledPotential.Derivatives {
      try potential(matched(positions, values).map { $0 + distance * $1 }, u: u, v: u)
    }
    let (here, up, down) = (try moved(0), try moved(step), try moved(-step))
    let slope = try -products(here.forces, u)
    let scale = try here.forces.absolute().max().item()
    #expect(
      abs(slope - (up.energy - down.energy) / (2 * step)) <= 1e-6 * max(1, scale), "\(setting)")
    // Differences are as good as the largest forces allow.
    try expectAgreement(
      here.curvatureU, with: (down.forces - up.forces) / (2 * step), tolerance: 1e-6, floor: 1,
      "\(setting)")
  }
}
