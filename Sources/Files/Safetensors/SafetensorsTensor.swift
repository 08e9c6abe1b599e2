public import E3xSystem

/// One array of a safetensors file: element type, shape, and little-endian bytes in row-major
/// order.
public struct SafetensorsTensor: Sendable, Equatable {
  /// The element type.
  public let dtype: SafetensorsDType
  /// The extents; empty for a scalar.
  public let shape: [Int]
  /// The elements as they lie in the file; shares the storage of the file it was read from.
  public let bytes: Data
  /// For error messages: where the tensor came from.
  var file = "tensor in memory"
  var name = ""

  /// Creates a tensor from bytes; a length that does not fit is reported when it is converted or
  /// written.
  public init(dtype: SafetensorsDType, shape: [Int], bytes: Data) {
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// Creates an `F32` tensor.
  public init(_ values: [Float], shape: [Int]) {
    self.init(dtype: .f32, shape: shape, bytes: Self.encode(values.map(\.bitPattern)))
  }

  /// Creates an `F64` tensor.
  public init(_ values: [Double], shape: [Int]) {
    self.init(dtype: .f64, shape: shape, bytes: Self.encode(values.map(\.bitPattern)))
  }

  /// Creates an `F16` or `BF16` tensor of the nearest numbers.
  package init(
    halves values: some Collection<some BinaryFloatingPoint>, dtype: SafetensorsDType, shape: [Int]
  ) {
    let pattern = dtype == .f16 ? HalfPrecision.binary16(_:) : HalfPrecision.bfloat16(_:)
    self.init(
      dtype: dtype, shape: shape, bytes: Self.encode(values.map { pattern(Double($0)) }))
  }

  /// Creates an `I32` tensor.
  public init(_ values: [Int32], shape: [Int]) {
    self.init(dtype: .i32, shape: shape, bytes: Self.encode(values))
  }

  /// Creates an `I64` tensor.
  public init(_ values: [Int64], shape: [Int]) {
    self.init(dtype: .i64, shape: shape, bytes: Self.encode(values))
  }

  /// Creates a `BOOL` tensor.
  public init(_ values: [Bool], shape: [Int]) {
    self.init(dtype: .bool, shape: shape, bytes: Data(values.map { $0 ? 1 : 0 }))
  }

  /// Equal element types, shapes and bytes.
  public static func == (a: SafetensorsTensor, b: SafetensorsTensor) -> Bool {
    a.dtype == b.dtype && a.shape == b.shape && a.bytes == b.bytes
  }

  func failure(_ reason: String) -> FileError {
    FileError(file: file, place: name.isEmpty ? "" : "tensor \(quoted(name))", reason: reason)
  }

  /// Requires that `bytes` has the length that element type and shape ask for.
  func checkLength() throws(FileError) {
    guard let expected = dtype.byteCount(shape: shape) else {
      throw failure("the shape \(shape) has no size")
    }
    guard expected == bytes.count else {
      throw failure(
        "\(dtype.rawValue) of shape \(shape) takes \(expected) bytes, but there are \(bytes.count)")
    }
  }

  private static func encode<T: FixedWidthInteger>(_ values: [T]) -> Data {
    values.map(\.littleEndian).withUnsafeBytes { Data($0) }
  }

  /// The elements as little-endian integers of their width, each sent through `transform`.
  func decode<T: FixedWidthInteger, R>(_ type: T.Type, _ transform: (T) -> R) -> [R] {
    bytes.withUnsafeBytes { source in
      let size = MemoryLayout<T>.size
      let count = source.count / size
      guard count > 0 else { return [] }  // the empty array is shared, and not to be written
      return [R](unsafeUninitializedCapacity: count) { target, initialized in
        for index in 0..<count {
          let raw = source.loadUnaligned(fromByteOffset: index * size, as: T.self)
          target.initializeElement(at: index, to: transform(T(littleEndian: raw)))
        }
        initialized = count
      }
    }
  }
}
