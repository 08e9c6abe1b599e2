extension Tensor {
  /// Sums of products by the names of axes, as `numpy.einsum`: `einsum("bij,bjk->bik", x, y)`.
  ///
  /// Letters name the axes of each operand; axes of one name have one size, and those that do not
  /// stand behind the arrow are summed over. Several operands are taken from left to right.
  /// - Parameter subscripts: a list of letters for each operand, an arrow, and letters of the result.
  /// - Returns: a tensor with the axes behind the arrow.
  /// - Throws: `ShapeError` for subscripts that say something else (a letter twice in one operand,
  ///   `...`, no arrow) or do not fit the operands, and for operands of different element types or
  ///   of integers.
  /// - Note: Differentiable to any order.
  public static func einsum(
    _ subscripts: String, _ operands: Tensor...
  ) throws(ShapeError) -> Tensor {
    let names = try EinsumNames(subscripts, operands)
    var result = NamedAxes(operands[0], names.operands[0])
    for index in operands.indices.dropFirst() {
      let later = names.operands[(index + 1)...].flatMap { $0 } + names.result
      result = try result.contracted(
        with: NamedAxes(operands[index], names.operands[index]), keeping: Set(later))
    }
    return try result.reduced(keeping: Set(names.result)).permuted(to: names.result)
  }
}

/// The subscripts of ``Tensor/einsum(_:_:)``, checked.
private struct EinsumNames {
  var operands: [[Character]]
  var result: [Character]

  init(_ subscripts: String, _ tensors: [Tensor]) throws(ShapeError) {
    func refuse(_ rule: String) -> ShapeError {
      ShapeError("einsum", tensors.map(\.shape), "'\(subscripts)': \(rule)")
    }
    let text = subscripts.filter { $0 != " " }
    let sides = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, sides[1].first == ">" else {
      throw refuse("expected letters of operands, an arrow -> and letters of the result")
    }
    operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map { Array($0) }
    result = Array(sides[1].dropFirst())
    guard operands.count == tensors.count else {
      throw refuse("\(operands.count) operands are named, \(tensors.count) came")
    }
    guard (operands + [result]).allSatisfy({ $0.allSatisfy(\.isLetter) }) else {
      throw refuse("axes are named by letters")
    }
    guard (operands + [result]).allSatisfy({ Set($0).count == $0.count }) else {
      throw refuse("a letter names one axis of an operand, and one of the result")
    }
    var sizes: [Character: Dimension] = [:]
    for (names, tensor) in zip(operands, tensors) {
      guard names.count == tensor.rank else {
        throw refuse("'\(String(names))' does not name the axes of \(tensor.shape)")
      }
      guard tensor.dtype == tensors[0].dtype, tensor.dtype.isFloatingPoint else {
        throw refuse("operands must have one floating-point element type")
      }
      for (name, size) in zip(names, tensor.shape) {
        guard sizes[name] ?? size == size else {
          throw refuse("'\(name)' has sizes \(sizes[name]!) and \(size)")
        }
        sizes[name] = size
      }
    }
    for name in result where sizes[name] == nil { throw refuse("no operand has an axis '\(name)'") }
  }
}

/// A tensor whose axes have names.
private struct NamedAxes {
  var tensor: Tensor
  var names: [Character]

  init(_ tensor: Tensor, _ names: [Character]) { (self.tensor, self.names) = (tensor, names) }

  /// Summed over all other axes.
  func reduced(keeping kept: Set<Character>) throws(ShapeError) -> NamedAxes {
    let dropped = names.indices.filter { !kept.contains(names[$0]) }
    if dropped.isEmpty { return self }
    return NamedAxes(try tensor.sum(dropped), names.filter(kept.contains))
  }

  func permuted(to order: [Character]) throws(ShapeError) -> Tensor {
    try tensor.permuted(order.map { names.firstIndex(of: $0)! })
  }

  /// The product, summed over axes that are not kept: a product of matrices, one for each entry of
  /// the axes that both have and that stay.
  func contracted(
    with other: NamedAxes, keeping kept: Set<Character>
  ) throws(ShapeError) -> NamedAxes {
    let a = try reduced(keeping: kept.union(other.names))
    let b = try other.reduced(keeping: kept.union(a.names))
    let shared = a.names.filter(b.names.contains)
    let batch = shared.filter(kept.contains)
    let summed = shared.filter { !kept.contains($0) }
    let rows = a.names.filter { !shared.contains($0) }
    let columns = b.names.filter { !shared.contains($0) }
    let left = try a.permuted(to: batch + rows + summed)
    let right = try b.permuted(to: batch + summed + columns)
    let sizes = Array(left.shape)
    let batchSizes = sizes[..<batch.count]
    let rowSizes = sizes[batch.count..<(batch.count + rows.count)]
    let depth = sizes[(batch.count + rows.count)...].reduce(1, *)
    let columnSizes = Array(right.shape)[(batch.count + summed.count)...]
    let product = try left.reshaped(
      to: Shape([batchSizes.reduce(1, *), rowSizes.reduce(1, *), depth])
    ).matmul(
      right.reshaped(to: Shape([batchSizes.reduce(1, *), depth, columnSizes.reduce(1, *)])))
    return NamedAxes(
      try product.reshaped(to: Shape(Array(batchSizes) + rowSizes + columnSizes)),
      batch + rows + columns)
  }
}
