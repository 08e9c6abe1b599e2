/// Rows that one sweep of a chain reads from memory in the next block: another one, which computes
/// much for each row, fetches them meanwhile.
struct BlockRowsAhead {
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  let rowBytes: Int
  /// How many there are, and how many were fetched.
  private(set) var count = 0
  var next = 0
  private let list: UnsafePointer<Int32>
  private let source: UnsafeMutableRawPointer
  private let size: Int

  /// The most rows of a block that are fetched.
  static let most = 192
  /// Bytes of rows to choose from that stay in the last-level cache: these come soon enough.
  private static let nearBytes = 8 << 20

  /// The first rows outside of the cache that one of the sweeps chooses by a list other than the
  /// chain's; nil if there are none.
  /// - Parameter addresses: Memory for ``most`` of them.
  init?(
    _ runs: ArraySlice<SweepRun>, _ list: Int,
    _ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) {
    for run in runs {
      for (index, instruction) in run.sweep.instructions.enumerated() {
        let size = run.bound.limits[index]
        guard case .gatherAddresses(let gather) = instruction.operation,
          size * gather.rowBytes > BlockRowsAhead.nearBytes,
          case .rows(let value, _) = run.sweep.slots[gather.indices.entries.slot].kind,
          value != list
        else { continue }
        let entries = gather.indices.entries
        let indices = run.address(entries.slot)! + entries.byteOffset
        self.list = UnsafePointer(indices.assumingMemoryBound(to: Int32.self))
        source = run.address(gather.source.slot)! + gather.source.byteOffset
        self.size = size
        rowBytes = gather.rowBytes
        self.addresses = addresses
        return
      }
    }
    return nil
  }

  /// The rows of a block. Wrong indices are for the sweep to find.
  mutating func set(_ block: Range<Int>) {
    count = min(block.count, BlockRowsAhead.most)
    next = 0
    for row in 0..<count {
      let index = Int(list[block.lowerBound + row])
      addresses[row] = source + max(0, min(index, size - 1)) * rowBytes
    }
  }
}
