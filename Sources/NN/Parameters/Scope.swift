public import E3xEngine

/// A place in a tree of parameters, handed to layers when they are called: it gives them their
/// parameters, or initialises and collects them.
public struct Scope {
  private final class Drawn {
    let key: RandomKey
    var parameters = Parameters()
    /// The keys that the parameters were drawn from, by path.
    var keys: [String: RandomKey] = [:]
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
  private let intermediates: Intermediates?

  private init(_ source: Source, path: [String], intermediates: Intermediates? = nil) {
    self.source = source
    self.path = path
    self.intermediates = intermediates
  }

  /// The root of given parameters.
  public init(parameters: Parameters) { self.init(.given(parameters, nil), path: []) }

  /// The root of given parameters, where layers show values inside of them.
  public init(parameters: Parameters, intermediates: Intermediates) {
    self.init(.given(parameters, nil), path: [], intermediates: intermediates)
  }

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

  /// The keys that parameters were drawn from, by path.
  var keys: [String: RandomKey] {
    switch source {
    case .given: [:]
    case .drawn(let drawn): drawn.keys
    }
  }

  /// The place of a layer inside this one.
  public func child(_ name: String) -> Scope {
    Scope(source, path: path + [name], intermediates: intermediates)
  }

  /// Shows a value inside of the layer here to whoever wants to see it: Flax's `sow`.
  public func show(_ name: String, _ value: @autoclosure () throws -> Tensor) rethrows {
    guard let intermediates else { return }
    intermediates.add((path + [name]).joined(separator: "/"), try value())
  }

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
      drawn.keys[fullPath] = key
      return tensor
    }
  }
}
