// The multilinear forms that equivariant layers are made of, and polynomials of vectors.

extension Tensor {
  /// Multiplies the features of each component with the weight matrix of its block:
  /// y[r, c, :] = x[r, c, :] W[block[c]].
  ///
  /// - Parameter weights: [blocks, inputs, outputs]
  /// - Parameter blocks: the block of each component; -1 makes the component 0.
  /// - Returns: [..., C, outputs] for self [..., C, inputs].
  package func linear(_ weights: Tensor, blocks: [Int]) throws(ShapeError) -> Tensor {
    let map = ComponentBlocks(
      block: blocks.map { Int32($0) }, count: weights.shape.first?.known ?? 0)
    return try linear(weights, map)
  }

  func linear(_ weights: Tensor, _ map: ComponentBlocks) throws(ShapeError) -> Tensor {
    guard rank >= 2, weights.rank == 3, shape[rank - 2].known == map.block.count,
      weights.shape[0].known == map.count, weights.shape[1] == shape[rank - 1],
      weights.shape[1].known != nil, weights.shape[2].known != nil,
      dtype == weights.dtype, dtype.isFloatingPoint,
      map.block.allSatisfy({ $0 >= -1 && $0 < map.count })
    else {
      throw ShapeError(
        "linear", [shape, weights.shape],
        "expected [..., \(map.block.count), inputs] and [\(map.count), inputs, outputs] of one "
          + "floating-point element type")
    }
    return try Tensor(
      .linear(map), [self, weights],
      shape: shape.dropLast(axes: 1) + Shape([weights.shape[2]]), dtype: dtype)
  }

  /// The derivative of `linear` to its weights: W[b] = Σ x[r, c, :]ᵀ y[r, c, :] over block[c] = b.
  static func linearWeights(
    _ x: Tensor, _ y: Tensor, _ map: ComponentBlocks
  ) throws(ShapeError) -> Tensor {
    guard x.rank >= 2, x.rank == y.rank, x.shape.dropLast(axes: 1) == y.shape.dropLast(axes: 1),
      x.shape[x.rank - 2].known == map.block.count, x.dtype == y.dtype
    else {
      throw ShapeError(
        "linearWeights", [x.shape, y.shape],
        "expected [..., \(map.block.count), inputs] and [..., \(map.block.count), outputs]")
    }
    return try Tensor(
      .linearWeights(map), [x, y],
      shape: Shape([Dimension(map.count), x.shape[x.rank - 1], y.shape[y.rank - 1]]),
      dtype: x.dtype)
  }

  /// Spreads rows of features over the components of their blocks, each times a number:
  /// g[r, c, f] = self[r, c] rows[r, block[c], f].
  ///
  /// - Parameter rows: [R, blocks, F]
  /// - Parameter blocks: the block of each component; -1 makes the component 0.
  /// - Returns: [R, C, F] for self [R, C].
  package func spread(_ rows: Tensor, blocks: [Int]) throws(ShapeError) -> Tensor {
    let count = rows.rank == 3 ? rows.shape[1].known ?? 0 : 0
    let map = ComponentBlocks(block: blocks.map { Int32($0) }, count: count)
    guard map.block.allSatisfy({ $0 >= -1 && $0 < count }) else {
      throw ShapeError("blockProduct", [shape, rows.shape], "blocks must be below \(count)")
    }
    return try .blockProduct(map, [self, rows], opened: 2)
  }

  /// The form Σ y[r, c] h[r, block[c], f] g[r, c, f], opened at y (0), h (1) or g (2).
  /// - Parameter operands: the other two, [R, C], [R, blocks, F] or [R, C, F].
  static func blockProduct(
    _ map: ComponentBlocks, _ operands: [Tensor], opened: Int
  ) throws(ShapeError) -> Tensor {
    let (rows, dtype) = (operands[0].shape.first, operands[0].dtype)
    let features = operands[1].shape.last
    let components = Dimension(map.block.count)
    guard let rows, let features, features.known != nil, dtype.isFloatingPoint else {
      throw ShapeError(
        "blockProduct", operands.map(\.shape), "expected [rows, ...] of floating-point elements")
    }
    let shapes: [Shape] = [
      [rows, components], [rows, Dimension(map.count), features], [rows, components, features],
    ]
    let expected = shapes.indices.filter { $0 != opened }.map { shapes[$0] }
    guard operands.map(\.shape) == expected, operands[1].dtype == dtype else {
      throw ShapeError(
        "blockProduct", operands.map(\.shape),
        "expected \(expected[0]) and \(expected[1]) of one element type")
    }
    return try Tensor(
      .blockProduct(map, opened: opened), operands, shape: shapes[opened], dtype: dtype)
  }

