import E3x
import Foundation
import Testing

// Example of docs/using/Swift.md
/// Moves the atoms of a molecule of water along their forces.
func relax(model path: String) throws -> LabelledFrame {
  let potential = try Potential(contentsOf: path)
  var water = LabelledFrame(
    atomicNumbers: [8, 1, 1], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477])

  // One structure, or many at once.
  let prediction = try potential.predict([water])[0]
  print(prediction.energy, prediction.forces)

  // Structures that move: pairs of atoms are kept between calls.
  var calculator = try Calculator(potential)
  for _ in 0..<100 {
    let forces = try calculator.predict(water).forces
    for index in forces.indices { water.positions[index] += 0.002 * forces[index] }
  }
  print(try calculator.predict(water).energy)
  return water
}
// End of example

@Suite struct RunningArticle {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("e3x-\(UUID().uuidString)").path

  private static let configuration = {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numLayers, configuration.maxDegree) = (8, 2, 1)
    configuration.cutoff = 4
    return configuration
  }()

  /// A file of a potential that has hardly learned anything.
  private func write() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var options = TrainingOptions()
    (options.steps, options.validationInterval) = (4, 2)
    var trainer = try Trainer(
      configuration: Self.configuration, options: options,
      train: Array(LabelledFrame.read(BundledData.ethanol(.valid)).prefix(20)), valid: [])
    while !trainer.isDone { try trainer.advance() }
    try trainer.bestPotential().write(to: folder + "/model.safetensors")
  }

  @Test func predictions() throws {
    try write()
    defer { try? FileManager.default.removeItem(atPath: folder) }

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    let potential = try Potential(contentsOf: folder + "/model.safetensors")
    let frames = try LabelledFrame.read(BundledData.ethanol(.test), keys: LabelKeys(required: []))
    let predictions = try potential.predict(Array(frames[..<10]), virials: true)
    let first = predictions[0]
    print(first.energy, first.forces.count)  // eV, and 27 components in eV/Å
    print(first.atomicEnergies.count, first.atomicVirials!.count)  // 9 and 81, in eV
    // End of example
    #expect(predictions.count == 10 && first.forces.count == 27)
    #expect(first.atomicEnergies.count == 9 && first.atomicVirials?.count == 81)

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    var calculator = try Calculator(potential)
    var frame = frames[0]
    var velocities = [Double](repeating: 0, count: 27)  // Å/fs
    var forces = try calculator.predict(frame).forces
    let masses = frame.atomicNumbers.map { [1: 1.008, 6: 12.011, 8: 15.999][$0]! }
    let step = 0.5  // fs
    for _ in 0..<20 {
      // Velocity Verlet; 1 eV/(Å u) is 0.00964853 Å/fs².
      for index in 0..<27 {
        velocities[index] += 0.5 * step * 0.00964853 * forces[index] / masses[index / 3]
        frame.positions[index] += step * velocities[index]
      }
      forces = try calculator.predict(frame).forces
      for index in 0..<27 {
        velocities[index] += 0.5 * step * 0.00964853 * forces[index] / masses[index / 3]
      }
    }
    print(calculator.searches)  // 1 or a few: not 21
    // End of example
    #expect((1...5).contains(calculator.searches))
    let there = try potential.predict([frame])[0].forces
    for (a, b) in zip(forces, there) { #expect(abs(a - b) < 1e-4) }

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    let hessian = try potential.hessian(of: frame)  // eV/Å², [27, 27]
    let ofOxygen = try potential.hessian(of: frame, rows: 6..<9)  // [3, 27]
    print(hessian.count, ofOxygen.count)  // 729 81
    // End of example
    #expect(hessian.count == 729 && ofOxygen.count == 81)
    for (index, value) in ofOxygen.enumerated() {
      #expect(abs(value - hessian[6 * 27 + index]) < 1e-9)
    }
    #expect(frame.atomicNumbers[2] == 8)
  }

  @Test func domains() throws {
    try write()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let potential = try Potential(contentsOf: folder + "/model.safetensors")
    let frame = try LabelledFrame.read(BundledData.ethanol(.test))[0]

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    /// A molecule in a cubic box with its images closer than `reach`, each of which sees those closer
    /// than `cutoff`.
    func domain(
      _ frame: LabelledFrame, box: Double, reach: Double, cutoff: Double
    ) -> (domain: Domain, owners: [Int]) {
      var owners = Array(0..<frame.count)
      var positions = frame.positions
      func isNear(_ a: Int, _ b: Int, _ limit: Double) -> Bool {
        (0..<3).reduce(0.0) { sum, axis in
          let difference = positions[3 * a + axis] - positions[3 * b + axis]
          return sum + difference * difference
        } < limit * limit
      }
      let shifts = (-2...2).map { box * Double($0) }
      for x in shifts {
        for y in shifts {
          for z in shifts where x != 0 || y != 0 || z != 0 {
            for atom in 0..<frame.count {
              owners.append(atom)
              positions += [0, 1, 2].map { frame.positions[3 * atom + $0] + [x, y, z][$0] }
              if !(0..<frame.count).contains(where: { isNear($0, owners.count - 1, reach) }) {
                owners.removeLast()
                positions.removeLast(3)
              }
            }
          }
        }
      }
      var result = Domain(
        atomicNumbers: owners.map { frame.atomicNumbers[$0] }, positions: positions,
        contributes: owners.indices.map { $0 < frame.count }, firsts: [0], neighbors: [])
      for atom in owners.indices {
        for other in owners.indices where other != atom && isNear(atom, other, cutoff) {
          result.neighbors.append(Int32(other))
        }
        result.firsts.append(result.neighbors.count)
      }
      return (result, owners)
    }
    // End of example

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    let cutoff = potential.model.cutoff
    guard let hops = potential.model.hops else { return }  // a model that cannot be divided
    let (wide, owners) = domain(frame, box: 5, reach: Double(hops) * cutoff, cutoff: cutoff)
    let part = try potential.predict(wide)
    // Forces of ghosts belong to the atoms that they are copies of.
    var total = [Double](repeating: 0, count: 3 * frame.count)
    for (atom, owner) in owners.enumerated() {
      for axis in 0..<3 { total[3 * owner + axis] += part.forces[3 * atom + axis] }
    }
    // End of example

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    /// Ghosts that are copies of atoms of the same domain.
    struct Images: DomainExchange {
      /// Of each atom, the one that it is a copy of; those that contribute stand first.
      var owners: [Int]
      var local: Int  // how many contribute

      func forward(_ values: inout [Float], width: Int) {
        for ghost in local..<owners.count {
          for index in 0..<width {
            values[width * ghost + index] = values[width * owners[ghost] + index]
          }
        }
      }

      func reverse(_ values: inout [Float], width: Int) {
        for ghost in local..<owners.count {
          for index in 0..<width {
            values[width * owners[ghost] + index] += values[width * ghost + index]
          }
        }
      }
    }
    // End of example

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    let (narrow, copies) = domain(frame, box: 5, reach: cutoff, cutoff: cutoff)
    let exchange = Images(owners: copies, local: frame.count)
    let layered = try potential.predict(narrow, exchange: exchange)
    print(narrow.count < wide.count, layered.energy - part.energy)  // true, and nearly 0
    print(try potential.exchangedWidths.count)  // 1: after each layer but the last
    // End of example

    var crystal = frame
    (crystal.cell, crystal.pbc) = ([5, 0, 0, 0, 5, 0, 0, 0, 5], [true, true, true])
    let whole = try potential.predict([crystal])[0]
    let alone = try potential.predict([frame])[0]
    let scale = whole.forces.map(abs).max()!
    let seen = zip(whole.forces, alone.forces).map { abs($0 - $1) }.max()!
    #expect(seen > 0.01 * scale)
    #expect(hops == 2 && narrow.count < wide.count)
    #expect(try potential.exchangedWidths.count == 1)
    var handed = [Double](repeating: 0, count: 3 * frame.count)
    for (atom, owner) in copies.enumerated() {
      for axis in 0..<3 { handed[3 * owner + axis] += layered.forces[3 * atom + axis] }
    }
    #expect(abs(part.energy - whole.energy) < 1e-3 && abs(layered.energy - whole.energy) < 1e-3)
    for index in whole.forces.indices {
      #expect(abs(total[index] - whole.forces[index]) < 1e-4 * scale)
      #expect(abs(handed[index] - whole.forces[index]) < 1e-4 * scale)
    }
  }

  @Test func water() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/model.safetensors"
    let potential = try Potential(
      configuration: Self.configuration,
      parameters: AttentionPotential(Self.configuration)
        .initialParameters(seed: 1), elementEnergies: ElementEnergies([1: -13, 8: -2040]))
    try potential.write(to: path)
    let relaxed = try relax(model: path)
    let start = LabelledFrame(
      atomicNumbers: [8, 1, 1], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477])
    let energies = try potential.predict([start, relaxed]).map(\.energy)
    #expect(energies[1] < energies[0])
  }

  @Test func threads() throws {
    let count = Threads.count
    defer { try? Threads.use(count) }

    // Example of Sources/E3x/E3x.docc/RunningPotentials.md
    try Threads.use(2)
    print(Threads.count)  // 2
    // End of example
    #expect(Threads.count == 2)
  }
}
