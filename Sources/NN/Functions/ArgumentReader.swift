internal import E3xEngine

/// Takes the arguments of a named function, one by one, and refuses what is left.
struct ArgumentReader {
  private let function: String
  private var rest: [String: FunctionArgument]

  init(_ function: String, _ arguments: [String: FunctionArgument]) {
    self.function = function
    self.rest = arguments
  }

  private func error(_ name: String, _ expected: String, _ value: FunctionArgument) -> ArgumentError
  {
    ArgumentError(function, name, "expected \(expected), received \(value)")
  }

  mutating func number(_ name: String, default fallback: Double) throws(ArgumentError) -> Double {
    switch rest.removeValue(forKey: name) {
    case nil: return fallback
    case .number(let value): return value
    case let other?: throw error(name, "a number", other)
    }
  }

  mutating func flag(
    _ name: String, default fallback: Bool = false
  ) throws(ArgumentError) -> Bool {
    switch rest.removeValue(forKey: name) {
    case nil: return fallback
    case .flag(let value): return value
    case let other?: throw error(name, "true or false", other)
    }
  }

  mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ name: String, default fallback: Value
  ) throws(ArgumentError) -> Value {
    guard let argument = rest.removeValue(forKey: name) else { return fallback }
    if case .text(let text) = argument, let value = Value(rawValue: text) { return value }
    let names = Value.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    throw error(name, "one of \(names)", argument)
  }

  func checkEmpty() throws(ArgumentError) {
    guard let name = rest.keys.min() else { return }
    throw ArgumentError(function, name, "'\(function)' has no such argument")
  }
}
