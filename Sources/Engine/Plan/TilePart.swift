internal import E3xCKernels

/// A part of a sweep: its tiles one after the other, in one thread.
struct TilePart {
  private let run: StageRun
  private let part: StageParts.Part
  private let lane: Int
  /// Whether the part is the first of its lane.
  private let isFirst: Bool
  /// The rows of the part's wave, where rows go through a buffer.
  private let wave: Range<Int>
  /// The memory of the thread's tiles.
  private let tiles: UnsafeMutableRawPointer

  init(
    _ run: StageRun, _ part: Int, _ lane: Int, isFirst: Bool, _ thread: Int, _ wave: Range<Int>
  ) {
    self.run = run
    self.part = run.parts[part]
    self.lane = lane
    self.isFirst = isFirst
    self.wave = wave
    tiles = run.memory.tileMemory(thread: thread)
  }

  /// - Returns: what is wrong with an index, if anything.
  func run(_ times: InstructionTimes?) -> FoundIndex? {
    guard let times else { return runTiles(clock: nil) }
    var clock = [UInt64](repeating: 0, count: run.stage.instructions.count)
    defer { times.add(run.stage, clock) }
    return clock.withUnsafeMutableBufferPointer { runTiles(clock: $0.baseAddress) }
  }

  private func runTiles(clock: UnsafeMutablePointer<UInt64>?) -> FoundIndex? {
    let stage = run.stage
    return withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: stage.slots.count
    ) { bases in
      for index in stage.slots.indices {
        bases.initializeElement(at: index, to: run.address(index) ?? address(index))
      }
      let runner = TileRunner(run, bases.baseAddress!, clock: clock)
      runner.prepare(stage.preparedByPart, again: false)
      var first = part.rows.lowerBound
      var segment = part.segments.lowerBound
      while first < part.rows.upperBound {
        let rows = tileRows(first, &segment)
        for index in stage.slots.indices { move(bases.baseAddress!, index, first, rows) }
        let following = part.rows.upperBound - first - rows
        if let found = runner.run(rows: rows, first: first, following: following) { return found }
        first += rows
      }
      return nil
    }
  }

  /// The address of a slot of the part's own.
  private func address(_ slot: Int) -> UnsafeMutableRawPointer {
    let (stage, offset) = (run.stage, run.stage.slots[slot].offset)
    switch stage.slots[slot].kind {
    case .scratch: return tiles + offset
    case .sink(let sink):
      return run.parts.isBuffered(sink)
        ? run.buffer(sink) : run.accumulator(sink, part, lane, isFirst)
    default: return tiles + stage.scratchBytes + offset * stage.tileRows
    }
  }

  /// Sets the address of a slot for the tile that begins at row `first`.
  private func move(
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ slot: Int, _ first: Int,
    _ rows: Int
  ) {
    let stage = run.stage
    switch stage.slots[slot].kind {
    case .rows(_, let bytes):
      bases[slot] = run.memory.addresses[run.layout.sources[slot]] + first * bytes
      // Meanwhile the next tile's rows, as far as they leave room in the cache.
      let next = min(rows, part.rows.upperBound - first - rows) * bytes
      if next > 0 { e3x_fetch(bases[slot] + rows * bytes, Int64(min(next, 1 << 16))) }
    case .order, .orderedList: bases[slot] = run.address(slot)! + first * 4
    case .result(_, let bytes):
      bases[slot] = run.memory.addresses[run.layout.sources[slot]] + first * bytes
    case .tile:
      // An instruction may have let it look elsewhere.
      bases[slot] = tiles + stage.scratchBytes + stage.slots[slot].offset * stage.tileRows
    case .sink(let sink):
      guard run.parts.isBuffered(sink) else { break }
      let rowBytes = run.layout.sinks[sink].width * stage.sinks[sink].dtype.byteCount
      bases[slot] = run.buffer(sink) + (first - wave.lowerBound) * rowBytes
    default: break
    }
  }

  /// The rows of the tile that begins at `first`: tiles end with segments, so that what is done
  /// once for each segment is not done twice, unless a segment is longer than a tile.
  /// - Parameter segment: the segment that the row belongs to, or an earlier one.
  private func tileRows(_ first: Int, _ segment: inout Int) -> Int {
    let most = min(run.stage.tileRows, part.rows.upperBound - first)
    let end = first + most
    guard end < part.rows.upperBound, let index = run.parts.index else { return most }
    var last = first
    while segment < part.segments.upperBound && Int(index.offsets[segment + 1]) <= end {
      last = Int(index.offsets[segment + 1])
      segment += 1
    }
    return last > first ? last - first : most
  }
}
