import E3xEngine
import E3xInterpreter
import Foundation
import TestSupport
import Testing

private typealias UnaryCase = (
  name: String, lower: Double, operation: @Sendable (Tensor) throws -> Tensor,
  value: @Sendable (Double) -> Double
)
private typealias BinaryCase = (
  name: String, lower: Double, operation: @Sendable (Tensor, Tensor) throws -> Tensor,
  value: @Sendable (Double, Double) -> Double
)
private typealias ComparisonCase = (
  name: String, operation: @Sendable (Tensor, Tensor) throws -> Tensor,
  value: @Sendable (Double, Double) -> Bool
)

private let unaryCases: [UnaryCase] = [
  ("negate", -3, { try -$0 }, { -$0 }),
  ("absolute", -3, { try $0.absolute() }, { abs($0) }),
  ("sign", -3, { try $0.sign() }, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
  ("floor", -3, { try $0.floor() }, { $0.rounded(.down) }),
  ("reciprocal", 0.2, { try $0.reciprocal() }, { 1 / $0 }),
  ("squareRoot", 0, { try $0.squareRoot() }, { $0.squareRoot() }),
  ("exp", -3, { try $0.exp() }, { exp($0) }),
  ("expMinusOne", -3, { try $0.expMinusOne() }, { expm1($0) }),
  ("log", 0.1, { try $0.log() }, { log($0) }),
  ("logOnePlus", -0.9, { try $0.logOnePlus() }, { log1p($0) }),
  ("sin", -3, { try $0.sin() }, { sin($0) }),
  ("cos", -3, { try $0.cos() }, { cos($0) }),
  ("tanh", -3, { try $0.tanh() }, { tanh($0) }),
  ("erf", -3, { try $0.erf() }, { erf($0) }),
]

private let binaryCases: [BinaryCase] = [
  ("add", -3, { try $0 + $1 }, { $0 + $1 }),
  ("subtract", -3, { try $0 - $1 }, { $0 - $1 }),
  ("multiply", -3, { try $0 * $1 }, { $0 * $1 }),
  ("divide", 0.3, { try $0 / $1 }, { $0 / $1 }),
  ("power", 0.3, { try $0.power($1) }, { pow($0, $1) }),
  ("minimum", -3, { try Tensor.minimum($0, $1) }, { min($0, $1) }),
  ("maximum", -3, { try Tensor.maximum($0, $1) }, { max($0, $1) }),
  ("atan2", -3, { try Tensor.atan2(y: $0, x: $1) }, { atan2($0, $1) }),
]

private let comparisons: [ComparisonCase] = [
  ("equal", { try $0.isEqual(to: $1) }, { $0 == $1 }),
  ("notEqual", { try $0.isNotEqual(to: $1) }, { $0 != $1 }),
  ("less", { try $0.isLess(than: $1) }, { $0 < $1 }),
  ("lessOrEqual", { try $0.isAtMost($1) }, { $0 <= $1 }),
  ("greater", { try $0.isGreater(than: $1) }, { $0 > $1 }),
  ("greaterOrEqual", { try $0.isAtLeast($1) }, { $0 >= $1 }),
]

/// Elementwise operations, and those that move elements, against loops over single elements.
@Suite(.serialized, .verifiedPlans) struct ElementwiseValueTests {
  @Test(arguments: 0..<40, [ExecutorChoice.stepwise, .planned, .interpreter])
  func elementwise(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(seed)
      let shape = draw.shape(rank: draw.integer(0..<5))
      let dtype = draw.element([DType.float32, .float64, .int32])
      for test in unaryCases {
        guard dtype != .int32 || ["negate", "absolute", "sign"].contains(test.name) else {
          continue
        }
        let (array, x) = try draw.operand(shape, dtype, lower: test.lower)
        try expectValues(
          test.operation(x), NaiveArray(shape) { test.value(array[$0]) }, "\(test.name) \(dtype)")
      }
      let shapes =
        draw.bool()
        ? (draw.broadcastable(to: shape), shape) : (shape, draw.broadcastable(to: shape))
      for test in binaryCases {
        guard dtype != .int32 || !["power", "atan2"].contains(test.name) else { continue }
        let (a, x) = try draw.operand(shapes.0, dtype, lower: test.lower)
        let (b, y) = try draw.operand(shapes.1, dtype, lower: test.lower)
        let expected = NaiveArray(shape) { index in
          let value = test.value(a.broadcast(index), b.broadcast(index))
          guard dtype == .int32 else { return value }
          // Division by 0 gives 0.
          return value.isFinite ? value.rounded(.towardZero) : 0
        }
        try expectValues(
          test.operation(x, y), expected, "\(test.name) \(dtype) \(shapes.0) \(shapes.1)")
      }
    }
  }

  @Test(arguments: 0..<30, [ExecutorChoice.stepwise, .planned, .interpreter])
  func comparisonsAndChoices(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(1000 + seed)
      let shape = draw.shape(rank: draw.integer(0..<4))
      let dtype = draw.element(DType.allCases)
      // Of the types, small integers have ties.
      let (a, x) = try draw.operand(draw.broadcastable(to: shape), dtype, lower: -1, upper: 1)
      let (b, y) = try draw.operand(shape, dtype, lower: -1, upper: 1)
      for (name, operation, value) in comparisons {
        guard dtype != .bool || name == "equal" || name == "notEqual" else { continue }
        try expectValues(
          operation(x, y),
          NaiveArray(shape) { value(a.broadcast($0), b.broadcast($0)) ? 1 : 0 }, "\(name) \(dtype)")
      }
      let (condition, c) = try draw.operand(draw.broadcastable(to: shape), .bool)
      try expectValues(
        Tensor.select(c, x, y),
        NaiveArray(shape) { condition.broadcast($0) != 0 ? a.broadcast($0) : b.broadcast($0) },
        "select \(dtype)")
      let (other, d) = try draw.operand(shape, .bool)
      for (name, operation, value) in [
        ("and", { try c.and(d) }, { $0 && $1 }), ("or", { try c.or(d) }, { $0 || $1 }),
        ("xor", { try c.xor(d) }, { $0 != $1 }),
      ] as [(String, () throws -> Tensor, (Bool, Bool) -> Bool)] {
        try expectValues(
          operation(),
          NaiveArray(shape) { value(condition.broadcast($0) != 0, other[$0] != 0) ? 1 : 0 }, name)
      }
      try expectValues(d.not(), NaiveArray(shape) { 1 - other[$0] }, "not")
      for target in DType.allCases {
        let expected = NaiveArray(shape) { index in
          switch target {
          case .float32: Double(Float(b[index]))
          case .float64: b[index]
          case .int32: b[index].rounded(.towardZero)
          case .bool: b[index] != 0 ? 1 : 0
          case .float16, .bfloat16: target.nearest(Double(Float(b[index])))
          }
        }
        try expectValues(y.cast(to: target), expected, "cast \(dtype) to \(target)")
      }
    }
  }

  @Test(arguments: 0..<40, [ExecutorChoice.stepwise, .planned, .interpreter])
  func movedElements(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(2000 + seed)
      let rank = draw.integer(1..<6)
      let shape = rank < 4 ? draw.shape(rank: rank) : draw.shape(rank: rank).map { min($0, 4) }
      let dtype = draw.element(DType.allCases)
      let (array, x) = try draw.operand(shape, dtype)
      let axis = draw.integer(0..<rank)
      let order = (0..<rank).map { ($0 + axis) % rank }.reversed() as [Int]
      let permuted = NaiveArray(order.map { shape[$0] }) { index in
        var source = index
        for (position, axis) in order.enumerated() { source[axis] = index[position] }
        return array[source]
      }
      try expectValues(x.permuted(order), permuted, "permute \(order)")
      var flat = permuted
      flat.shape = [permuted.count]
      try expectValues(x.permuted(order).reshaped(to: [Dimension(permuted.count)]), flat, "reshape")
      let start = draw.integer(0..<(shape[axis] + 1))
      let end = draw.integer(start..<(shape[axis] + 1))
      func moved(_ index: [Int], _ distance: Int) -> [Int] {
        var index = index
        index[axis] += distance
        return index
      }
      func resized(_ size: Int) -> [Int] {
        var sizes = shape
        sizes[axis] = size
        return sizes
      }
      try expectValues(
        x.sliced(start..<end, axis: axis),
        NaiveArray(resized(end - start)) { array[moved($0, start)] },
        "slice")
      let (before, after) = (draw.integer(0..<3), draw.integer(0..<3))
      try expectValues(
        x.padded(before: before, after: after, axis: axis),
        NaiveArray(resized(before + shape[axis] + after)) { index in
          let source = index[axis] - before
          return source >= 0 && source < shape[axis] ? array[moved(index, -before)] : 0
        }, "pad")
      let size = draw.integer(0..<4)
      let (other, y) = try draw.operand(resized(size), dtype)
      try expectValues(
        Tensor.concatenate([x, y, x], axis: axis),
        NaiveArray(resized(2 * shape[axis] + size)) { index in
          let place = index[axis]
          if place < shape[axis] { return array[index] }
          return place < shape[axis] + size
            ? other[moved(index, -shape[axis])] : array[moved(index, -shape[axis] - size)]
        }, "concatenate")
      let (small, z) = try draw.operand(draw.broadcastable(to: shape), dtype)
      try expectValues(
        z.broadcast(to: Shape(shape)), NaiveArray(shape) { small.broadcast($0) }, "broadcast")
      try expectValues(
        Tensor.iota(Shape(shape), axis: axis, dtype: dtype),
        NaiveArray(shape) { dtype == .bool ? min(1, Double($0[axis])) : Double($0[axis]) }, "iota")
      try expectValues(
        Tensor.full(Shape(shape), 1, dtype: dtype), NaiveArray(shape) { _ in 1 }, "fill")
    }
  }

  @Test func numbersBecomeThoseOfTheirType() throws {
    // Also where operations on known numbers are worked out when the graph is made.
    #expect(try Tensor(0.1).cast(to: .float64).item() == Double(Float(0.1)))
    #expect(try Tensor(2.7, dtype: .int32).cast(to: .float64).item() == 2)
    #expect(try Tensor(3, dtype: .bool).cast(to: .float64).item() == 1)
    #expect(try Tensor(1e10, dtype: .int32).scalars() == [Int32.max])
    #expect(try Tensor(-.infinity, dtype: .int32).scalars() == [Int32.min])
    #expect(try Tensor(.nan, dtype: .int32).scalars() == [0 as Int32])
    #expect(try Tensor([5, -7] as [Int32]).isLess(than: 1e10).scalars() == [true, true])
    #expect(try Tensor.full([0, 2], .infinity).sum([0]).scalars() == [0, 0] as [Float])
    #expect(try Tensor.full([2], .infinity).sum().item() == .infinity)
  }
}
