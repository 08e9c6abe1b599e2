package import CE3x
internal import E3xEngine
internal import E3xLimits

/// Arrays that the library has made, in memory that programs may hold pointers into.
final class SharedArrays: Sendable {
  private let arrays: [SharedArray]

  init(_ tensors: [(name: String, tensor: Tensor)]) throws {
    arrays = try tensors.map { try SharedArray($0.name, $0.tensor) }
  }

  /// Arrays without elements.
  init(_ specifications: [(name: String, specification: TensorSpecification)]) throws {
    arrays = try specifications.map { try SharedArray($0.name, $0.specification) }
  }

  var count: Int { arrays.count }

  /// The array at an index, for a struct of the caller's size.
  func array(_ index: Int, size: Int) -> e3x_array { arrays[index].described(size: size) }
}

/// An array of the library: its name, shape and elements.
private final class SharedArray: Sendable {
  private nonisolated(unsafe) let name: UnsafeMutableBufferPointer<CChar>
  private nonisolated(unsafe) let shape: UnsafeMutableBufferPointer<Int64>
  private nonisolated(unsafe) let data: UnsafeMutableRawBufferPointer
  private let type: Int32

  convenience init(_ name: String, _ tensor: Tensor) throws {
    let data = try tensor.withBytes { bytes in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
      copy.copyMemory(from: bytes)
      return copy
    }
    // What has bytes has no symbols.
    self.init(name, tensor.shape.known!, tensor.dtype, data)
  }

  /// - Throws: `ArgumentError` for a shape that depends on values.
  convenience init(_ name: String, _ specification: TensorSpecification) throws {
    guard let sizes = specification.shape.known else {
      throw ArgumentError("", "arrays", "result \(name): its shape depends on values")
    }
    self.init(name, sizes, specification.dtype, .init(start: nil, count: 0))
  }

  /// Takes over the memory `data`.
  private init(
    _ name: String, _ sizes: [Int], _ dtype: DType, _ data: UnsafeMutableRawBufferPointer
  ) {
    self.data = data
    let text = name.utf8CString
    self.name = .allocate(capacity: text.count)
    _ = self.name.initialize(from: text)
    shape = .allocate(capacity: sizes.count)
    _ = shape.initialize(from: sizes.map(Int64.init))
    type = Int32(elementTypes.firstIndex(of: dtype)!)
  }

  deinit {
    name.deallocate()
    shape.deallocate()
    data.deallocate()
  }

  func described(size: Int) -> e3x_array {
    e3x_array(
      size: size, name: name.baseAddress, type: type, rank: Int32(shape.count),
      shape: shape.isEmpty ? nil : UnsafePointer(shape.baseAddress),
      data: data.isEmpty ? nil : UnsafeRawPointer(data.baseAddress))
  }
}

let sharedArrays = Handles<SharedArrays>("set of arrays")

/// Element types by their numbers in the header.
private let elementTypes: [DType] = [.float32, .float64, .float16, .bfloat16, .int32, .bool]

/// The most axes that an array of a caller has.
private let rankLimit: Int32 = 32

/// The most arrays that a caller hands over at once.
private let arrayLimit: Int64 = 1 << 20

/// The arrays of a caller, by name.
/// - Throws: `ArgumentError` naming the member that cannot be.
func tensors(
  _ pointer: UnsafePointer<e3x_array>?, _ count: Int64, _ argument: String
) throws(ArgumentError) -> [String: Tensor] {
  var tensors: [String: Tensor] = [:]
  for array in try callerArrays(pointer, count, argument) {
    tensors[array.name] = try array.tensor()
  }
  return tensors
}

/// The shapes and types of a caller's arrays, by name; their data are not looked at.
/// - Throws: `ArgumentError` naming the member that cannot be.
func specifications(
  _ pointer: UnsafePointer<e3x_array>?, _ count: Int64, _ argument: String
) throws(ArgumentError) -> [String: TensorSpecification] {
  var specifications: [String: TensorSpecification] = [:]
  for array in try callerArrays(pointer, count, argument) {
    specifications[array.name] = TensorSpecification(Shape(array.shape), dtype: array.dtype)
  }
  return specifications
}

