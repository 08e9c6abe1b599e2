internal import E3xSystem

/// How spherical harmonics are normalized; raw values are e3x's names.
///
/// The integral over the unit sphere of the square of a spherical harmonic of degree l is
/// 4 pi / (2l+1) for ``racah`` and ``schmidt``, 4 pi for ``fourPi`` and 1 for ``orthonormal``.
public enum SphericalHarmonicsNormalization: String, CaseIterable, Codable, Hashable, Sendable {
  /// Racah's normalization: the harmonic of order 0 is 1 on the positive z-axis.
  case racah
  /// Schmidt's semi-normalization, another name of ``racah``.
  case schmidt
  /// The mean of the square over the sphere is 1.
  case fourPi = "4pi"
  /// The integral of the square over the sphere is 1.
  case orthonormal

  /// The factor that takes Racah's normalization to this one, for harmonics of degree `degree` (not
  /// negative).
  public func constant(degree: Int) -> Double {
    switch self {
    case .racah, .schmidt: 1
    case .fourPi: (2 * Double(degree) + 1).squareRoot()
    case .orthonormal: ((2 * Double(degree) + 1) / (4 * Double.pi)).squareRoot()
    }
  }
}
