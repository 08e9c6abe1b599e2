public import E3xEngine
public import E3xSO3

/// Radial times angular functions of vectors, as `basis` computes them.
///
/// Layers take the array ``basis``, as e3x's do, or all of this: then they use both factors as they
/// are, which is less work than their products.
public struct RadialAngularBasis: Sendable {
  /// The basis functions, [..., 1, (L+1)², num]: the products of ``radial`` and ``angular``.
  public let basis: Tensor
  /// The radial functions, times the cutoff function if there is one, [..., num].
  public let radial: Tensor
  /// The angular functions, times the damping function if there is one, [..., (L+1)²].
  public let angular: Tensor
  /// The values of the cutoff function, [...], if they were asked for.
  public var cutoff: Tensor?
  /// The lengths of the vectors, [...], if they were asked for.
  public var norm: Tensor?

  /// The products of radial functions [..., num] and angular functions [..., (L+1)²].
  /// - Throws: `ArgumentError` naming `radial` or `angular` if they do not fit.
  public init(
    radial: Tensor, angular: Tensor, cutoff: Tensor? = nil, norm: Tensor? = nil
  ) throws {
    func error(_ argument: String, _ reason: String) -> ArgumentError {
      ArgumentError("RadialAngularBasis", argument, reason)
    }
    guard radial.rank >= 1, radial.dtype.isFloatingPoint else {
      throw error(
        "radial",
        "expected floating-point [..., num], received \(radial.dtype) \(radial.shape)")
    }
    let axes = radial.shape.dropLast(axes: 1)
    guard angular.rank >= 1, angular.dtype == radial.dtype, angular.shape.dropLast(axes: 1) == axes
    else {
      throw error(
        "angular",
        "expected \(radial.dtype) \(axes) and an axis (L+1)^2, received \(angular.dtype) "
          + "\(angular.shape)")
    }
    basis = try (angular.expanded(at: -1) * radial.expanded(at: -2)).expanded(at: -3)
    _ = try FeatureShape(basis, function: "RadialAngularBasis", argument: "angular")
    (self.radial, self.angular, self.cutoff, self.norm) = (radial, angular, cutoff, norm)
  }
}

extension RadialAngularBasis {
  /// Basis functions of vectors, as the function `basis` gives them, with the values of the cutoff
  /// function, if there is one, and the lengths: for where a variable has the name of that function.
  ///
  /// - Parameters:
  ///   - r: Vectors, [..., 3].
  ///   - maxDegree: The highest degree L, at most 255.
  ///   - num: The number of radial functions, at most 4096.
  ///   - radialFn: The radial functions.
  ///   - angularFn: The angular functions; by default spherical harmonics in Racah's normalisation.
  ///   - cutoffFn: Multiplies the radial functions.
  ///   - dampingFn: Multiplies the functions of degree 1 and higher, which have no direction at zero
  ///     vectors.
  ///   - cartesianOrder: Whether angular components are in Cartesian order.
  /// - Throws: `ArgumentError` naming what is refused: `r`, `max_degree`, `num`, `cutoff`, ….
  public init(
    of r: Tensor, maxDegree: Int, num: Int, radialFn: RadialFunction,
    angularFn: AngularFunction = .sphericalHarmonics(), cutoffFn: CutoffFunction? = nil,
    dampingFn: DampingFunction? = nil,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
  ) throws {
    self = try E3xNN.basis(
      r, maxDegree: maxDegree, num: num, radialFn: radialFn, angularFn: angularFn,
      cutoffFn: cutoffFn, returnCutoff: cutoffFn != nil, returnNorm: true, dampingFn: dampingFn,
      cartesianOrder: cartesianOrder)
  }
}

