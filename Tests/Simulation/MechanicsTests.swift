import E3xEngine
import E3xPotentials
import E3xSimulation
import Foundation
import Testing

/// Equations of state and elastic constants of crystals whose energies are known in closed form.
@Suite struct MechanicsTests {
  private static let tight = RelaxationOptions(
    cell: .full, force: 1e-6, stress: 1e-9, steps: 2000)

  /// A face-centred crystal at its minimum; or, with an atom missing, one in which atoms move when it is
  /// strained.
  private func crystal(vacancy: Bool = false) throws -> LabelledFrame {
    var frame = LennardJones.crystal()
    if vacancy {
      frame.atomicNumbers.removeLast()
      frame.positions.removeLast(3)
    }
    var field = OneByOne(LennardJones())
    let result = try RelaxationBatch.relaxed(
      [Relaxation(frame, LBFGS(), options: Self.tight)], &field)[0]
    #expect(result.isConverged)
    return result.frame
  }

  private func measured(
    _ frame: LabelledFrame, strain: Double = 1e-3,
    relaxing: RelaxationOptions? = RelaxationOptions(force: 1e-6)
  ) throws -> ElasticConstants {
    var field = OneByOne(LennardJones())
    return try ElasticConstants(frame, strain: strain, relaxing: relaxing, field: &field)
  }

  // MARK: Equations of state

  /// Energies that have the form give its parameters back.
  @Test(arguments: EquationOfState.Form.allCases)
  func exactParameters(form: EquationOfState.Form) throws {
    let volumes = (0..<9).map { 40.0 + 2.5 * Double($0) }
    let (v0, e0, b0, slope) = (47.0, -13.7, 0.85, 4.7)
    let energies = volumes.map { (volume: Double) -> Double in
      switch form {
      case .birchMurnaghan:
        // As in the article: in powers of (V0/V)^(2/3).
        let x = pow(v0 / volume, 2.0 / 3)
        let bracket = pow(x - 1, 3) * slope + pow(x - 1, 2) * (6 - 4 * x)
        return e0 + 9 * v0 * b0 / 16 * bracket
      case .vinet:
        let x = pow(volume / v0, 1.0 / 3)
        let eta = 1.5 * (slope - 1)
        let t = eta * (1 - x)
        return e0 + 9 * b0 * v0 / (eta * eta) * (1 - (1 - t) * exp(t))
      }
    }
    let fit = try EquationOfState(fitting: energies, volumes: volumes, form: form)
    #expect(abs(fit.volume - v0) < 1e-6 && abs(fit.energy - e0) < 1e-8)
    #expect(abs(fit.bulkModulus - b0) < 1e-6 && abs(fit.bulkModulusDerivative - slope) < 1e-4)
    #expect(fit.residual < 1e-9)
    for (volume, energy) in zip(volumes, energies) {
      #expect(abs(fit.energy(at: volume) - energy) < 1e-8)
    }
  }

