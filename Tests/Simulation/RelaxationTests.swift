import E3xEngine
import E3xPotentials
import E3xSimulation
import Foundation
import Testing

/// Structures come to minima, in the cell that the pressure asks for.
@Suite struct RelaxationTests {
  private static let minimizers: [any Minimizer] = [LBFGS(), FIRE()]

  private func relaxed(
    _ frame: LabelledFrame, _ minimizer: any Minimizer = LBFGS(),
    _ options: RelaxationOptions = RelaxationOptions(), fixed: [Bool]? = nil,
    field: some ForceField = LennardJones()
  ) throws -> Relaxation {
    var batch = OneByOne(field)
    return try RelaxationBatch.relaxed(
      [Relaxation(frame, minimizer, options: options, fixed: fixed)], &batch)[0]
  }

  /// A crystal whose atoms and cell are somewhat off.
  private static var distorted: LabelledFrame {
    var frame = LennardJones.crystal(edge: 7.9)
    for index in frame.positions.indices {
      frame.positions[index] += 0.1 * sin(Double(7 * index % 23))
    }
    frame.cell?[1] += 0.2
    frame.cell?[5] -= 0.1
    return frame
  }

  /// Three atoms in a triangle, two above and below it: nine bonds of the same length and one longer.
  @Test(arguments: [0, 1])
  func cluster(which: Int) throws {
    let options = RelaxationOptions(force: 1e-6, steps: 5000)
    let result = try relaxed(LennardJones.cluster, Self.minimizers[which], options)
    let prediction = try #require(result.prediction)
    #expect(result.isConverged && result.steps > 3 && result.largestForce <= 1e-6)
    var field = LennardJones()
    let start = try field.predict(LennardJones.cluster)
    #expect(prediction.energy < start.energy)
    // The pairs of the triangle, and those of its corners with the tips, are the only short ones.
    let lengths = (0..<5).flatMap { a in
      (0..<a).map { b in
        (0..<3).reduce(0.0) {
          let d = result.frame.positions[3 * a + $1] - result.frame.positions[3 * b + $1]
          return $0 + d * d
        }.squareRoot()
      }
    }.sorted()
    #expect(lengths[8] - lengths[0] < 0.05 && lengths[9] > 1.5 * lengths[8])
    #expect(abs(lengths[0] - 1.12 * 2.5) < 0.1)
  }

  /// Both find the same energy, and the quasi-Newton method in fewer steps.
  @Test func minimizersAgree() throws {
    let options = RelaxationOptions(force: 1e-5, steps: 5000)
    let results = try Self.minimizers.map { try relaxed(LennardJones.cluster, $0, options) }
    let energies = results.compactMap(\.prediction?.energy)
    #expect(abs(energies[0] - energies[1]) < 1e-8)
    #expect(results[0].steps < results[1].steps)
  }

  /// A quadratic of eigenvalues from 1 to 1000: as a value over a gradient.
  @Test func illConditionedQuadratic() throws {
    let stiffness = (0..<12).map { pow(1000.0, Double($0) / 11) }
    for (which, most) in [120, 3000].enumerated() {
      var minimizer = Self.minimizers[which]
      var point = (0..<12).map { 1 + 0.1 * Double($0) }
      var steps = 0
      while point.contains(where: { abs($0) > 1e-5 }), steps < most {
        let energy = zip(stiffness, point).reduce(0) { $0 + $1.0 * $1.1 * $1.1 / 2 }
        point = minimizer.next(
          after: point, energy: energy, forces: zip(stiffness, point).map { -$0 * $1 })
        steps += 1
      }
      #expect(steps < most, "\(which)")
    }
  }

  /// No atom moves farther than the limit, though forces be large.
  @Test func stepsAreLimited() {
    for minimizer in Self.minimizers {
      var minimizer = minimizer
      var point = [Double](repeating: 0, count: 6)
      for step in 0..<40 {
        let former = point
        point = minimizer.next(
          after: point, energy: -Double(step), forces: [1e6, 0, 0, 0, -1e3, 0])
        let moved = (0..<2).map { atom in
          (0..<3).reduce(0.0) {
            let d = point[3 * atom + $1] - former[3 * atom + $1]
            return $0 + d * d
          }.squareRoot()
        }
        #expect(moved.allSatisfy { $0 <= 0.2 * 1.5 + 1e-12 }, "\(moved)")
      }
    }
  }

  /// Where a step raised the energy, or gave no number, the next one is shorter and from the same place.
  @Test(arguments: [5.0, Double.infinity, .nan])
  func stepsUphillAreTakenBack(energy: Double) {
    var minimizer = LBFGS()
    let start = [1.0, 2, 3]
    let forces = [0.3, -0.2, 0.1]
    var step = minimizer.next(after: start, energy: 1, forces: forces)
    for _ in 0..<6 {
      let next = minimizer.next(after: step, energy: energy, forces: [-1, 1, 1])
      for index in 0..<3 {
        #expect(abs(next[index] - start[index]) <= 0.51 * abs(step[index] - start[index]))
        #expect((next[index] - start[index]) * forces[index] > 0)
      }
      step = next
    }
  }

