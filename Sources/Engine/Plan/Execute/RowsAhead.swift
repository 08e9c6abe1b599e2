/// The addresses of the first rows that the next tile will need: while this one is computed, they are
/// fetched.
struct RowsAhead {
  static let most = 32
  static let byteCount = (most + 1) * MemoryLayout<UnsafeMutableRawPointer>.stride

  private let number: UnsafeMutablePointer<Int>
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  init(_ memory: UnsafeMutableRawPointer) {
    number = memory.assumingMemoryBound(to: Int.self)
    addresses = (memory + MemoryLayout<UnsafeMutableRawPointer>.stride)
      .assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }

  var count: Int { number.pointee }

  func clear() { number.pointee = 0 }

  func append(_ address: UnsafeMutableRawPointer) {
    addresses[number.pointee] = address
    number.pointee += 1
  }
}
