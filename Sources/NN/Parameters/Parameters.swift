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
    let scope = Scope(initializing: RandomKey(seed: seed))
    _ = try call(scope)
    return scope.collected
  }
}

/// A place in a tree of parameters, handed to layers when they are called: it gives them their
/// parameters, or initialises and collects them.
public struct Scope {
  private final class Drawn {
    let key: RandomKey
    var parameters = Parameters()
    /// How many parameters each layer has drawn: Flax derives the next key from it.
    var counts: [[String]: Int] = [:]
    init(_ key: RandomKey) { self.key = key }
  }

  /// Which of given parameters layers have asked for.
  package final class Asked {
    package fileprivate(set) var paths: Set<String> = []
    package init() {}
  }

  private enum Source {
    case given(Parameters, Asked?)
    case drawn(Drawn)
  }

  private let source: Source
  private let path: [String]

  private init(_ source: Source, path: [String]) {
    self.source = source
    self.path = path
  }

  /// The root of given parameters.
  public init(parameters: Parameters) { self.init(.given(parameters, nil), path: []) }

  /// The root of given parameters, which notes what layers ask for.
  package init(parameters: Parameters, asked: Asked) {
    self.init(.given(parameters, asked), path: [])
  }

  init(initializing key: RandomKey) { self.init(.drawn(Drawn(key)), path: []) }

  var collected: Parameters {
    switch source {
    case .given(let parameters, _): parameters
    case .drawn(let drawn): drawn.parameters
    }
  }

  /// The place of a layer inside this one.
  public func child(_ name: String) -> Scope { Scope(source, path: path + [name]) }

  /// The parameter `name` of the layer here.
  ///
  /// - Parameter shape: what it must be; `dtype`, what it is drawn in.
  /// - Throws: `ArgumentError` naming `params` if it is missing or has another shape.
  public func parameter(
    _ name: String, shape: [Int], dtype: DType, initializer: Initializer
  ) throws -> Tensor {
    let fullPath = (path + [name]).joined(separator: "/")
    switch source {
    case .given(let parameters, let asked):
      guard let tensor = parameters[fullPath] else {
        throw ArgumentError("parameters", "params", "'\(fullPath)' of shape \(shape) is missing")
      }
      asked?.paths.insert(fullPath)
      guard tensor.shape == Shape(shape) else {
        throw ArgumentError(
          "parameters", "params",
          "'\(fullPath)' has shape \(tensor.shape), the layer needs \(Shape(shape))")
      }
      return tensor
    case .drawn(let drawn):
      if let tensor = drawn.parameters[fullPath] {
        throw ArgumentError(
          "parameters", "params",
          "'\(fullPath)' is used twice (shape \(tensor.shape)): give the layers different names")
      }
      let key = try drawn.key.parameterKey(modulePath: path, index: drawn.counts[path, default: 0])
      drawn.counts[path, default: 0] += 1
      let tensor = try initializer.draw(key, shape, dtype)
      drawn.parameters[fullPath] = tensor
      return tensor
    }
  }
}
