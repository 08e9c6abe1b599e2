package import E3xSystem
import OrderedCollections

extension MessagePack {
  /// The value's bytes, every length and number in its shortest form, as msgpack-python writes
  /// them.
  ///
  /// - Precondition: no text, list, map or payload is longer than 2³²−1.
  package func serialized() -> Data {
    var data = Data()
    append(to: &data)
    return data
  }

  private func append(to data: inout Data) {
    switch self {
    case .null: data.append(0xC0)
    case .bool(let value): data.append(value ? 0xC3 : 0xC2)
    case .integer(let value): Self.append(value, to: &data)
    case .unsigned(let value):
      data.append(0xCF)
      data.appendBigEndian(value)
    case .real(let value):
      data.append(0xCB)
      data.appendBigEndian(value.bitPattern)
    case .string(let text):
      let count = text.utf8.count
      if count < 32 {
        data.append(0xA0 | UInt8(count))
      } else {
        Self.appendLength(count, codes: (0xD9, 0xDA, 0xDB), to: &data)
      }
      data.append(contentsOf: text.utf8)
    case .binary(let bytes):
      Self.appendLength(bytes.count, codes: (0xC4, 0xC5, 0xC6), to: &data)
      data.append(bytes)
    case .array(let items):
      if items.count < 16 {
        data.append(0x90 | UInt8(items.count))
      } else {
        Self.appendLength(items.count, codes: (nil, 0xDC, 0xDD), to: &data)
      }
      for item in items { item.append(to: &data) }
    case .map(let items):
      if items.count < 16 {
        data.append(0x80 | UInt8(items.count))
      } else {
        Self.appendLength(items.count, codes: (nil, 0xDE, 0xDF), to: &data)
      }
      for (key, value) in items {
        MessagePack.string(key).append(to: &data)
        value.append(to: &data)
      }
    case .extended(let type, let payload):
      switch payload.count {
      case 1: data.append(0xD4)
      case 2: data.append(0xD5)
      case 4: data.append(0xD6)
      case 8: data.append(0xD7)
      case 16: data.append(0xD8)
      default: Self.appendLength(payload.count, codes: (0xC7, 0xC8, 0xC9), to: &data)
      }
      data.append(UInt8(bitPattern: type))
      data.append(payload)
    }
  }

  private static func append(_ value: Int, to data: inout Data) {
    switch value {
    case 0..<128: data.append(UInt8(value))
    case 128...: appendUnsigned(UInt64(value), to: &data)
    case -32..<0: data.append(UInt8(bitPattern: Int8(value)))
    case -128 ..< -32:
      data.append(0xD0)
      data.append(UInt8(bitPattern: Int8(value)))
    case -32_768 ..< -128:
      data.append(0xD1)
      data.appendBigEndian(Int16(value))
    case -2_147_483_648 ..< -32_768:
      data.append(0xD2)
      data.appendBigEndian(Int32(value))
    default:
      data.append(0xD3)
      data.appendBigEndian(Int64(value))
    }
  }

  private static func appendUnsigned(_ value: UInt64, to data: inout Data) {
    if let byte = UInt8(exactly: value) {
      data.append(0xCC)
      data.append(byte)
    } else if let number = UInt16(exactly: value) {
      data.append(0xCD)
      data.appendBigEndian(number)
    } else if let number = UInt32(exactly: value) {
      data.append(0xCE)
      data.appendBigEndian(number)
    } else {
      data.append(0xCF)
      data.appendBigEndian(value)
    }
  }

  /// The code for a length of 8, 16 or 32 bits, and the length; not every kind has the first.
  private static func appendLength(
    _ count: Int, codes: (UInt8?, UInt8, UInt8), to data: inout Data
  ) {
    if let code = codes.0, let length = UInt8(exactly: count) {
      data.append(code)
      data.append(length)
    } else if let length = UInt16(exactly: count) {
      data.append(codes.1)
      data.appendBigEndian(length)
    } else {
      data.append(codes.2)
      data.appendBigEndian(UInt32(count))
    }
  }
}

extension Data {
  /// Appends a number, its highest byte first.
  mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// Appends a number, its lowest byte first.
  mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
