package import E3xEngine
internal import OrderedCollections

/// Where a parameter stands in the vector of all of them.
public struct ParameterEntry: Hashable, Sendable {
  /// Its path, as `dense_0/0+/kernel`.
  public let path: String
  /// Its axes, as [in, out] of a kernel.
  public let shape: [Int]
  /// Its numbers, row by row.
  public let range: Range<Int>
}

/// The layout of a tree of parameters in one vector, as optimisers want it.
package struct ParameterLayout: Sendable {
  package let entries: [ParameterEntry]
  /// The number of numbers in the vector.
  package let count: Int
  /// The element type of the vector.
  package let dtype: DType

  /// The layout of these parameters, in their order.
  /// - Throws: `ArgumentError` naming `params` unless all of them are floating-point numbers of one
  ///   type and of known shapes.
  package init(_ parameters: Parameters) throws(ArgumentError) {
    func refuse(_ reason: String) -> ArgumentError {
      ArgumentError("parameters", "params", reason)
    }
    var entries: [ParameterEntry] = []
    var start = 0
    let dtype = parameters.tensors.values.first?.dtype ?? .float32
    for (path, tensor) in parameters {
      guard tensor.dtype.isFloatingPoint, tensor.dtype == dtype else {
        throw refuse(
          "expected floating-point numbers of one type, received \(tensor.dtype) at '\(path)' and "
            + "\(dtype) at '\(parameters.tensors.keys[0])'")
      }
      guard let shape = tensor.shape.known else {
        throw refuse("expected known shapes, received \(tensor.shape) at '\(path)'")
      }
      let count = shape.reduce(1, *)
      entries.append(ParameterEntry(path: path, shape: shape, range: start..<(start + count)))
      start += count
    }
    self.entries = entries
    self.count = start
    self.dtype = dtype
  }

  /// The vector as an argument of a traced function.
  package var specification: TensorSpecification {
    TensorSpecification([Dimension(count)], dtype: dtype)
  }

  /// All parameters one after the other.
  package func vector(_ parameters: Parameters) throws -> Tensor {
    try vector(entries.map { parameters[$0.path]! })
  }

  /// Tensors of the parameters' shapes, in their order, one after the other.
  package func vector(_ tensors: [Tensor]) throws -> Tensor {
    try Tensor.concatenate(
      zip(tensors, entries).map { tensor, entry in
        try tensor.reshaped(to: [Dimension(entry.range.count)])
      }, axis: 0)
  }

  /// Which numbers of the vector belong to some paths: a vector of truth values.
  package func mask(_ paths: Set<String>) throws -> Tensor {
    Tensor(entries.flatMap { [Bool](repeating: paths.contains($0.path), count: $0.range.count) })
  }

  /// The tree that a vector holds: views into it.
  package func parameters(_ vector: Tensor) throws -> Parameters {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for entry in entries {
      tensors[entry.path] = try vector.sliced(entry.range, axis: 0).reshaped(to: Shape(entry.shape))
    }
    return Parameters(tensors)
  }
}
