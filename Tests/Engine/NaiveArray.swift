import E3xEngine
import TestSupport
import Testing

/// An array in the plainest form, for expected values: every element a Double, computed one by one.
struct NaiveArray {
  var shape: [Int]
  var values: [Double]

  var count: Int { values.count }

  /// Every element from its index.
  init(_ shape: [Int], _ element: ([Int]) -> Double) {
    self.shape = shape
    values = NaiveArray.indices(shape).map(element)
  }

  /// All indices of a shape in row-major order.
  static func indices(_ shape: [Int]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for size in shape {
      result = result.flatMap { head in (0..<size).map { head + [$0] } }
    }
    return result
  }

  subscript(index: [Int]) -> Double {
    var position = 0
    for (size, entry) in zip(shape, index) { position = position * size + entry }
    return values[position]
  }

  /// The element that broadcasting puts at an index of a larger shape.
  func broadcast(_ index: [Int]) -> Double {
    let own = index.suffix(shape.count)
    return self[zip(shape, own).map { $0 == 1 ? 0 : $1 }]
  }

  /// The elements as a tensor.
  func tensor(_ dtype: DType) throws -> Tensor {
    switch dtype {
    case .float32: try Tensor(values.map { Float($0) }, shape: shape)
    case .float64: try Tensor(values, shape: shape)
    case .int32: try Tensor(values.map { Int32($0) }, shape: shape)
    case .bool: try Tensor(values.map { $0 != 0 }, shape: shape)
    case .float16, .bfloat16: try Tensor(values, shape: shape).cast(to: dtype)
    }
  }
}

/// How the elements of an operand lie in memory.
enum MemoryLayoutOfOperand: CaseIterable {
  case contiguous, permuted, sliced, computed

  /// A tensor of these elements that lies like this.
  func tensor(_ array: NaiveArray, _ dtype: DType) throws -> Tensor {
    let rank = array.shape.count
    switch self {
    case .contiguous: return try array.tensor(dtype)
    case .permuted:
      let order = Array((0..<rank).reversed())
      let reversed = NaiveArray(order.map { array.shape[$0] }) { array[$0.reversed()] }
      return try reversed.tensor(dtype).permuted(order)
    case .sliced:
      guard rank > 0 else { return try array.tensor(dtype) }
      // Surrounded by numbers that must not be read.
      let larger = NaiveArray(array.shape.map { $0 + 3 }) { index in
        let inner = index.map { $0 - 1 }
        let isInside = zip(inner, array.shape).allSatisfy { $0 >= 0 && $0 < $1 }
        return isInside ? array[inner] : 77
      }
      var result = try larger.tensor(dtype)
      for axis in 0..<rank { result = try result.sliced(1..<(1 + array.shape[axis]), axis: axis) }
      return result
    case .computed:
      return dtype == .bool ? try array.tensor(dtype).not().not() : try -(-array.tensor(dtype))
    }
  }
}

/// Draws shapes, layouts and elements.
struct Draw {
  private var dice: Dice
  init(_ seed: Int) { dice = Dice(seed: seed) }

  mutating func integer(_ range: Range<Int>) -> Int { Int.random(in: range, using: &dice) }

  mutating func bool() -> Bool { dice.flag() }

  mutating func element<Element>(_ choices: [Element]) -> Element { dice.pick(choices) }

  /// Small sizes, 0 and 1 among them.
  mutating func shape(rank: Int) -> [Int] {
    (0..<rank).map { _ in element([0, 1, 1, 2, 3, 5, 7, 4, 17]) }
  }

  /// Sizes of at least 1.
  mutating func filledShape(rank: Int) -> [Int] { shape(rank: rank).map { max(1, $0) } }

  /// A shape that broadcasts to `target`.
  mutating func broadcastable(to target: [Int]) -> [Int] {
    let dropped = integer(0..<(target.count + 1))
    let keep = integer(0..<3)
    return target.dropFirst(keep == 0 ? dropped : 0).map { integer(0..<3) == 0 ? 1 : $0 }
  }

  /// Elements that `dtype` represents exactly.
  mutating func array(
    _ shape: [Int], _ dtype: DType, lower: Double = -3, upper: Double = 3
  ) -> NaiveArray {
    let count = shape.reduce(1, *)
    let values = dice.uniform(count, lower, upper)
    var array = NaiveArray(shape) { _ in 0 }
    array.values = values.map { value in
      switch dtype {
      case .float32: Double(Float(value))
      case .float64: value
      case .int32: (value * 3).rounded()
      case .bool: value > (lower + upper) / 2 ? 1 : 0
      case .float16, .bfloat16: dtype.nearest(Double(Float(value)))
      }
    }
    return array
  }

  /// An array and a tensor of it, somehow laid out.
  mutating func operand(
    _ shape: [Int], _ dtype: DType, lower: Double = -3, upper: Double = 3
  ) throws -> (array: NaiveArray, tensor: Tensor) {
    let array = array(shape, dtype, lower: lower, upper: upper)
    let layout = element(MemoryLayoutOfOperand.allCases)
    return (array, try layout.tensor(array, dtype))
  }
}

/// Expects that a tensor has these elements.
/// - Parameter terms: how many products a sum has; rounding errors grow with it.
func expectValues(
  _ tensor: Tensor, _ expected: NaiveArray, terms: Int = 1, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  guard tensor.shape == Shape(expected.shape) else {
    Issue.record(
      "\(what): shape \(tensor.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  let values: [Double] = try tensor.scalars()
  let scale = expected.values.reduce(1) { $1.isFinite ? max($0, abs($1)) : $0 }
  let tolerance = tensor.dtype.epsilon * scale * Double(8 + 2 * terms)
  for (index, (value, other)) in zip(values, expected.values).enumerated() {
    let isSame = value == other || (value.isNaN && other.isNaN) || abs(value - other) <= tolerance
    if !isSame {
      Issue.record(
        "\(what): element \(index) of \(expected.shape) is \(value), expected \(other)",
        sourceLocation: sourceLocation)
      return
    }
  }
}
