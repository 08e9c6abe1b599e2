import CE3x
import E3xNN
import E3xPotentials
import Foundation
import Processes
import TestSupport
import Testing

/// A potential of hydrogen, carbon and oxygen with random parameters, in memory and in a file.
struct SmallModel {
  let folder: TemporaryFolder
  let path: String
  let potential: Potential

  init(layers: Int = 2, members: Int = 1) throws {
    folder = try TemporaryFolder()
    path = folder.url("model.safetensors").path
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numLayers, configuration.maxDegree) = (8, layers, 1)
    configuration.cutoff = 3
    let model = AttentionPotential(configuration)
    var parameters = Parameters()
    for member in 0..<members {
      for (path, tensor) in try model.initialParameters(seed: member) {
        parameters[members == 1 ? path : "member_\(member)/\(path)"] = tensor
      }
    }
    potential = try Potential(
      model: model, parameters: parameters,
      elementEnergies: ElementEnergies([1: -13, 6: -1000, 8: -2000]), members: members)
    try potential.write(to: path)
  }

  /// A handle of the model.
  func load() throws -> OpaquePointer {
    var model: OpaquePointer?
    try expectSuccess(e3x_model_load(path, &model))
    return try #require(model)
  }
}

/// Requires a call to have succeeded.
func expectSuccess(_ status: Int32) throws {
  try #require(status == E3X_SUCCESS, "\(String(cString: e3x_last_error()))")
}

/// Arrays of a structure and of all results, which C functions may look at.
final class Buffers {
  let atoms: Int
  private let members: Int
  private var owned: [UnsafeMutableRawPointer] = []
  private(set) var structure = e3x_structure()
  private(set) var results = e3x_results()

  /// - Parameter members: how many models the potential has.
  init(_ frame: LabelledFrame, members: Int = 1) {
    (atoms, self.members) = (frame.count, members)
    structure.size = MemoryLayout<e3x_structure>.size
    structure.atoms = Int64(atoms)
    structure.species = UnsafePointer(copy(frame.atomicNumbers))
    structure.positions = UnsafePointer(copy(frame.positions))
    structure.cell = frame.cell.map { UnsafePointer(copy($0)) }
    structure.periodic = UnsafePointer(copy(frame.pbc.map { Int32($0 ? 1 : 0) }))
    func numbers(_ count: Int) -> UnsafeMutablePointer<Double> {
      copy([Double](repeating: -7, count: count))
    }
    results.size = MemoryLayout<e3x_results>.size
    results.energy = numbers(1)
    results.atomic_energies = numbers(atoms)
    results.forces = numbers(3 * atoms)
    results.stress = numbers(9)
    results.virial = numbers(9)
    results.atomic_virials = numbers(9 * atoms)
    results.energy_deviation = numbers(1)
    results.force_deviations = numbers(atoms)
    results.member_forces = numbers(3 * atoms * members)
  }

  deinit { for pointer in owned { pointer.deallocate() } }

  /// An array that lives as long as these buffers.
  func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
    let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
    pointer.initialize(from: values, count: values.count)
    owned.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  private func array(_ pointer: UnsafeMutablePointer<Double>?, _ count: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// The results that were written.
  var prediction: Potential.Prediction {
    var result = Potential.Prediction(
      energy: results.energy[0], forces: array(results.forces, 3 * atoms),
      stress: array(results.stress, 9), atomicEnergies: array(results.atomic_energies, atoms),
      atomicVirials: array(results.atomic_virials, 9 * atoms))
    result.energyDeviation = results.energy_deviation[0]
    result.forcesDeviation = array(results.force_deviations, atoms)
    let forces = array(results.member_forces, 3 * atoms * members)
    result.memberForces = (0..<members).map {
      Array(forces[(3 * atoms * $0)..<(3 * atoms * ($0 + 1))])
    }
    return result
  }

  /// The total virial that was written.
  var virial: [Double] { array(results.virial, 9) }
}

/// Random structures of what a small model knows.
func randomFrame(_ dice: inout Dice, atoms: Int, periodic: Bool) -> LabelledFrame {
  let edge = 4.0
  return LabelledFrame(
    atomicNumbers: (0..<atoms).map { _ in dice.pick([1, 6, 8]) },
    positions: dice.uniform(3 * atoms, 0, edge),
    cell: periodic ? [edge, 0, 0, 1, edge, 0, 0, -1, edge] : nil,
    pbc: [Bool](repeating: periodic, count: 3))
}
