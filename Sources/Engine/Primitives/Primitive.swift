/// The operations that graphs are made of. Everything else is written from these.
///
/// The set is closed under differentiation: the derivative rule of each (folder Differentiate)
/// uses only primitives. Shapes broadcast as NumPy's do in the elementwise ones. "Rows" are all
/// leading axes together. Costs are in elements of the largest operand unless said otherwise.
///
/// | primitive | shapes | derivative | cost |
/// |---|---|---|---|
/// | `input` `constant` `fill` `iota` `size` | given | none | 0 |
/// | `unary` | S → S | `unary` `binary` | 1 |
/// | `binary` | S, T → broadcast(S, T) | `unary` `binary` `compare` `select` `reduce` | 1 |
/// | `compare` `logical` `not` | S, T → broadcast, bool | none | 1 |
/// | `select` | C, S, T → broadcast; C bool | `select` `reduce` | 1 |
/// | `cast` | S → S, other dtype | `cast` | 1 |
/// | `broadcast` | S → T that S broadcasts to | `reduce` | 0 (view) |
/// | `reshape` | S → T of as many elements | `reshape` | 0 (view) or 1 |
/// | `permute` | axes reordered | `permute` | 0 (view) |
/// | `slice` | a range of one axis | `pad` | 0 (view) |
/// | `pad` | zeros before and after on one axis | `slice` | 1 |
/// | `concatenate` | one axis added up | `slice` | 1 |
/// | `reduce` sum | axes become 1 | `broadcast` | 1 |
/// | `reduce` max, min | axes become 1 | ties share: `compare` `reduce` `broadcast` | 1 |
/// | `matmul` | [B, m, k], [B, k, n] → [B, m, n] | `matmul` `permute` | B m k n |
/// | `linear` | [R, C, i], [b, i, o] → [R, C, o] | `linear` `linearWeights` | R C i o |
/// | `linearWeights` | [R, C, i], [R, C, o] → [b, i, o] | `linear` | R C i o |
/// | `blockProduct` | two of [R, C], [R, b, F], [R, C, F] → the third | `blockProduct` | 1 |
/// | `gather` | [N, …], P indices → [P, …] | `segmentSum` | P |
/// | `segmentSum` | [P, …], P indices → [N, …] | `gather` | P |
/// | `segmentMax` | [P, …], P indices → [N, …] | ties share: `gather` `segmentSum` | P |
/// | `couple` | all slots but one → that slot | `couple` | R terms F |
/// | `polynomial` | [R, 3] → [R, p], or [R, 3], [R, n] → [R, p] | `polynomial` | R monomials |
/// | `length` | [R, 3] → [R, 1] | `direction` `binary` `select` | 1 |
/// | `direction` | [R, 3] → [R, 3] | `length` `direction` `binary` `select` `reduce` | 1 |
/// | `check` | S → S, an error where a rule is broken | passes through | 1 |
/// | `override` | S → S | given by its maker | 0 |
/// | `stopGradient` | S → S | none | 0 |
package enum Primitive: Hashable, Sendable {
  /// The argument of a traced function at this position.
  case input(Int)
  /// Elements that are known already.
  case constant(Constant)
  /// One number in every element.
  case fill(Double)
  /// 0, 1, 2, … along an axis.
  case iota(axis: Int)
  /// The size of a dimension as a scalar.
  case size(Dimension)

  case unary(UnaryOperation)
  case binary(BinaryOperation)
  case compare(Comparison)
  case logical(LogicalOperation)
  case not
  case select
  case cast

  case broadcast
  case reshape
  case permute([Int])
  case slice(axis: Int, start: Int, count: Int)
  case pad(axis: Int, before: Int, after: Int)
  case concatenate(axis: Int)

  case reduce(Reduction, axes: [Int])
  case matmul
  case linear(ComponentBlocks)
  case linearWeights(ComponentBlocks)

  /// The form Σ y[r, c] h[r, block[c], f] g[r, c, f], opened at y (0), h (1) or g (2); the operands
  /// are the other two.
  case blockProduct(ComponentBlocks, opened: Int)

  /// An index equal to the number of rows is padding: it reads the last row, or zeros.
  case gather(padding: GatherPadding)
  /// An index equal to the number of segments is padding and left out. `padding` is what its
  /// derivative, a gather, reads there: as the transpose of a gather it is that gather again.
  case segmentSum(padding: GatherPadding)
  /// As `segmentSum`; a segment without entries gets `empty`.
  case segmentMax(empty: Double)

  /// The operands are all slots of the table but `output`, in their order.
  case couple(CouplingTable, output: Int, reduce: Bool)
  /// The second operand are weights, if the table has any.
  case polynomial(PolynomialTable)
  /// The lengths of vectors in the last axis, accurate for huge and tiny ones.
  case length
  /// Vectors divided by their length where it is greater than a number, or as they are.
  case direction(above: Double)
  /// The operand, whose values must follow a rule.
  case check(ValueCheck)

  case override(GradientOverride)
  case stopGradient
}

package enum UnaryOperation: String, Hashable, Sendable, CaseIterable {
  case negate, absolute, sign, floor, reciprocal, squareRoot
  case exp, expMinusOne, log, logOnePlus, sin, cos, tanh, erf

  /// Whether it is meant for this element type.
  func accepts(_ dtype: DType) -> Bool {
    switch self {
    case .negate, .absolute, .sign: dtype != .bool
    default: dtype.isFloatingPoint
    }
  }
}

package enum BinaryOperation: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum, atan2

  func accepts(_ dtype: DType) -> Bool {
    switch self {
    case .power, .atan2: dtype.isFloatingPoint
    default: dtype != .bool
    }
  }
}

package enum Comparison: String, Hashable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Whether it is meant for this element type: truth values have no order.
  func accepts(_ dtype: DType) -> Bool {
    self == .equal || self == .notEqual || dtype != .bool
  }
}

package enum LogicalOperation: String, Hashable, Sendable {
  case and, or, xor
}

package enum Reduction: String, Hashable, Sendable, CaseIterable {
  case sum, max, min
}

/// What a padding index (equal to the number of rows) reads.
package enum GatherPadding: String, Hashable, Sendable, BitwiseCopyable {
  case lastRow, zero
  /// Nothing: such an index is out of range.
  case refused
}

/// Which weight matrix each component of the features is multiplied with; -1 for none.
package struct ComponentBlocks: Hashable, Sendable {
  /// The matrix of each component.
  package let block: [Int32]
  /// The number of matrices.
  package let count: Int
}

/// Elements known when the graph was made; equal if they lie in the same storage.
package struct Constant: Hashable, Sendable {
  let storage: Storage
  init(_ storage: Storage) { self.storage = storage }

  /// Calls `body` with the elements in row-major order, of the operation's type and as many as its
  /// shape has.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(
      UnsafeRawBufferPointer(start: UnsafeRawPointer(storage.pointer), count: storage.byteCount))
  }

  package static func == (a: Constant, b: Constant) -> Bool { a.storage === b.storage }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(storage)) }
}

/// A derivative that stands for the one that the rules would give; equal only to itself.
package final class GradientOverride: Hashable, Sendable {
  /// From the cotangent of the output to those of the operands after the first.
  let pullback: @Sendable (Tensor) throws(ShapeError) -> [Tensor?]
  init(_ pullback: @escaping @Sendable (Tensor) throws(ShapeError) -> [Tensor?]) {
    self.pullback = pullback
  }
  package static func == (a: GradientOverride, b: GradientOverride) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
