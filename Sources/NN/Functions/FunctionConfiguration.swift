/// An argument of a named function, as configurations have them.
public enum FunctionArgument: Hashable, Sendable, Codable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// A number.
  case number(Double)
  /// True or false.
  case flag(Bool)
  /// A name.
  case text(String)

  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  /// A name.
  public init(stringLiteral value: String) { self = .text(value) }

  /// Reads a number, a truth value or a string.
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes the value alone.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    }
  }

  /// "0.5", "true", "'damped'".
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .text(let value): "'\(value)'"
    }
  }
}

/// A function that e3x has under a name, with arguments; the name and the arguments that it needs
/// to be made again.
public protocol NamedFunction: Hashable, Sendable, Codable, CustomStringConvertible {
  /// e3x's name.
  var name: String { get }
  /// All arguments, those with default values too, under e3x's names.
  var arguments: [String: FunctionArgument] { get }
  /// The function of a name, with default values for the arguments that are missing.
  /// - Throws: `ArgumentError` naming an argument that is unknown, of the wrong kind or refused.
  init(name: String, arguments: [String: FunctionArgument]) throws
}

private struct FunctionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension NamedFunction {
  /// Reads {"name": ..., and the arguments}.
  /// - Throws: `DecodingError` without a name; `ArgumentError` as ``init(name:arguments:)``.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FunctionKey.self)
    var arguments: [String: FunctionArgument] = [:]
    for key in container.allKeys where key.stringValue != "name" {
      arguments[key.stringValue] = try container.decode(FunctionArgument.self, forKey: key)
    }
    let name = try container.decode(String.self, forKey: FunctionKey(stringValue: "name"))
    try self.init(name: name, arguments: arguments)
  }

  /// Writes {"name": ..., and the arguments}.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FunctionKey.self)
    try container.encode(name, forKey: FunctionKey(stringValue: "name"))
    for (key, value) in arguments.sorted(by: { $0.key < $1.key }) {
      try container.encode(value, forKey: FunctionKey(stringValue: key))
    }
  }

  /// "reciprocal_bernstein(kind: 'shifted', use_reciprocal_weighting: false)".
  public var description: String {
    let list = arguments.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return "\(name)(\(list.joined(separator: ", ")))"
  }
}
