internal import E3xLimits

extension Tensor {
  /// A tensor of these elements, in row-major order; literals are float32.
  /// - Throws: `ShapeError` if `shape` has another number of elements.
  public init(_ elements: [Float], shape: [Int]) throws(ShapeError) {
    try self.init(generic: elements, shape: shape)
  }

  /// A tensor of these elements, in row-major order, of the type that theirs stands for: float64 for
  /// `Double`.
  /// - Throws: `ShapeError` if `shape` has another number of elements.
  @_disfavoredOverload
  public init<Element: TensorElement>(_ elements: [Element], shape: [Int]) throws(ShapeError) {
    try self.init(generic: elements, shape: shape)
  }

  init<Element: TensorElement>(generic elements: [Element], shape: [Int]) throws(ShapeError) {
    guard Size.product(shape) == elements.count else {
      throw ShapeError(
        "Tensor", [Shape(shape)], "\(elements.count) elements do not fill this shape")
    }
    try Shape(shape).check("Tensor", Element.dtype)
    self.init(storage: Storage(elements), shape: shape, dtype: Element.dtype)
  }

  /// A vector of these elements; literals are float32, as those of ``init(_:)-(Float)`` are.
  public init(_ elements: [Float]) {
    self.init(storage: Storage(elements), shape: [elements.count], dtype: .float32)
  }

  /// A vector of these elements, of the type that theirs stands for: float64 for `Double`.
  @_disfavoredOverload
  public init<Element: TensorElement>(_ elements: [Element]) {
    self.init(storage: Storage(elements), shape: [elements.count], dtype: Element.dtype)
  }

  /// A vector of the numbers of `dtype` that these are cut off or rounded to:
  /// `Tensor([0, 2, 1], dtype: .int32)` is an index list.
  public init(_ elements: [Double], dtype: DType) {
    switch dtype {
    case .float32: self.init(elements.map { Float($0) })
    case .int32: self.init(elements.map { Int32(dtype.nearest($0)) })
    case .bool: self.init(elements.map { $0 != 0 })
    case .float64: self.init(storage: Storage(elements), shape: [elements.count], dtype: dtype)
    case .float16, .bfloat16:
      self.init(
        unchecked: .cast, [Tensor(elements, dtype: .float64)],
        shape: Shape([elements.count]), dtype: dtype)
    }
  }

  /// The numbers of `dtype` that these are cut off or rounded to, in row-major order.
  /// - Throws: `ShapeError` if `shape` has another number of elements.
  public init(_ elements: [Double], shape: [Int], dtype: DType) throws(ShapeError) {
    guard Size.product(shape) == elements.count else {
      throw ShapeError(
        "Tensor", [Shape(shape)], "\(elements.count) elements do not fill this shape")
    }
    let vector = Tensor(elements, dtype: dtype)
    // What is known stays so: an index list keeps its segments with its storage.
    if let storage = vector.node.result {
      self.init(storage: storage, shape: shape, dtype: dtype)
    } else {
      self = try vector.reshaped(to: Shape(shape))
    }
  }

  /// A scalar (shape []): `Tensor(1.5)` and `Tensor(2)` are float32, in which layers compute unless
  /// they are told otherwise. So are all other literals: of vectors, of nested arrays, with a shape.
  /// Values of Swift's types keep them: a `Double`, or an array of them, gives float64.
  public init(_ value: Float) { self.init(Double(value), dtype: .float32) }

  /// A scalar (shape []) of the type that the value's stands for: float64 for a `Double`.
  @_disfavoredOverload
  public init<Element: TensorElement>(_ value: Element) {
    switch value {
    case let number as Double: self.init(number, dtype: .float64)
    case let number as Int32: self.init(Double(number), dtype: .int32)
    case let truth as Bool: self.init(truth ? 1 : 0, dtype: .bool)
    default: self.init(storage: Storage([value]), shape: [], dtype: Element.dtype)
    }
  }

  /// A scalar (shape []): the number of `dtype` that `value` is cut off or rounded to.
  public init(_ value: Double, dtype: DType) {
    self.init(unchecked: .fill(dtype.nearest(value)), [], shape: [], dtype: dtype)
  }

  init(storage: Storage, shape: [Int], dtype: DType) {
    self.init(unchecked: .constant(Constant(storage)), [], shape: Shape(shape), dtype: dtype)
  }

  /// One number in every element: the number of `dtype` that `value` is cut off or rounded to. A
  /// shape that no tensor can have is refused when the elements are asked for.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    Tensor(unchecked: .fill(dtype.nearest(value)), [], shape: shape, dtype: dtype)
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

  /// 0, 1, 2, … along `axis` (negative: counted from the end) of a tensor of this shape.
  /// - Throws: `ShapeError` if the shape has no such axis, or none can be.
  public static func iota(
    _ shape: Shape, axis: Int = 0, dtype: DType = .int32
  ) throws(ShapeError) -> Tensor {
    let axis = try full(shape, 0, dtype: dtype).checkedAxis("iota", axis)
    if let size = shape[axis].known, dtype == .int32, size > Int(Int32.max) {
      throw ShapeError("iota", [shape], "axis \(axis) is longer than int32 elements can count")
    }
    return try Tensor(.iota(axis: axis), [], shape: shape, dtype: dtype)
  }

  /// The size of a dimension as a scalar: known when the graph runs.
  public static func size(_ dimension: Dimension, dtype: DType = .int32) -> Tensor {
    if let known = dimension.known { return Tensor(Double(known), dtype: dtype) }
    return Tensor(unchecked: .size(dimension), [], shape: [], dtype: dtype)
  }
}
