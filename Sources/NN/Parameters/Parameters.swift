public import E3xEngine
public import OrderedCollections

/// The parameters of a model: tensors under their paths, such as `attention_0/query/0+/kernel`
/// (Flax's names, in the order in which the model asks for them).
public struct Parameters: Sendable, Sequence {
  /// The tensors by path.
  public var tensors: OrderedDictionary<String, Tensor>

  /// Parameters with these tensors.
  public init(_ tensors: OrderedDictionary<String, Tensor> = [:]) { self.tensors = tensors }

  /// The tensor at a path.
  public subscript(path: String) -> Tensor? {
    get { tensors[path] }
    set { tensors[path] = newValue }
  }

  /// The number of tensors.
  public var count: Int { tensors.count }

  /// The number of numbers in all tensors.
  public var scalarCount: Int {
    tensors.values.reduce(0) { $0 + ($1.shape.elementCount.known ?? 0) }
  }

  /// Where layers find these parameters.
  public var scope: Scope { Scope(parameters: self) }

  /// Paths and tensors in order.
  public func makeIterator() -> AnyIterator<(path: String, tensor: Tensor)> {
    var elements = tensors.elements.makeIterator()
    return AnyIterator { elements.next().map { (path: $0.key, tensor: $0.value) } }
  }

  /// The parameters with a function applied to each tensor.
  public func mapTensors(_ transform: (Tensor) throws -> Tensor) rethrows -> Parameters {
    var result = OrderedDictionary<String, Tensor>(minimumCapacity: tensors.count)
    for (path, tensor) in tensors { result[path] = try transform(tensor) }
    return Parameters(result)
  }

  /// Draws the parameters of a model by calling it once: what it asks for is initialised.
  ///
  /// - Parameter seed: as `jax.random.PRNGKey(seed)`.
  /// - Parameter call: calls the model in the scope that it is given, with inputs of the shapes
  ///   that it will have. Nothing is computed but the parameters.
  /// - Throws: `ArgumentError` for layers of one name; whatever `call` throws.
  public static func initialize(
    seed: Int, _ call: (Scope) throws -> some Any
  ) throws -> Parameters {
    try initialize(key: RandomKey(seed: seed), call).parameters
  }

  /// Draws the parameters of a model from a key, as ``initialize(seed:_:)``.
  /// - Returns: the parameters, and the key that each of them was drawn from, by path.
  package static func initialize(
    key: RandomKey, _ call: (Scope) throws -> some Any
  ) throws -> (parameters: Parameters, keys: [String: RandomKey]) {
    let scope = Scope(initializing: key)
    _ = try call(scope)
    return (scope.collected, scope.keys)
  }
}
