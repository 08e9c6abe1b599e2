extension Tensor {
  /// A tensor of these elements, in row-major order.
  /// - Throws: `ShapeError` if `shape` has another number of elements.
  public init<Element: TensorElement>(_ elements: [Element], shape: [Int]) throws(ShapeError) {
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == elements.count else {
      throw ShapeError(
        "Tensor", [Shape(shape)], "\(elements.count) elements do not fill this shape")
    }
    self.init(storage: Storage(elements), shape: shape, dtype: Element.dtype)
  }

  /// A vector of these elements.
  public init<Element: TensorElement>(_ elements: [Element]) {
    self.init(storage: Storage(elements), shape: [elements.count], dtype: Element.dtype)
  }

  /// A scalar (shape []): the number of `dtype` that `value` is cut off or rounded to.
  public init(_ value: Double, dtype: DType = .float32) {
    self.init(.fill(dtype.nearest(value)), [], shape: [], dtype: dtype)
  }

  init(storage: Storage, shape: [Int], dtype: DType) {
    self.init(.constant(ConstantID(storage)), [], shape: Shape(shape), dtype: dtype)
  }

  /// One number in every element: the number of `dtype` that `value` is cut off or rounded to.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    Tensor(.fill(dtype.nearest(value)), [], shape: shape, dtype: dtype)
  }

  /// Zeros.
  public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    full(shape, 0, dtype: dtype)
  }

  /// Ones.
  public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    full(shape, 1, dtype: dtype)
  }

  /// Zeros of the shape and type of another tensor.
  public static func zeros(like other: Tensor) -> Tensor { zeros(other.shape, dtype: other.dtype) }

  /// 0, 1, 2, … along `axis` of a tensor of this shape.
  public static func iota(_ shape: Shape, axis: Int = 0, dtype: DType = .int32) -> Tensor {
    precondition(shape.indices.contains(axis), "iota: axis \(axis) of \(shape)")
    return Tensor(.iota(axis: axis), [], shape: shape, dtype: dtype)
  }

  /// The size of a dimension as a scalar: known when the graph runs.
  public static func size(_ dimension: Dimension, dtype: DType = .int32) -> Tensor {
    if let known = dimension.known { return Tensor(Double(known), dtype: dtype) }
    return Tensor(.size(dimension), [], shape: [], dtype: dtype)
  }
}
