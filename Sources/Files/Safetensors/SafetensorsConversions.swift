extension SafetensorsTensor {
  /// The elements as `Float`: exact for `F32`, `F16`, `BF16` and integers up to 16 bits, rounded
  /// to nearest otherwise.
  /// - Throws: ``FileError`` for `BOOL`, or for bytes that do not fit the shape.
  public func floats() throws(FileError) -> [Float] {
    try checkLength()
    switch dtype {
    case .f64: return decode(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f32: return decode(UInt32.self) { Float(bitPattern: $0) }
    case .f16: return decode(UInt16.self, HalfPrecision.float(binary16:))
    case .bf16: return decode(UInt16.self, HalfPrecision.float(bfloat16:))
    case .i64: return decode(Int64.self) { Float($0) }
    case .i32: return decode(Int32.self) { Float($0) }
    case .i16: return decode(Int16.self) { Float($0) }
    case .i8: return decode(Int8.self) { Float($0) }
    case .u64: return decode(UInt64.self) { Float($0) }
    case .u32: return decode(UInt32.self) { Float($0) }
    case .u16: return decode(UInt16.self) { Float($0) }
    case .u8: return decode(UInt8.self) { Float($0) }
    case .bool: throw failure("BOOL where numbers were expected")
    }
  }

  /// The elements as `Double`: exact for all but 64-bit integers beyond 2⁵³, which are rounded to
  /// nearest.
  /// - Throws: ``FileError`` for `BOOL`, or for bytes that do not fit the shape.
  public func doubles() throws(FileError) -> [Double] {
    try checkLength()
    switch dtype {
    case .f64: return decode(UInt64.self) { Double(bitPattern: $0) }
    case .f32: return decode(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .f16: return decode(UInt16.self) { Double(HalfPrecision.float(binary16: $0)) }
    case .bf16: return decode(UInt16.self) { Double(HalfPrecision.float(bfloat16: $0)) }
    case .i64: return decode(Int64.self) { Double($0) }
    case .i32: return decode(Int32.self) { Double($0) }
    case .i16: return decode(Int16.self) { Double($0) }
    case .i8: return decode(Int8.self) { Double($0) }
    case .u64: return decode(UInt64.self) { Double($0) }
    case .u32: return decode(UInt32.self) { Double($0) }
    case .u16: return decode(UInt16.self) { Double($0) }
    case .u8: return decode(UInt8.self) { Double($0) }
    case .bool: throw failure("BOOL where numbers were expected")
    }
  }

  /// The elements as `Int64`.
  /// - Throws: ``FileError`` for types that are not integers and for values that do not fit.
  public func int64s() throws(FileError) -> [Int64] { try integers() }

  /// The elements as `Int32`.
  /// - Throws: ``FileError`` for types that are not integers and for values that do not fit.
  public func int32s() throws(FileError) -> [Int32] { try integers() }

  /// The elements of a `BOOL` tensor.
  /// - Throws: ``FileError`` for other types, and for bytes other than 0 and 1.
  public func bools() throws(FileError) -> [Bool] {
    try checkLength()
    guard dtype == .bool else { throw failure("\(dtype.rawValue) where BOOL was expected") }
    if let byte = bytes.first(where: { $0 > 1 }) {
      throw failure("the byte \(byte) is not a BOOL")
    }
    return bytes.map { $0 == 1 }
  }

  /// The same numbers in another floating-point type, rounded to nearest (ties to even) once, from
  /// the stored type to the new one; in the same bytes where the type stays.
  ///
  /// - Parameter target: `F16`, `BF16`, `F32` or `F64`. Numbers beyond its greatest are infinite.
  /// - Throws: ``FileError`` for `BOOL`, for a target that is no floating-point type, or for bytes
  ///   that do not fit the shape.
  public func converted(to target: SafetensorsDType) throws(FileError) -> SafetensorsTensor {
    if target == dtype { return self }
    var result: SafetensorsTensor
    switch (dtype, target) {
    case (_, .f64): result = SafetensorsTensor(try doubles(), shape: shape)
    case (_, .f32): result = SafetensorsTensor(try floats(), shape: shape)
    case (.i64, .bf16), (.u64, .bf16):
      // Double does not hold all of these; rounded to odd, what follows rounds as if it did.
      result = SafetensorsTensor(halves: try oddDoubles(), dtype: target, shape: shape)
    case (_, .f16), (_, .bf16):
      result = SafetensorsTensor(halves: try doubles(), dtype: target, shape: shape)
    default: throw failure("\(target.rawValue) is no floating-point type")
    }
    (result.file, result.name) = (file, name)
    return result
  }

  /// 64-bit integers, with the last bit set where bits are lost.
  private func oddDoubles() throws(FileError) -> [Double] {
    try checkLength()
    func odd(_ magnitude: UInt64, _ isNegative: Bool) -> Double {
      let lost = max(0, 64 - magnitude.leadingZeroBitCount - 53)
      let kept = magnitude >> UInt64(lost)
      let isExact = kept << UInt64(lost) == magnitude
      let value = Double(isExact ? kept : kept | 1) * Double(UInt64(1) << UInt64(lost))
      return isNegative ? -value : value
    }
    return dtype == .u64
      ? decode(UInt64.self) { odd($0, false) } : decode(Int64.self) { odd($0.magnitude, $0 < 0) }
  }

  private func integers<T: FixedWidthInteger>() throws(FileError) -> [T] {
    try checkLength()
    let values: [T?]
    switch dtype {
    case .i64: values = decode(Int64.self) { T(exactly: $0) }
    case .i32: values = decode(Int32.self) { T(exactly: $0) }
    case .i16: values = decode(Int16.self) { T(exactly: $0) }
    case .i8: values = decode(Int8.self) { T(exactly: $0) }
    case .u64: values = decode(UInt64.self) { T(exactly: $0) }
    case .u32: values = decode(UInt32.self) { T(exactly: $0) }
    case .u16: values = decode(UInt16.self) { T(exactly: $0) }
    case .u8: values = decode(UInt8.self) { T(exactly: $0) }
    case .f64, .f32, .f16, .bf16, .bool:
      throw failure("\(dtype.rawValue) where integers were expected")
    }
    let result = values.compactMap(\.self)
    guard result.count == values.count else { throw failure("a value does not fit \(T.self)") }
    return result
  }
}
