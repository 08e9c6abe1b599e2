package import CE3x
internal import E3xEngine
internal import E3xLimits

/// Arrays that the library has made, in memory that programs may hold pointers into.
final class SharedArrays: Sendable {
  private let arrays: [SharedArray]

  init(_ tensors: [(name: String, tensor: Tensor)]) throws {
    arrays = try tensors.map { try SharedArray($0.name, $0.tensor) }
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

  init(_ name: String, _ tensor: Tensor) throws {
    data = try tensor.withBytes { bytes in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
      copy.copyMemory(from: bytes)
      return copy
    }
    let text = name.utf8CString
    self.name = .allocate(capacity: text.count)
    _ = self.name.initialize(from: text)
    // What has bytes has no symbols.
    let sizes = tensor.shape.known!.map(Int64.init)
    shape = .allocate(capacity: sizes.count)
    _ = shape.initialize(from: sizes)
    type = Int32(elementTypes.firstIndex(of: tensor.dtype)!)
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
  let count = try checked(count, "count", limit: arrayLimit)
  if count == 0 { return [:] }
  var tensors: [String: Tensor] = [:]
  for (pointer, place) in try elements(pointer, count, argument) {
    var array = e3x_array()
    try versioned(pointer, place, into: &array)
    let name = String(cString: try present(array.name, "\(place).name"))
    guard tensors[name] == nil else {
      throw ArgumentError("", "\(place).name", "there are two arrays of the name '\(name)'")
    }
    tensors[name] = try Tensor(array, place)
  }
  return tensors
}

extension Tensor {
  /// A copy of a caller's array.
  fileprivate init(_ array: e3x_array, _ place: String) throws(ArgumentError) {
    guard elementTypes.indices.contains(Int(array.type)) else {
      throw ArgumentError(
        "", "\(place).type", "expected 0 to \(elementTypes.count - 1), received \(array.type)")
    }
    let dtype = elementTypes[Int(array.type)]
    let rank = try E3xCInterface.checked(
      Int64(array.rank), "\(place).rank", limit: Int64(rankLimit))
    var shape: [Int] = []
    for (axis, size) in try E3xCInterface.array(array.shape, count: rank, "\(place).shape")
      .enumerated()
    {
      shape.append(try E3xCInterface.checked(size, "\(place).shape[\(axis)]"))
    }
    if let reason = MemoryLimit.refusal(
      shape, bytesEach: dtype.byteCount, limit: MemoryLimit.machine)
    {
      throw ArgumentError("", "\(place).shape", reason)
    }
    let bytes = UnsafeRawBufferPointer(
      start: array.data, count: shape.reduce(dtype.byteCount, *))
    if !bytes.isEmpty {
      let data = try present(array.data?.assumingMemoryBound(to: UInt8.self), "\(place).data")
      if dtype == .bool,
        let position = UnsafeBufferPointer(start: data, count: bytes.count)
          .firstIndex(where: { $0 > 1 })
      {
        throw ArgumentError(
          "", "\(place).data", "expected 0 or 1, received \(data[position]) at \(position)")
      }
    }
    self.init(bytes: bytes, shape: shape, dtype: dtype)
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
