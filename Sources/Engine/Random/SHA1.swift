/// The hash function SHA-1 (FIPS 180-4), which Flax uses to turn names into numbers.
enum SHA1 {
  /// The digest of a message, as five words.
  static func digest(_ message: [UInt8]) -> [UInt32] {
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    let length = UInt64(message.count) * 8
    padded += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    for start in stride(from: 0, to: padded.count, by: 64) {
      process(padded[start..<start + 64], into: &state)
    }
    return state
  }

  private static func process(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
    var schedule = (0..<16).map { index in
      block[block.startIndex + 4 * index..<block.startIndex + 4 * index + 4]
        .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for i in 16..<80 {
      let word = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16]
      schedule.append(rotated(word, by: 1))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (i, word) in schedule.enumerated() {
      let f: UInt32
      let constant: UInt32
      switch i / 20 {
      case 0: (f, constant) = ((b & c) | (~b & d), 0x5A82_7999)
      case 1: (f, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
      case 2: (f, constant) = ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
      default: (f, constant) = (b ^ c ^ d, 0xCA62_C1D6)
      }
      let next = rotated(a, by: 5) &+ f &+ e &+ constant &+ word
      (a, b, c, d, e) = (next, a, rotated(b, by: 30), c, d)
    }
    for (i, word) in [a, b, c, d, e].enumerated() { state[i] &+= word }
  }

  private static func rotated(_ word: UInt32, by distance: UInt32) -> UInt32 {
    word << distance | word >> (32 - distance)
  }
}
