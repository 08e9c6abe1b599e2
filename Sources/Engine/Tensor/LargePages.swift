#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Pages of 2 MiB for large blocks of memory: each page costs a fault when it is first written, and
/// rows that are read in any order miss the table of the small ones nearly every time.
package enum LargePages {
  /// Smaller blocks do not ask.
  static let least = 4 << 20
  static let size = 2 << 20

  /// Asks for large pages, before a block is written.
  package static func ask(for block: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
      guard block.count >= least, let address = block.baseAddress else { return }
      // The system takes addresses of small pages. Only advice: without it the block is as good.
      let begin = UInt(bitPattern: address)
      let first = (begin + 4095) & ~4095
      guard let page = UnsafeMutableRawPointer(bitPattern: first) else { return }
      _ = madvise(page, block.count - Int(first - begin), MADV_HUGEPAGE)
    #endif
  }
}
