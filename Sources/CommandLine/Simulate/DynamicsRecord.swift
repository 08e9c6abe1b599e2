internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation
internal import OrderedCollections

/// What is written of dynamics: frames of a trajectory and lines of numbers.
enum DynamicsRecord {
  static let header =
    "step,time_fs,temperature_K,potential_energy_eV,kinetic_energy_eV,total_energy_eV,"
    + "conserved_energy_eV,pressure_GPa,volume_A3,force_spread_eV_A\n"

  /// A line of thermo.csv; what there is none of is empty.
  static func line(_ dynamics: MolecularDynamics<Calculator>) -> String {
    let state = dynamics.state
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return [
      "\(state.step)", "\(state.time)", "\(state.temperature)", "\(state.prediction.energy)",
      "\(state.kineticEnergy)", "\(state.totalEnergy)", "\(dynamics.conservedEnergy)",
      text(state.pressure.map { $0 * Units.gigapascal }), text(state.volume),
      text(state.prediction.forcesDeviation?.max()),
    ].joined(separator: ",") + "\n"
  }

  /// A frame with energy, forces, stress and, as ASE has them, momenta.
  static func frame(_ state: DynamicsState) -> XYZFrame {
    var frame = XYZFrame(numbers: state.frame.atomicNumbers, positions: state.frame.positions)
    frame.lattice = state.frame.cell
    frame.pbc = state.frame.pbc
    frame = PredictedLabels(prefix: "", keepsReference: false)
      .labelled(frame, state.prediction)
    frame.info["step"] = .integer(state.step)
    frame.info["time_fs"] = .real(state.time)
    // ASE's unit of time is that in which eV, Å and u need no factor.
    let unit = Units.acceleration.squareRoot()
    frame.arrays["momenta"] = XYZColumn(
      .reals(state.velocities.indices.map { state.masses[$0 / 3] * state.velocities[$0] / unit }),
      width: 3)
    return frame
  }

  /// Velocities (Å/fs) of the momenta of a frame, if it has some.
  /// - Throws: `FileError` for momenta that are none.
  static func velocities(_ frame: XYZFrame, masses: [Double], file: String) throws -> [Double]? {
    guard let momenta = frame.arrays["momenta"] else { return nil }
    guard let values = momenta.doubles, values.count == 3 * masses.count,
      values.allSatisfy(\.isFinite)
    else {
      throw FileError(file: file, place: "momenta", reason: "expected three finite numbers an atom")
    }
    let unit = Units.acceleration.squareRoot()
    return values.indices.map { values[$0] * unit / masses[$0 / 3] }
  }

  /// What the line of a terminal says.
  static func note(
    _ dynamics: MolecularDynamics<Calculator>, drift: Double, speed: Double
  ) -> String {
    let state = dynamics.state
    var parts = ["\(String(format: "%.0f", state.temperature)) K"]
    if let pressure = state.pressure {
      parts.append("\(String(format: "%.2f", pressure * Units.gigapascal)) GPa")
    }
    parts.append("\(String(format: "%.4f", state.prediction.energy)) eV")
    parts.append("drift \(String(format: "%.2f", 1000 * drift)) meV/atom")
    parts.append("\(String(format: "%.1f", speed)) ns/day")
    return parts.joined(separator: "  ")
  }
}
