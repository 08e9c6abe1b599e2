internal import E3xEngine

extension RadialFunction: NamedFunction {
  /// e3x's name, such as "reciprocal_bernstein".
  public var name: String {
    switch self {
    case .basic(let family, _): "basic_\(family.rawValue)"
    case .reciprocal(let family, _, _): "reciprocal_\(family.rawValue)"
    case .exponential(let family, _, _, _): "exponential_\(family.rawValue)"
    case .sinc: "sinc"
    case .rectangularWindow: "rectangular_window"
    case .triangularWindow: "triangular_window"
    case .smoothWindow: "smooth_window"
    }
  }

  /// All arguments but `num`, under e3x's names.
  public var arguments: [String: FunctionArgument] {
    switch self {
    case .basic(_, let limit), .sinc(let limit), .rectangularWindow(let limit),
      .triangularWindow(let limit), .smoothWindow(let limit):
      ["limit": .number(limit)]
    case .reciprocal(_, let kind, let isWeighted):
      ["kind": .text(kind.rawValue), "use_reciprocal_weighting": .flag(isWeighted)]
    case .exponential(_, let gamma, let cuspless, let isWeighted):
      [
        "gamma": .number(gamma), "cuspless": .flag(cuspless),
        "use_exponential_weighting": .flag(isWeighted),
      ]
    }
  }

  /// The names of all radial functions.
  public static var names: [String] {
    ["basic", "reciprocal", "exponential"].flatMap { mapping in
      RadialFamily.allCases.map { "\(mapping)_\($0.rawValue)" }
    } + ["sinc", "rectangular_window", "triangular_window", "smooth_window"]
  }

  /// The function that e3x has under a name.
  /// - Throws: `ArgumentError` naming `radial_fn` for an unknown name, or an argument that is
  ///   unknown, of the wrong kind or refused.
  public init(name: String, arguments: [String: FunctionArgument] = [:]) throws {
    var reader = ArgumentReader(name, arguments)
    let parts = name.split(separator: "_", maxSplits: 1).map(String.init)
    let family = parts.count == 2 ? RadialFamily(rawValue: parts[1]) : nil
    switch (parts.first, family, name) {
    case ("basic", let family?, _):
      self = .basic(family, limit: try reader.number("limit", default: 1))
    case ("reciprocal", let family?, _):
      self = .reciprocal(
        family, kind: try reader.choice("kind", default: .shifted),
        useReciprocalWeighting: try reader.flag("use_reciprocal_weighting"))
    case ("exponential", let family?, _):
      self = .exponential(
        family, gamma: try reader.number("gamma", default: 1),
        cuspless: try reader.flag("cuspless"),
        useExponentialWeighting: try reader.flag("use_exponential_weighting"))
    case (_, _, "sinc"):
      self = .sinc(limit: try reader.number("limit", default: 1))
    case (_, _, "rectangular_window"):
      self = .rectangularWindow(limit: try reader.number("limit", default: 1))
    case (_, _, "triangular_window"):
      self = .triangularWindow(limit: try reader.number("limit", default: 1))
    case (_, _, "smooth_window"):
      self = .smoothWindow(limit: try reader.number("limit", default: 1))
    default:
      throw ArgumentError(
        "RadialFunction", "radial_fn",
        "expected one of \(Self.names.joined(separator: ", ")), received '\(name)'")
    }
    try reader.checkEmpty()
    try check()
  }
}
