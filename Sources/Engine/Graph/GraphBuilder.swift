/// Flattens nodes into operations: operands before the operations that use them, equal operations
/// once.
///
/// Numbers of 16 bits are widened to float32 before an operation and rounded after it. Executors
/// compute in float32 only, and meet the 16-bit types as arguments, constants and results, and on
/// one side of `cast`.
struct GraphBuilder {
  private(set) var operations: [Graph.Operation] = []
  private var existing: [Key: Int] = [:]
  /// Where the value of a node stands; in float32 if its type is one of the 16-bit types.
  private var position: [UInt64: Int] = [:]

  /// Adds a node whose operands were added before.
  mutating func add(_ node: Node) {
    position[node.id] = placed(node)
  }

  /// The position of a node's value in its own type.
  mutating func result(_ node: Node) -> Int {
    let value = position[node.id]!
    guard node.dtype.isHalf else { return value }
    if case .cast = operations[value].primitive {
      let source = operations[value].inputs[0]
      if operations[source].dtype == node.dtype { return source }
    }
    return cast(value, to: node.dtype)
  }

  private mutating func placed(_ node: Node) -> Int {
    if let storage = node.result {
      let constant = place(.constant(Constant(storage)), [], node.shape, node.dtype)
      return widened(constant)
    }
    var inputs = node.inputs.map { position[$0.id]! }
    switch node.primitive {
    case .input:
      return widened(place(node.primitive, [], node.shape, node.dtype))
    case .stopGradient, .override:
      // Only differentiation sees them.
      return inputs[0]
    case .cast:
      guard node.dtype.isHalf else { return cast(inputs[0], to: node.dtype) }
      // From the type there is: through float32 some numbers would be rounded twice.
      switch operations[inputs[0]].dtype {
      case .float64, .float32: return rounded(inputs[0], to: node.dtype)
      case .int32: return rounded(cast(inputs[0], to: .float64), to: node.dtype)
      default: return rounded(cast(inputs[0], to: .float32), to: node.dtype)
      }
    case .reshape:
      // A reshape of a reshape is one. (Only here: derivatives may be asked for in between.)
      if case .reshape = operations[inputs[0]].primitive { inputs = operations[inputs[0]].inputs }
      if operations[inputs[0]].shape == node.shape { return inputs[0] }
    default: break
    }
    guard node.dtype.isHalf else {
      return place(node.primitive, inputs, node.shape, node.dtype, node.label)
    }
    let result = place(node.primitive, inputs, node.shape, .float32, node.label)
    return node.primitive.isExact ? result : rounded(result, to: node.dtype)
  }

  /// The same numbers, of 16 bits, in float32.
  private mutating func widened(_ value: Int) -> Int {
    operations[value].dtype.isHalf ? cast(value, to: .float32) : value
  }

  /// The nearest numbers of a 16-bit type, in float32.
  private mutating func rounded(_ value: Int, to dtype: DType) -> Int {
    cast(cast(value, to: dtype), to: .float32)
  }

  private mutating func cast(_ value: Int, to dtype: DType) -> Int {
    let source = operations[value]
    return source.dtype == dtype ? value : place(.cast, [value], source.shape, dtype)
  }

  private mutating func place(
    _ primitive: Primitive, _ inputs: [Int], _ shape: Shape, _ dtype: DType,
    _ label: IndexLabel? = nil
  ) -> Int {
    let key = Key(primitive: primitive, inputs: inputs, shape: shape, dtype: dtype)
    if let found = existing[key] {
      if operations[found].label == nil { operations[found].label = label }
      return found
    }
    operations.append(
      Graph.Operation(
        primitive: primitive, inputs: inputs, shape: shape, dtype: dtype, label: label))
    existing[key] = operations.count - 1
    return operations.count - 1
  }

  /// What makes two operations the same.
  private struct Key: Hashable {
    let primitive: Primitive
    let inputs: [Int]
    let shape: Shape
    let dtype: DType
  }
}

extension Primitive {
  /// Whether results are numbers of any floating-point type whose numbers the operands are.
  fileprivate var isExact: Bool {
    switch self {
    case .fill, .select, .broadcast, .reshape, .permute, .slice, .pad, .concatenate, .gather,
      .segmentMax, .check:
      true
    case .unary(let operation):
      [.negate, .absolute, .sign, .floor].contains(operation)
    case .binary(let operation):
      operation == .minimum || operation == .maximum
    case .reduce(let reduction, _):
      reduction != .sum
    default: false
    }
  }
}