/// Basis functions of vectors: radial functions of their lengths times angular functions of their
/// directions. Matches `e3x.nn.basis`.
///
/// - Parameters:
///   - r: Vectors, [..., 3].
///   - maxDegree: The highest degree L, at most 255.
///   - num: The number of radial functions, at most 4096.
///   - radialFn: The radial functions.
///   - angularFn: The angular functions; by default spherical harmonics in Racah's normalisation.
///   - cutoffFn: Multiplies the radial functions.
///   - returnCutoff: Whether the values of the cutoff function are returned, too.
///   - returnNorm: Whether the lengths are returned, too.
///   - dampingFn: Multiplies the functions of degree 1 and higher, which have no direction at zero
///     vectors.
///   - cartesianOrder: Whether angular components are in Cartesian order.
/// - Throws: `ArgumentError` naming what is refused: `r`, `max_degree`, `num`, `cutoff`, ….
/// - Note: Differentiable to any order, without NaN at zero or tiny vectors.
public func basis(
  _ r: Tensor, maxDegree: Int, num: Int, radialFn: RadialFunction,
  angularFn: AngularFunction = .sphericalHarmonics(), cutoffFn: CutoffFunction? = nil,
  returnCutoff: Bool = false, returnNorm: Bool = false, dampingFn: DampingFunction? = nil,
  cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> RadialAngularBasis {
  try basis(
    r, maxDegree: maxDegree, num: num, radialFn: { x, num in try radialFn(x, num: num) },
    angularFn: { r, degree, order in try angularFn(r, maxDegree: degree, cartesianOrder: order) },
    cutoffFn: cutoffFn.map { function in { x in try function(distances: x) } },
    returnCutoff: returnCutoff,
    returnNorm: returnNorm, dampingFn: dampingFn.map { function in { x in try function(x) } },
    cartesianOrder: cartesianOrder)
}

/// As `basis` with any functions.
///
/// - Parameters:
///   - radialFn: From distances [...] and a number to [..., number].
///   - angularFn: From unit vectors [..., 3], the highest degree L and whether components are in
///     Cartesian order to [..., (L+1)²].
///   - cutoffFn: From distances to a factor, [...] to [...].
///   - dampingFn: From distances to a factor, [...] to [...].
/// - Throws: `ArgumentError` naming what is refused, a function that gives another shape or element
///   type among it; whatever the functions throw.
public func basis(
  _ r: Tensor, maxDegree: Int, num: Int, radialFn: (Tensor, Int) throws -> Tensor,
  angularFn: (Tensor, Int, Bool) throws -> Tensor, cutoffFn: ((Tensor) throws -> Tensor)? = nil,
  returnCutoff: Bool = false, returnNorm: Bool = false,
  dampingFn: ((Tensor) throws -> Tensor)? = nil,
  cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> RadialAngularBasis {
  try checkVectors("basis", "r", r)
  try checkDegree("basis", "max_degree", maxDegree)
  try checkCount("basis", "num", num, to: RadialFunction.countLimit)
  if returnCutoff && cutoffFn == nil {
    throw ArgumentError(
      "basis", "return_cutoff", "cutoff values were asked for, but there is no cutoff_fn")
  }
  let norm = try r.norm([-1])
  let direction = try r.direction([-1])
  let size = (maxDegree + 1) * (maxDegree + 1)

  var radial = try result(
    of: "radial_fn", radialFn(norm, num), norm.shape + Shape([num]), norm.dtype)
  var cutoff: Tensor?
  if let cutoffFn {
    let values = try result(of: "cutoff_fn", cutoffFn(norm), norm.shape, norm.dtype)
    radial = try radial * values.expanded(at: -1)
    cutoff = values
  }
  var angular = try result(
    of: "angular_fn", angularFn(direction, maxDegree, cartesianOrder),
    norm.shape + Shape([size]), norm.dtype)

  if let dampingFn, maxDegree > 0 {
    let damping = try result(of: "damping_fn", dampingFn(norm), norm.shape, norm.dtype)
    angular = try .concatenate(
      [
        angular.sliced(0..<1, axis: -1),
        angular.sliced(1..<size, axis: -1) * damping.expanded(at: -1),
      ],
      axis: -1)
  }
  return try RadialAngularBasis(
    radial: radial, angular: angular, cutoff: returnCutoff ? cutoff : nil,
    norm: returnNorm ? norm : nil)
}

/// Refuses what a function gave if it is not what `basis` needs.
private func result(
  of argument: String, _ tensor: Tensor, _ shape: Shape, _ dtype: DType
) throws(ArgumentError) -> Tensor {
  guard tensor.shape == shape, tensor.dtype == dtype else {
    throw ArgumentError(
      "basis", argument,
      "must give \(dtype) of shape \(shape), received \(tensor.dtype) of shape \(tensor.shape)")
  }
  return tensor
}
