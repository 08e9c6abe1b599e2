/// The shape and element type of an argument of a traced function; symbolic rows are bound by
/// every call anew.
public struct TensorSpecification: Sendable, Hashable {
  /// The shape, with symbols for what differs between calls.
  public var shape: Shape
  /// The element type.
  public var dtype: DType

  /// An argument of this shape and element type.
  public init(_ shape: Shape, dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype
  }
}

/// A function traced once, called many times, for every number of rows.
public struct CompiledFunction: Sendable, CustomStringConvertible {
  /// What the arguments must be.
  public let arguments: [TensorSpecification]
  /// What the results are.
  public let results: [TensorSpecification]
  let executor: any Executor

  /// Traces `function` on arguments without elements. What depends on none of them is computed
  /// here, once.
  ///
  /// - Parameter arguments: shapes and element types; a symbol that stands for several axes must
  ///   stand alone in at least one.
  /// - Parameter function: called once; may build graphs, but ask for no numbers.
  /// - Throws: `ShapeError` if a symbol is the size of no argument, or for sizes that no tensor can
  ///   have; whatever `function` throws.
  public init(
    _ arguments: [TensorSpecification], _ function: ([Tensor]) throws -> [Tensor]
  ) throws {
    let inputs = arguments.enumerated().map { index, argument in
      Tensor(unchecked: .input(index), [], shape: argument.shape, dtype: argument.dtype)
    }
    for argument in arguments { try argument.shape.check("CompiledFunction", argument.dtype) }
    let outputs = try function(inputs)
    self.arguments = arguments
    self.results = outputs.map { TensorSpecification($0.shape, dtype: $0.dtype) }
    try Node.foldConstants(of: outputs.map(\.node))
    let graph = Graph(outputs: outputs, arguments: arguments.count)
    try graph.checkSizes()
    let bound = Set(arguments.flatMap(\.shape).compactMap(\.loneSymbol))
    var dimensions = arguments.flatMap(\.shape)
    for operation in graph.operations {
      dimensions += operation.shape
      if case .size(let dimension) = operation.primitive { dimensions.append(dimension) }
    }
    for dimension in dimensions {
      for symbol in dimension.symbols where !bound.contains(symbol) {
        throw ShapeError(
          "CompiledFunction", arguments.map(\.shape),
          "the rows '\(symbol)' are the size of no argument's axis")
      }
    }
    self.executor = ExecutorChoice.current.executor(compiled: graph)
  }

  /// Calls the function.
  ///
  /// - Parameter values: tensors of the shapes and element types of ``arguments``; equal symbols
  ///   must have equal sizes.
  /// - Returns: tensors as of ``results``, with their elements.
  /// - Throws: `ShapeError` if an argument does not fit; `EvaluationError` for values that an
  ///   operation refuses.
  public func callAsFunction(_ values: [Tensor]) throws -> [Tensor] {
    let bindings = try bound(values)
    return try executor.run(values, bindings)
  }

  /// Calls the function on these threads.
  package func call(_ values: [Tensor], on pool: ThreadPool) throws -> [Tensor] {
    try ThreadPool.$override.withValue(pool) { try callAsFunction(values) }
  }

  /// The sizes that these arguments, which are evaluated, give to symbols.
  private func bound(_ values: [Tensor]) throws -> Bindings {
    guard values.count == arguments.count else {
      throw ShapeError(
        "call", values.map(\.shape), "the function has \(arguments.count) arguments")
    }
    try evaluate(values)
    var bindings = Bindings()
    for pass in 0...1 {
      for (index, (value, argument)) in zip(values, arguments).enumerated() {
        try bind(index, value, argument, &bindings, derived: pass == 1)
      }
    }
    return bindings
  }

  private func bind(
    _ index: Int, _ value: Tensor, _ argument: TensorSpecification, _ bindings: inout Bindings,
    derived: Bool
  ) throws(ShapeError) {
    func mismatch() -> ShapeError {
      ShapeError(
        "call", [value.shape, argument.shape],
        "argument \(index) (\(value.dtype)) does not fit its specification (\(argument.dtype))")
    }
    guard value.dtype == argument.dtype, value.rank == argument.shape.rank,
      let sizes = value.shape.known
    else { throw mismatch() }
    for (size, expected) in zip(sizes, argument.shape) {
      if let symbol = expected.loneSymbol {
        if let bound = bindings.size(of: symbol) {
          if bound != size { throw mismatch() }
        } else {
          bindings.bind(symbol, to: size)
        }
      } else if derived || expected.known != nil {
        if expected.resolved(bindings) != size { throw mismatch() }
      }
    }
  }

  /// The graph, an operation a line.
  public var description: String { executor.graph.description }

  /// How the function runs: sweeps over tiles of rows and single operations.
  public var plan: String { executor.explanation }

  /// The parts of the plan with the seconds that each took in the fastest of several calls, the
  /// slowest first; none from executors that do not measure.
  package func profile(_ values: [Tensor], calls: Int) throws -> [(part: String, seconds: Double)] {
    let bindings = try bound(values)
    return try executor.profile(values, bindings, calls: calls)
      .filter { $0.seconds.isFinite }
      .sorted { $0.seconds > $1.seconds }
  }

  /// The number of operations.
  package var operationCount: Int { executor.graph.operations.count }
}

extension Dimension {
  /// The symbol, if the dimension is just that.
  var loneSymbol: RowSymbol? { factor == 1 && symbols.count == 1 ? symbols[0] : nil }
}