  /// Evaluates a sparse multilinear form opened at slot `output`.
  ///
  /// - Parameter operands: one for each other slot, in their order. [n, F] is shared by all rows,
  ///   [R, n, F] has rows.
  /// - Parameter reduce: sums over the rows.
  /// - Returns: [R, n, F], or [n, F] if there are no rows or they are summed.
  package static func couple(
    _ table: CouplingTable, _ operands: [Tensor], output: Int, reduce: Bool = false
  ) throws(ShapeError) -> Tensor {
    let shapes = operands.map(\.shape)
    guard let first = operands.first, operands.count == table.slots - 1,
      (0..<table.slots).contains(output)
    else {
      throw ShapeError(
        "couple", shapes, "'\(table.name)' has \(table.slots) slots: one operand for each but one")
    }
    var rows: Dimension?
    let slots = (0..<table.slots).filter { $0 != output }
    for (slot, operand) in zip(slots, operands) {
      guard operand.rank == 2 || operand.rank == 3,
        operand.shape[operand.rank - 2].known == table.sizes[slot],
        operand.shape[operand.rank - 1] == first.shape[first.rank - 1],
        operand.shape[operand.rank - 1].known != nil,
        operand.dtype == first.dtype, operand.dtype.isFloatingPoint
      else {
        throw ShapeError(
          "couple", shapes,
          "slot \(slot) of '\(table.name)' needs [\(table.sizes[slot]), F] or "
            + "[rows, \(table.sizes[slot]), F], the features and the element type of the others")
      }
      if operand.rank == 3 {
        guard rows == nil || rows == operand.shape[0] else {
          throw ShapeError("couple", shapes, "the numbers of rows differ")
        }
        rows = operand.shape[0]
      }
    }
    let result = Shape([Dimension(table.sizes[output]), first.shape[first.rank - 1]])
    let reduces = reduce && rows != nil
    return try Tensor(
      .couple(table, output: output, reduce: reduces), operands,
      shape: rows.map { reduces ? result : Shape([$0]) + result } ?? result, dtype: first.dtype)
  }

  /// The lengths of vectors of three components, in the last axis: accurate for any vector.
  /// - Returns: [..., 1] for self [..., 3].
  package func length() throws(ShapeError) -> Tensor { try ofVectors(.length, [1]) }

  /// Vectors of three components, in the last axis, divided by their lengths where these are
  /// greater than `above`, or as they are.
  package func direction(above: Double) throws(ShapeError) -> Tensor {
    try ofVectors(.direction(above: above), [3])
  }

  private func ofVectors(
    _ primitive: Primitive, _ result: Shape
  ) throws(ShapeError) -> Tensor {
    guard rank >= 1, shape[rank - 1].known == 3, dtype.isFloatingPoint else {
      throw ShapeError(
        primitive.description, [shape],
        "the last axis must have size 3, elements be floating-point")
    }
    return try Tensor(primitive, [self], shape: shape.dropLast(axes: 1) + result, dtype: dtype)
  }

  /// Evaluates sparse polynomials of the three coordinates in the last axis.
  ///
  /// - Parameter weights: [..., n] where the table has n weights, else nil.
  /// - Returns: [..., outputs of the table] for self [..., 3].
  package func polynomials(
    _ table: PolynomialTable, weights: Tensor? = nil
  ) throws(ShapeError) -> Tensor {
    let inputs = [self] + (weights.map { [$0] } ?? [])
    guard rank >= 1, shape[rank - 1].known == 3, dtype.isFloatingPoint else {
      throw ShapeError(
        "polynomial", inputs.map(\.shape),
        "the last axis must have size 3, elements be floating-point")
    }
    let expected = table.weights.map { shape.dropLast(axes: 1) + Shape([Dimension($0)]) }
    guard weights?.shape == expected, weights.map({ $0.dtype == dtype }) ?? true else {
      throw ShapeError(
        "polynomial", inputs.map(\.shape),
        expected.map { "weights must have the shape \($0), and the same elements" }
          ?? "these polynomials have no weights")
    }
    return try Tensor(
      .polynomial(table), inputs,
      shape: shape.dropLast(axes: 1) + Shape([Dimension(table.count)]), dtype: dtype)
  }
}
