public import E3xEngine
internal import E3xSystem

/// The energy of a crystal as a function of its volume, with the parameters that fit best.
public struct EquationOfState: Sendable, Equatable {
  /// A form of the function.
  public enum Form: String, Sendable, CaseIterable {
    /// Of third order in the finite strain (Birch, Phys. Rev. 71, 809, 1947).
    case birchMurnaghan = "birch-murnaghan"
    /// From a universal binding curve (Vinet et al., J. Phys.: Condens. Matter 1, 1941, 1989).
    case vinet
  }

  /// Its form.
  public let form: Form
  /// The volume at which the energy is least, Å³.
  public let volume: Double
  /// The least energy, eV.
  public let energy: Double
  /// The bulk modulus there, eV/Å³.
  public let bulkModulus: Double
  /// Its derivative with respect to pressure there.
  public let bulkModulusDerivative: Double
  /// The root of the mean square of what is left of the energies, eV.
  public let residual: Double

  private static let least = 5

  /// Fits energies by least squares (Levenberg and Marquardt).
  ///
  /// - Parameters:
  ///   - volumes: Å³, at least five different ones, positive.
  ///   - energies: eV, as many.
  /// - Throws: `ArgumentError` naming `volumes` or `energies` that cannot be fitted: too few, not finite,
  ///   or without a minimum near them.
  public init(
    fitting energies: [Double], volumes: [Double], form: Form
  ) throws(ArgumentError) {
    let function = "EquationOfState"
    guard Set(volumes).count >= Self.least, volumes.allSatisfy({ $0 > 0 && $0 < .infinity }) else {
      throw ArgumentError(
        function, "volumes",
        "expected at least \(Self.least) different positive numbers, received \(volumes)")
    }
    guard energies.count == volumes.count, energies.allSatisfy(\.isFinite) else {
      throw ArgumentError(
        function, "energies", "expected \(volumes.count) finite numbers, received \(energies)")
    }
    // Of order one: volumes over their middle, energies over their spread.
    let middle = volumes.reduce(0, +) / Double(volumes.count)
    let lowest = energies.min() ?? 0
    let spread = max((energies.max() ?? 0) - lowest, 1e-12)
    let x = volumes.map { $0 / middle }
    let y = energies.map { ($0 - lowest) / spread }
    guard let parabola = LeastSquaresFit.parabola(x, y), parabola.curvature > 0 else {
      throw ArgumentError(
        function, "energies", "have no minimum near these volumes: their parabola opens downwards")
    }
    let start = [
      min(max(parabola.minimum, 0.5 * (x.min() ?? 1)), 2 * (x.max() ?? 1)), parabola.value,
      parabola.curvature * parabola.minimum, 4,
    ]
    let fit = LeastSquaresFit.minimized(from: start) { p in
      zip(x, y).map { Self.value(form, at: $0, p) - $1 }
    }
    let p = fit.parameters
    guard p.allSatisfy(\.isFinite), p[0] > 0, p[2] > 0, p[0] > 0.5 * (x.min() ?? 1),
      p[0] < 2 * (x.max() ?? 1)
    else {
      throw ArgumentError(function, "energies", "have no minimum near these volumes")
    }
    self.form = form
    (volume, energy) = (p[0] * middle, lowest + p[1] * spread)
    (bulkModulus, bulkModulusDerivative) = (p[2] * spread / middle, p[3])
    residual =
      spread * (fit.residuals.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot()
  }

  /// The energy (eV) at a volume (Å³).
  public func energy(at volume: Double) -> Double {
    Self.value(form, at: volume, [self.volume, energy, bulkModulus, bulkModulusDerivative])
  }

  /// - Parameter p: volume, energy, bulk modulus and its derivative at the minimum.
  private static func value(_ form: Form, at volume: Double, _ p: [Double]) -> Double {
    switch form {
    case .birchMurnaghan:
      let ratio = cbrt(p[0] / volume)
      let strain = ratio * ratio - 1
      return p[1]
        + 9 * p[0] * p[2] / 16 * strain * strain * (strain * p[3] + 2 - 4 * strain)
    case .vinet:
      let x = cbrt(volume / p[0])
      let slope = 1.5 * (p[3] - 1)
      let part = slope * (1 - x)
      // (1 − (1 − part) e^part) / slope², also where slope is zero.
      let ratio =
        abs(part) < 1e-3
        ? (1 - x) * (1 - x) * (0.5 + part / 3 + part * part / 8)
        : (1 - (1 - part) * exp(part)) / (slope * slope)
      return p[1] + 9 * p[2] * p[0] * ratio
    }
  }
}
