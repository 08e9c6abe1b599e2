public import E3xEngine
public import E3xExact
public import E3xSO3

/// Functions of a direction, as a value that can be named, printed and stored: the `angular_fn` of
/// e3x with its arguments.
public enum AngularFunction: Hashable, Sendable {
  /// Spherical harmonics of the unit vector; not normalised again if `rIsNormalized`.
  case sphericalHarmonics(
    normalization: SphericalHarmonicsNormalization = E3xConfiguration.current.normalization,
    rIsNormalized: Bool = true)
  /// Solid harmonics of the unit vector.
  case solidHarmonics

  /// Evaluates the functions.
  ///
  /// - Parameter r: Unit vectors (or zero vectors), [..., 3].
  /// - Returns: [..., (L+1)²]
  /// - Throws: `ArgumentError` naming `r` or `max_degree`.
  public func callAsFunction(
    _ r: Tensor, maxDegree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
  ) throws -> Tensor {
    switch self {
    case .sphericalHarmonics(let normalization, let rIsNormalized):
      try E3xSO3.sphericalHarmonics(
        r, maxDegree: maxDegree, rIsNormalized: rIsNormalized, cartesianOrder: cartesianOrder,
        normalization: normalization)
    case .solidHarmonics:
      try E3xSO3.solidHarmonics(r, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
    }
  }
}

extension AngularFunction: NamedFunction {
  /// e3x's name.
  public var name: String {
    switch self {
    case .sphericalHarmonics: "spherical_harmonics"
    case .solidHarmonics: "solid_harmonics"
    }
  }

  /// All arguments under e3x's names.
  public var arguments: [String: FunctionArgument] {
    switch self {
    case .sphericalHarmonics(let normalization, let rIsNormalized):
      [
        "normalization": .text(normalization.rawValue),
        "r_is_normalized": .flag(rIsNormalized),
      ]
    case .solidHarmonics: [:]
    }
  }

  /// The function that e3x has under a name.
  /// - Throws: `ArgumentError` naming `angular_fn` for an unknown name, or an argument.
  public init(name: String, arguments: [String: FunctionArgument] = [:]) throws {
    var reader = ArgumentReader(name, arguments)
    switch name {
    case "spherical_harmonics":
      self = .sphericalHarmonics(
        normalization: try reader.choice("normalization", default: .racah),
        rIsNormalized: try reader.flag("r_is_normalized"))
    case "solid_harmonics":
      self = .solidHarmonics
    default:
      throw ArgumentError(
        "AngularFunction", "angular_fn",
        "expected spherical_harmonics or solid_harmonics, received '\(name)'")
    }
    try reader.checkEmpty()
  }
}
