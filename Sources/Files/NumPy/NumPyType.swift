/// Element types as NumPy's `dtype` takes them from text: `float32`, `<f4`, `>f4`, `=f4`, `f4`, `f`,
/// `single`.
struct NumPyType {
  let type: SafetensorsDType
  let isBigEndian: Bool

  /// The type of that name; nil for types that tensors of safetensors do not have (complex
  /// numbers, text, records, Python objects) and for what NumPy does not know.
  ///
  /// Codes of C's types mean what they do where `long` has 64 bits.
  init?(_ name: String) {
    let order = name.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let code = order == nil ? name : String(name.dropFirst())
    if let type = Self.codes[code] ?? (order == nil ? Self.names[code] : nil) {
      (self.type, isBigEndian) = (type, order == ">" && type.size > 1)
    } else {
      return nil
    }
  }

  private static let codes: [String: SafetensorsDType] = [
    "b1": .bool, "?": .bool, "u1": .u8, "B": .u8, "i1": .i8, "b": .i8,
    "i2": .i16, "h": .i16, "u2": .u16, "H": .u16, "f2": .f16, "e": .f16,
    "i4": .i32, "i": .i32, "u4": .u32, "I": .u32, "f4": .f32, "f": .f32, "f8": .f64, "d": .f64,
    "i8": .i64, "l": .i64, "q": .i64, "p": .i64, "n": .i64,
    "u8": .u64, "L": .u64, "Q": .u64, "P": .u64, "N": .u64,
  ]

  private static let names: [String: SafetensorsDType] = [
    "bool": .bool, "bool_": .bool, "uint8": .u8, "ubyte": .u8, "int8": .i8, "byte": .i8,
    "int16": .i16, "short": .i16, "uint16": .u16, "ushort": .u16, "float16": .f16, "half": .f16,
    "int32": .i32, "intc": .i32, "uint32": .u32, "uintc": .u32, "float32": .f32, "single": .f32,
    "float64": .f64, "double": .f64, "float": .f64, "int64": .i64, "int": .i64, "int_": .i64,
    "long": .i64, "longlong": .i64, "intp": .i64, "uint64": .u64, "uint": .u64, "ulong": .u64,
    "ulonglong": .u64, "uintp": .u64,
  ]

  /// What NumPy writes for a little-endian type in the header of an array; nil for bfloat16.
  static func descriptor(of type: SafetensorsDType) -> String? {
    let code: String
    switch type {
    case .bool: code = "b1"
    case .u8: code = "u1"
    case .i8: code = "i1"
    case .i16: code = "i2"
    case .u16: code = "u2"
    case .f16: code = "f2"
    case .bf16: return nil
    case .i32: code = "i4"
    case .u32: code = "u4"
    case .f32: code = "f4"
    case .f64: code = "f8"
    case .i64: code = "i8"
    case .u64: code = "u8"
    }
    return (type.size == 1 ? "|" : "<") + code
  }
}
