internal import E3xSystem

/// The header of a `.npy` file (`numpy.lib.format`): a magic number, a version, a length, and a
/// Python dictionary of `descr`, `fortran_order` and `shape`.
struct NumPyHeader {
  /// Why bytes are no array.
  struct ParseError: Error {
    var reason: String
  }

  private(set) var dtype: SafetensorsDType = .f32
  private(set) var shape: [Int] = []
  private(set) var isBigEndian = false
  private(set) var isFortranOrder = false
  /// Bytes before the elements.
  private(set) var length: Int
  /// Bytes of the elements.
  private(set) var byteCount = 0

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy's own limit on axes.
  static let rankLimit = 64
  /// The longest dictionary that is accepted, as in `numpy.load`.
  private static let dictionaryLimit = 10_000

  init(data: Data) throws(ParseError) {
    let bytes = [UInt8](data.prefix(12))
    guard bytes.starts(with: Self.magic) else {
      throw ParseError(reason: "does not begin with the magic number of .npy files")
    }
    guard bytes.count >= 10 else { throw ParseError(reason: "truncated inside the header") }
    let major = bytes[6]
    guard (1...3).contains(major), bytes[7] == 0 else {
      throw ParseError(reason: "the version \(major).\(bytes[7]) of .npy files is not supported")
    }
    let lengthSize = major == 1 ? 2 : 4
    guard bytes.count >= 8 + lengthSize else {
      throw ParseError(reason: "truncated inside the header")
    }
    let count = bytes[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count <= Self.dictionaryLimit else {
      throw ParseError(
        reason: "the header's length \(count) is more than \(Self.dictionaryLimit)")
    }
    length = 8 + lengthSize + count
    guard length <= data.count else { throw ParseError(reason: "truncated inside the header") }
    let dictionary = [UInt8](data.dropFirst(8 + lengthSize).prefix(count))
    var parser = NumPyDictionaryParser(bytes: dictionary)
    let fields = try parser.fields()
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
    (dtype, isBigEndian) = try Self.type(fields.descriptor)
    guard shape.count <= Self.rankLimit else {
      throw ParseError(reason: "has \(shape.count) axes, more than \(Self.rankLimit)")
    }
    guard let size = dtype.byteCount(shape: shape) else {
      throw ParseError(reason: "the size of the shape \(shape) overflows")
    }
    byteCount = size
  }

  private static func type(
    _ descriptor: String
  ) throws(ParseError) -> (SafetensorsDType, isBigEndian: Bool) {
    if let type = NumPyType(descriptor) { return (type.type, type.isBigEndian) }
    let hint =
      switch descriptor.first(where: { !"<>=|".contains($0) }) {
      case "V": ": raw bytes, which is how NumPy stores bfloat16; save it as float32"
      case "O": ": Python objects"
      default: ""
      }
    throw ParseError(reason: "the element type \(quoted(descriptor)) is not supported\(hint)")
  }

  /// A header of version 1.0 as NumPy lays it out: with room for the first extent to grow, and
  /// padded so that the elements begin at a multiple of 64 bytes.
  static func serialized(descriptor: String, shape: [Int]) -> Data {
    let extents = shape.map(String.init)
    let list = extents.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(list)), }"
    if let first = extents.first { text += String(repeating: " ", count: max(0, 21 - first.count)) }
    let unpadded = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var data = Data(magic + [1, 0])
    data.appendLittleEndian(UInt16(text.utf8.count))
    data.append(contentsOf: text.utf8)
    return data
  }
}

/// Reads the one form of Python dictionary that headers hold.
struct NumPyDictionaryParser {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func failure(_ reason: String) -> NumPyHeader.ParseError {
    NumPyHeader.ParseError(reason: "bad header: \(reason) at byte \(position) of its dictionary")
  }

  mutating func fields() throws(NumPyHeader.ParseError) -> (
    descriptor: String, isFortranOrder: Bool, shape: [Int]
  ) {
    var (descriptor, isFortranOrder, shape) = (String?.none, Bool?.none, [Int]?.none)
    try expect("{")
    while !take("}") {
      switch try string() {
      case "descr" where descriptor == nil:
        try expect(":")
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "[") {
          throw failure("'descr' is a list: records are not supported;")
        }
        descriptor = try string()
      case "fortran_order" where isFortranOrder == nil:
        try expect(":")
        isFortranOrder = try truth()
      case "shape" where shape == nil:
        try expect(":")
        shape = try tuple()
      case let key: throw failure("unexpected or repeated key \(quoted(key))")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.count else { throw failure("unexpected text") }
    guard let descriptor, let isFortranOrder, let shape else {
      throw failure("one of 'descr', 'fortran_order' and 'shape' is missing")
    }
    return (descriptor, isFortranOrder, shape)
  }

  private mutating func skipSpace() {
    while position < bytes.count, isSpace(bytes[position]) {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NumPyHeader.ParseError) {
    guard take(character) else { throw failure("expected '\(character)'") }
  }

  private mutating func string() throws(NumPyHeader.ParseError) -> String {
    _ = take("u")  // as Python 2 writes text
    let quote: UInt8 = take("\"") ? UInt8(ascii: "\"") : UInt8(ascii: "'")
    if quote == UInt8(ascii: "'") { try expect("'") }
    guard let end = bytes[position...].firstIndex(of: quote) else {
      throw failure("text without an end")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func truth() throws(NumPyHeader.ParseError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw failure("expected True or False")
  }

  private mutating func tuple() throws(NumPyHeader.ParseError) -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !take(")") {
      result.append(try natural())
      if !take(",") {
        // Without a comma it is a number in parentheses.
        if result.count == 1 { throw failure("expected ','") }
        try expect(")")
        break
      }
    }
    return result
  }

  private mutating func natural() throws(NumPyHeader.ParseError) -> Int {
    skipSpace()
    let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw failure("expected an extent that is not negative and fits 64 bits")
    }
    position += digits.count
    // Python 2 wrote long integers with an L.
    if position < bytes.count, bytes[position] == UInt8(ascii: "L") { position += 1 }
    return value
  }
}
