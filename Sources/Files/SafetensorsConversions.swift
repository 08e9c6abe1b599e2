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
