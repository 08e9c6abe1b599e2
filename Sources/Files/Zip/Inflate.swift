/// Decompression of deflated data (RFC 1951).
package enum Inflate {
  /// Why data are malformed, and near which byte.
  package struct Failure: Error, Equatable, Sendable {
    package var offset: Int
    package var reason: String
  }

  /// The `size` bytes that `input` was made of.
  ///
  /// Memory grows with what is decoded, never beyond `size`; input that decodes to more or less,
  /// or has bytes left over, is refused.
  package static func inflate(_ input: [UInt8], size: Int) throws(Failure) -> [UInt8] {
    var decoder = Decoder(input: input, size: size)
    return try decoder.whole()
  }

  /// The base values and extra bits of the symbols for lengths, 257 to 285.
  static let lengths: [(base: Int, bits: Int)] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1),
    (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4),
    (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
  ]
  /// The same for distances.
  static let distances: [(base: Int, bits: Int)] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4),
    (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8),
    (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12),
    (16385, 13), (24577, 13),
  ]
  /// In which order the lengths of the code for code lengths come.
  static let lengthOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let fixedCodes = (
    literals: HuffmanCode(
      lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }),
    distances: HuffmanCode(lengths: [Int](repeating: 5, count: 32))
  )

  /// Decodes piece by piece: input is asked for as it is needed, and output is taken on the way.
  struct Decoder {
    private var input: [UInt8]
    private var position = 0
    /// Bytes of the pieces before `input`.
    private var before = 0
    private var more: (() -> [UInt8])?
    private let size: Int
    private var output: [UInt8] = []
    /// How much of `output` was taken.
    private var taken = 0
    private var buffer: UInt32 = 0
    private var buffered = 0
    private var state = State.start

    private enum State {
      case start
      case stored(left: Int)
      case compressed(HuffmanCode, HuffmanCode)
      case done
    }

    /// What a distance reaches back over at most.
    private static let window = 1 << 15

    /// A decoder of `input`, which gives `size` bytes.
    init(input: [UInt8], size: Int) {
      self.input = input
      self.size = size
    }

    /// A decoder of pieces, of which an empty one is the end.
    init(pieces: @escaping () -> [UInt8]) {
      self.init(input: [], size: .max)
      more = pieces
    }

    /// Bytes of input that were read.
    var offset: Int { before + position }

    private func failure(_ reason: String) -> Failure { Failure(offset: offset, reason: reason) }

    private mutating func nextByte() -> UInt8? {
      if position == input.count {
        guard let more else { return nil }
        before += position
        (input, position) = (more(), 0)
        if input.isEmpty { return nil }
      }
      defer { position += 1 }
      return input[position]
    }

    /// All of the output of one piece of input, of which nothing may be left.
    mutating func whole() throws(Failure) -> [UInt8] {
      try run()
      guard output.count == size else {
        throw failure("gives \(output.count) bytes where \(size) are promised")
      }
      guard position - buffered / 8 == input.count else {
        throw failure("\(input.count - position + buffered / 8) bytes after the last block")
      }
      return output
    }

    /// Decodes until there are about `count` bytes to take, or to the end.
    /// - Returns: Whether the end of the last block was reached.
    @discardableResult
    mutating func run(until count: Int = .max) throws(Failure) -> Bool {
      let limit = count > .max - output.count ? .max : taken + count
      while output.count < limit {
        switch state {
        case .start: try start()
        case .stored(let left): try stored(left, until: limit)
        case .compressed(let literals, let distances):
          try compressed(literals, distances, until: limit)
        case .done: return true
        }
      }
      return false
    }

    /// The output that was not taken yet; only what distances reach is kept.
    mutating func take() -> [UInt8] {
      let result = Array(output[taken...])
      if output.count > Self.window { output.removeFirst(output.count - Self.window) }
      taken = output.count
      return result
    }

    /// The next byte behind the last block; nil at the end of the input.
    mutating func byteBehind() -> UInt8? {
      buffer >>= UInt32(buffered % 8)
      buffered -= buffered % 8
      guard buffered > 0 else { return nextByte() }
      defer {
        buffer >>= 8
        buffered -= 8
      }
      return UInt8(truncatingIfNeeded: buffer)
    }

    /// Begins other deflated data behind these.
    mutating func restart() {
      (output, taken, state) = ([], 0, .start)
      isLast = false
    }

    private var isLast = false

    private mutating func start() throws(Failure) {
      if isLast {
        state = .done
        return
      }
      isLast = try bits(1) == 1
      switch try bits(2) {
      case 0:
        // The rest of the byte is padding.
        _ = try bits(buffered % 8)
        let (count, inverted) = (try bits(8) | bits(8) << 8, try bits(8) | bits(8) << 8)
        guard count == ~inverted & 0xFFFF else { throw failure("a stored block of unclear length") }
        if more == nil {
          guard count <= input.count - position else { throw failure("truncated inside a block") }
        }
        guard count <= size - output.count else { throw tooLong }
        state = .stored(left: count)
      case 1:
        guard let literals = fixedCodes.literals, let distances = fixedCodes.distances else {
          throw failure("no fixed codes")
        }
        state = .compressed(literals, distances)
      case 2:
        let (literals, distances) = try codes()
        state = .compressed(literals, distances)
      default: throw failure("a block of type 3")
      }
    }

    /// The next bits, the first of them lowest; at most 15.
    private mutating func bits(_ count: Int) throws(Failure) -> Int {
      while buffered < count {
        guard let byte = nextByte() else { throw failure("truncated inside a block") }
        buffer |= UInt32(byte) << UInt32(buffered)
        buffered += 8
      }
      let result = Int(buffer & (1 << UInt32(count) - 1))
      buffer >>= UInt32(count)
      buffered -= count
      return result
    }

    @inline(__always)
    private mutating func symbol(_ code: HuffmanCode) throws(Failure) -> Int {
      while buffered < code.maxLength, let byte = nextByte() {
        buffer |= UInt32(byte) << UInt32(buffered)
        buffered += 8
      }
      let (symbol, length) = code.lookUp(buffer)
      guard length > 0 else { throw failure("bits that are no code") }
      guard length <= buffered else { throw failure("truncated inside a block") }
      buffer >>= UInt32(length)
      buffered -= length
      return symbol
    }

    private mutating func stored(_ count: Int, until limit: Int) throws(Failure) {
      var left = count
      // Whole bytes that were read ahead come first.
      while left > 0, output.count < limit {
        if buffered == 0, position < input.count {
          let piece = min(left, input.count - position)
          output.append(contentsOf: input[position..<position + piece])
          position += piece
          left -= piece
        } else {
          output.append(UInt8(try bits(8)))
          left -= 1
        }
      }
      state = left > 0 ? .stored(left: left) : .start
    }

    private var tooLong: Failure { failure("gives more than the \(size) bytes promised") }

    private mutating func codes() throws(Failure) -> (HuffmanCode, HuffmanCode) {
      let (literals, distances) = (try bits(5) + 257, try bits(5) + 1)
      guard literals <= 286, distances <= 30 else { throw failure("codes for too many symbols") }
      var lengthLengths = [Int](repeating: 0, count: 19)
      for index in 0..<(try bits(4) + 4) { lengthLengths[lengthOrder[index]] = try bits(3) }
      guard let lengthCode = HuffmanCode(lengths: lengthLengths) else {
        throw failure("bad code for code lengths")
      }
      var lengths: [Int] = []
      while lengths.count < literals + distances {
        let symbol = try symbol(lengthCode)
        let (value, count): (Int, Int)
        switch symbol {
        case 16:
          guard let last = lengths.last else { throw failure("no code length to repeat") }
          (value, count) = (last, 3 + (try bits(2)))
        case 17: (value, count) = (0, 3 + (try bits(3)))
        case 18: (value, count) = (0, 11 + (try bits(7)))
        default: (value, count) = (symbol, 1)
        }
        lengths.append(contentsOf: repeatElement(value, count: count))
      }
      guard lengths.count == literals + distances else { throw failure("too many code lengths") }
      guard lengths[256] > 0 else { throw failure("no code for the end of a block") }
      guard let literalCode = HuffmanCode(lengths: Array(lengths[..<literals])),
        let distanceCode = HuffmanCode(lengths: Array(lengths[literals...]))
      else { throw failure("code lengths that form no code") }
      return (literalCode, distanceCode)
    }

    private mutating func compressed(
      _ literals: HuffmanCode, _ distances: HuffmanCode, until limit: Int
    ) throws(Failure) {
      while output.count < limit {
        let symbol = try symbol(literals)
        if symbol < 256 {
          guard output.count < size else { throw tooLong }
          output.append(UInt8(symbol))
          continue
        }
        if symbol == 256 {
          state = .start
          return
        }
        guard symbol - 257 < Inflate.lengths.count else { throw failure("a length of no meaning") }
        let (lengthBase, lengthBits) = Inflate.lengths[symbol - 257]
        let length = lengthBase + (try bits(lengthBits))
        let code = try self.symbol(distances)
        guard code < Inflate.distances.count else { throw failure("a distance of no meaning") }
        let (distanceBase, distanceBits) = Inflate.distances[code]
        let distance = distanceBase + (try bits(distanceBits))
        guard distance <= output.count else { throw failure("a distance beyond the beginning") }
        guard length <= size - output.count else { throw tooLong }
        for _ in 0..<length { output.append(output[output.count - distance]) }
      }
    }
  }
}

