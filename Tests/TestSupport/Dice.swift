/// The source of all that tests draw: the same numbers in every run, and others for every seed.
///
/// SplitMix64 (Steele, Lea and Flood 2014). What takes a key, such as a rotation, is drawn from a
/// `RandomKey` as users do.
package struct Dice: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: some BinaryInteger) { state = UInt64(truncatingIfNeeded: seed) }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A whole number of the range.
  package mutating func int(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// 0 ..< sides.
  package mutating func roll(_ sides: Int) -> Int { int(0...sides - 1) }

  /// True with this probability.
  package mutating func chance(_ p: Double) -> Bool { Double.random(in: 0..<1, using: &self) < p }

  /// True or false.
  package mutating func flag() -> Bool { roll(2) == 1 }

  /// One of these.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[roll(elements.count)]
  }

  /// Numbers of low ..< high.
  package mutating func uniform(_ count: Int, _ low: Double, _ high: Double) -> [Double] {
    (0..<count).map { _ in Double.random(in: low..<high, using: &self) }
  }
}
