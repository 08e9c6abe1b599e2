internal import E3xLocks

/// A run of sweeps as one (``SweepChain``).
struct ChainRun {
  private let runs: [SweepRun]
  private let list: Int

  /// Runs the sweeps: as one if the list is sorted, one after the other if not.
  static func run(
    _ sweeps: [BoundSweep], _ list: Int, _ memory: RunMemory, _ times: InstructionTimes?
  ) -> FoundIndex? {
    let segments = sweeps[0].sinks[0].dimensions[0]
    // The list may be another one's view, and in memory as that one only.
    guard
      sweeps.allSatisfy({
        $0.sinks.allSatisfy { $0.list == list && $0.dimensions[0] == segments }
      }),
      memory.sortedSegments(list, segments) != nil
    else {
      for bound in sweeps {
        if let found = SweepRun.run(bound, memory, times) { return found }
      }
      return nil
    }
    let nanoseconds = sweeps.reduce(0) { $0 + $1.sweep.nanosecondsPerRow }
    return withRuns(sweeps[...], nanoseconds, memory, []) { runs in
      ChainRun(runs: runs, list: list).run(memory, times)
    }
  }

  /// Calls `body` with the runs of sweeps, prepared.
  private static func withRuns(
    _ sweeps: ArraySlice<BoundSweep>, _ nanoseconds: Double, _ memory: RunMemory,
    _ runs: [SweepRun], _ body: ([SweepRun]) -> FoundIndex?
  ) -> FoundIndex? {
    guard let bound = sweeps.first else { return body(runs) }
    let parts = SweepParts(bound, memory, nanosecondsPerRow: nanoseconds)
    return SweepRun.with(bound, parts, memory) {
      withRuns(sweeps.dropFirst(), nanoseconds, memory, runs + [$0], body)
    }
  }

  private func run(_ memory: RunMemory, _ times: InstructionTimes?) -> FoundIndex? {
    memory.pool.run(parts: runs[0].parts.count) { part, thread in
      guard let found = run(part, thread, memory, times) else { return }
      memory.failure.withLock { first in
        if first == nil || part < first!.part { first = (part, found) }
      }
    }
    return memory.failure.withLock { $0?.found }
  }

  /// A part of the rows, block by block.
  private func run(
    _ part: Int, _ thread: Int, _ memory: RunMemory, _ times: InstructionTimes?
  ) -> FoundIndex? {
    let slots = runs.reduce(0) { $0 + $1.sweep.slots.count }
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: slots) {
      var bases = $0.baseAddress!
      var scratch = memory.tileMemory(thread: thread)
      let tiles = scratch + runs.reduce(0) { $0 + $1.sweep.scratchBytes }
      var sweeps: [PartRun] = []
      for run in runs {
        sweeps.append(
          PartRun(
            run, part, 0, isFirst: true, 0..<0, bases, scratch: scratch, tiles: tiles,
            isTimed: times != nil))
        bases += run.sweep.slots.count
        scratch += run.sweep.scratchBytes
      }
      defer { for sweep in sweeps { sweep.end(times) } }
      return withUnsafeTemporaryAllocation(
        of: UnsafeMutableRawPointer?.self, capacity: BlockRowsAhead.most
      ) { runBlocks(&sweeps, runs[0].parts[part].rows, $0.baseAddress!) }
    }
  }

  /// - Parameter addresses: Memory for those of rows that are fetched ahead.
  private func runBlocks(
    _ sweeps: inout [PartRun], _ rows: Range<Int>,
    _ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> FoundIndex? {
    // While one sweep computes outer products, the rows that one before it needs come.
    let fetching =
      runs.lastIndex { $0.sweep.instructions.contains { $0.isGroupedSum } } ?? runs.endIndex
    var others = BlockRowsAhead(runs.prefix(fetching), list, addresses)
    var block = rows.lowerBound..<blockEnd(rows.lowerBound, rows.upperBound)
    while !block.isEmpty {
      let next = block.upperBound..<blockEnd(block.upperBound, rows.upperBound)
      others?.set(next)
      for index in sweeps.indices {
        let found =
          index == fetching && others != nil
          ? withUnsafeMutablePointer(to: &others!) { sweeps[index].run(block, fetching: $0) }
          : sweeps[index].run(block)
        if let found { return found }
      }
      block = next
    }
    return nil
  }

  /// Rows of a block: what a sweep fetches for the next one must leave room in the second-level
  /// cache.
  private static let blockRows = 128

  /// Where the block that begins at a row ends: with a segment.
  private func blockEnd(_ first: Int, _ last: Int) -> Int {
    let most = first + ChainRun.blockRows
    guard most < last else { return last }
    return runs[0].parts.index!.segmentEnd(after: first, atMost: most) ?? last
  }
}

extension SegmentIndex {
  /// The last end of a segment in first + 1 ... most, or the first one behind, of a sorted list; nil
  /// if rows behind all segments follow.
  func segmentEnd(after first: Int, atMost most: Int) -> Int? {
    // The first segment that ends behind `most`.
    var (low, high) = (0, segments)
    while low < high {
      let middle = (low + high) / 2
      if Int(offsets[middle + 1]) <= most { low = middle + 1 } else { high = middle }
    }
    let end = Int(offsets[low])
    if end > first { return end }
    return low < segments ? Int(offsets[low + 1]) : nil
  }
}
