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
  func byteCount(shape: [Int]) -> Int? {
    var count = size
    for extent in shape {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      if overflow { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }
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

  /// The binary16 pattern of a number that the format holds.
  static func binary16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(bits >> 16) & 0x8000
    if !value.isFinite { return sign | 0x7C00 | UInt16(bits >> 13 & 0x3FF) }
    if value.magnitude < 0x1p-14 { return sign | UInt16(value.magnitude * 0x1p24) }
    return sign | UInt16(truncatingIfNeeded: (bits & 0x7FFF_FFFF) >> 13 &- 112 << 10)
  }

  /// The bfloat16 pattern of a number that the format holds.
  static func bfloat16(_ value: Float) -> UInt16 { UInt16(value.bitPattern >> 16) }
}
