internal import E3xLocks

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
  /// So many bytes may be taken in any case.
  private let spare: Int

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
      ?? Self.allocate(size)
    return (block, size)
  }

  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= LargePages.least else {
      return .allocate(byteCount: byteCount, alignment: 64)
    }
    let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: LargePages.size)
    LargePages.ask(for: UnsafeMutableRawBufferPointer(start: block, count: byteCount))
    return block
  }

  /// Keeps a block that ``take(_:)`` gave, with the size that it told.
  package func give(_ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    let address = UInt(bitPattern: pointer)
    state.withLock { state in
      state.used -= sizeClass
      state.kept += sizeClass
      state.free[sizeClass, default: []].append(address)
    }
  }
}

extension StoragePool.State {
  /// A free block of this size, or, if it is small, of one of the next ones, up to twice as large.
  fileprivate mutating func takeFree(_ sizeClass: Int) -> (address: UInt, size: Int)? {
    var size = sizeClass
    // What a large block has to spare would count.
    let most = sizeClass < LargePages.least ? 2 * sizeClass : sizeClass
    while size <= most {
      if let address = free[size]?.popLast() {
        kept -= size
        return (address, size)
      }
      size = StoragePool.sizeClass(size + 1)
    }
    return nil
  }

  /// Takes free blocks of at least so many bytes together out, as little beyond that as can be: a
  /// small need must not cost a large block that the next run wants.
  fileprivate mutating func surplus(_ bytes: Int) -> [UInt] {
    var (addresses, taken): ([UInt], Int) = ([], 0)
    let sizes = free.keys.filter { !free[$0]!.isEmpty }.sorted()
    while taken < bytes,
      // The smallest that is enough, or the largest.
      let size = sizes.first(where: { $0 >= bytes - taken && !free[$0]!.isEmpty })
        ?? sizes.last(where: { !free[$0]!.isEmpty })
    {
      addresses.append(free[size]!.removeLast())
      taken += size
    }
    kept -= taken
    return addresses
  }
}
