internal import E3xSystem

/// What harmonic vibrations add to energy, entropy and heat capacity at a temperature.
public struct HarmonicThermodynamics: Sendable, Equatable {
  /// K
  public let temperature: Double
  /// At zero temperature, eV.
  public private(set) var zeroPointEnergy = 0.0
  /// With that at zero temperature, eV.
  public private(set) var internalEnergy = 0.0
  /// eV/K
  public private(set) var entropy = 0.0
  /// At constant volume, eV/K.
  public private(set) var heatCapacity = 0.0
  /// How many modes were left out as they are no vibrations: those below ``leastWavenumber``, imaginary
  /// ones among them, times their weight.
  public private(set) var omitted = 0.0

  /// Internal energy without temperature times entropy, eV.
  public var freeEnergy: Double { internalEnergy - temperature * entropy }

  /// cm⁻¹: what is lower is taken for a motion without a force.
  public static let leastWavenumber = 0.1

  /// - Parameters:
  ///   - wavenumbers: of the modes, cm⁻¹.
  ///   - temperature: K; one that is not positive counts as zero.
  ///   - weight: how much each mode counts.
  public init(wavenumbers: [Double], temperature: Double, weight: Double = 1) {
    self.temperature = max(0, temperature)
    let thermal = Units.boltzmann * self.temperature
    for wavenumber in wavenumbers {
      guard wavenumber >= Self.leastWavenumber else {
        omitted += weight
        continue
      }
      let quantum = Wavenumber.energy(wavenumber)
      zeroPointEnergy += weight * quantum / 2
      internalEnergy += weight * quantum / 2
      guard thermal > 0 else { continue }
      let x = quantum / thermal
      // Bose and Einstein; nothing where it is below the least number.
      let occupation = 1 / expm1(x)
      internalEnergy += weight * quantum * occupation
      entropy += weight * Units.boltzmann * (x * occupation - log1p(-exp(-x)))
      let part = x < 700 ? x * x * occupation * (1 + occupation) : 0
      heatCapacity += weight * Units.boltzmann * part
    }
  }
}
