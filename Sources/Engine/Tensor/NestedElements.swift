/// What tensors are made of and turned into: numbers, arrays of numbers, arrays of those, …
///
/// A `TensorElement` is the element itself (no axis); an array has one axis more than its elements.
public protocol NestedElements: Sendable {
  /// The type of the innermost elements.
  associatedtype Scalar: TensorElement
  /// The number of axes.
  static var nestedRank: Int { get }
  /// The sizes of all axes, as the first element of each array has them; 0 below an empty one.
  var nestedShape: [Int] { get }
  /// Appends the innermost elements in row-major order.
  /// - Returns: whether all arrays have the sizes of `shape`.
  func appendScalars(to scalars: inout [Scalar], shape: ArraySlice<Int>) -> Bool
  /// Takes the innermost elements, in row-major order, off the front of `scalars`.
  init(takingFrom scalars: inout ArraySlice<Scalar>, shape: ArraySlice<Int>)
}

extension TensorElement {
  /// No axis.
  public static var nestedRank: Int { 0 }
  /// No sizes.
  public var nestedShape: [Int] { [] }
  /// Appends itself.
  public func appendScalars(to scalars: inout [Self], shape: ArraySlice<Int>) -> Bool {
    scalars.append(self)
    return true
  }
  /// The first of `scalars`.
  public init(takingFrom scalars: inout ArraySlice<Self>, shape: ArraySlice<Int>) {
    self = scalars.removeFirst()
  }
}

extension Array: NestedElements where Element: NestedElements {
  /// The type of the innermost elements.
  public typealias Scalar = Element.Scalar
  /// One axis more than the elements have.
  public static var nestedRank: Int { Element.nestedRank + 1 }
  /// The sizes of all axes, as the first element of each array has them; 0 below an empty one.
  public var nestedShape: [Int] {
    [count] + (first?.nestedShape ?? [Int](repeating: 0, count: Element.nestedRank))
  }
  /// Appends the innermost elements in row-major order.
  /// - Returns: whether all arrays have the sizes of `shape`.
  public func appendScalars(to scalars: inout [Scalar], shape: ArraySlice<Int>) -> Bool {
    guard count == shape.first else { return false }
    return allSatisfy { $0.appendScalars(to: &scalars, shape: shape.dropFirst()) }
  }
  /// Takes the innermost elements, in row-major order, off the front of `scalars`.
  public init(takingFrom scalars: inout ArraySlice<Scalar>, shape: ArraySlice<Int>) {
    self.init()
    reserveCapacity(shape.first!)
    for _ in 0..<shape.first! {
      append(Element(takingFrom: &scalars, shape: shape.dropFirst()))
    }
  }
}

extension Tensor {
  /// A tensor of nested arrays: `Tensor([[1, 2, 3], [4, 5, 6]])` has shape [2, 3].
  ///
  /// Literals are float32, as those of ``init(_:)-(Float)`` are; arrays of `Double` are float64.
  /// - Throws: `ShapeError` unless all arrays of one depth have one length.
  public init(_ rows: [[Float]]) throws(ShapeError) { self = try .nested(rows) }

  /// A tensor of nested arrays of three depths, as ``init(_:)-([[Float]])``.
  public init(_ blocks: [[[Float]]]) throws(ShapeError) { self = try .nested(blocks) }

  /// A tensor of nested arrays of four depths, as ``init(_:)-([[Float]])``.
  public init(_ blocks: [[[[Float]]]]) throws(ShapeError) { self = try .nested(blocks) }

  /// A tensor of nested arrays of any depth and element type.
  /// - Throws: `ShapeError` unless all arrays of one depth have one length.
  @_disfavoredOverload
  public init<Elements: NestedElements>(_ arrays: [[Elements]]) throws(ShapeError) {
    self = try .nested(arrays)
  }

  private static func nested<Elements: NestedElements>(
    _ arrays: Elements
  ) throws(ShapeError) -> Tensor {
    var scalars: [Elements.Scalar] = []
    let shape = arrays.nestedShape
    guard arrays.appendScalars(to: &scalars, shape: shape[...]) else {
      throw ShapeError(
        "Tensor", [Shape(shape)], "arrays of one depth must have one length, as the first ones have"
      )
    }
    return try Tensor(generic: scalars, shape: shape)
  }

  /// The elements as nested arrays, converted where the type differs:
  /// `let rows: [[Float]] = try x.nested()` for two axes.
  /// - Throws: `ShapeError` unless the tensor has an axis for each depth, or if rows are symbolic;
  ///   `EvaluationError` as ``evaluate(_:)``.
  public func nested<Elements: NestedElements>(
    as type: Elements.Type = Elements.self
  ) throws -> Elements {
    guard rank == Elements.nestedRank else {
      throw ShapeError("nested", [shape], "\(Elements.self) has \(Elements.nestedRank) axes")
    }
    var scalars = try scalars(as: Elements.Scalar.self)[...]
    return Elements(takingFrom: &scalars, shape: shape.known![...])
  }
}
