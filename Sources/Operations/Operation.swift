package import E3xEngine
package import E3xNN

/// The arguments of one call.
package struct Call {
  package let operation: String
  let config: Options
  let staticArguments: Options
  let arguments: [String: Tensor]
  let scope: Scope
  /// The element type of constants.
  let dtype: DType

  /// - Parameters:
  ///   - operation: its e3x name, such as "nn.SelfAttention".
  ///   - config: constructor arguments of a module, or keyword arguments of a function.
  ///   - staticArguments: arguments of the call that are not arrays.
  ///   - scope: where a module finds its parameters, or draws them.
  ///   - dtype: the element type of constants.
  package init(
    operation: String, config: Options, staticArguments: Options, arguments: [String: Tensor],
    scope: Scope, dtype: DType
  ) {
    self.operation = operation
    self.config = config
    self.staticArguments = staticArguments
    self.arguments = arguments
    self.scope = scope
    self.dtype = dtype
  }

  /// An argument that the operation cannot do without.
  func required(_ name: String) throws -> Tensor {
    guard let tensor = arguments[name] else {
      throw ArgumentError(operation, name, "is required, received none")
    }
    return tensor
  }

  /// An argument that may be missing.
  subscript(name: String) -> Tensor? { arguments[name] }

  /// The key of random numbers: the two words of `key`, otherwise that of `seed`.
  func randomKey() throws -> RandomKey {
    guard let words = try staticArguments.ints("key") else {
      return RandomKey(seed: try staticArguments.int("seed", default: 0))
    }
    guard words.count == 2, let first = UInt32(exactly: words[0]),
      let second = UInt32(exactly: words[1])
    else {
      throw ArgumentError(operation, "key", "expected two words of 32 bits, received \(words)")
    }
    return RandomKey(words: SIMD2(first, second))
  }

  /// `num_segments` from the call or the configuration.
  func numSegments() throws -> Dimension? {
    let value = try staticArguments.int("num_segments") ?? config.int("num_segments")
    if let value { try checkCount(operation, "num_segments", value, from: 0) }
    return value.map { Dimension($0) }
  }

  /// `indices_are_sorted`, from the call or the configuration.
  func indicesAreSorted() throws -> Bool {
    let inCall = try staticArguments.bool("indices_are_sorted", default: false)
    let inConfig = try config.bool("indices_are_sorted", default: false)
    return inCall || inConfig
  }
}

/// A public operation by its e3x name: from a call to its results.
typealias Operation = @Sendable (Call) throws -> [Tensor]

/// All operations by name.
package enum Operations {
  /// The public names of e3x, and the potentials that are made of them.
  package static var names: Set<String> { Set(all.keys) }

  static let all: [String: Operation] = {
    var all: [String: Operation] = [:]
    for family in [
      modules, features, indices, so3, quadrature, functions, initializers, matrix, configuration,
      potentials,
    ] {
      all.merge(family) { first, _ in first }
    }
    return all
  }()

  /// Calls an operation; nothing is computed before it is asked for.
  /// - Throws: `ArgumentError` naming `op` if there is no such operation; whatever it throws.
  package static func run(_ call: Call) throws -> [Tensor] {
    guard let operation = all[call.operation] else {
      throw ArgumentError("run", "op", "there is no operation '\(call.operation)'")
    }
    let results = try operation(call)
    try call.config.checkAllUsed()
    try call.staticArguments.checkAllUsed()
    return results
  }
}
