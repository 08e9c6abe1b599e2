/// A binary floating-point format as IEEE 754 has them, at most as wide as Double.
package struct FloatingPointFormat: Sendable, Hashable {
  /// Bits after the leading one.
  package let fractionBits: Int
  /// The exponent of the smallest normal number.
  package let minExponent: Int
  /// The exponent of the largest numbers.
  package let maxExponent: Int

  /// The distance from 1 to the next larger number.
  package var epsilon: Double { power(-fractionBits) }
  /// The smallest positive normal number.
  package var leastNormal: Double { power(minExponent) }
  /// The largest finite number.
  package var greatest: Double { (2 - epsilon) * power(maxExponent) }

  private func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// The distance to the next number away from zero.
  private func spacing(at value: Double) -> Double {
    let exponent = value == 0 ? minExponent : Swift.max(Int(value.exponent), minExponent)
    return Double(sign: .plus, exponent: exponent - fractionBits, significand: 1)
  }

  /// The number of the format that is nearest to `value`; of two, the one whose last bit is 0.
  package func nearest(_ value: Double) -> Double {
    guard value.isFinite else { return value }
    let spacing = spacing(at: value)
    let rounded = (value / spacing).rounded(.toNearestOrEven) * spacing
    return abs(rounded) <= greatest ? rounded : .infinity * value
  }

  /// The number that 16 bits are in a format of 16 bits.
  package func number(_ bits: UInt16) -> Double {
    let exponent = Int(bits & 0x7FFF) >> fractionBits
    let fraction = Double(Int(bits) & (1 << fractionBits - 1))
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    let all = (1 << (15 - fractionBits)) - 1
    if exponent == all { return fraction == 0 ? sign * .infinity : .nan }
    if exponent == 0 { return sign * fraction * power(minExponent - fractionBits) }
    return sign * (1 + fraction * epsilon) * power(exponent + minExponent - 1)
  }

  /// The 16 bits of a number of a format of 16 bits.
  package func bits(_ number: Double) -> UInt16 {
    let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
    let all = UInt16((1 << (15 - fractionBits)) - 1) << UInt16(fractionBits)
    if number.isNaN { return all | 1 << UInt16(fractionBits - 1) }
    if number.isInfinite { return sign | all }
    // In units of the smallest number; normal ones go on where subnormal ones end.
    let size = abs(number)
    if size < leastNormal { return sign | UInt16(size / power(minExponent - fractionBits)) }
    let exponent = Int(size.exponent)
    let fraction = UInt16((size / power(exponent) - 1) / epsilon)
    return sign | UInt16(exponent - minExponent + 1) << UInt16(fractionBits) | fraction
  }

  /// The next number of the format above `value`, which must be one of its finite numbers.
  package func next(above value: Double) -> Double {
    let spacing = spacing(at: value)
    // Towards zero, the numbers below a power of two are twice as dense.
    let half = value + spacing / 2
    return value < 0 && nearest(half) == half ? half : value + spacing
  }
}
