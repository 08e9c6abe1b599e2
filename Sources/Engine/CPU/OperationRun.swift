internal import E3xCKernels

/// One operation with its operands' values.
struct OperationRun {
  let inputs: [Value]
  let dimensions: [Int]
  let dtype: DType
  let bindings: Bindings
  let pool: ThreadPool
  /// What errors call the index list, if there is one.
  var label: IndexLabel?
  /// Where the result is written to, contiguous, unless it is a view of an operand; new memory if
  /// nil.
  var destination: Value?

  /// The result, to be written.
  func made() -> Value { destination ?? Value(uninitialized: dimensions, dtype) }

  func run(_ primitive: Primitive) throws -> Value {
    // Nothing to be computed, however far the other axes go. Indices and values are checked still.
    if dimensions.contains(0), primitive.computesAlone { return made() }
    switch primitive {
    case .input, .override, .stopGradient:
      preconditionFailure("\(primitive) does not run")
    case .constant(let constant):
      return Value(contiguous: constant.storage, dimensions, dtype)
    case .fill(let value):
      return fill(value)
    case .iota(let axis):
      return iota(axis)
    case .size(let dimension):
      return fill(Double(dimension.resolved(bindings)))
    case .unary(let operation):
      return elementwise { nest, pointers in
        e3x_unary(operation.kernel, dtype.kernel, &nest, pointers[0], pointers[1])
      }
    case .binary(let operation):
      return elementwise { nest, pointers in
        e3x_binary(operation.kernel, dtype.kernel, &nest, pointers[0], pointers[1], pointers[2])
      }
    case .compare(let comparison):
      let operands = inputs[0].dtype.kernel
      return elementwise { nest, pointers in
        e3x_compare(
          comparison.kernel, operands, &nest, pointers[0].assumingMemoryBound(to: UInt8.self),
          pointers[1], pointers[2])
      }
    case .logical(let operation):
      return logical(operation.kernel, second: 2)
    case .not:
      return logical(E3X_NOT, second: 1)
    case .select:
      return elementwise { nest, pointers in
        e3x_select(
          dtype.kernel, &nest, pointers[0], pointers[1].assumingMemoryBound(to: UInt8.self),
          pointers[2], pointers[3])
      }
    case .cast:
      let from = inputs[0].dtype.kernel
      return elementwise { nest, pointers in
        e3x_cast(dtype.kernel, from, &nest, pointers[0], pointers[1])
      }
    case .broadcast: return broadcastView(inputs[0])
    case .reshape:
      return inputs[0].reshaped(dimensions) ?? copied()
    case .permute(let order): return permuted(order)
    case .slice(let axis, let start, _): return sliced(axis, start)
    case .pad(let axis, let before, _): return padded(axis, before)
    case .concatenate(let axis): return concatenated(axis)
    case .reduce(let reduction, let axes): return reduced(reduction, axes)
    case .matmul: return matmul()
    case .linear(let map): return linear(map)
    case .linearWeights(let map): return linearWeights(map)
    case .gather(let padding): return try gather(padding)
    case .segmentSum: return try segmentSum()
    case .segmentMax(let empty): return try segmentMax(empty)
    case .blockProduct(let map, let opened): return blockProduct(map, opened)
    case .couple(let table, let output, let reduce): return couple(table, output, reduce)
    case .polynomial(let table): return polynomial(table)
    case .length: return vectors(e3x_length)
    case .direction(let above):
      return vectors { e3x_direction($0, $1, $2, $3, above, $4) }
    case .check(let check):
      let values = inputs[0].contiguous(pool)
      let reason = withExtendedLifetime(values) {
        check.reason(toRefuse: values.pointer, values.dtype, values.dimensions)
      }
      if let reason {
        throw EvaluationError(check.function, argument: check.argument, reason)
      }
      return inputs[0]
    }
  }

  // MARK: Elementwise

  func elementwise(
    _ kernel: (inout e3x_nest, UnsafePointer<UnsafeMutableRawPointer>) -> Int32
  ) -> Value {
    let result = made()
    let operands = [result] + inputs.map { broadcastView($0) }
    Loop(dimensions, operands.map(\.strides)).run(pool, operands) { nest, pointers in
      let status = kernel(&nest, pointers)
      precondition(status == 0, "a kernel refused its element type")
    }
    return result
  }

  private func logical(_ operation: e3x_logical_op, second: Int) -> Value {
    elementwise { nest, pointers in
      e3x_logical(
        operation, &nest, pointers[0].assumingMemoryBound(to: UInt8.self),
        pointers[1].assumingMemoryBound(to: UInt8.self),
        pointers[second].assumingMemoryBound(to: UInt8.self))
    }
  }

  func fill(_ value: Double) -> Value {
    Value(
      storage: FillStorage.shared.storage(value, dtype), dimensions: dimensions,
      strides: [Int](repeating: 0, count: dimensions.count), dtype: dtype)
  }

  private func iota(_ axis: Int) -> Value {
    let line = Storage(counting: dimensions[axis], dtype: dtype)
    var strides = [Int](repeating: 0, count: dimensions.count)
    strides[axis] = 1
    return Value(storage: line, dimensions: dimensions, strides: strides, dtype: dtype)
  }
}

extension Primitive {
  /// Whether all that it does is to write its result.
  fileprivate var computesAlone: Bool {
    switch self {
    case .gather, .segmentSum, .segmentMax, .check: false
    case .input, .constant, .fill, .iota, .size, .unary, .binary, .compare, .logical, .not,
      .select, .cast, .broadcast, .reshape, .permute, .slice, .pad, .concatenate, .reduce, .matmul,
      .linear, .linearWeights, .blockProduct, .couple, .polynomial, .length, .direction, .override,
      .stopGradient:
      !isView
    }
  }
}

extension Primitive {
  /// Whether results are never written out.
  var isView: Bool {
    switch self {
    case .input, .constant, .fill, .broadcast, .permute, .slice, .check: true
    case .iota, .size, .unary, .binary, .compare, .logical, .not, .select, .cast, .reshape, .pad,
      .concatenate, .reduce, .matmul, .linear, .linearWeights, .blockProduct, .gather,
      .segmentSum, .segmentMax, .couple, .polynomial, .length, .direction, .override,
      .stopGradient:
      false
    }
  }
}
