internal import Foundation
internal import Synchronization

/// A block of memory, 64-byte aligned, written once by its maker and immutable from then on.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  private let sizeClass: Int
  /// For index lists: their segments, kept for the next use.
  private let segmentIndex = Mutex<SegmentIndex?>(nil)

  /// Uninitialised memory of at least `byteCount` bytes.
  init(byteCount: Int) {
    self.byteCount = byteCount
    self.sizeClass = StoragePool.sizeClass(byteCount)
    self.pointer = StoragePool.shared.take(sizeClass)
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
final class StoragePool: Sendable {
  static let shared = StoragePool()

  private struct State {
    /// The addresses of free blocks by size class.
    var free: [Int: [UInt]] = [:]
    var kept = 0
  }
  private let state = Mutex(State())
  /// At most this many bytes are kept; what is freed beyond goes back to the system.
  private let limit = 1 << 30

  /// Sizes are rounded up to a quarter of a power of two, at least 64 bytes.
  static func sizeClass(_ byteCount: Int) -> Int {
    guard byteCount > 256 else { return max(64, (byteCount + 63) & ~63) }
    let step = 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 3)
    return (byteCount + step - 1) & ~(step - 1)
  }

  func take(_ sizeClass: Int) -> UnsafeMutableRawPointer {
    let reused = state.withLock { state -> UInt? in
      guard let address = state.free[sizeClass]?.popLast() else { return nil }
      state.kept -= sizeClass
      return address
    }
    return reused.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
      ?? .allocate(byteCount: sizeClass, alignment: 64)
  }

  func give(_ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    let address = UInt(bitPattern: pointer)
    let keep = state.withLock { state -> Bool in
      guard state.kept + sizeClass <= limit else { return false }
      state.free[sizeClass, default: []].append(address)
      state.kept += sizeClass
      return true
    }
    if !keep { pointer.deallocate() }
  }
}
