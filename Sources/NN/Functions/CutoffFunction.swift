public import E3xEngine

/// A function that goes to 0 at a distance, as a value that can be named, printed and stored: the
/// `cutoff_fn` of e3x with its argument.
public enum CutoffFunction: Hashable, Sendable {
  /// See ``smoothCutoff(_:cutoff:)``.
  case smooth(cutoff: Double = 1)
  /// See ``cosineCutoff(_:cutoff:)``.
  case cosine(cutoff: Double = 1)

  /// The distance from which on it is 0, in the units of distances.
  public var cutoff: Double {
    switch self {
    case .smooth(let cutoff), .cosine(let cutoff): cutoff
    }
  }

  /// Evaluates the function.
  /// - Parameter x: Distances of any shape.
  /// - Throws: As of ``smoothCutoff(_:cutoff:)``.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .smooth(let cutoff): try smoothCutoff(x, cutoff: cutoff)
    case .cosine(let cutoff): try cosineCutoff(x, cutoff: cutoff)
    }
  }

  /// Evaluates the function at lengths of vectors, which need no check.
  func callAsFunction(distances x: Tensor) throws -> Tensor {
    switch self {
    case .smooth(let cutoff): try smoothCutoff(distances: x, cutoff: cutoff)
    case .cosine(let cutoff): try cosineCutoff(distances: x, cutoff: cutoff)
    }
  }
}

extension CutoffFunction: NamedFunction {
  /// e3x's name.
  public var name: String {
    switch self {
    case .smooth: "smooth_cutoff"
    case .cosine: "cosine_cutoff"
    }
  }

  /// The cutoff.
  public var arguments: [String: FunctionArgument] { ["cutoff": .number(cutoff)] }

  /// The function that e3x has under a name.
  /// - Throws: `ArgumentError` naming `cutoff_fn` for an unknown name, or an argument.
  public init(name: String, arguments: [String: FunctionArgument] = [:]) throws {
    var reader = ArgumentReader(name, arguments)
    let cutoff = try reader.number("cutoff", default: 1)
    switch name {
    case "smooth_cutoff": self = .smooth(cutoff: cutoff)
    case "cosine_cutoff": self = .cosine(cutoff: cutoff)
    default:
      throw ArgumentError(
        "CutoffFunction", "cutoff_fn",
        "expected smooth_cutoff or cosine_cutoff, received '\(name)'")
    }
    try reader.checkEmpty()
    try checkPositive(name, "cutoff", cutoff)
  }
}