private func callerArrays(
  _ pointer: UnsafePointer<e3x_array>?, _ count: Int64, _ argument: String
) throws(ArgumentError) -> [CallerArray] {
  let count = try checked(count, "count", limit: arrayLimit)
  if count == 0 { return [] }
  var names: Set<String> = []
  var arrays: [CallerArray] = []
  for (pointer, place) in try elements(pointer, count, argument) {
    let array = try CallerArray(pointer, place)
    guard names.insert(array.name).inserted else {
      throw ArgumentError("", "\(place).name", "there are two arrays of the name '\(array.name)'")
    }
    arrays.append(array)
  }
  return arrays
}

/// An array of a caller, all checked but its data.
private struct CallerArray {
  let name: String
  let dtype: DType
  let shape: [Int]
  private let data: UnsafeRawPointer?
  private let place: String

  init(_ pointer: UnsafePointer<e3x_array>, _ place: String) throws(ArgumentError) {
    var array = e3x_array()
    try versioned(pointer, place, into: &array)
    name = String(cString: try present(array.name, "\(place).name"))
    guard elementTypes.indices.contains(Int(array.type)) else {
      throw ArgumentError(
        "", "\(place).type", "expected 0 to \(elementTypes.count - 1), received \(array.type)")
    }
    dtype = elementTypes[Int(array.type)]
    let rank = try checked(Int64(array.rank), "\(place).rank", limit: Int64(rankLimit))
    var shape: [Int] = []
    for (axis, size) in try E3xCInterface.array(array.shape, count: rank, "\(place).shape")
      .enumerated()
    {
      shape.append(try checked(size, "\(place).shape[\(axis)]"))
    }
    if let reason = MemoryLimit.refusal(
      shape, bytesEach: dtype.byteCount, limit: MemoryLimit.machine)
    {
      throw ArgumentError("", "\(place).shape", reason)
    }
    self.shape = shape
    data = array.data
    self.place = place
  }

  /// A copy.
  func tensor() throws(ArgumentError) -> Tensor {
    let count = shape.reduce(dtype.byteCount, *)
    if count == 0 { return Tensor(bytes: .init(start: nil, count: 0), shape: shape, dtype: dtype) }
    let data = try present(data?.assumingMemoryBound(to: UInt8.self), "\(place).data")
    if dtype == .bool,
      let position = UnsafeBufferPointer(start: data, count: count).firstIndex(where: { $0 > 1 })
    {
      throw ArgumentError(
        "", "\(place).data", "expected 0 or 1, received \(data[position]) at \(position)")
    }
    return Tensor(
      bytes: UnsafeRawBufferPointer(start: data, count: count), shape: shape, dtype: dtype)
  }
}

@_cdecl("e3x_arrays_free")
package func e3x_arrays_free(_ arrays: OpaquePointer?) -> Int32 {
  status("e3x_arrays_free") { try sharedArrays.remove(arrays, "arrays") }
}

@_cdecl("e3x_arrays_get_count")
package func e3x_arrays_get_count(
  _ arrays: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?
) -> Int32 {
  status("e3x_arrays_get_count") {
    let arrays = try sharedArrays.object(arrays, "arrays")
    try present(count, "count").pointee = Int64(arrays.count)
  }
}

@_cdecl("e3x_arrays_get")
package func e3x_arrays_get(
  _ arrays: OpaquePointer?, _ index: Int64, _ array: UnsafeMutablePointer<e3x_array>?
) -> Int32 {
  status("e3x_arrays_get") {
    let arrays = try sharedArrays.object(arrays, "arrays")
    let array = try present(array, "array")
    let size = try structSize(UnsafePointer(array), "array", least: nil)
    guard index >= 0, index < arrays.count else {
      throw ArgumentError(
        "", "index", "expected 0 to \(arrays.count - 1), received \(index)")
    }
    array.pointee = arrays.array(Int(index), size: size)
  }
}
