public import E3xEngine
public import E3xExact

// Functions of this module as members, for where a variable has the name of one.

extension Tensor {
  /// Spherical harmonics of these vectors, [..., 3] to [..., (L+1)²]; see
  /// ``sphericalHarmonics(_:maxDegree:rIsNormalized:cartesianOrder:normalization:)``.
  /// - Throws: `ArgumentError` naming `r` or `max_degree`.
  public func sphericalHarmonics(
    maxDegree: Int, rIsNormalized: Bool = false,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    normalization: SphericalHarmonicsNormalization = E3xConfiguration.current.normalization
  ) throws -> Tensor {
    try E3xSO3.sphericalHarmonics(
      self, maxDegree: maxDegree, rIsNormalized: rIsNormalized, cartesianOrder: cartesianOrder,
      normalization: normalization)
  }

  /// Solid harmonics of these vectors, [..., 3] to [..., (L+1)²]; see
  /// ``solidHarmonics(_:maxDegree:cartesianOrder:)``.
  /// - Throws: `ArgumentError` naming `r` or `max_degree`.
  public func solidHarmonics(
    maxDegree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
  ) throws -> Tensor {
    try E3xSO3.solidHarmonics(self, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
  }

  /// Wigner-D matrices of these rotations, [..., 3, 3] to [..., (L+1)², (L+1)²]; see
  /// ``wignerD(_:maxDegree:cartesianOrder:)``.
  /// - Throws: `ArgumentError` naming `rot` or `max_degree`.
  public func wignerD(
    maxDegree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
  ) throws -> Tensor {
    try E3xSO3.wignerD(self, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
  }

  /// Matrices of rotations about an axis, [..., 3, 3]; see ``rotation(axis:angle:)``.
  /// - Throws: `ArgumentError` naming `axis` or `angle`.
  public static func rotation(axis: Tensor, angle: Tensor) throws -> Tensor {
    try E3xSO3.rotation(axis: axis, angle: angle)
  }
}
