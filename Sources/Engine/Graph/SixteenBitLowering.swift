extension Graph {
  /// The graph with all numbers of 16 bits widened to float32 before an operation and rounded after
  /// it, for executors that compute in float32 only: they meet the 16-bit types as arguments,
  /// constants and results, and on one side of `cast`.
  package func loweringSixteenBitTypes() -> Graph {
    guard operations.contains(where: { $0.dtype.isHalf }) else { return self }
    var lowering = SixteenBitLowering()
    for operation in operations { lowering.add(operation) }
    let results = outputs.map { lowering.result($0, operations[$0].dtype) }
    return Graph(lowering.builder, outputs: results, argumentCount: argumentCount)
  }
}

private struct SixteenBitLowering {
  private(set) var builder = GraphBuilder()
  /// Where the value of an operation stands; in float32 if its type is one of the 16-bit types.
  private var positions: [Int] = []

  mutating func add(_ operation: Graph.Operation) {
    positions.append(placed(operation))
  }

  /// The position of a value in its own type.
  mutating func result(_ position: Int, _ dtype: DType) -> Int {
    let value = positions[position]
    guard dtype.isHalf else { return value }
    let found = builder.operations[value]
    if case .cast = found.primitive, builder.operations[found.inputs[0]].dtype == dtype {
      return found.inputs[0]
    }
    return builder.cast(value, to: dtype)
  }

  private mutating func placed(_ operation: Graph.Operation) -> Int {
    let (primitive, dtype) = (operation.primitive, operation.dtype)
    let inputs = operation.inputs.map { positions[$0] }
    switch primitive {
    case .input, .constant:
      let value = builder.place(primitive, [], operation.shape, dtype)
      return dtype.isHalf ? builder.cast(value, to: .float32) : value
    case .cast:
      guard dtype.isHalf else { return builder.cast(inputs[0], to: dtype) }
      // From the type there is: through float32 some numbers would be rounded twice.
      switch builder.operations[inputs[0]].dtype {
      case .float64, .float32: return rounded(inputs[0], to: dtype)
      case .int32: return rounded(builder.cast(inputs[0], to: .float64), to: dtype)
      default: return rounded(builder.cast(inputs[0], to: .float32), to: dtype)
      }
    default: break
    }
    guard dtype.isHalf else {
      return builder.place(primitive, inputs, operation.shape, dtype, operation.label)
    }
    let result = builder.place(primitive, inputs, operation.shape, .float32, operation.label)
    return primitive.isExact ? result : rounded(result, to: dtype)
  }

  /// The nearest numbers of a 16-bit type, in float32.
  private mutating func rounded(_ value: Int, to dtype: DType) -> Int {
    builder.cast(builder.cast(value, to: dtype), to: .float32)
  }
}

extension Primitive {
  /// Whether results are numbers of any floating-point type whose numbers the operands are.
  fileprivate var isExact: Bool {
    switch self {
    case .input, .constant, .fill, .select, .broadcast, .reshape, .permute, .slice, .pad,
      .concatenate, .gather, .segmentMax, .check, .override, .stopGradient:
      true
    case .unary(let operation):
      [.negate, .absolute, .sign, .floor].contains(operation)
    case .binary(let operation):
      operation == .minimum || operation == .maximum
    case .reduce(let reduction, _):
      reduction != .sum
    case .iota, .size, .compare, .logical, .not, .cast, .matmul, .linear, .linearWeights,
      .blockProduct, .segmentSum, .couple, .polynomial, .length, .direction:
      false
    }
  }
}
