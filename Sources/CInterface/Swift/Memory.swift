internal import E3xEngine
internal import E3xLimits

/// The most atoms that indices can count.
private let atomLimit = Int64(Int32.max)

/// A count of a caller.
/// - Throws: `ArgumentError` for one that is negative or more than `limit`.
func checked(_ count: Int64, _ argument: String, limit: Int64 = atomLimit) throws(ArgumentError)
  -> Int
{
  guard count >= 0, count <= limit else {
    throw ArgumentError("", argument, "expected 0 to \(limit), received \(count)")
  }
  return Int(count)
}

/// Requires a pointer to be there and aligned as its type is.
func present<Element>(
  _ pointer: UnsafePointer<Element>?, _ argument: String
) throws(ArgumentError) -> UnsafePointer<Element> {
  guard let pointer else {
    throw ArgumentError("", argument, "expected a pointer, received NULL")
  }
  try checkAlignment(pointer, argument)
  return pointer
}

/// Requires a pointer to write through to be there and aligned as its type is.
func present<Element>(
  _ pointer: UnsafeMutablePointer<Element>?, _ argument: String
) throws(ArgumentError) -> UnsafeMutablePointer<Element> {
  UnsafeMutablePointer(mutating: try present(pointer.map { UnsafePointer($0) }, argument))
}

/// Requires a pointer, if it is there, to be aligned as its type is.
func checkAlignment<Element>(
  _ pointer: UnsafePointer<Element>?, _ argument: String
) throws(ArgumentError) {
  guard let pointer else { return }
  let alignment = UInt(MemoryLayout<Element>.alignment)
  guard UInt(bitPattern: pointer) % alignment == 0 else {
    throw ArgumentError("", argument, "expected an address that is a multiple of \(alignment)")
  }
}

/// A copy of a caller's array; of none elements the pointer may be NULL.
func array<Element: BitwiseCopyable>(
  _ pointer: UnsafePointer<Element>?, count: Int, _ argument: String
) throws(ArgumentError) -> [Element] {
  if count == 0 { return [] }
  if let reason = MemoryLimit.refusal(
    [count], bytesEach: MemoryLayout<Element>.stride, limit: MemoryLimit.machine)
  {
    throw ArgumentError("", argument, reason)
  }
  return Array(UnsafeBufferPointer(start: try present(pointer, argument), count: count))
}

/// A copy of a caller's struct, which may be of another version: members that it lacks are zero, and
/// those that are not known here are not looked at.
/// - Parameter least: the size of the struct in its first version; nil if it is still that.
func versioned<Struct>(
  _ pointer: UnsafePointer<Struct>?, _ argument: String, least: Int? = nil,
  into result: inout Struct
) throws(ArgumentError) {
  let pointer = try present(pointer, argument)
  let size = try structSize(pointer, argument, least: least)
  withUnsafeMutableBytes(of: &result) { bytes in
    bytes.copyMemory(
      from: UnsafeRawBufferPointer(start: pointer, count: min(size, MemoryLayout<Struct>.size)))
  }
}

/// The size that a caller's struct says it has.
/// - Parameter least: as of ``versioned(_:_:least:into:)``.
func structSize<Struct>(
  _ pointer: UnsafePointer<Struct>, _ argument: String, least: Int?
) throws(ArgumentError) -> Int {
  let size = UnsafeRawPointer(pointer).load(as: Int.self)
  let known = MemoryLayout<Struct>.size
  guard size >= least ?? known, size <= 64 * known else {
    throw ArgumentError(
      "", argument, "its size is \(size), expected \(known): set it to that of the struct")
  }
  return size
}

/// Writes an array to where a caller wants it, if it does.
func write(_ values: [Double], to pointer: UnsafeMutablePointer<Double>?) {
  guard let pointer else { return }
  values.withUnsafeBufferPointer { values in
    guard let first = values.baseAddress else { return }
    pointer.update(from: first, count: values.count)
  }
}

/// The structs of a caller's array, which may be larger than those known here, with their names.
/// - Parameter least: as of ``versioned(_:_:least:into:)``.
func elements<Struct>(
  _ pointer: UnsafePointer<Struct>?, _ count: Int, _ argument: String, least: Int? = nil
) throws(ArgumentError) -> [(UnsafePointer<Struct>, String)] {
  let first = try present(pointer, argument)
  let stride = try structSize(first, "\(argument)[0]", least: least)
  let alignment = MemoryLayout<Struct>.alignment
  guard stride % alignment == 0 else {
    throw ArgumentError(
      "", "\(argument)[0]", "its size is \(stride), expected a multiple of \(alignment)")
  }
  return (0..<count).map {
    (
      (UnsafeRawPointer(first) + $0 * stride).assumingMemoryBound(to: Struct.self),
      "\(argument)[\($0)]"
    )
  }
}
