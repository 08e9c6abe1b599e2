/// A graph in a flat array: what executors run. Operands stand before the operations that use
/// them; equal operations stand once; what no output needs is gone.
///
/// This is the seam between the language of tensors and those who compute: an executor sees
/// nothing else.
package struct Graph: Sendable, CustomStringConvertible {
  struct Operation: Sendable {
    let primitive: Primitive
    /// Positions in `operations`.
    let inputs: [Int]
    let shape: Shape
    let dtype: DType
  }

  private(set) var operations: [Operation] = []
  /// The positions of the results.
  private(set) var outputs: [Int] = []
  /// The number of arguments.
  let argumentCount: Int

  /// The graph of these results. Nodes whose elements are known already are constants in it.
  package init(outputs results: [Tensor], arguments: Int = 0) {
    argumentCount = arguments
    var position: [UInt64: Int] = [:]
    var existing: [Key: Int] = [:]
    let nodes = Node.reachable(from: results.map(\.node))
    operations.reserveCapacity(nodes.count)

    func place(_ operation: Operation) -> Int {
      let key = Key(operation)
      if let found = existing[key] { return found }
      operations.append(operation)
      existing[key] = operations.count - 1
      return operations.count - 1
    }

    for node in nodes {
      if let storage = node.result {
        let primitive = Primitive.constant(ConstantID(storage))
        position[node.id] = place(
          Operation(primitive: primitive, inputs: [], shape: node.shape, dtype: node.dtype))
        continue
      }
      var inputs = node.inputs.map { position[$0.id]! }
      if case .reshape = node.primitive {
        // A reshape of a reshape is one. (Only here: derivatives may be asked for in between.)
        if case .reshape = operations[inputs[0]].primitive { inputs = operations[inputs[0]].inputs }
        if operations[inputs[0]].shape == node.shape {
          position[node.id] = inputs[0]
          continue
        }
      }
      switch node.primitive {
      case .stopGradient, .override:
        // Only differentiation sees them.
        position[node.id] = inputs[0]
      default:
        position[node.id] = place(
          Operation(
            primitive: node.primitive, inputs: inputs, shape: node.shape, dtype: node.dtype))
      }
    }
    outputs = results.map { position[$0.node.id]! }
    removeUnused()
  }

  /// What makes two operations the same.
  private struct Key: Hashable {
    let primitive: Primitive
    let inputs: [Int]
    let shape: Shape
    let dtype: DType
    init(_ operation: Operation) {
      primitive = operation.primitive
      inputs = operation.inputs
      shape = operation.shape
      dtype = operation.dtype
    }
  }

  private mutating func removeUnused() {
    var used = [Bool](repeating: false, count: operations.count)
    for output in outputs { used[output] = true }
    for position in operations.indices.reversed() where used[position] {
      for input in operations[position].inputs { used[input] = true }
    }
    var moved = [Int](repeating: -1, count: operations.count)
    var kept: [Operation] = []
    for (position, operation) in operations.enumerated() where used[position] {
      moved[position] = kept.count
      kept.append(
        Operation(
          primitive: operation.primitive, inputs: operation.inputs.map { moved[$0] },
          shape: operation.shape, dtype: operation.dtype))
    }
    operations = kept
    outputs = outputs.map { moved[$0] }
  }

  /// One line an operation: its name, operands, shape, element type, and the space of its rows
  /// (the symbols of its shape).
  package var description: String {
    var lines: [String] = []
    for (position, operation) in operations.enumerated() {
      let operands = operation.inputs.map { "%\($0)" }.joined(separator: " ")
      let symbols = operation.shape.flatMap(\.symbols).map(\.name)
      let rows = symbols.isEmpty ? "" : "  rows \(symbols.joined(separator: "*"))"
      lines.append(
        "%\(position) = \(operation.primitive) \(operands.isEmpty ? "" : operands + " ")"
          + ": \(operation.dtype) \(operation.shape)\(rows)")
    }
    lines.append("return " + outputs.map { "%\($0)" }.joined(separator: ", "))
    return lines.joined(separator: "\n")
  }
}

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
      "matmul", "linear", "linearWeights", "gather", "segmentSum", "segmentMax", "couple",
      "polynomial", "override", "stopGradient",
    ])
  }

  /// The names of those that have none.
  static let otherNames: Set<String> = [
    "input", "constant", "fill", "iota", "size", "compare", "logical", "not",
  ]

  /// The primitive's name. A new primitive must be given one here, and put into one of the sets
  /// above.
  var name: String {
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
    case .gather: "gather"
    case .segmentSum: "segmentSum"
    case .segmentMax: "segmentMax"
    case .couple: "couple"
    case .polynomial: "polynomial"
    case .override: "override"
    case .stopGradient: "stopGradient"
    }
  }
}

extension Primitive: CustomStringConvertible {
  /// The operation with what belongs to it, as graphs print it.
  var description: String {
    switch self {
    case .input(let position): "input(\(position))"
    case .constant: "constant"
    case .fill(let value): "fill(\(value))"
    case .iota(let axis): "iota(axis: \(axis))"
    case .size(let dimension): "size(\(dimension))"
    case .unary(let operation): operation.rawValue
    case .binary(let operation): operation.rawValue
    case .compare(let comparison): comparison.rawValue
    case .logical(let operation): operation.rawValue
    case .not: "not"
    case .select: "select"
    case .cast: "cast"
    case .broadcast: "broadcast"
    case .reshape: "reshape"
    case .permute(let order): "permute(\(order.map(String.init).joined(separator: ", ")))"
    case .slice(let axis, let start, let count):
      "slice(axis: \(axis), \(start) ..< \(start + count))"
    case .pad(let axis, let before, let after):
      "pad(axis: \(axis), before: \(before), after: \(after))"
    case .concatenate(let axis): "concatenate(axis: \(axis))"
    case .reduce(let reduction, let axes):
      "\(reduction.rawValue)(axes: \(axes.map(String.init).joined(separator: ", ")))"
    case .matmul: "matmul"
    case .linear(let map): "linear(blocks: \(map.count))"
    case .linearWeights(let map): "linearWeights(blocks: \(map.count))"
    case .gather(let padding): "gather(padding: \(padding.rawValue))"
    case .segmentSum(let padding): "segmentSum(\(padding.rawValue))"
    case .segmentMax(let empty): "segmentMax(empty: \(empty))"
    case .couple(let table, let output, let reduce):
      "couple(\(table.name), \(table.termCount) terms, slot \(output)\(reduce ? ", reduce" : ""))"
    case .polynomial(let table): "polynomial(\(table.name), \(table.polynomials.count))"
    case .override: "override"
    case .stopGradient: "stopGradient"
    }
  }
}
