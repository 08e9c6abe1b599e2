internal import E3xCKernels

/// A part of a sweep: its tiles one after the other, in one thread.
struct PartRun {
  private let run: SweepRun
  private let part: SweepParts.Part
  private let lane: Int
  /// Whether the part is the first of its lane.
  private let isFirst: Bool
  /// The rows of the part's wave, where rows go through a buffer.
  private let wave: Range<Int>
  /// The memory of the part, and of its tiles.
  private let scratch: UnsafeMutableRawPointer
  private let tiles: UnsafeMutableRawPointer
  /// The address of each slot.
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let clock: UnsafeMutablePointer<UInt64>?
  /// The segment that the next row belongs to, or an earlier one.
  private var segment: Int

  /// Prepares a part.
  /// - Parameter bases: Memory for the addresses of the sweep's slots.
  init(
    _ run: SweepRun, _ part: Int, _ lane: Int, isFirst: Bool, _ wave: Range<Int>,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>, scratch: UnsafeMutableRawPointer,
    tiles: UnsafeMutableRawPointer, isTimed: Bool
  ) {
    self.run = run
    self.part = run.parts[part]
    self.lane = lane
    self.isFirst = isFirst
    self.wave = wave
    self.scratch = scratch
    self.tiles = tiles
    self.bases = bases
    segment = self.part.segments.lowerBound
    let count = run.sweep.instructions.count
    clock = isTimed ? .allocate(capacity: max(1, count)) : nil
    clock?.initialize(repeating: 0, count: count)
    for index in run.sweep.slots.indices {
      (bases + index).initialize(to: run.address(index) ?? address(index))
    }
    TileRunner(run, bases, clock: nil).prepare(run.sweep.preparedByPart, again: false)
  }

  /// Runs all rows of a part of a sweep by itself.
  /// - Returns: what is wrong with an index, if anything.
  static func run(
    _ run: SweepRun, _ part: Int, _ lane: Int, isFirst: Bool, _ wave: Range<Int>, thread: Int,
    _ times: InstructionTimes?
  ) -> FoundIndex? {
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: run.sweep.slots.count
    ) {
      let memory = run.memory.tileMemory(thread: thread)
      var part = PartRun(
        run, part, lane, isFirst: isFirst, wave, $0.baseAddress!, scratch: memory,
        tiles: memory + run.sweep.scratchBytes, isTimed: times != nil)
      defer { part.end(times) }
      return part.run(part.part.rows)
    }
  }

  /// Runs some rows; all of a part follow each other.
  /// - Parameter others: Rows that another sweep needs next, to be fetched meanwhile.
  mutating func run(
    _ rows: Range<Int>, fetching others: UnsafeMutablePointer<BlockRowsAhead>? = nil
  ) -> FoundIndex? {
    let runner = TileRunner(run, bases, clock: clock, others: others)
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = tileRows(first, rows.upperBound)
      for index in run.sweep.slots.indices { move(index, first, count) }
      let following = part.rows.upperBound - first - count
      if let found = runner.run(rows: count, first: first, following: following) { return found }
      first += count
    }
    return nil
  }

  /// Says how long instructions took.
  func end(_ times: InstructionTimes?) {
    guard let clock else { return }
    let count = run.sweep.instructions.count
    times?.add(run.sweep, Array(UnsafeBufferPointer(start: clock, count: count)))
    clock.deallocate()
  }

  /// The address of a slot of the part's own.
  private func address(_ slot: Int) -> UnsafeMutableRawPointer {
    let (sweep, offset) = (run.sweep, run.sweep.slots[slot].offset)
    switch sweep.slots[slot].kind {
    case .scratch: return scratch + offset
    case .sink(let sink):
      return run.parts.isBuffered(sink)
        ? run.buffer(sink) : run.accumulator(sink, part, lane, isFirst)
    default: return tiles + offset * sweep.tileRows
    }
  }

  /// Sets the address of a slot for the tile that begins at row `first`.
  private func move(_ slot: Int, _ first: Int, _ rows: Int) {
    let sweep = run.sweep
    switch sweep.slots[slot].kind {
    case .rows(_, let bytes):
      bases[slot] = run.memory.addresses[run.bound.sources[slot]] + first * bytes
      // Meanwhile the next tile's rows, as far as they leave room in the cache.
      let next = min(rows, part.rows.upperBound - first - rows) * bytes
      if next > 0 { e3x_fetch(bases[slot] + rows * bytes, Int64(min(next, 1 << 16))) }
    case .order, .orderedList: bases[slot] = run.address(slot)! + first * 4
    case .result(_, let bytes):
      bases[slot] = run.memory.addresses[run.bound.sources[slot]] + first * bytes
    case .tile:
      // An instruction may have let it look elsewhere.
      bases[slot] = tiles + sweep.slots[slot].offset * sweep.tileRows
    case .sink(let sink):
      guard run.parts.isBuffered(sink) else { break }
      let rowBytes = run.bound.sinks[sink].width * sweep.sinks[sink].dtype.byteCount
      bases[slot] = run.buffer(sink) + (first - wave.lowerBound) * rowBytes
    default: break
    }
  }

  /// The rows of the tile that begins at `first`: tiles end with segments, so that what is done
  /// once for each segment is not done twice, unless a segment is longer than a tile.
  /// - Parameter last: Where the rows end.
  private mutating func tileRows(_ first: Int, _ last: Int) -> Int {
    let most = min(run.sweep.tileRows, last - first)
    let end = first + most
    guard end < last, let index = run.parts.index else { return most }
    var found = first
    while segment < part.segments.upperBound && Int(index.offsets[segment + 1]) <= end {
      found = Int(index.offsets[segment + 1])
      segment += 1
    }
    return found > first ? found - first : most
  }
}
