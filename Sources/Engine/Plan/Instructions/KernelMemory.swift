/// Tables that kernels point to, freed with their owner: a sweep, or a table of polynomials.
final class KernelMemory: @unchecked Sendable {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var storages: [Storage] = []

  /// The address of a storage that is kept as long.
  func keep(_ storage: Storage) -> UnsafeMutableRawPointer {
    storages.append(storage)
    return storage.pointer
  }

  func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let size = max(1, elements.count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { block.copyMemory(from: base, byteCount: bytes.count) }
    }
    blocks.append(block)
    return UnsafePointer(block.assumingMemoryBound(to: Element.self))
  }

  deinit { for block in blocks { block.deallocate() } }
}
