/// The type of a tensor's elements.
///
/// The 16-bit types are for storage: operations on them compute in float32 and round their results
/// to nearest.
public enum DType: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  /// Floating-point numbers of 32 bits: about 7 digits.
  case float32
  /// Floating-point numbers of 64 bits: about 16 digits.
  case float64
  /// Signed integers of 32 bits: indices.
  case int32
  /// Truth values: masks.
  case bool
  /// IEEE 754 binary16: 11 significant bits, up to 65504.
  case float16
  /// The upper half of a float32: 8 significant bits, its range.
  case bfloat16

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64: 8
    case .float16, .bfloat16: 2
    case .bool: 1
    }
  }

  /// Whether elements are floating-point numbers, and so whether gradients exist.
  public var isFloatingPoint: Bool { format != nil }

  /// Whether it is one of the 16-bit floating-point types.
  package var isHalf: Bool { self == .float16 || self == .bfloat16 }

  /// The distance from 1 to the next larger number; 0 for types that are not floating-point.
  public var epsilon: Double { format?.epsilon ?? 0 }

  /// The smallest positive normal number; 0 for types that are not floating-point.
  public var leastNormal: Double { format?.leastNormal ?? 0 }

  /// The largest finite number.
  public var greatest: Double {
    switch self {
    case .int32: Double(Int32.max)
    case .bool: 1
    default: format!.greatest
    }
  }

  /// The number that an element of this type holds for `value`: rounded to nearest, ties to even;
  /// for integers cut off and kept within bounds (not a number is 0), for truth values 0 or 1.
  package func nearest(_ value: Double) -> Double {
    switch self {
    case .float32: Double(Float(value))
    case .float64: value
    case .float16, .bfloat16: format!.nearest(value)
    case .int32:
      value.isNaN
        ? 0 : Swift.min(Swift.max(value, -2_147_483_648), 2_147_483_647).rounded(.towardZero)
    case .bool: value != 0 ? 1 : 0
    }
  }

  /// The format of the elements' bits; nil for types that are not floating-point.
  package var format: FloatingPointFormat? {
    switch self {
    case .float32: .init(fractionBits: 23, minExponent: -126, maxExponent: 127)
    case .float64: .init(fractionBits: 52, minExponent: -1022, maxExponent: 1023)
    case .float16: .init(fractionBits: 10, minExponent: -14, maxExponent: 15)
    case .bfloat16: .init(fractionBits: 7, minExponent: -126, maxExponent: 127)
    case .int32, .bool: nil
    }
  }

  /// The type that results of operands of both types have: the wider of two floating-point types,
  /// float32 for float16 and bfloat16 together (as `jax.numpy.promote_types`); the floating-point
  /// type beside an integer.
  package func promoted(with other: DType) -> DType {
    func rank(_ type: DType) -> Int {
      switch type {
      case .bool: 0
      case .int32: 1
      case .float16, .bfloat16: 2
      case .float32: 3
      case .float64: 4
      }
    }
    if self != other && isHalf && other.isHalf { return .float32 }
    return rank(self) >= rank(other) ? self : other
  }
}

/// A Swift type whose values can be the elements of a tensor.
public protocol TensorElement: NestedElements where Scalar == Self {
  /// The element type that tensors of these values have.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// float32.
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  /// float64.
  public static var dtype: DType { .float64 }
}
extension Int32: TensorElement {
  /// int32.
  public static var dtype: DType { .int32 }
}
extension Bool: TensorElement {
  /// bool.
  public static var dtype: DType { .bool }
}
