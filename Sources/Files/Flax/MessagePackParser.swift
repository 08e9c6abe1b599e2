internal import E3xSystem
import OrderedCollections

/// Recursive descent over bytes; see ``MessagePack``.
struct MessagePackParser {
  private let data: Data
  private var position: Int

  init(data: Data) {
    self.data = data
    position = data.startIndex
  }

  mutating func document() throws(MessagePack.ParseError) -> MessagePack {
    let result = try value(depth: 0)
    if remaining > 0 { throw failure("\(remaining) bytes follow the value") }
    return result
  }

  private var remaining: Int { data.endIndex - position }

  private func failure(_ reason: String) -> MessagePack.ParseError {
    MessagePack.ParseError(offset: position - data.startIndex, reason: reason)
  }

  private mutating func value(depth: Int) throws(MessagePack.ParseError) -> MessagePack {
    if depth > MessagePack.depthLimit {
      throw failure("nested deeper than \(MessagePack.depthLimit) levels")
    }
    let byte = try unsigned(1)
    let low = Int(byte)
    switch byte {
    case 0x00...0x7F: return .integer(low)
    case 0x80...0x8F: return try map(count: low & 0x0F, depth: depth)
    case 0x90...0x9F: return try array(count: low & 0x0F, depth: depth)
    case 0xA0...0xBF: return .string(try text(count: low & 0x1F))
    case 0xC0: return .null
    case 0xC2: return .bool(false)
    case 0xC3: return .bool(true)
    case 0xC4...0xC6: return .binary(try take(try length(1 << (low - 0xC4))))
    case 0xC7...0xC9: return try extended(count: try length(1 << (low - 0xC7)))
    case 0xCA: return .real(Double(Float(bitPattern: UInt32(try unsigned(4)))))
    case 0xCB: return .real(Double(bitPattern: try unsigned(8)))
    case 0xCC...0xCF:
      let value = try unsigned(1 << (low - 0xCC))
      return Int(exactly: value).map(MessagePack.integer) ?? .unsigned(value)
    case 0xD0...0xD3: return .integer(try signed(1 << (low - 0xD0)))
    case 0xD4...0xD8: return try extended(count: 1 << (low - 0xD4))
    case 0xD9...0xDB: return .string(try text(count: try length(1 << (low - 0xD9))))
    case 0xDC...0xDD: return try array(count: try length(2 << (low - 0xDC)), depth: depth)
    case 0xDE...0xDF: return try map(count: try length(2 << (low - 0xDE)), depth: depth)
    case 0xE0...0xFF: return .integer(low - 256)
    default:
      position -= 1
      throw failure("the byte 0x\(String(byte, radix: 16)) begins no value")
    }
  }

  /// A big-endian number of so many bytes, at most eight.
  private mutating func unsigned(_ count: Int) throws(MessagePack.ParseError) -> UInt64 {
    guard count <= remaining else { throw failure("truncated: the bytes end inside a value") }
    var result: UInt64 = 0
    for byte in data[position..<position + count] { result = result << 8 | UInt64(byte) }
    position += count
    return result
  }

  private mutating func length(_ bytes: Int) throws(MessagePack.ParseError) -> Int {
    let value = try unsigned(bytes)
    guard let result = Int(exactly: value) else { throw failure("\(value) is too large") }
    return result
  }

  private mutating func signed(_ bytes: Int) throws(MessagePack.ParseError) -> Int {
    let shift = 64 - 8 * bytes
    return Int(Int64(bitPattern: try unsigned(bytes) << UInt64(shift)) >> Int64(shift))
  }

  private mutating func take(_ count: Int) throws(MessagePack.ParseError) -> Data {
    guard count <= remaining else {
      throw failure("truncated: \(count) bytes are promised, \(remaining) are left")
    }
    defer { position += count }
    return data[position..<position + count]
  }

  private mutating func text(count: Int) throws(MessagePack.ParseError) -> String {
    let start = self
    guard let result = String(validating: try take(count), as: UTF8.self) else {
      throw start.failure("text that is not UTF-8")
    }
    return result
  }

  private mutating func extended(count: Int) throws(MessagePack.ParseError) -> MessagePack {
    let type = Int8(truncatingIfNeeded: try unsigned(1))
    return .extended(type: type, payload: try take(count))
  }

  /// Every item takes a byte at least: a longer list is refused before it is begun.
  private func check(_ count: Int, bytesEach: Int) throws(MessagePack.ParseError) {
    guard count <= remaining / bytesEach else {
      throw failure("truncated: \(count) items are promised, \(remaining) bytes are left")
    }
  }

  private mutating func array(
    count: Int, depth: Int
  ) throws(MessagePack.ParseError) -> MessagePack {
    try check(count, bytesEach: 1)
    var result: [MessagePack] = []
    for _ in 0..<count { result.append(try value(depth: depth + 1)) }
    return .array(result)
  }

  private mutating func map(count: Int, depth: Int) throws(MessagePack.ParseError) -> MessagePack {
    try check(count, bytesEach: 2)
    var result: OrderedDictionary<String, MessagePack> = [:]
    for _ in 0..<count {
      let start = self
      let key = try value(depth: depth + 1)
      let name: String
      switch key {
      case .string(let text): name = text
      case .integer(let number): name = String(number)
      default: throw start.failure("\(key.kind) where a key was expected, which must be text")
      }
      if result[name] != nil { throw start.failure("the key \(quoted(name)) occurs twice") }
      result[name] = try value(depth: depth + 1)
    }
    return .map(result)
  }
}
