extension Tensor {
  /// The names of the primitives that a tensor is computed from, without what belongs to them:
  /// "couple", "reduce sum", "tanh".
  package var primitiveNames: Set<String> {
    Set(Node.reachable(from: [node]).map(\.primitive.name))
  }
}

/// The names of all primitives, for tests that none may be missing from.
package let tensorPrimitiveNames = (
  differentiable: Primitive.differentiableNames, others: Primitive.otherNames
)

extension Primitive {
  /// The names of all primitives that have a derivative.
  static var differentiableNames: Set<String> {
    var names = Set(UnaryOperation.allCases.map(\.rawValue))
    names.formUnion(BinaryOperation.allCases.map(\.rawValue))
    names.formUnion(Reduction.allCases.map { "reduce \($0.rawValue)" })
    return names.union([
      "select", "cast", "broadcast", "reshape", "permute", "slice", "pad", "concatenate",
      "matmul", "linear", "linearWeights", "blockProduct", "gather", "segmentSum", "segmentMax",
      "couple", "polynomial", "length", "direction", "check", "override", "stopGradient",
    ])
  }

  /// The names of those that have none.
  static let otherNames: Set<String> = [
    "input", "constant", "fill", "iota", "size", "compare", "logical", "not",
  ]

  /// The primitive's name. A new primitive must be given one here, and put into one of the sets
  /// above.
  package var name: String {
    switch self {
    case .input: "input"
    case .constant: "constant"
    case .fill: "fill"
    case .iota: "iota"
    case .size: "size"
    case .unary(let operation): operation.rawValue
    case .binary(let operation): operation.rawValue
    case .compare: "compare"
    case .logical: "logical"
    case .not: "not"
    case .select: "select"
    case .cast: "cast"
    case .broadcast: "broadcast"
    case .reshape: "reshape"
    case .permute: "permute"
    case .slice: "slice"
    case .pad: "pad"
    case .concatenate: "concatenate"
    case .reduce(let reduction, _): "reduce \(reduction.rawValue)"
    case .matmul: "matmul"
    case .linear: "linear"
    case .linearWeights: "linearWeights"
    case .blockProduct: "blockProduct"
    case .gather: "gather"
    case .segmentSum: "segmentSum"
    case .segmentMax: "segmentMax"
    case .couple: "couple"
    case .polynomial: "polynomial"
    case .length: "length"
    case .direction: "direction"
    case .check: "check"
    case .override: "override"
    case .stopGradient: "stopGradient"
    }
  }
}
