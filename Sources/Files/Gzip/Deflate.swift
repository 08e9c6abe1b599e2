/// Compression by deflate (RFC 1951), block by block: what repeats within a block is found by
/// hashes of four bytes, and each block has codes of its own.
struct Deflate {
  private(set) var bytes: [UInt8] = []
  private var buffer: UInt64 = 0
  private var buffered: UInt64 = 0

  /// The greatest block.
  static let blockLength = 1 << 17

  /// How far back is looked, and at how many places.
  private static let (window, probes) = (1 << 15, 8)
  private static let (shortest, longest) = (4, 258)
  private static let hashBits = 15

  /// The bytes so far, which are handed over.
  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private mutating func put(_ value: Int, _ count: Int) {
    buffer |= UInt64(value) << buffered
    buffered += UInt64(count)
    while buffered >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: buffer))
      buffer >>= 8
      buffered -= 8
    }
  }

  /// Fills the last byte up.
  private mutating func align() { if buffered > 0 { put(0, Int(8 - buffered)) } }

  /// Appends a block; `isLast` ends the data, at a whole byte.
  mutating func append(_ block: ArraySlice<UInt8>, isLast: Bool) {
    put(isLast ? 1 : 0, 1)
    put(2, 2)
    let tokens = Self.tokens(Array(block))
    var literals = [Int](repeating: 0, count: 286)
    var distances = [Int](repeating: 0, count: 30)
    for token in tokens {
      if token.length == 0 {
        literals[Int(token.value)] += 1
      } else {
        literals[257 + Self.lengthCodes[Int(token.length)]] += 1
        distances[Self.distanceCode(Int(token.value))] += 1
      }
    }
    literals[256] = 1
    let literalCode = PrefixCode(literals, limit: 15)
    let distanceCode = PrefixCode(distances, limit: 15)
    putCodes(literalCode.lengths, distanceCode.lengths)
    for token in tokens {
      if token.length == 0 {
        put(literalCode, Int(token.value))
        continue
      }
      let lengthCode = Self.lengthCodes[Int(token.length)]
      put(literalCode, 257 + lengthCode)
      let length = Inflate.lengths[lengthCode]
      put(Int(token.length) - length.base, length.bits)
      let code = Self.distanceCode(Int(token.value))
      put(distanceCode, code)
      put(Int(token.value) - Inflate.distances[code].base, Inflate.distances[code].bits)
    }
    put(literalCode, 256)
    if isLast { align() }
  }

  private mutating func put(_ code: PrefixCode, _ symbol: Int) {
    put(Int(code.codes[symbol]), code.lengths[symbol])
  }

  /// The lengths of both codes, runs of equal ones shortened.
  private mutating func putCodes(_ literals: [Int], _ distances: [Int]) {
    let lengths = literals + distances
    var symbols: [(symbol: Int, extra: Int, bits: Int)] = []
    var index = 0
    while index < lengths.count {
      let value = lengths[index]
      var run = 1
      while index + run < lengths.count, lengths[index + run] == value { run += 1 }
      index += run
      if value == 0 {
        while run >= 11 {
          let count = min(run, 138)
          symbols.append((18, count - 11, 7))
          run -= count
        }
        if run >= 3 {
          symbols.append((17, run - 3, 3))
          run = 0
        }
      } else {
        symbols.append((value, 0, 0))
        run -= 1
        while run >= 3 {
          let count = min(run, 6)
          symbols.append((16, count - 3, 2))
          run -= count
        }
      }
      for _ in 0..<run { symbols.append((value, 0, 0)) }
    }
    var counts = [Int](repeating: 0, count: 19)
    for symbol in symbols { counts[symbol.symbol] += 1 }
    let code = PrefixCode(counts, limit: 7)
    put(literals.count - 257, 5)
    put(distances.count - 1, 5)
    put(19 - 4, 4)
    for symbol in Inflate.lengthOrder { put(code.lengths[symbol], 3) }
    for symbol in symbols {
      put(code, symbol.symbol)
      put(symbol.extra, symbol.bits)
    }
  }

  /// A byte (length 0), or a distance to what is repeated.
  private struct Token {
    var length: UInt16
    var value: UInt16
  }

  /// The code of each length, less 257.
  private static let lengthCodes: [Int] = {
    var codes = [Int](repeating: 0, count: longest + 1)
    for (code, length) in Inflate.lengths.enumerated() {
      for extra in 0..<1 << length.bits where length.base + extra <= longest {
        codes[length.base + extra] = code
      }
    }
    return codes
  }()

  private static func distanceCode(_ distance: Int) -> Int {
    let value = distance - 1
    if value < 4 { return value }
    let bits = Int.bitWidth - 1 - value.leadingZeroBitCount
    return 2 * bits + (value >> (bits - 1) & 1)
  }

  private static func tokens(_ block: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(block.count / 2)
    // The last place of each hash, and before each place the one of the same hash.
    var heads = [Int32](repeating: -1, count: 1 << hashBits)
    var before = [Int32](repeating: -1, count: block.count)
    block.withUnsafeBufferPointer { block in
      func hash(_ at: Int) -> Int {
        let word =
          UInt32(block[at]) | UInt32(block[at + 1]) << 8 | UInt32(block[at + 2]) << 16
          | UInt32(block[at + 3]) << 24
        return Int((word &* 2_654_435_761) >> UInt32(32 - hashBits))
      }
      var at = 0
      while at < block.count {
        var (length, distance) = (0, 0)
        let most = min(longest, block.count - at)
        if most >= shortest {
          let key = hash(at)
          var place = Int(heads[key])
          var left = probes
          while place >= 0, at - place < window, left > 0 {
            if length == 0 || block[place + length] == block[at + length] {
              var same = 0
              while same < most, block[place + same] == block[at + same] { same += 1 }
              if same > length { (length, distance) = (same, at - place) }
              if length == most { break }
            }
            place = Int(before[place])
            left -= 1
          }
        }
        let isMatch = length >= shortest
        tokens.append(
          isMatch
            ? Token(length: UInt16(length), value: UInt16(distance))
            : Token(length: 0, value: UInt16(block[at])))
        for _ in 0..<(isMatch ? length : 1) {
          if at + shortest <= block.count {
            let key = hash(at)
            before[at] = heads[key]
            heads[key] = Int32(at)
          }
          at += 1
        }
      }
    }
    return tokens
  }
}

