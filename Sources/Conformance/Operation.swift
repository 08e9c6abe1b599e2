internal import E3xEngine
internal import E3xNN

/// The arguments of one call.
struct Call {
  let operation: String
  let config: Options
  let staticArguments: Options
  let arguments: [String: Tensor]
  let scope: Scope
  /// The element type of constants.
  let dtype: DType

  /// An argument that the operation cannot do without.
  func required(_ name: String) throws -> Tensor {
    guard let tensor = arguments[name] else {
      throw ArgumentError(operation, name, "is required, received none")
    }
    return tensor
  }

  /// An argument that may be missing.
  subscript(name: String) -> Tensor? { arguments[name] }

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

/// All operations that cases can name.
enum Operations {
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

  /// Calls the operation of a case.
  /// - Throws: `ArgumentError` naming `op` if there is no such operation; whatever it throws.
  static func run(_ call: Call) throws -> [Tensor] {
    guard let operation = all[call.operation] else {
      throw ArgumentError("run", "op", "there is no operation '\(call.operation)'")
    }
    let results = try operation(call)
    try call.config.checkAllUsed()
    try call.staticArguments.checkAllUsed()
    return results
  }
}
