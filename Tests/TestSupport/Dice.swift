import E3xEngine

/// Draws options: the same in every run, and others for every seed.
package struct Dice {
  private let key: RandomKey
  private var count: UInt32 = 0

  package init(seed: Int) { key = RandomKey(seed: seed) }

  /// 0 ..< sides.
  package mutating func roll(_ sides: Int) -> Int {
    count += 1
    return Int(try! key.folding(in: count).bits(count: 1)[0] % UInt32(sides))
  }

  /// True or false.
  package mutating func flag() -> Bool { roll(2) == 1 }

  /// One of these.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[roll(elements.count)]
  }
}