  /// The volume is that at which the stress is zero, and the modulus that of the elastic constants.
  @Test(arguments: EquationOfState.Form.allCases)
  func crystalOfKnownModulus(form: EquationOfState.Form) throws {
    let frame = try crystal()
    var field = OneByOne(LennardJones())
    let volume = try #require(try frame.periodicCell()).volume
    let scan = try VolumeScan(frame, range: 0.02, field: &field)
    let fit = try EquationOfState(fitting: scan.energies, volumes: scan.volumes, form: form)
    #expect(scan.isConverged && scan.volumes.count == 11)
    #expect(abs(scan.volumes[5] / volume - 1) < 1e-12)
    #expect(abs(scan.volumes[0] / volume - 0.98) < 1e-12)
    #expect(abs(fit.volume / volume - 1) < 1e-3)
    let bulk = try measured(frame).voigt.bulk
    #expect(abs(fit.bulkModulus / bulk - 1) < 0.01, "\(fit.bulkModulus) \(bulk)")
    // Of atoms that are free to move the energy is no higher.
    let relaxed = try VolumeScan(
      try crystal(vacancy: true), points: 5, relaxing: RelaxationOptions(force: 1e-5),
      field: &field)
    let still = try VolumeScan(try crystal(vacancy: true), points: 5, field: &field)
    #expect(relaxed.isConverged)
    for (a, b) in zip(relaxed.energies, still.energies) { #expect(a <= b + 1e-12) }
    #expect(relaxed.energies[0] < still.energies[0] - 1e-6)
  }

  @Test func whatCannotBeFitted() throws {
    func argument(_ energies: [Double], _ volumes: [Double]) -> String? {
      do {
        _ = try EquationOfState(fitting: energies, volumes: volumes, form: .vinet)
      } catch { return error.argument }
      return nil
    }
    let volumes = [9.0, 10, 11, 12, 13]
    #expect(argument([1, 2, 3, 4], [9, 10, 11, 12]) == "volumes")
    #expect(argument([1, 2, 3, 4, 5], [9, 10, 11, 12, 12]) == "volumes")
    #expect(argument([1, 2, 3, 4, 5], [-9, 10, 11, 12, 13]) == "volumes")
    #expect(argument([1, 2, 3, 4], volumes) == "energies")
    #expect(argument([1, 2, .nan, 4, 5], volumes) == "energies")
    #expect(argument([0, 3, 4, 3, 0], volumes) == "energies")
    #expect(argument([4, 1, 0, 1, 4], volumes) == nil)
    var field = OneByOne(LennardJones())
    for (range, points, frame) in [
      (0.0, 5, LennardJones.crystal()), (0.1, 4, LennardJones.crystal()),
      (0.1, 5, LennardJones.cluster),
    ] {
      #expect(throws: ArgumentError.self) {
        try VolumeScan(frame, range: range, points: points, field: &field)
      }
    }
  }

  // MARK: Elastic constants

  /// Energy over volume at a strain in Voigt's sense, atoms relaxed: half the constants times the square.
  private func constantOfEnergy(_ frame: LabelledFrame, _ strain: [Double]) throws -> Double {
    var field = OneByOne(LennardJones())
    func energy(_ size: Double) throws -> Double {
      let e = strain.map { $0 * size }
      var strained = frame
      strained.deform([
        e[0], e[5] / 2, e[4] / 2, e[5] / 2, e[1], e[3] / 2, e[4] / 2, e[3] / 2, e[2],
      ])
      let result = try RelaxationBatch.relaxed(
        [Relaxation(strained, LBFGS(), options: RelaxationOptions(force: 1e-7, steps: 2000))],
        &field)[0]
      #expect(result.isConverged)
      return try #require(result.prediction).energy
    }
    let size = 4e-3
    let volume = try #require(try frame.periodicCell()).volume
    return (try energy(size) + energy(-size) - 2 * energy(0)) / (size * size * volume)
  }

  /// Stress by strain is what the energy says: along, across and in shear, with atoms that move.
  @Test(arguments: [false, true])
  func constantsAreThoseOfTheEnergy(vacancy: Bool) throws {
    let frame = try crystal(vacancy: vacancy)
    let constants = try measured(frame)
    #expect(constants.isConverged && constants.asymmetry < 1e-4 * constants[1, 1])
    let c11 = try constantOfEnergy(frame, [1, 0, 0, 0, 0, 0])
    let c44 = try constantOfEnergy(frame, [0, 0, 0, 1, 0, 0])
    let both = try constantOfEnergy(frame, [1, 1, 0, 0, 0, 0])
    #expect(abs(constants[1, 1] / c11 - 1) < 2e-3, "\(constants[1, 1]) \(c11)")
    #expect(abs(constants[4, 4] / c44 - 1) < 2e-3, "\(constants[4, 4]) \(c44)")
    let c12 = (both - 2 * c11) / 2
    #expect(abs(constants[1, 2] / c12 - 1) < 1e-2, "\(constants[1, 2]) \(c12)")
    // Cubic, though nobody said so.
    for i in 1...6 {
      for j in 1...6 {
        let expected =
          i == j ? constants[i < 4 ? 1 : 4, i < 4 ? 1 : 4] : i < 4 && j < 4 ? constants[1, 2] : 0
        #expect(abs(constants[i, j] - expected) < 1e-3 * constants[1, 1], "\(i) \(j)")
      }
    }
    if vacancy {
      let stiff = try measured(frame, relaxing: nil)
      #expect(stiff[1, 1] > constants[1, 1] * 1.001)
    } else {
      // Central forces, and every atom a centre of symmetry: Cauchy's relation.
      #expect(abs(constants[1, 2] / constants[4, 4] - 1) < 1e-3)
    }
  }

