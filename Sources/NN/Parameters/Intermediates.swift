public import E3xEngine
public import OrderedCollections

/// Values inside of layers, which they show as they are called: attention weights, for example.
///
///     let seen = Intermediates()
///     let y = try attention(
///       Scope(parameters: parameters, intermediates: seen), x, basis: basis, pairs: pairs)
///     let weights = seen.values["weights"]
///
/// They are tensors as others, can be differentiated, and be results of a compiled function.
public final class Intermediates {
  /// By the path of the layer and the name of the value.
  public private(set) var values: OrderedDictionary<String, Tensor> = [:]

  /// Nothing yet.
  public init() {}

  func add(_ path: String, _ value: Tensor) { values[path] = value }
}
