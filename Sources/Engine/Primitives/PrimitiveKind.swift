/// The primitives without what belongs to each: one name for every operation of ``Primitive``, and
/// what is true of all operations of the name.
package enum PrimitiveKind: String, CaseIterable, Sendable {
  case input, constant, fill, iota, size
  case unary, binary, compare, logical, not, select, cast
  case broadcast, reshape, permute, slice, pad, concatenate
  case reduce, matmul, linear, linearWeights, blockProduct
  case gather, segmentSum, segmentMax
  case couple, polynomial, length, direction
  case check, override, stopGradient

  /// Whether the result depends smoothly, or piecewise so, on operands, so that there is a rule for
  /// its derivative.
  package var isDifferentiable: Bool {
    switch self {
    case .input, .constant, .fill, .iota, .size, .compare, .logical, .not: false
    case .unary, .binary, .select, .cast, .broadcast, .reshape, .permute, .slice, .pad,
      .concatenate, .reduce, .matmul, .linear, .linearWeights, .blockProduct, .gather,
      .segmentSum, .segmentMax, .couple, .polynomial, .length, .direction, .check, .override,
      .stopGradient:
      true
    }
  }

  /// The names of the operations: those of the kind's own operations, if it has several.
  package var names: [String] {
    switch self {
    case .unary: UnaryOperation.allCases.map(\.rawValue)
    case .binary: BinaryOperation.allCases.map(\.rawValue)
    case .reduce: Reduction.allCases.map { "\(rawValue) \($0.rawValue)" }
    default: [rawValue]
    }
  }
}

extension Primitive {
  /// The name without what belongs to the operation.
  package var kind: PrimitiveKind {
    switch self {
    case .input: .input
    case .constant: .constant
    case .fill: .fill
    case .iota: .iota
    case .size: .size
    case .unary: .unary
    case .binary: .binary
    case .compare: .compare
    case .logical: .logical
    case .not: .not
    case .select: .select
    case .cast: .cast
    case .broadcast: .broadcast
    case .reshape: .reshape
    case .permute: .permute
    case .slice: .slice
    case .pad: .pad
    case .concatenate: .concatenate
    case .reduce: .reduce
    case .matmul: .matmul
    case .linear: .linear
    case .linearWeights: .linearWeights
    case .blockProduct: .blockProduct
    case .gather: .gather
    case .segmentSum: .segmentSum
    case .segmentMax: .segmentMax
    case .couple: .couple
    case .polynomial: .polynomial
    case .length: .length
    case .direction: .direction
    case .check: .check
    case .override: .override
    case .stopGradient: .stopGradient
    }
  }

  /// The name of the operation: "tanh", "reduce sum", "couple".
  package var name: String {
    switch self {
    case .unary(let operation): operation.rawValue
    case .binary(let operation): operation.rawValue
    case .reduce(let reduction, _): "\(kind.rawValue) \(reduction.rawValue)"
    default: kind.rawValue
    }
  }
}

extension Tensor {
  /// The names of the primitives that a tensor is computed from.
  package var primitiveNames: Set<String> {
    Set(Node.reachable(from: [node]).map(\.primitive.name))
  }
}
