internal import E3xLimits
internal import Synchronization

/// A number of rows that is not known while a function is traced: the number of atoms, pairs, …
///
/// Every call of the traced function binds it to the size of the arguments of that call.
public struct RowSymbol: Hashable, Sendable, Comparable, CustomStringConvertible {
  let id: Int
  /// The name it is printed under.
  public let name: String

  private static let next = Atomic<Int>(0)

  /// A new symbol, different from every other one, whatever their names.
  public init(_ name: String) {
    self.id = Self.next.wrappingAdd(1, ordering: .relaxed).oldValue
    self.name = name
  }

  /// Symbols are equal if they were made by the same call.
  public static func == (a: RowSymbol, b: RowSymbol) -> Bool { a.id == b.id }
  /// The order in which symbols were made.
  public static func < (a: RowSymbol, b: RowSymbol) -> Bool { a.id < b.id }
  /// Hashes the symbol's identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
  /// The symbol's name.
  public var description: String { name }
}

/// The size of one axis: a number, or a number times symbols (rows of several leading axes).
///
/// A size may be any number, and products that no `Int` holds are the largest `Int`; whatever makes
/// a tensor refuses the sizes that no tensor can have (``Shape``).
public struct Dimension: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The size is this number times the sizes of ``symbols``.
  package let factor: Int
  /// What the size depends on, each as often as it is a factor.
  package let symbols: [RowSymbol]

  /// A known size, not negative in shapes of tensors.
  public init(_ size: Int) {
    self.factor = size
    self.symbols = []
  }

  /// A known size.
  public init(integerLiteral size: Int) { self.init(size) }

  /// An axis of as many rows as `symbol` stands for.
  public init(_ symbol: RowSymbol) { self.init(factor: 1, symbols: [symbol]) }

  package init(factor: Int, symbols: [RowSymbol]) {
    self.factor = factor
    self.symbols = factor == 0 ? [] : symbols
  }

  /// A new symbolic size, printed as `name`.
  public static func rows(_ name: String) -> Dimension { Dimension(RowSymbol(name)) }

  /// The size, or nil if it depends on symbols.
  public var known: Int? { symbols.isEmpty ? factor : nil }

  /// The size of the combined axis.
  public static func * (a: Dimension, b: Dimension) -> Dimension {
    let factor = saturatingProduct(a.factor, b.factor)
    if a.symbols.isEmpty && b.symbols.isEmpty { return Dimension(factor) }
    return Dimension(factor: factor, symbols: (a.symbols + b.symbols).sorted())
  }

  /// The other factor, if `divisor` divides this size for every value of the symbols.
  func dividedExactly(by divisor: Dimension) -> Dimension? {
    guard divisor.factor != 0, factor % divisor.factor == 0 else { return nil }
    var rest = symbols
    for symbol in divisor.symbols {
      guard let position = rest.firstIndex(of: symbol) else { return nil }
      rest.remove(at: position)
    }
    return Dimension(factor: factor / divisor.factor, symbols: rest)
  }

  /// The size in a run.
  package func resolved(_ bindings: Bindings) -> Int {
    var size = factor
    for symbol in symbols { size = saturatingProduct(size, bindings[symbol]) }
    return size
  }

  /// "3", "pairs", "2*atoms".
  public var description: String {
    let names = symbols.map(\.name)
    if names.isEmpty { return String(factor) }
    return (factor == 1 ? names : [String(factor)] + names).joined(separator: "*")
  }
}

/// The product, or the largest `Int` if it does not fit: no tensor has that size.
private func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}

/// The sizes that one call gives to the symbols of a traced function.
package struct Bindings: Hashable, Sendable {
  /// The symbols that have a size.
  package private(set) var symbols: [RowSymbol] = []
  /// The size of each.
  package private(set) var sizes: [Int] = []

  package init() {}

  package subscript(symbol: RowSymbol) -> Int {
    guard let position = symbols.firstIndex(of: symbol) else {
      preconditionFailure("row symbol '\(symbol)' is not bound by any argument")
    }
    return sizes[position]
  }

  func size(of symbol: RowSymbol) -> Int? {
    symbols.firstIndex(of: symbol).map { sizes[$0] }
  }

  package mutating func bind(_ symbol: RowSymbol, to size: Int) {
    symbols.append(symbol)
    sizes.append(size)
  }
}

