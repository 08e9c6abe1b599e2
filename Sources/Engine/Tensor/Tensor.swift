internal import E3xLocks
internal import Synchronization

/// An array of numbers with a shape and an element type: an immutable value.
///
/// Operations on tensors build a graph; it runs when numbers are asked for (`scalars(as:)`,
/// ``evaluate(_:)``) or when a compiled function is called. Inside a traced function the number of
/// rows may be symbolic (see ``Dimension``).
public struct Tensor: Sendable {
  let node: Node

  /// The sizes of the axes.
  public var shape: Shape { node.shape }
  /// The element type.
  public var dtype: DType { node.dtype }
  /// The number of axes.
  public var rank: Int { node.shape.rank }

  init(_ node: Node) { self.node = node }

  /// The result of an operation.
  /// - Throws: `ShapeError` if there is no tensor of this shape; see ``Shape/check(_:_:)``.
  init(
    _ primitive: Primitive, _ inputs: [Tensor], shape: Shape, dtype: DType,
    label: IndexLabel? = nil
  ) throws(ShapeError) {
    try shape.check(primitive.name, dtype)
    self.init(unchecked: primitive, inputs, shape: shape, dtype: dtype, label: label)
  }

  /// What has the shape of a tensor that there is, or costs nothing before it is evaluated.
  init(
    unchecked primitive: Primitive, _ inputs: [Tensor], shape: Shape, dtype: DType,
    label: IndexLabel? = nil
  ) {
    self.node = Node(primitive, inputs.map(\.node), shape: shape, dtype: dtype, label: label)
  }
}

/// A node of the graph: an operation, its operands, and what is known of its result.
final class Node: Sendable {
  /// Larger than the ids of all operands, so that ascending ids are an order of evaluation.
  let id: UInt64
  let primitive: Primitive
  let shape: Shape
  let dtype: DType
  /// Of operations with an index list: what errors call it.
  let label: IndexLabel?
  private let state: Guarded<State>

  private struct State {
    var inputs: [Node]
    var result: Storage?
  }

  private static let next = Atomic<UInt64>(0)

  init(
    _ primitive: Primitive, _ inputs: [Node], shape: Shape, dtype: DType, label: IndexLabel?
  ) {
    self.id = Self.next.wrappingAdd(1, ordering: .relaxed).oldValue
    self.primitive = primitive
    self.shape = shape
    self.dtype = dtype
    self.label = label
    self.state = Guarded(State(inputs: inputs, result: nil))
  }

  var inputs: [Node] { state.withLock { $0.inputs } }

  /// The elements, contiguous, if they are known.
  var result: Storage? {
    get {
      if case .constant(let constant) = primitive { return constant.storage }
      return state.withLock { $0.result }
    }
    set { state.withLock { $0.result = newValue } }
  }

  /// Frees a long chain of nodes one after the other: the recursion of ordinary release would
  /// overflow the stack.
  deinit {
    var orphans = state.withLock { state in
      defer { state.inputs = [] }
      return state.inputs
    }
    while var node = orphans.popLast() {
      if isKnownUniquelyReferenced(&node) {
        node.state.withLock { state in
          orphans += state.inputs
          state.inputs = []
        }
      }
    }
  }
}
