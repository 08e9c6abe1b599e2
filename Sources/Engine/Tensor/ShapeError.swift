/// An operation on tensors whose shapes or element types do not fit together.
public struct ShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation, such as "matmul".
  public let operation: String
  /// The shapes that came, in the order of the operands.
  public let shapes: [Shape]
  /// The rule that they break.
  public let rule: String

  /// An error of `operation`, which broke `rule` with these shapes.
  public init(_ operation: String, _ shapes: [Shape], _ rule: String) {
    self.operation = operation
    self.shapes = shapes
    self.rule = rule
  }

  /// "matmul of [3, 4] and [5, 6]: …".
  public var description: String {
    let list = shapes.map(\.description).joined(separator: " and ")
    return shapes.isEmpty ? "\(operation): \(rule)" : "\(operation) of \(list): \(rule)"
  }
}

/// An argument of a call that was refused.
public struct ArgumentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The function or layer that was called.
  public let function: String
  /// The argument at fault, under the name that the call has for it.
  public let argument: String
  /// What came and what was expected.
  public let reason: String

  /// An error of `function`: `argument` is wrong, because of `reason`.
  public init(_ function: String, _ argument: String, _ reason: String) {
    self.function = function
    self.argument = argument
    self.reason = reason
  }

  /// "MultiHeadAttention: num_heads: …".
  public var description: String { "\(function): \(argument): \(reason)" }
}

/// A value that was found to be wrong while a graph ran.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The function or layer that was given the value, or the operation that met it.
  public let operation: String
  /// The argument that held it, under the name that the call has for it, if that is known.
  public let argument: String?
  /// What was met, and where.
  public let reason: String

  package init(_ operation: String, argument: String?, _ reason: String) {
    self.operation = operation
    self.argument = argument
    self.reason = reason
  }

  /// "gather_src: src_idx: index 7 at position 3 is outside 0 ..< 5".
  public var description: String {
    "\(operation): \(argument.map { "\($0): " } ?? "")\(reason)"
  }
}
