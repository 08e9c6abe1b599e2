internal import E3xLimits

/// A graph in a flat array: what executors run. Operands stand before the operations that use
/// them; equal operations stand once; what no output needs is gone.
///
/// This is the seam between the language of tensors and those who compute: an executor sees
/// nothing else.
package struct Graph: Sendable, CustomStringConvertible {
  package struct Operation: Sendable {
    /// What is done.
    package let primitive: Primitive
    /// The operands: positions in ``Graph/operations``.
    package let inputs: [Int]
    /// The shape of the result; its symbols are bound by each run.
    package let shape: Shape
    /// The element type of the result.
    package let dtype: DType
    /// Of operations with an index list: what errors call it. Says nothing about the result.
    package internal(set) var label: IndexLabel?
  }

  /// All operations, operands first.
  package private(set) var operations: [Operation] = []
  /// The positions of the results.
  package private(set) var outputs: [Int] = []
  /// The number of arguments.
  package let argumentCount: Int

  /// The graph of these results. Nodes whose elements are known already are constants in it.
  package init(outputs results: [Tensor], arguments: Int = 0) {
    var builder = GraphBuilder()
    var position: [UInt64: Int] = [:]
    for node in Node.reachable(from: results.map(\.node)) {
      position[node.id] = Graph.place(node, node.inputs.compactMap { position[$0.id] }, &builder)
    }
    self.init(
      builder, outputs: results.map { position[$0.node.id]! }, argumentCount: arguments)
  }

  init(_ builder: GraphBuilder, outputs: [Int], argumentCount: Int) {
    operations = builder.operations
    self.outputs = outputs
    self.argumentCount = argumentCount
    removeUnused()
  }

  private static func place(_ node: Node, _ inputs: [Int], _ builder: inout GraphBuilder) -> Int {
    if let storage = node.result {
      return builder.place(.constant(Constant(storage)), [], node.shape, node.dtype)
    }
    var inputs = inputs
    switch node.primitive {
    case .stopGradient, .override:
      // Only differentiation sees them.
      return inputs[0]
    case .reshape:
      // A reshape of a reshape is one. (Only here: derivatives may be asked for in between.)
      let source = builder.operations[inputs[0]]
      if case .reshape = source.primitive { inputs = source.inputs }
      if builder.operations[inputs[0]].shape == node.shape { return inputs[0] }
    default: break
    }
    return builder.place(node.primitive, inputs, node.shape, node.dtype, node.label)
  }

  /// Whether it depends on no arguments and no symbols.
  var isClosed: Bool {
    operations.allSatisfy { operation in
      switch operation.primitive {
      case .input: false
      case .size(let dimension): dimension.known != nil
      default: operation.shape.known != nil
      }
    }
  }

  /// What costs nothing while a graph is built may have any shape until it is to be run.
  /// - Throws: `ShapeError` for sizes that no tensor can have.
  func checkSizes() throws(ShapeError) {
    for operation in operations {
      try operation.shape.check(operation.primitive.name, operation.dtype)
    }
  }

  /// - Throws: `ShapeError` for sizes that no tensor can have, as these bindings make them.
  func checkSizes(_ bindings: Bindings) throws(ShapeError) {
    for operation in operations {
      try operation.shape.check(
        operation.primitive.name, operation.shape.resolved(bindings), operation.dtype,
        limit: MemoryLimit.array)
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
          shape: operation.shape, dtype: operation.dtype, label: operation.label))
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

extension Primitive: CustomStringConvertible {
  /// The operation with what belongs to it, as graphs print it.
  package var description: String {
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
    case .blockProduct(let map, let opened):
      "blockProduct(blocks: \(map.count), opened: \(["y", "h", "g"][opened]))"
    case .gather(let padding): "gather(padding: \(padding.rawValue))"
    case .segmentSum(let padding): "segmentSum(\(padding.rawValue))"
    case .segmentMax(let empty): "segmentMax(empty: \(empty))"
    case .couple(let table, let output, let reduce):
      "couple(\(table.name), \(table.terms.count) terms, slot \(output)\(reduce ? ", reduce" : ""))"
    case .polynomial(let table): "polynomial(\(table.name), \(table.count))"
    case .length: "length"
    case .direction(let above): "direction(above: \(above))"
    case .check(let check): "check(\(check))"
    case .override: "override"
    case .stopGradient: "stopGradient"
    }
  }
}
