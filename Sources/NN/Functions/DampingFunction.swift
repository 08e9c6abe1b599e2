public import E3xEngine

/// A function that is 0 at distance 0 and goes to 1, as a value that can be named, printed and
/// stored: the `damping_fn` of e3x with its argument.
public enum DampingFunction: Hashable, Sendable {
  /// See `smoothDamping(_:gamma:)`.
  case smooth(gamma: Double = 1)

  /// Evaluates the function.
  /// - Parameter x: Distances, not negative, of any shape.
  /// - Throws: `ArgumentError` naming `gamma` unless it is positive and finite.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .smooth(let gamma): try smoothDamping(x, gamma: gamma)
    }
  }
}

extension DampingFunction: NamedFunction {
  /// e3x's name.
  public var name: String { "smooth_damping" }

  /// γ
  public var arguments: [String: FunctionArgument] {
    switch self {
    case .smooth(let gamma): ["gamma": .number(gamma)]
    }
  }

  /// The function that e3x has under a name.
  /// - Throws: `ArgumentError` naming `damping_fn` for an unknown name, or an argument.
  public init(name: String, arguments: [String: FunctionArgument] = [:]) throws {
    guard name == "smooth_damping" else {
      throw ArgumentError(
        "DampingFunction", "damping_fn", "expected smooth_damping, received '\(name)'")
    }
    var reader = ArgumentReader(name, arguments)
    let gamma = try reader.number("gamma", default: 1)
    try reader.checkEmpty()
    try checkPositive(name, "gamma", gamma)
    self = .smooth(gamma: gamma)
  }
}
