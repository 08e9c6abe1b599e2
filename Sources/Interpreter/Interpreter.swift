package import E3xEngine

/// Computes a graph as its primitives are defined, element by element, in Swift alone: what every
/// other executor is tested against. It shares nothing with them but the graph, and is slow.
package struct Interpreter: Executor {
  package let graph: Graph

  package init(_ graph: Graph) { self.graph = graph }

  package func run(_ arguments: [Tensor], _ bindings: Bindings) throws -> [Tensor] {
    var computed: [Elements] = []
    for operation in graph.operations {
      let node = InterpretedOperation(
        operation: operation, inputs: operation.inputs.map { computed[$0] },
        shape: operation.shape.resolved(bindings), bindings: bindings)
      if case .input(let position) = operation.primitive {
        computed.append(try Elements(arguments[position]))
      } else {
        computed.append(try node.result())
      }
    }
    return graph.outputs.map { computed[$0].tensor() }
  }
}

extension ExecutorChoice {
  /// Graphs are computed element by element, as primitives are defined.
  package static let interpreter = ExecutorChoice("interpreter") { Interpreter($0) }
}

/// One operation and its operands.
struct InterpretedOperation {
  let operation: Graph.Operation
  let inputs: [Elements]
  /// The shape of the result.
  let shape: [Int]
  let bindings: Bindings
  var dtype: DType { operation.dtype }

  /// A primitive that is added must be given its meaning here.
  func result() throws -> Elements {
    switch operation.primitive {
    case .input, .override, .stopGradient:
      preconditionFailure("\(operation.primitive) is nothing that is computed")
    case .constant(let constant): return Elements(constant, shape, dtype)
    case .fill(let value): return Elements(shape, dtype) { _ in value }
    case .iota(let axis): return Elements(shape, dtype) { Double($0[axis]) }
    case .size(let dimension):
      return Elements(shape, dtype) { _ in Double(dimension.resolved(bindings)) }
    case .unary(let operation): return elementwise { operation.value($0[0]) }
    case .binary(let operation):
      let isInteger = inputs[0].dtype == .int32
      return elementwise {
        isInteger ? operation.integer($0[0], $0[1]) : operation.value($0[0], $0[1])
      }
    case .compare(let comparison):
      return elementwise { comparison.holds($0[0], $0[1]) ? 1 : 0 }
    case .logical(let operation):
      return elementwise { operation.holds($0[0] != 0, $0[1] != 0) ? 1 : 0 }
    case .not: return elementwise { $0[0] == 0 ? 1 : 0 }
    case .select: return elementwise { $0[0] != 0 ? $0[1] : $0[2] }
    case .cast: return Elements(shape, dtype, inputs[0].values.map { dtype.nearest($0) })
    case .broadcast: return elementwise { $0[0] }
    case .reshape: return Elements(shape, dtype, inputs[0].values)
    case .permute(let order):
      return Elements(shape, dtype) { index in
        var source = index
        for (axis, from) in order.enumerated() { source[from] = index[axis] }
        return inputs[0][source]
      }
    case .slice(let axis, let start, _): return moved(along: axis) { $0 + start }
    case .pad(let axis, let before, _):
      let size = inputs[0].shape[axis]
      return moved(along: axis) { (0..<size).contains($0 - before) ? $0 - before : nil }
    case .concatenate(let axis): return concatenated(along: axis)
    case .reduce(let reduction, let axes): return reduced(reduction, over: axes)
    case .matmul: return matrixProduct()
    case .linear(let map): return linear(map)
    case .linearWeights(let map): return linearWeights(map)
    case .blockProduct(let map, let opened): return blockProduct(map, opened)
    case .gather(let padding): return try gathered(padding)
    case .segmentSum: return try segments(empty: 0) { $0 + $1 }
    case .segmentMax(let empty): return try segmentMaximum(empty: empty)
    case .couple(let table, let output, let reduces): return coupled(table, output, reduces)
    case .polynomial(let table): return polynomials(table)
    case .length: return vectors { [length($0)] }
    case .direction(let above):
      return vectors { vector in
        let length = length(vector)
        return length > above ? normalised(vector) : vector
      }
    case .check(let check):
      try refuse(check)
      return inputs[0]
    }
  }

  private func elementwise(_ element: ([Double]) -> Double) -> Elements {
    Elements(shape, dtype) { index in element(inputs.map { $0.broadcast(at: index) }) }
  }

  /// The elements with other places along one axis; nil where there is none: 0.
  private func moved(along axis: Int, _ place: (Int) -> Int?) -> Elements {
    Elements(shape, dtype) { index in
      guard let from = place(index[axis]) else { return 0 }
      var source = index
      source[axis] = from
      return inputs[0][source]
    }
  }

  private func concatenated(along axis: Int) -> Elements {
    Elements(shape, dtype) { index in
      var source = index
      for input in inputs {
        if source[axis] < input.shape[axis] { return input[source] }
        source[axis] -= input.shape[axis]
      }
      preconditionFailure("the result is longer than the operands")
    }
  }

  private func refuse(_ check: ValueCheck) throws {
    let (values, shape) = (inputs[0].values, inputs[0].shape)
    func reason<Element>(_ elements: [Element]) -> String? {
      elements.withUnsafeBytes { bytes in
        // Of no elements there may be no address.
        bytes.baseAddress.flatMap { check.reason(toRefuse: $0, inputs[0].dtype, shape) }
      }
    }
    let found =
      switch inputs[0].dtype {
      case .float32: reason(values.map { Float($0) })
      case .float64: reason(values)
      case .float16, .bfloat16, .int32, .bool: nil as String?
      }
    if let found { throw EvaluationError(check.function, argument: check.argument, found) }
  }
}
