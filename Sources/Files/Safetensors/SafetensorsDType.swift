import E3xLimits

/// The element types of the safetensors format; raw values are the names in a file's header.
///
/// Cases stand in the order in which the reference implementation sorts them when it writes.
public enum SafetensorsDType: String, CaseIterable, Sendable {
  /// Truth values, a byte each.
  case bool = "BOOL"
  /// Unsigned integers of 8 bits.
  case u8 = "U8"
  /// Signed integers of 8 bits.
  case i8 = "I8"
  /// Signed integers of 16 bits.
  case i16 = "I16"
  /// Unsigned integers of 16 bits.
  case u16 = "U16"
  /// IEEE 754 numbers of 16 bits.
  case f16 = "F16"
  /// The upper halves of numbers of 32 bits (bfloat16).
  case bf16 = "BF16"
  /// Signed integers of 32 bits.
  case i32 = "I32"
  /// Unsigned integers of 32 bits.
  case u32 = "U32"
  /// IEEE 754 numbers of 32 bits.
  case f32 = "F32"
  /// IEEE 754 numbers of 64 bits.
  case f64 = "F64"
  /// Signed integers of 64 bits.
  case i64 = "I64"
  /// Unsigned integers of 64 bits.
  case u64 = "U64"

  /// Whether elements are floating-point numbers.
  package var isFloatingPoint: Bool { [.f16, .bf16, .f32, .f64].contains(self) }

  /// Bytes per element.
  public var size: Int {
    switch self {
    case .bool, .u8, .i8: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// Bytes of a tensor of this type, or nil where the shape has a negative extent or overflows.
  ///
  /// Extents beside a zero must not overflow either: strides are products of them.
  func byteCount(shape: [Int]) -> Int? { Self.byteCount(shape: shape, bits: 8 * size) }

  /// Bytes of a tensor of elements of so many bits; nil also where they are no whole number.
  static func byteCount(shape: [Int], bits: Int) -> Int? {
    guard Size.product(shape) != nil,
      let strides = Size.product([bits] + shape.map { max($0, 1) })
    else { return nil }
    if shape.contains(0) { return 0 }
    return strides % 8 == 0 ? strides / 8 : nil
  }

  /// Bits of an element of the format's other types, of which tensors can be left where they are
  /// but not read.
  static let otherBits = [
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "C64": 64,
  ]
}

/// Exact conversions of the 16-bit formats, in integer arithmetic: Swift's `Float16` does not exist
/// on every platform.
package enum HalfPrecision {
  /// The value of an IEEE 754 binary16 pattern.
  package static func float(binary16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: sign | magnitude.bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16 pattern: the upper half of a `Float`.
  package static func float(bfloat16 bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// The binary16 pattern nearest to a number, ties to even; from 65520 on infinite. Not a number
  /// keeps its sign and what fits of its payload.
  static func binary16(_ value: Double) -> UInt16 {
    pattern(value, fractionBits: 10, minExponent: -14, infinity: 0x7C00)
  }

  /// The bfloat16 pattern nearest to a number, ties to even.
  static func bfloat16(_ value: Double) -> UInt16 {
    pattern(value, fractionBits: 7, minExponent: -126, infinity: 0x7F80)
  }

  /// Rounds once: through a narrower format on the way, ties would arise that are none.
  private static func pattern(
    _ value: Double, fractionBits: Int, minExponent: Int, infinity: UInt16
  ) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    if value.isNaN {
      let payload = UInt16(truncatingIfNeeded: value.significandBitPattern >> (52 - fractionBits))
      let mask = UInt16(1) << fractionBits - 1
      // Quiet, so that it does not become infinite where the payload has no upper bits.
      return sign | infinity | payload & mask | UInt16(1) << (fractionBits - 1)
    }
    if value.isInfinite { return sign | infinity }
    // The distance of neighbours; dividing by a power of two is exact here.
    let exponent = max(value == 0 ? minExponent : Int(value.exponent), minExponent)
    let spacing = Double(sign: .plus, exponent: exponent - fractionBits, significand: 1)
    guard exponent <= 128 else { return sign | infinity }
    let units = UInt64((value.magnitude / spacing).rounded(.toNearestOrEven))
    // Of normal numbers the leading one counts as a step of the exponent; rounding up carries.
    let pattern = UInt64(exponent - minExponent) << fractionBits + units
    return sign | UInt16(min(pattern, UInt64(infinity)))
  }
}