/// A Huffman code of symbols that occur so often, none of its words longer than a limit.
private struct PrefixCode {
  /// Bits of each word; 0 for symbols that do not occur.
  private(set) var lengths: [Int]
  /// The words, their first bit lowest.
  private(set) var codes: [UInt16]

  init(_ counts: [Int], limit: Int) {
    var counts = counts
    // A code of fewer than two words is none.
    for symbol in counts.indices where counts.count(where: { $0 > 0 }) < 2 && counts[symbol] == 0 {
      counts[symbol] = 1
    }
    lengths = Self.lengths(counts)
    while lengths.contains(where: { $0 > limit }) {
      counts = counts.map { ($0 + 1) / 2 }
      lengths = Self.lengths(counts)
    }
    codes = [UInt16](repeating: 0, count: lengths.count)
    var next = 0
    for length in 1...limit {
      for symbol in lengths.indices where lengths[symbol] == length {
        var (word, reversed) = (next, 0)
        for _ in 0..<length {
          reversed = reversed << 1 | word & 1
          word >>= 1
        }
        codes[symbol] = UInt16(reversed)
        next += 1
      }
      next <<= 1
    }
  }

  /// The depths of Huffman's tree: the two rarest are joined until one is left.
  private static func lengths(_ counts: [Int]) -> [Int] {
    let leaves = counts.indices.filter { counts[$0] > 0 }.sorted { counts[$0] < counts[$1] }
    // Joined nodes come in the order of their counts, so that two queues are enough.
    var joined: [(count: Int, left: Int, right: Int)] = []
    var (leaf, node) = (0, 0)
    func count(_ index: Int) -> Int {
      index < leaves.count ? counts[leaves[index]] : joined[index - leaves.count].count
    }
    func rarest() -> Int {
      let takesLeaf =
        leaf < leaves.count
        && (node == joined.count || counts[leaves[leaf]] <= joined[node].count)
      defer { if takesLeaf { leaf += 1 } else { node += 1 } }
      return takesLeaf ? leaf : leaves.count + node
    }
    for _ in 1..<leaves.count {
      let (left, right) = (rarest(), rarest())
      joined.append((count(left) + count(right), left, right))
    }
    var depths = [Int](repeating: 0, count: joined.count)
    var result = [Int](repeating: 0, count: counts.count)
    for index in joined.indices.reversed() {
      for child in [joined[index].left, joined[index].right] {
        if child < leaves.count {
          result[leaves[child]] = depths[index] + 1
        } else {
          depths[child - leaves.count] = depths[index] + 1
        }
      }
    }
    return result
  }
}
