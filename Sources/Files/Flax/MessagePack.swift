package import E3xSystem
package import OrderedCollections

/// A MessagePack value whose maps have text for keys, or integers, which become text
/// (github.com/msgpack/msgpack, spec.md).
///
/// Binary and extension payloads share the storage of the bytes that were parsed.
package enum MessagePack: Equatable, Sendable {
  case null
  case bool(Bool)
  /// An integer that fits `Int`.
  case integer(Int)
  /// An integer beyond `Int.max`.
  case unsigned(UInt64)
  case real(Double)
  case string(String)
  case binary(Data)
  case array([MessagePack])
  case map(OrderedDictionary<String, MessagePack>)
  /// A value of an application's own type.
  case extended(type: Int8, payload: Data)

  /// Why bytes are not MessagePack, and at which of them.
  package struct ParseError: Error, Equatable, Sendable {
    package var offset: Int
    package var reason: String
  }

  /// Nesting beyond this depth is refused, so that parsing needs a bounded stack.
  package static let depthLimit = 64

  /// Parses bytes that hold one value and nothing else.
  ///
  /// No memory is taken for what a length promises, only for what the bytes hold.
  package init(parsing data: Data) throws(ParseError) {
    var parser = MessagePackParser(data: data)
    self = try parser.document()
  }

  /// What an error message calls a value of this kind.
  package var kind: String {
    switch self {
    case .null: "nil"
    case .bool: "a truth value"
    case .integer, .unsigned: "an integer"
    case .real: "a number"
    case .string: "text"
    case .binary: "bytes"
    case .array: "a list"
    case .map: "a map"
    case .extended(let type, _): "a value of extension type \(type)"
    }
  }
}
