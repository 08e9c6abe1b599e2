internal import E3xSystem

/// Frequencies of vibrations over the speed of light, cm⁻¹.
public enum Wavenumber {
  /// Of a mode with a curvature, eV/(Å² u), as an eigenvalue of second derivatives over masses: negative
  /// for one that bends down, whose frequency is imaginary.
  public static func of(curvature: Double) -> Double {
    let size = (abs(curvature) * Units.acceleration).squareRoot()
    return (curvature < 0 ? -size : size) / (2 * .pi * Units.speedOfLight)
  }

  /// The energy of a quantum, eV.
  public static func energy(_ wavenumber: Double) -> Double {
    2 * .pi * Units.reducedPlanck * Units.speedOfLight * wavenumber
  }

  /// The frequency in THz.
  public static func terahertz(_ wavenumber: Double) -> Double {
    1000 * Units.speedOfLight * wavenumber
  }
}