  /// What does not depend on directions is the same for a crystal that is turned.
  @Test func turnedCrystals() throws {
    let frame = try crystal()
    // Differences have errors of about ten times the square of the strain.
    let straight = try measured(frame, strain: 3e-4)
    var turned = frame
    let (c, s) = (cos(0.4), sin(0.4))
    turned.deform([c - 1, -s, 0, s, c - 1, 0, 0, 0, 0])
    turned.deform([0, 0, 0, 0, c - 1, -s, 0, s, c - 1])
    let other = try measured(turned, strain: 3e-4)
    #expect(abs(other[1, 1] / straight[1, 1] - 1) > 1e-3 && abs(other[1, 6]) > 1e-3 * other[1, 1])
    for (a, b) in [
      (other.voigt, straight.voigt),
      (try #require(other.reuss), try #require(straight.reuss)),
    ] {
      #expect(abs(a.bulk / b.bulk - 1) < 1e-5, "\(a) \(b)")
      #expect(abs(a.shear / b.shear - 1) < 1e-5, "\(a) \(b)")
    }
  }

  private func cubic(_ c11: Double, _ c12: Double, _ c44: Double) throws -> ElasticConstants {
    try ElasticConstants(
      matrix: (0..<36).map { index in
        let (i, j) = (index / 6, index % 6)
        return i == j ? (i < 3 ? c11 : c44) : i < 3 && j < 3 ? c12 : 0
      })
  }

  /// The closed forms of cubic crystals, with constants of copper (GPa).
  @Test func moduliOfCubicCrystals() throws {
    let (c11, c12, c44) = (168.4, 121.4, 75.4)
    let constants = try cubic(c11, c12, c44)
    let (voigt, reuss) = (constants.voigt, try #require(constants.reuss))
    let hill = try #require(constants.hill)
    #expect(abs(voigt.bulk - (c11 + 2 * c12) / 3) < 1e-9)
    #expect(abs(reuss.bulk - voigt.bulk) < 1e-9)
    #expect(abs(voigt.shear - (c11 - c12 + 3 * c44) / 5) < 1e-9)
    #expect(
      abs(reuss.shear - 5 * (c11 - c12) * c44 / (4 * c44 + 3 * (c11 - c12))) < 1e-9)
    #expect(abs(hill.shear - (voigt.shear + reuss.shear) / 2) < 1e-12)
    #expect(
      abs(hill.young - 9 * hill.bulk * hill.shear / (3 * hill.bulk + hill.shear)) < 1e-9)
    #expect(abs(hill.young - 2 * hill.shear * (1 + hill.poisson)) < 1e-9)
    #expect(constants.isStable)
    let product = try #require(constants.compliance)
    for i in 0..<6 {
      for j in 0..<6 {
        let sum = (0..<6).reduce(0) {
          $0 + product[6 * i + $1] * constants.matrix[6 * $1 + j]
        }
        #expect(abs(sum - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func instabilities() throws {
    #expect(!(try cubic(100, 120, 50).isStable))
    #expect(!(try cubic(100, 50, -1).isStable))
    #expect(!(try cubic(100, -60, 50).isStable))
    #expect(try cubic(100, 0, 0).compliance == nil)
    #expect(throws: ArgumentError.self) { try ElasticConstants(matrix: [1]) }
    var field = OneByOne(LennardJones())
    #expect(throws: ArgumentError.self) {
      try ElasticConstants(LennardJones.cluster, field: &field)
    }
    #expect(throws: ArgumentError.self) {
      try ElasticConstants(LennardJones.crystal(), strain: 0.2, field: &field)
    }
  }
}
