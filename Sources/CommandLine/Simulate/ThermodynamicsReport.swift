internal import E3xSimulation
internal import Foundation

/// Harmonic thermodynamics of a temperature, for JSON.
struct ThermodynamicsReport: Encodable {
  let temperature_K: Double
  let zero_point_energy_eV: Double
  let internal_energy_eV: Double
  let entropy_eV_K: Double
  let free_energy_eV: Double
  let heat_capacity_eV_K: Double
  let omitted_modes: Double

  init(_ values: HarmonicThermodynamics) {
    (temperature_K, zero_point_energy_eV) = (values.temperature, values.zeroPointEnergy)
    (internal_energy_eV, entropy_eV_K) = (values.internalEnergy, values.entropy)
    (free_energy_eV, heat_capacity_eV_K) = (values.freeEnergy, values.heatCapacity)
    omitted_modes = values.omitted
  }

  /// A table of several temperatures.
  static func table(_ all: [HarmonicThermodynamics]) -> String {
    var lines = [
      "     T (K)   zero point (eV)     U (eV)    S (meV/K)     F (eV)   C_V (meV/K)"
    ]
    for values in all {
      lines.append(
        String(
          format: "%10.2f%18.6f%11.6f%13.6f%11.6f%14.6f", values.temperature,
          values.zeroPointEnergy, values.internalEnergy, 1000 * values.entropy,
          values.freeEnergy, 1000 * values.heatCapacity))
    }
    return lines.joined(separator: "\n")
  }

  /// Lines of a file.
  static func csv(_ all: [HarmonicThermodynamics]) -> String {
    var text =
      "temperature_K,zero_point_energy_eV,internal_energy_eV,entropy_eV_K,free_energy_eV,"
      + "heat_capacity_eV_K\n"
    for values in all {
      text +=
        "\(values.temperature),\(values.zeroPointEnergy),\(values.internalEnergy),"
        + "\(values.entropy),\(values.freeEnergy),\(values.heatCapacity)\n"
    }
    return text
  }
}
