public import E3xEngine

/// Families of functions that radial functions are made of.
public enum RadialFamily: String, CaseIterable, Codable, Hashable, Sendable {
  /// Bernstein polynomials C(n, k) t^k (1 - t)^(n - k), n = num - 1.
  case bernstein
  /// Chebyshev polynomials cos(k acos(2t - 1)).
  case chebyshev
  /// cos(kπt)
  case fourier
  /// e^(-√(2 num) (num - 1) (t - k / (num - 1))²)
  case gaussian
}

/// A set of functions of a distance, as a value that can be named, printed and stored: the
/// `radial_fn` of e3x with its arguments.
///
/// Called with distances [...] and a number of functions it gives [..., num]. Named as in e3x:
/// `RadialFunction(name: "reciprocal_bernstein", arguments: ["kind": "damped"])`, which is also how
/// it is coded: `{"name": "reciprocal_bernstein", "kind": "damped", ...}`.
public enum RadialFunction: Hashable, Sendable {
  /// A family over t = x / limit; `e3x.nn.basic_bernstein`, ….
  case basic(RadialFamily, limit: Double = 1)
  /// A family over t = 1 - reciprocal mapping of x, which may also be a factor;
  /// `e3x.nn.reciprocal_bernstein`, ….
  case reciprocal(
    RadialFamily, kind: ReciprocalMapping = .shifted, useReciprocalWeighting: Bool = false)
  /// A family over t = 1 - exponential mapping of x, which may also be a factor; gamma in
  /// reciprocal units of x; `e3x.nn.exponential_bernstein`, ….
  case exponential(
    RadialFamily, gamma: Double = 1, cuspless: Bool = false, useExponentialWeighting: Bool = false)
  /// sin(kπt) / (kπt), k = 1 ... num, t = x / limit; 0 beyond; `e3x.nn.sinc`.
  case sinc(limit: Double = 1)
  /// 1 in the k-th of num equal parts of 0 ... limit, else 0; `e3x.nn.rectangular_window`.
  case rectangularWindow(limit: Double = 1)
  /// Triangles of height 1 around k limit / num; `e3x.nn.triangular_window`.
  case triangularWindow(limit: Double = 1)
  /// Smooth bumps of height 1 around k limit / num; `e3x.nn.smooth_window`.
  case smoothWindow(limit: Double = 1)

  /// Bernstein polynomials over a reciprocal mapping: the usual choice.
  public static let reciprocalBernstein = RadialFunction.reciprocal(.bernstein)
  /// Bernstein polynomials over an exponential mapping.
  public static let exponentialBernstein = RadialFunction.exponential(.bernstein)

  /// Evaluates the functions.
  ///
  /// - Parameter x: Distances, not negative, of any shape [...].
  /// - Parameter num: The number of functions, at most 4096.
  /// - Returns: [..., num]
  /// - Throws: `ArgumentError` naming `num` or an argument of the function that is refused.
  /// - Note: Differentiable to any order.
  public func callAsFunction(_ x: Tensor, num: Int) throws -> Tensor {
    try callAsFunction(x, num: num, gamma: nil)
  }

  /// Evaluates exponential functions with a γ that may be learned: [...] to [..., num].
  ///
  /// - Parameter gamma: One number, in reciprocal units of x; that of the function itself if nil.
  /// - Throws: `ArgumentError` naming `radial_fn` if the function has no γ.
  public func callAsFunction(_ x: Tensor, num: Int, gamma: Tensor?) throws -> Tensor {
    try checkFloatingPoint(name, "x", x)
    try checkCount(name, "num", num, to: Self.countLimit)
    if let sizes = x.shape.known {
      try checkMemory(name, "num", received: num, sizes + [num], bytesEach: x.dtype.byteCount)
    }
    guard gamma == nil || hasGamma else {
      throw ArgumentError(name, "radial_fn", "'\(name)' has no gamma: expected an exponential one")
    }
    try check()
    switch self {
    case .basic(let family, let limit):
      return try family.evaluate(x / limit, num: num)
    case .reciprocal(let family, let kind, let isWeighted):
      let mapping = try reciprocalMapping(x, kind: kind)
      let values = try family.evaluate(mapping: mapping, num: num)
      return isWeighted ? try values * mapping.expanded(at: -1) : values
    case .exponential(let family, let ownGamma, let cuspless, let isWeighted):
      let parameter = gamma.map { FunctionParameter.tensor($0) } ?? .number(ownGamma)
      let mapping = try exponentialMapping(x, parameter, cuspless)
      let values = try family.evaluate(mapping: mapping, num: num)
      return isWeighted ? try values * mapping.expanded(at: -1) : values
    case .sinc(let limit):
      return try sincColumns(x / limit, num: num)
    case .rectangularWindow(let limit):
      return try rectangularColumns(x, num: num, limit: limit)
    case .triangularWindow(let limit):
      return try triangularColumns(x / limit, num: num)
    case .smoothWindow(let limit):
      return try smoothColumns(x / limit, num: num)
    }
  }

  /// The most functions: derivatives of some families take a matrix of its square, 134 MB.
  package static let countLimit = 4096

  /// Whether it has a γ that can be learned.
  public var hasGamma: Bool {
    if case .exponential = self { true } else { false }
  }

  /// Refuses arguments that make no sense.
  /// - Throws: `ArgumentError` naming `limit` or `gamma` unless they are positive and finite.
  func check() throws(ArgumentError) {
    switch self {
    case .basic(_, let limit), .sinc(let limit), .rectangularWindow(let limit),
      .triangularWindow(let limit), .smoothWindow(let limit):
      try checkPositive(name, "limit", limit)
    case .exponential(_, let gamma, _, _):
      try checkPositive(name, "gamma", gamma)
    case .reciprocal:
      break
    }
  }
}
