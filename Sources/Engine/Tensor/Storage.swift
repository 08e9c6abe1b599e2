internal import E3xLocks
internal import Foundation

/// A block of memory, 64-byte aligned, written once by its maker and immutable from then on.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  private let sizeClass: Int
  /// For index lists: their segments, kept for the next use.
  private let segmentIndex = Guarded<SegmentIndex?>(nil)

  /// Uninitialised memory of at least `byteCount` bytes.
  init(byteCount: Int) {
    self.byteCount = byteCount
    (pointer, sizeClass) = StoragePool.shared.take(StoragePool.sizeClass(byteCount))
  }

  deinit { StoragePool.shared.give(pointer, sizeClass) }

  /// The segments of the index list of `count` entries that this storage holds.
  func segmentIndex(count: Int, segments: Int) -> SegmentIndex {
    segmentIndex.withLock { kept in
      if let kept, kept.segments == segments { return kept }
      let made = SegmentIndex(
        pointer.assumingMemoryBound(to: Int32.self), count: count, segments: segments)
      kept = made
      return made
    }
  }

  convenience init<Element: TensorElement>(_ values: [Element]) {
    self.init(byteCount: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  /// One element of `dtype`.
  convenience init(scalar: Double, dtype: DType) {
    self.init(byteCount: 8)
    switch dtype {
    case .float32: pointer.storeBytes(of: Float(scalar), as: Float.self)
    case .float64: pointer.storeBytes(of: scalar, as: Double.self)
    case .int32: pointer.storeBytes(of: Int32(scalar), as: Int32.self)
    case .bool: pointer.storeBytes(of: scalar != 0, as: Bool.self)
    case .float16, .bfloat16: preconditionFailure("graphs have no numbers of \(dtype)")
    }
  }

  /// 0, 1, 2, … up to `count`, without it.
  convenience init(counting count: Int, dtype: DType) {
    switch dtype {
    case .float32: self.init((0..<count).map { Float($0) })
    case .float64: self.init((0..<count).map { Double($0) })
    case .int32: self.init((0..<count).map { Int32($0) })
    case .bool: self.init((0..<count).map { $0 != 0 })
    case .float16, .bfloat16: preconditionFailure("graphs have no numbers of \(dtype)")
    }
  }
}

/// Keeps freed blocks for the next one who needs their size: fresh pages are what makes large
/// temporaries slow.
///
/// Where nothing of a size is kept, a block of up to twice the size does if it is small, so that
/// what ran on the largest size finds its memory on smaller ones. Otherwise blocks of other sizes
/// make room: what is in use and what is kept together never take more than the most that was in
/// use at a time, or ``spare``.
package final class StoragePool: Sendable {
  static let shared = StoragePool()

  fileprivate struct State {
    /// The addresses of free blocks by size class.
    var free: [Int: [UInt]] = [:]
    var kept = 0
    var used = 0
    var mostUsed = 0
  }
  private let state = Guarded(State())
  /// From here on what a block has to spare would count.
  fileprivate static let largeBytes = 4 << 20
  /// So many bytes may be taken in any case.
  private let spare: Int
  /// What is freed beyond so many kept bytes goes back to the system.
  private let mostKept = 1 << 30

  package init(spare: Int = 256 << 20) { self.spare = spare }

  /// Sizes are rounded up to a quarter of a power of two, at least 64 bytes.
  package static func sizeClass(_ byteCount: Int) -> Int {
    guard byteCount > 256 else { return max(64, (byteCount + 63) & ~63) }
    let step = 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 3)
    return (byteCount + step - 1) & ~(step - 1)
  }

  /// Bytes that are in use, and those that are kept.
  package var bytes: (used: Int, kept: Int) { state.withLock { ($0.used, $0.kept) } }

  /// - Returns: a block of at least so many bytes, and its size: that is given back with it.
  package func take(_ sizeClass: Int) -> (block: UnsafeMutableRawPointer, sizeClass: Int) {
    let (reused, size, surplus) = state.withLock { state -> (UInt?, Int, [UInt]) in
      let found = state.takeFree(sizeClass)
      let size = found?.size ?? sizeClass
      state.used += size
      state.mostUsed = max(state.mostUsed, state.used)
      if let found { return (found.address, size, []) }
      let limit = max(spare, state.mostUsed)
      guard state.used + state.kept > limit else { return (nil, size, []) }
      return (nil, size, state.surplus(state.used + state.kept - limit))
    }
    for address in surplus { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    let block =
      reused.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
      ?? .allocate(byteCount: size, alignment: 64)
    return (block, size)
  }

  package func give(_ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    let address = UInt(bitPattern: pointer)
    let keep = state.withLock { state -> Bool in
      state.used -= sizeClass
      guard state.kept + sizeClass <= mostKept else { return false }
      state.kept += sizeClass
      state.free[sizeClass, default: []].append(address)
      return true
    }
    if !keep { pointer.deallocate() }
  }
}

extension StoragePool.State {
  /// A free block of this size, or, if it is small, of one of the next ones, up to twice as large.
  fileprivate mutating func takeFree(_ sizeClass: Int) -> (address: UInt, size: Int)? {
    var size = sizeClass
    let most = sizeClass < StoragePool.largeBytes ? 2 * sizeClass : sizeClass
    while size <= most {
      if let address = free[size]?.popLast() {
        kept -= size
        return (address, size)
      }
      size = StoragePool.sizeClass(size + 1)
    }
    return nil
  }

  /// Takes free blocks of at least so many bytes together out, the largest first.
  fileprivate mutating func surplus(_ bytes: Int) -> [UInt] {
    var (addresses, taken): ([UInt], Int) = ([], 0)
    for size in free.keys.sorted(by: >) {
      while taken < bytes, let address = free[size]?.popLast() {
        addresses.append(address)
        taken += size
      }
      if taken >= bytes { break }
    }
    kept -= taken
    return addresses
  }
}
