/// Random choices that depend on the seeds alone: the same on every machine and in every run.
///
/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
struct Dice {
  private var state: UInt64 = 0

  init(_ seeds: [UInt64]) {
    for seed in seeds {
      state ^= seed
      state = bits()
    }
  }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< sides.
  mutating func roll(_ sides: Int) -> Int {
    Int(bits().multipliedFullWidth(by: UInt64(sides)).high)
  }

  /// True once in `sides` times.
  mutating func once(in sides: Int) -> Bool { roll(sides) == 0 }

  /// One of these, of which there must be some.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
}
