package import E3xEngine
package import E3xFiles
internal import E3xLocks
package import OrderedCollections

/// Named options of a call, from JSON; every one that is there must be asked for.
package final class Options: Sendable {
  private let operation: String
  private let values: OrderedDictionary<String, JSON>
  private let used = Guarded<Set<String>>([])

  /// The options of a call of `operation`, under their names.
  package init(_ operation: String, _ values: OrderedDictionary<String, JSON>) {
    self.operation = operation
    self.values = values
  }

  /// The names of all options that are there.
  package var names: [String] { Array(values.keys) }

  package func error(_ name: String, _ reason: String) -> ArgumentError {
    ArgumentError(operation, name, reason)
  }

  /// Whether the option is there and not null.
  func has(_ name: String) -> Bool {
    used.withLock { _ = $0.insert(name) }
    guard let value = values[name] else { return false }
    return value != .null
  }

  /// An option's value; nil where it is missing or null.
  func value(_ name: String) -> JSON? { has(name) ? values[name] : nil }

  package func int(_ name: String) throws -> Int? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return value
    case let other?: throw error(name, "expected an integer, received \(other.brief)")
    }
  }

  /// An integer with a default for when it is missing; null is refused.
  func int(_ name: String, default fallback: Int) throws -> Int {
    if values[name] == .null { throw error(name, "expected an integer, received none") }
    return try int(name) ?? fallback
  }

  func real(_ name: String) throws -> Double? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return Double(value)
    case .real(let value): return value
    case let other?: throw error(name, "expected a number, received \(other.brief)")
    }
  }

  package func bool(_ name: String, default fallback: Bool) throws -> Bool {
    switch value(name) {
    case nil: return fallback
    case .bool(let value): return value
    case let other?: throw error(name, "expected true or false, received \(other.brief)")
    }
  }

  package func string(_ name: String) throws -> String? {
    switch value(name) {
    case nil: return nil
    case .string(let value): return value
    case let other?: throw error(name, "expected a string, received \(other.brief)")
    }
  }

  package func object(_ name: String) throws -> Options {
    switch value(name) {
    case nil: return Options(operation, [:])
    case .object(let values): return Options(operation, values)
    case let other?: throw error(name, "expected an object, received \(other.brief)")
    }
  }

  /// An integer or a list of integers.
  package func ints(_ name: String) throws -> [Int]? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return [value]
    case .array(let items):
      return try items.map { item in
        guard case .integer(let value) = item else {
          throw error(name, "expected integers, received \(item.brief)")
        }
        return value
      }
    case let other?: throw error(name, "expected integers, received \(other.brief)")
    }
  }

  package func dtype(_ name: String) throws -> DType? {
    guard let text = try string(name) else { return nil }
    guard let type = DType(rawValue: text), type.isFloatingPoint else {
      throw error(name, "unknown element type '\(text)'")
    }
    return type
  }

  /// - Throws: `ArgumentError` for an option that nobody asked for: it would have no effect.
  func checkAllUsed() throws {
    let used = used.withLock { $0 }
    for name in values.keys where !used.contains(name) {
      throw error(name, "this operation has no such option")
    }
  }
}

extension JSON {
  /// The value for messages, in JSON; of lists and objects only what they are.
  var brief: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .string(let text): JSON.quote(text.count > 40 ? text.prefix(40) + "…" : text)
    case .array: "a list"
    case .object: "an object"
    }
  }
}