/// A canonical Huffman code as a table by the next bits.
private struct HuffmanCode {
  /// Bits of the longest code; 0 for a code without symbols.
  let maxLength: Int
  /// For every value of the next `maxLength` bits: a symbol and the length of its code, packed as
  /// symbol · 16 + length; length 0 where no code begins so.
  private let table: [UInt16]

  /// The code of these lengths (0 for unused symbols, at most 15); nil if they are too many, or
  /// too few for more than one symbol.
  init?(lengths: [Int]) {
    let maxLength = lengths.max() ?? 0
    var counts = [Int](repeating: 0, count: 16)
    for length in lengths where length > 0 { counts[length] += 1 }
    var (first, left) = ([Int](repeating: 0, count: 17), 1)
    for length in 1...15 {
      left = left * 2 - counts[length]
      if left < 0 { return nil }
      first[length + 1] = (first[length] + counts[length]) << 1
    }
    let used = counts.reduce(0, +)
    if left > 0, used > 1 || (used == 1 && maxLength != 1) { return nil }
    var table = [UInt16](repeating: 0, count: 1 << maxLength)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      // Codes come with their highest bit first.
      var (reversed, code) = (0, first[length])
      first[length] += 1
      for _ in 0..<length {
        reversed = reversed << 1 | code & 1
        code >>= 1
      }
      let entry = UInt16(symbol << 4 | length)
      for index in stride(from: reversed, to: table.count, by: 1 << length) {
        table[index] = entry
      }
    }
    self.maxLength = maxLength
    self.table = table
  }

  /// The symbol whose code the lowest of `bits` begin with, and its length.
  func lookUp(_ bits: UInt32) -> (symbol: Int, length: Int) {
    let entry = Int(table[Int(bits) & (table.count - 1)])
    return (entry >> 4, entry & 15)
  }
}