  /// Energies with an error as of single precision.
  private struct Noisy: ForceField {
    var field = LennardJones()
    var calls = 0.0

    mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
      calls += 1
      var prediction = try field.predict(frame)
      prediction.energy += 5e-6 * sin(12.9898 * calls)
      return prediction
    }
  }

  @Test func noiseIsBorne() throws {
    let options = RelaxationOptions(cell: .full, force: 1e-4, steps: 300)
    let plain = try relaxed(Self.distorted, LBFGS(), options)
    let noisy = try relaxed(Self.distorted, LBFGS(), options, field: Noisy())
    #expect(plain.isConverged && noisy.isConverged)
    #expect(noisy.steps <= 2 * plain.steps)
  }

  /// The lattice constant is that at which the energy of the crystal is least.
  @Test(arguments: [CellFreedom.isotropic, .axes, .full])
  func latticeConstant(freedom: CellFreedom) throws {
    let result = try relaxed(
      LennardJones.crystal(edge: 7.6), LBFGS(),
      RelaxationOptions(cell: freedom, force: 1e-6, stress: 1e-9))
    #expect(result.isConverged)
    let cell = try #require(result.frame.cell)
    var field = LennardJones()
    func energy(_ edge: Double) throws -> Double {
      try field.predict(LennardJones.crystal(edge: edge)).energy
    }
    let (edge, h) = (cell[0], 0.01)
    let values = try [edge - h, edge, edge + h].map(energy)
    let shift = h / 2 * (values[0] - values[2]) / (values[0] - 2 * values[1] + values[2])
    // The parabola's own error is below that.
    #expect(abs(shift) < 1e-3 && values[1] < values[0] && values[1] < values[2])
    for index in 0..<9 { #expect(abs(cell[index] - (index % 4 == 0 ? edge : 0)) < 1e-6) }
    // Atoms keep their places in the cell.
    let scale = edge / 7.6
    for (a, b) in zip(result.frame.positions, LennardJones.crystal(edge: 7.6).positions) {
      #expect(abs(a - scale * b) < 1e-6)
    }
  }

  /// After relaxation stress is minus the pressure, in the components that the cell follows.
  @Test(arguments: [CellFreedom.isotropic, .axes, .full], [0, 1, -0.1])
  func pressure(freedom: CellFreedom, gigapascals: Double) throws {
    let pressure = gigapascals / Units.gigapascal
    for minimizer in Self.minimizers {
      let result = try relaxed(
        Self.distorted, minimizer,
        RelaxationOptions(
          cell: freedom, pressure: pressure, force: 1e-4, stress: 1e-6, steps: 5000))
      #expect(result.isConverged, "\(freedom) \(gigapascals) \(result.largestStress)")
      let stress = try #require(result.prediction?.stress)
      switch freedom {
      case .isotropic:
        #expect(abs((stress[0] + stress[4] + stress[8]) / 3 + pressure) <= 1e-6)
      case .axes: for axis in 0..<3 { #expect(abs(stress[4 * axis] + pressure) <= 1e-6) }
      case .full:
        for index in 0..<9 {
          #expect(abs(stress[index] + (index % 4 == 0 ? pressure : 0)) <= 1e-6)
        }
      }
    }
  }

  /// Under pressure no small change of the cell, with atoms along, lowers the enthalpy.
  @Test func enthalpyIsLeast() throws {
    let pressure = 2 / Units.gigapascal
    let result = try relaxed(
      Self.distorted, LBFGS(),
      RelaxationOptions(cell: .full, pressure: pressure, force: 1e-6, stress: 1e-8))
    var field = LennardJones()
    func enthalpy(_ strain: [Double]) throws -> Double {
      var frame = result.frame
      frame.deform(strain)
      return try field.predict(frame).energy
        + pressure * (try #require(try frame.periodicCell()).volume)
    }
    let least = try enthalpy([Double](repeating: 0, count: 9))
    for index in [0, 4, 8, 1, 2, 5] {
      for sign in [-1.0, 1] {
        var strain = [Double](repeating: 0, count: 9)
        strain[index] = sign * 1e-3
        #expect(try enthalpy(strain) > least)
      }
    }
  }

  /// Atoms that are fixed keep the bits of their coordinates; one component alone can be.
  @Test func fixedAtoms() throws {
    var fixed = [Bool](repeating: false, count: 15)
    for index in [0, 1, 2, 7, 12, 13, 14] { fixed[index] = true }
    for minimizer in Self.minimizers {
      let result = try relaxed(
        LennardJones.cluster, minimizer, RelaxationOptions(force: 1e-5, steps: 5000), fixed: fixed)
      #expect(result.isConverged)
      for index in 0..<15 {
        let (now, before) = (result.frame.positions[index], LennardJones.cluster.positions[index])
        #expect((now.bitPattern == before.bitPattern) == fixed[index])
      }
      #expect(
        (0..<15).allSatisfy { fixed[$0] || abs(result.prediction?.forces[$0] ?? 1) <= 1e-5 })
    }
    let still = try relaxed(
      LennardJones.cluster, fixed: [Bool](repeating: true, count: 15))
    #expect(still.isConverged && still.steps == 0)
    #expect(still.frame.positions == LennardJones.cluster.positions)
  }

  /// In a batch each structure goes its own way, to the bit.
  @Test func batches() throws {
    let options = RelaxationOptions(force: 1e-4)
    var frames = [LennardJones.cluster, Self.distorted, LennardJones.cluster]
    frames[2].positions[0] += 0.3
    frames[2].positions[7] -= 0.2
    for minimizer in Self.minimizers {
      var field = OneByOne(LennardJones())
      let together = try RelaxationBatch.relaxed(
        try frames.map { try Relaxation($0, minimizer, options: options) }, &field)
      #expect(Set(together.map(\.steps)).count == 3)
      for (frame, result) in zip(frames, together) {
        let alone = try relaxed(frame, minimizer, options)
        #expect(alone.frame == result.frame && alone.steps == result.steps)
        #expect(alone.isConverged && result.isConverged)
      }
    }
  }

  /// Refuses structures that have come apart.
  private struct Fragile: ForceField {
    var field = LennardJones()

    mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
      guard frame.positions.allSatisfy({ abs($0) < 3 }) else {
        throw ArgumentError("Fragile", "frame", "is too wide")
      }
      return try field.predict(frame)
    }
  }

  /// One that cannot be computed ends, and the others go on.
  @Test func failures() throws {
    let close = LabelledFrame(atomicNumbers: [18, 18], positions: [-1.1, 0, 0, 1.1, 0, 0])
    var wide = LabelledFrame(atomicNumbers: [18, 18], positions: [1.1, 0, 0, 2.95, 0, 0])
    let options = RelaxationOptions(force: 1e-4)
    var field = OneByOne(Fragile())
    let results = try RelaxationBatch.relaxed(
      try [wide, close].map { try Relaxation($0, LBFGS(), options: options) }, &field)
    #expect(results[0].failure?.contains("is too wide") == true && !results[0].isConverged)
    #expect(results[0].frame == wide && results[0].prediction != nil)
    #expect(results[1].isConverged && results[1].failure == nil)
    wide.positions[3] = 4
    #expect(throws: ArgumentError.self) {
      try RelaxationBatch.relaxed([Relaxation(wide, LBFGS())], &field)
    }
  }

  /// A cell that nothing holds ends before it has no volume, and one that is blown up before it is empty.
  @Test(arguments: [1e9, -1.0])
  func cellsThatDoNotHold(gigapascals: Double) throws {
    let result = try relaxed(
      LennardJones.crystal(), LBFGS(),
      RelaxationOptions(
        cell: .isotropic, pressure: gigapascals / Units.gigapascal, steps: 10_000))
    #expect(!result.isConverged && result.failure?.contains("cell does not hold") == true)
    let edge = try #require(result.frame.cell)[0]
    #expect(edge > 8 / 2.72 && edge < 8 * 2.72)
  }

  /// Without convergence the result is the lowest energy that was seen.
  @Test func stepsRunOut() throws {
    for minimizer in Self.minimizers {
      let result = try relaxed(
        LennardJones.cluster, minimizer, RelaxationOptions(force: 1e-9, steps: 7))
      #expect(!result.isConverged && result.isDone && result.steps == 7)
      var field = LennardJones()
      let energy = try field.predict(result.frame).energy
      #expect(result.prediction?.energy == energy)
      #expect(energy < (try field.predict(LennardJones.cluster).energy))
    }
    let none = try relaxed(
      LennardJones.cluster, LBFGS(), RelaxationOptions(force: 1e-9, steps: 0))
    #expect(!none.isConverged && none.frame == LennardJones.cluster)
  }

  @Test func argumentsOutOfRange() {
    func name(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return (error as? ArgumentError)?.argument }
      return nil
    }
    let frame = LennardJones.cluster
    func make(_ options: RelaxationOptions, fixed: [Bool]? = nil) -> String? {
      name { _ = try Relaxation(frame, LBFGS(), options: options, fixed: fixed) }
    }
    #expect(make(RelaxationOptions(force: 0)) == "force")
    #expect(make(RelaxationOptions(stress: .nan)) == "stress")
    #expect(make(RelaxationOptions(pressure: .infinity)) == "pressure")
    #expect(make(RelaxationOptions(steps: -1)) == "steps")
    #expect(make(RelaxationOptions(cell: .full)) == "frame")
    #expect(make(RelaxationOptions(), fixed: [true]) == "fixed")
    let empty = LabelledFrame(atomicNumbers: [], positions: [])
    #expect(name { _ = try Relaxation(empty, LBFGS()) } == "frame")
  }
}

extension LabelledFrame {
  /// Multiplies positions and vectors of the cell with 1 + strain, [3, 3].
  mutating func deform(_ strain: [Double]) {
    func moved(_ vectors: [Double]) -> [Double] {
      vectors.indices.map { index in
        let (first, i) = (index - index % 3, index % 3)
        return vectors[index]
          + (0..<3).reduce(0.0) { $0 + strain[3 * i + $1] * vectors[first + $1] }
      }
    }
    positions = moved(positions)
    cell = cell.map(moved)
  }
}
