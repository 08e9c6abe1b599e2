package import E3xEngine

/// The elements of a tensor in the plainest form: one Double each, in row-major order, rounded to
/// what the element type holds.
package struct Elements: Sendable {
  /// The sizes of the axes.
  package let shape: [Int]
  /// The type whose numbers the elements are.
  package let dtype: DType
  /// Truth values are 0 and 1.
  package let values: [Double]

  init(_ shape: [Int], _ dtype: DType, _ values: [Double]) {
    precondition(values.count == shape.reduce(1, *))
    self.shape = shape
    self.dtype = dtype
    self.values = values.map { dtype.holding($0) }
  }

  /// Every element from its index.
  init(_ shape: [Int], _ dtype: DType, _ element: ([Int]) -> Double) {
    var values: [Double] = []
    values.reserveCapacity(shape.reduce(1, *))
    forEachIndex(of: shape) { values.append(element($0)) }
    self.init(shape, dtype, values)
  }

  /// The elements of a tensor that has them.
  init(_ tensor: Tensor) throws {
    let (shape, dtype) = (tensor.shape.known!, tensor.dtype)
    self = try tensor.withBytes { Elements(shape, dtype, bytes: $0) }
  }

  /// The elements of a constant.
  init(_ constant: Constant, _ shape: [Int], _ dtype: DType) {
    self = constant.withBytes { Elements(shape, dtype, bytes: $0) }
  }

  private init(_ shape: [Int], _ dtype: DType, bytes: UnsafeRawBufferPointer) {
    func read<Element>(_: Element.Type, _ number: (Element) -> Double) -> [Double] {
      (0..<shape.reduce(1, *)).map { position in
        let offset = position * MemoryLayout<Element>.stride
        return number(bytes.loadUnaligned(fromByteOffset: offset, as: Element.self))
      }
    }
    let values =
      switch dtype {
      case .float32: read(Float.self) { Double($0) }
      case .float64: read(Double.self) { $0 }
      case .int32: read(Int32.self) { Double($0) }
      case .bool: read(UInt8.self) { $0 == 0 ? 0 : 1 }
      case .float16, .bfloat16: read(UInt16.self) { dtype.format!.number($0) }
      }
    self.init(shape, dtype, values)
  }

  /// A tensor of the elements.
  func tensor() -> Tensor {
    func written<Element>(_ element: (Double) -> Element) -> Tensor {
      values.map(element).withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype) }
    }
    return switch dtype {
    case .float32: written { Float($0) }
    case .float64: written { $0 }
    case .int32: written { Int32($0) }
    case .bool: written { UInt8($0) }
    case .float16, .bfloat16: written { dtype.format!.bits($0) }
    }
  }

  /// The element at an index.
  subscript(index: some Collection<Int>) -> Double {
    var position = 0
    for (size, entry) in zip(shape, index) { position = position * size + entry }
    return values[position]
  }

  /// The element that broadcasting puts at an index of a larger shape.
  func broadcast(at index: [Int]) -> Double {
    var position = 0
    for (size, entry) in zip(shape, index.suffix(shape.count)) {
      position = position * size + (size == 1 ? 0 : entry)
    }
    return values[position]
  }
}

/// All indices of a shape in row-major order.
func forEachIndex(of shape: [Int], _ body: ([Int]) -> Void) {
  if shape.contains(0) { return }
  var index = [Int](repeating: 0, count: shape.count)
  while true {
    body(index)
    var axis = shape.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

extension DType {
  /// What an element has after it was computed: floating-point numbers are rounded, integers wrap.
  fileprivate func holding(_ value: Double) -> Double {
    guard self == .int32, value.isFinite, abs(value) < 0x1p62 else { return nearest(value) }
    return Double(Int32(truncatingIfNeeded: Int64(value)))
  }
}
