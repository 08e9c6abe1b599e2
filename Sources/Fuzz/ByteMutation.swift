import Foundation

/// Damage to bytes, whatever they mean.
enum ByteMutation {
  static func mutate(_ data: Data, with dice: inout Dice) -> Data {
    var bytes = [UInt8](data)
    for _ in 0...dice.roll(3) { change(&bytes, with: &dice) }
    return Data(bytes)
  }

  private static func change(_ bytes: inout [UInt8], with dice: inout Dice) {
    guard !bytes.isEmpty else {
      bytes.append(UInt8(dice.roll(256)))
      return
    }
    // Sizes and signatures stand at the beginning and at the end of most formats.
    func position() -> Int {
      let near = min(bytes.count, 64)
      switch dice.roll(3) {
      case 0: return dice.roll(near)
      case 1: return bytes.count - 1 - dice.roll(near)
      default: return dice.roll(bytes.count)
      }
    }
    let at = position()
    switch dice.roll(8) {
    case 0: bytes[at] ^= 1 << UInt8(dice.roll(8))
    case 1: bytes[at] = dice.pick([0, 1, 0x7F, 0x80, 0xFE, 0xFF, UInt8(ascii: "\n")])
    case 2: overwrite(&bytes, at, with: &dice)
    case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + dice.roll(16)))
    case 4: bytes.insert(contentsOf: (0...dice.roll(16)).map { _ in UInt8(dice.roll(256)) }, at: at)
    case 5: bytes.removeLast(dice.roll(bytes.count + 1))
    case 6:
      let end = min(bytes.count, at + 1 + dice.roll(200))
      bytes.insert(contentsOf: bytes[at..<end], at: position())
    default:
      let (other, count) = (position(), 1 + dice.roll(8))
      for index in 0..<count where at + index < bytes.count && other + index < bytes.count {
        bytes.swapAt(at + index, other + index)
      }
    }
  }

  /// A number of some width in either order of bytes.
  private static func overwrite(_ bytes: inout [UInt8], _ at: Int, with dice: inout Dice) {
    let width = dice.pick([1, 2, 4, 8])
    let value =
      dice.once(in: 3)
      ? dice.pick(WildNumbers.reals).bitPattern
      : UInt64(bitPattern: Int64(dice.pick(WildNumbers.integers)))
    let isBigEndian = dice.once(in: 2)
    for index in 0..<width where at + index < bytes.count {
      let place = isBigEndian ? width - 1 - index : index
      bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place))
    }
  }
}
