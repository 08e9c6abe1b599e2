package import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import OrderedCollections

/// An operation with its options, to be called on arrays and differentiated.
///
/// Arrays are named as in files of golden cases: `arg.NAME`, `params.PATH`, and `cotangent.K.I` for
/// the I-th result of the function that derivative K is taken of.
package struct BoundOperation: Sendable {
  private let name: String
  private let config: OrderedDictionary<String, JSON>
  private let staticArguments: OrderedDictionary<String, JSON>
  private let dtype: DType

  /// The most derivatives that are taken one of the other.
  package static let orderLimit = 8

  /// - Parameters:
  ///   - name: the operation's e3x name.
  ///   - options: a JSON object: `config`, `static` (objects), and `dtype`, the element type of
  ///     constants, float32 by default.
  /// - Throws: `ArgumentError` naming `name` or `options`.
  package init(_ name: String, options: String) throws(ArgumentError) {
    guard Operations.names.contains(name) else {
      throw ArgumentError("", "name", "there is no operation \(JSON.quote(name))")
    }
    self.name = name
    let all = try object(try parsed(options, "options"), "options")
    config = try object(all["config"] ?? .object([:]), "options.config")
    staticArguments = try object(all["static"] ?? .object([:]), "options.static")
    switch all["dtype"] {
    case nil: dtype = .float32
    case .string("float32"): dtype = .float32
    case .string("float64"): dtype = .float64
    case let other?:
      throw ArgumentError(
        "", "options.dtype", "expected \"float32\" or \"float64\", received \(other.brief)")
    }
    if let key = all.keys.first(where: { !["config", "static", "dtype"].contains($0) }) {
      throw ArgumentError("", "options", "there is no member \(JSON.quote(key))")
    }
  }

  private func call(_ arguments: [String: Tensor], _ scope: Scope) throws -> [Tensor] {
    try Operations.run(
      Call(
        operation: name, config: Options(name, config),
        staticArguments: Options(name, staticArguments), arguments: arguments, scope: scope,
        dtype: dtype))
  }

  /// Draws the parameters of a module.
  /// - Parameter arrays: `arg.NAME`, of the shapes that it will be called with.
  /// - Returns: `params.PATH`, and `key.PATH`, the two words of the key that it was drawn from, as
  ///   int32 of the same bits.
  /// - Throws: `ArgumentError` for what the operation refuses.
  package func initialize(
    key: RandomKey, arrays: [String: Tensor]
  ) throws -> [(name: String, tensor: Tensor)] {
    try refusals {
      let arguments = try Self.parts(arrays, ["arg."])["arg."]!
      let (parameters, keys) = try Parameters.initialize(key: key) { try call(arguments, $0) }
      let drawn = parameters.map { (name: "params." + $0.path, tensor: $0.tensor) }
      let words = try parameters.map { path, _ in
        let words = keys[path]!.words
        let bits = [Int32(bitPattern: words.x), Int32(bitPattern: words.y)]
        return (name: "key." + path, tensor: try Tensor(bits, shape: [2]))
      }
      return drawn + words
    }
  }

  /// The results of the operation, or of its derivatives.
  ///
  /// Function 0 is the operation. Function K gives, for results of function K - 1, the gradients of
  /// Σ <`cotangent.K.I`, result I> with respect to the arrays of list K of `derivatives`; a cotangent
  /// that is not there is zero.
  ///
  /// - Parameter derivatives: a JSON list of lists of names; none for the operation itself.
  /// - Returns: the results of the last function, in order.
  /// - Throws: `ArgumentError` for what the operation refuses, and for arrays and names that do not
  ///   fit.
  package func results(arrays: [String: Tensor], derivatives: String?) throws -> [Tensor] {
    try refusals {
      let results = try graph(arrays, derivatives)
      try evaluate(results)
      return results
    }
  }

  /// Shapes and element types of what ``results(arrays:derivatives:)`` gives, from those of the
  /// arrays.
  /// - Throws: as there, and `ArgumentError` for results whose shapes depend on values.
  package func specifications(
    arrays: [String: TensorSpecification], derivatives: String?
  ) throws -> [TensorSpecification] {
    try refusals {
      let names = arrays.keys.sorted()
      var found: [TensorSpecification] = []
      do {
        _ = try CompiledFunction(names.map { arrays[$0]! }) { inputs in
          let arrays = Dictionary(uniqueKeysWithValues: zip(names, inputs))
          found = try graph(arrays, derivatives)
            .map { TensorSpecification($0.shape, dtype: $0.dtype) }
          // The graph is all that is wanted.
          throw Traced()
        }
      } catch is Traced {}
      return found
    }
  }

  private struct Traced: Error {}

  /// The results, which nothing has been computed of.
  private func graph(_ arrays: [String: Tensor], _ derivatives: String?) throws -> [Tensor] {
    let levels = try Self.levels(derivatives)
    let parts = try Self.parts(arrays, ["arg.", "params.", "cotangent."])
    let scope = Parameters(OrderedDictionary(uniqueKeysWithValues: parts["params."]!)).scope
    var results = try call(parts["arg."]!, scope)
    for (level, variables) in levels.enumerated() {
      results = try Self.gradients(results, level + 1, to: variables, of: arrays)
    }
    let cotangents = parts["cotangent."]!.keys
    if let unused = cotangents.sorted().first(where: { name in
      !levels.indices.contains { name.hasPrefix("\($0 + 1).") }
    }) {
      throw ArgumentError("", "cotangent.\(unused)", "there is no derivative that takes it")
    }
    return results
  }

  private static func gradients(
    _ results: [Tensor], _ level: Int, to variables: [String], of arrays: [String: Tensor]
  ) throws -> [Tensor] {
    var (outputs, cotangents): ([Tensor], [Tensor]) = ([], [])
    for (index, result) in results.enumerated() {
      let name = "cotangent.\(level).\(index)"
      guard let cotangent = arrays[name] else { continue }
      guard cotangent.shape == result.shape, cotangent.dtype == result.dtype,
        result.dtype.isFloatingPoint
      else {
        throw ArgumentError(
          "", name,
          "expected \(result.dtype) of shape \(result.shape) and floating-point numbers, received "
            + "\(cotangent.dtype) of shape \(cotangent.shape)")
      }
      outputs.append(result)
      cotangents.append(cotangent)
    }
    let tensors = try variables.map { name in
      guard let tensor = arrays[name], tensor.dtype.isFloatingPoint else {
        throw ArgumentError(
          "", "derivatives", "there is no array \(JSON.quote(name)) of floating-point numbers")
      }
      return tensor
    }
    return try pullback(outputs, cotangents: cotangents, to: tensors)
  }

  /// The arrays with each of the prefixes, without it.
  /// - Throws: `ArgumentError` for an array with none of them.
  private static func parts(
    _ arrays: [String: Tensor], _ prefixes: [String]
  ) throws(ArgumentError) -> [String: [String: Tensor]] {
    var parts = Dictionary(uniqueKeysWithValues: prefixes.map { ($0, [String: Tensor]()) })
    for (name, tensor) in arrays {
      guard let prefix = prefixes.first(where: { name.hasPrefix($0) }) else {
        throw ArgumentError(
          "", "arrays",
          "expected a name that begins with \(prefixes.joined(separator: " or ")), "
            + "received \(JSON.quote(name))")
      }
      parts[prefix]![String(name.dropFirst(prefix.count))] = tensor
    }
    return parts
  }

  private static func levels(_ text: String?) throws(ArgumentError) -> [[String]] {
    guard let text else { return [] }
    func refusal(_ value: JSON) -> ArgumentError {
      ArgumentError("", "derivatives", "expected lists of names, received \(value.brief)")
    }
    let value = try parsed(text, "derivatives")
    guard case .array(let lists) = value else { throw refusal(value) }
    guard lists.count <= orderLimit else {
      throw ArgumentError(
        "", "derivatives", "expected at most \(orderLimit) lists, received \(lists.count)")
    }
    var levels: [[String]] = []
    for list in lists {
      guard case .array(let items) = list else { throw refusal(list) }
      var names: [String] = []
      for item in items {
        guard case .string(let name) = item else { throw refusal(item) }
        names.append(name)
      }
      levels.append(names)
    }
    return levels
  }
}

/// Does what an operation does; shapes and values that it meets become errors about arguments.
private func refusals<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as EvaluationError {
    throw ArgumentError(error.operation, error.argument ?? "arrays", error.reason)
  } catch let error as ShapeError {
    throw ArgumentError(error.operation, "arrays", error.description)
  }
}

private func parsed(_ text: String, _ argument: String) throws(ArgumentError) -> JSON {
  do {
    return try JSON(parsing: Array(text.utf8))
  } catch {
    throw ArgumentError("", argument, "is not JSON: byte \(error.offset): \(error.reason)")
  }
}

private func object(
  _ value: JSON, _ argument: String
) throws(ArgumentError) -> OrderedDictionary<String, JSON> {
  guard case .object(let members) = value else {
    throw ArgumentError("", argument, "expected an object, received \(value.brief)")
  }
  return members
}
