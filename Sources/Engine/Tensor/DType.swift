internal import E3xCKernels

/// The type of a tensor's elements.
public enum DType: String, Sendable, Hashable, CaseIterable {
  case float32, float64, int32, bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64: 8
    case .bool: 1
    }
  }

  /// Whether elements are floating-point numbers, and so whether gradients exist.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The distance from 1 to the next larger number; 0 for types that are not floating-point.
  public var epsilon: Double {
    switch self {
    case .float32: Double(Float.ulpOfOne)
    case .float64: Double.ulpOfOne
    default: 0
    }
  }

  /// The smallest positive normal number; 0 for types that are not floating-point.
  public var leastNormal: Double {
    switch self {
    case .float32: Double(Float.leastNormalMagnitude)
    case .float64: Double.leastNormalMagnitude
    default: 0
    }
  }

  /// The largest finite number.
  public var greatest: Double {
    switch self {
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float64: Double.greatestFiniteMagnitude
    case .int32: Double(Int32.max)
    case .bool: 1
    }
  }

  /// The number that an element of this type holds for `value`: rounded, cut off and kept within
  /// bounds (not a number is 0) for integers, 0 or 1 for truth values.
  func nearest(_ value: Double) -> Double {
    switch self {
    case .float32: Double(Float(value))
    case .float64: value
    case .int32:
      value.isNaN
        ? 0 : Swift.min(Swift.max(value, -2_147_483_648), 2_147_483_647).rounded(.towardZero)
    case .bool: value != 0 ? 1 : 0
    }
  }

  var kernel: e3x_dtype {
    switch self {
    case .float32: E3X_F32
    case .float64: E3X_F64
    case .int32: E3X_I32
    case .bool: E3X_BOOL
    }
  }
}

/// A Swift type whose values can be the elements of a tensor.
public protocol TensorElement: Sendable {
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