/// The sizes of a tensor's axes, outermost first.
///
/// A shape is a description; whether there can be a tensor of it is found out where one is made.
/// Operations throw `ShapeError` for a negative size and for more than 16 TB (symbols and empty axes
/// count as 1); what is filled with one number costs nothing and is refused when it is evaluated, as
/// is what takes more than the memory of the machine.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, RandomAccessCollection,
  CustomStringConvertible
{
  var dimensions: [Dimension]

  /// A shape of these axes.
  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }
  /// A shape of axes of known sizes.
  public init(_ sizes: [Int]) { self.dimensions = sizes.map { Dimension($0) } }
  /// A shape of these axes.
  public init(arrayLiteral elements: Dimension...) { self.dimensions = elements }

  /// The number of axes.
  public var rank: Int { dimensions.count }
  /// The first axis.
  public var startIndex: Int { 0 }
  /// One past the last axis.
  public var endIndex: Int { dimensions.count }
  /// The size of an axis.
  public subscript(axis: Int) -> Dimension { dimensions[axis] }

  /// The number of elements.
  public var elementCount: Dimension { dimensions.reduce(1, *) }

  /// The sizes, or nil if one depends on symbols.
  public var known: [Int]? {
    var sizes: [Int] = []
    sizes.reserveCapacity(rank)
    for dimension in dimensions {
      guard let size = dimension.known else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  /// - Throws: `ShapeError` for sizes that no tensor can have.
  func check(_ operation: String, _ dtype: DType) throws(ShapeError) {
    if !isPossible(dimensions.lazy.map(\.factor), dtype, limit: MemoryLimit.array) {
      try refuse(operation, dimensions.map(\.factor), dtype, limit: MemoryLimit.array)
    }
  }

  /// - Parameter sizes: those that a run gives to the shape.
  /// - Throws: `ShapeError` for more than a limit.
  func check(
    _ operation: String, _ sizes: [Int], _ dtype: DType, limit: Int
  ) throws(ShapeError) {
    if !isPossible(sizes, dtype, limit: limit) {
      try refuse(operation, sizes, dtype, limit: limit)
    }
  }

  private func refuse(
    _ operation: String, _ sizes: [Int], _ dtype: DType, limit: Int
  ) throws(ShapeError) {
    guard let reason = MemoryLimit.refusal(sizes, bytesEach: dtype.byteCount, limit: limit) else {
      return
    }
    throw ShapeError(operation, [known == nil ? self : Shape(sizes)], reason)
  }

  /// The sizes of a run.
  package func resolved(_ bindings: Bindings) -> [Int] { dimensions.map { $0.resolved(bindings) } }

  /// The shape without its last `count` axes: [] if there are no more, itself if `count` is negative.
  public func dropLast(axes count: Int) -> Shape {
    Shape(Array(dimensions.dropLast(Swift.max(0, count))))
  }

  /// Both shapes, one after the other.
  public static func + (a: Shape, b: Shape) -> Shape { Shape(a.dimensions + b.dimensions) }

  /// "[pairs, 2, 9, 32]".
  public var description: String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }

  /// The shape that NumPy's rules broadcast both to, or nil.
  static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    if a == b { return a }
    let rank = Swift.max(a.rank, b.rank)
    var result: [Dimension] = []
    result.reserveCapacity(rank)
    for axis in 0..<rank {
      let x = axis < rank - a.rank ? 1 : a[axis - (rank - a.rank)]
      let y = axis < rank - b.rank ? 1 : b[axis - (rank - b.rank)]
      if x == y || y == 1 {
        result.append(x)
      } else if x == 1 {
        result.append(y)
      } else {
        return nil
      }
    }
    return Shape(result)
  }
}

/// Whether ``MemoryLimit/refusal(_:bytesEach:limit:)`` has nothing against these sizes: without
/// memory of its own, since it is asked for every tensor.
@inline(__always)
private func isPossible(_ sizes: some Sequence<Int>, _ dtype: DType, limit: Int) -> Bool {
  var bytes = dtype.byteCount
  for size in sizes {
    let (product, overflow) = bytes.multipliedReportingOverflow(by: max(size, 1))
    if size < 0 || overflow { return false }
    bytes = product
  }
  return bytes <= limit
}
