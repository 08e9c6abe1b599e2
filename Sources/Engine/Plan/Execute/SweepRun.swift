internal import E3xCKernels
internal import E3xLocks
internal import E3xSystem

/// One run of a sweep: its parts, and how their sums come together.
///
/// Parts (``SweepParts``) add to the segments that they own, or to an accumulator of their lane;
/// these are added in order. So results are the same bits for any number of threads.
struct SweepRun {
  let sweep: Sweep
  let bound: BoundSweep
  let memory: RunMemory
  let parts: SweepParts
  /// What couplings prepare.
  private let prepared: Storage?
  /// Where the lanes' accumulators, and the rows of a wave, of a sink begin: `offsets[sink]` bytes
  /// behind `lanes`.
  private let lanes: UnsafeMutableRawPointer
  private let offsets: UnsafeMutablePointer<Int>

  /// Runs the sweep; writes the values of sinks and the rows that are written out.
  static func run(
    _ bound: BoundSweep, _ memory: RunMemory, _ times: InstructionTimes?
  ) -> FoundIndex? {
    let parts = SweepParts(bound, memory)
    if let (split, index) = parts.split(bound, memory) {
      if run(split, index, memory, times) == nil { return nil }
      // An index is wrong: the sweep by itself finds the first of them.
      memory.failure.withLock { $0 = nil }
    }
    return with(bound, parts, memory) { $0.run(times) }
  }

  /// Calls `body` with a run that has prepared what its parts share.
  static func with(
    _ bound: BoundSweep, _ parts: SweepParts, _ memory: RunMemory,
    _ body: (SweepRun) -> FoundIndex?
  ) -> FoundIndex? {
    let sweep = bound.sweep
    let prepared = sweep.prepared.take()
    defer { if let prepared { sweep.prepared.give(prepared.storage) } }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: max(1, sweep.sinks.count)) {
      let run = SweepRun(bound, parts, memory, prepared?.storage, $0.baseAddress!)
      if let prepared { run.prepareShared(again: prepared.isPrepared) }
      return body(run)
    }
  }

  /// Runs a sweep in two.
  private static func run(
    _ split: BoundSweep.Split, _ index: SegmentIndex, _ memory: RunMemory,
    _ times: InstructionTimes?
  ) -> FoundIndex? {
    if !split.isOrderedFirst, let rest = split.rest, let found = run(rest, memory, times) {
      return found
    }
    memory.setOrder(split.list, index)
    for (slot, source) in zip(split.ordered.sweep.slots, split.ordered.sources) {
      guard case .orderedList = slot.kind else { continue }
      memory.setOrdered(source, by: split.list, count: split.ordered.rowCount)
    }
    if let found = run(split.ordered, memory, times) { return found }
    guard split.isOrderedFirst, let rest = split.rest else { return nil }
    return run(rest, memory, times)
  }

  private init(
    _ bound: BoundSweep, _ parts: SweepParts, _ memory: RunMemory, _ prepared: Storage?,
    _ offsets: UnsafeMutablePointer<Int>
  ) {
    let sweep = bound.sweep
    self.sweep = sweep
    self.bound = bound
    self.memory = memory
    self.prepared = prepared
    self.offsets = offsets
    self.parts = parts
    var bytes = 0
    for sink in sweep.sinks.indices {
      offsets[sink] = bytes
      let dtype = sweep.sinks[sink].dtype
      if parts.isBuffered(sink) {
        bytes += parts.mostRows * bound.sinks[sink].width * dtype.byteCount
      } else if parts.lanes > 1 && !parts.own(bound.sinks[sink]) {
        bytes += parts.lanes * bound.sinks[sink].elements * dtype.byteCount
      }
      bytes = (bytes + 63) & ~63
    }
    lanes = memory.laneMemory(bytes)
  }

  /// Whether each lane has an accumulator of its own.
  private func isPerLane(_ sink: Int) -> Bool {
    parts.lanes > 1 && !parts.isBuffered(sink) && !parts.own(bound.sinks[sink])
  }

  private func result(_ sink: Int) -> UnsafeMutableRawPointer {
    memory.addresses[sweep.sinks[sink].value]
  }

  private func run(_ times: InstructionTimes?) -> FoundIndex? {
    for sink in sweep.sinks.indices where parts.isBuffered(sink) { clear(sink) }
    let pool = memory.pool
    for number in 0..<parts.waveCount {
      let wave = parts.wave(number)
      let rows = parts.hasBuffers ? parts.rows(wave) : 0..<0
      pool.run(parts: wave.count) { lane, thread in
        let part = wave.lowerBound + lane
        let found = PartRun.run(
          self, part, lane, isFirst: number == 0, rows, thread: thread, times)
        guard let found else { return }
        memory.failure.withLock { first in
          if first == nil || part < first!.part { first = (part, found) }
        }
      }
      if let found = memory.failure.withLock({ $0?.found }) { return found }
      if parts.hasBuffers {
        for sink in sweep.sinks.indices where parts.isBuffered(sink) { add(sink, rows) }
      }
    }
    if parts.lanes > 1 {
      for sink in sweep.sinks.indices where isPerLane(sink) { combine(sink) }
    }
    return nil
  }

  /// Adds up what the lanes have.
  private func combine(_ sink: Int) {
    let size = bound.sinks[sink].elements
    let dtype = sweep.sinks[sink].dtype.kernel
    let operation = sweep.sinks[sink].reduction.kernel
    let (from, to, bytes) = (lanes + offsets[sink], result(sink), sweep.sinks[sink].dtype.byteCount)
    let count = Int64(parts.lanes)
    memory.pool.run(count: size, grain: Loop.grain) { range in
      var kept = e3x_nest()
      kept.count = (1, 1, 1, Int64(range.count))
      kept.out.3 = 1
      kept.in.0.3 = 1
      var reduced = e3x_nest()
      reduced.count = (1, 1, 1, count)
      reduced.in.0.3 = Int64(size)
      _ = e3x_reduce(
        operation, dtype, &kept, &reduced, to + range.lowerBound * bytes,
        from + range.lowerBound * bytes)
    }
  }

  private func prepareShared(again: Bool) {
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: sweep.slots.count
    ) { bases in
      for index in sweep.slots.indices {
        bases.initializeElement(at: index, to: address(index) ?? prepared!.pointer)
      }
      TileRunner(self, bases.baseAddress!, clock: nil).prepare(
        sweep.preparedByRun, again: again)
    }
  }

  /// The address of a slot that is the same in all parts: of the first row, of all, or of a number.
  func address(_ slot: Int) -> UnsafeMutableRawPointer? {
    switch sweep.slots[slot].kind {
    case .rows, .shared, .result, .scattered: memory.addresses[bound.sources[slot]]
    case .order: UnsafeMutableRawPointer(memory.order(sweep.order!))
    case .orderedList: memory.ordered(bound.sources[slot], by: sweep.order!)
    case .number(let address): address
    case .prepared: prepared!.pointer + sweep.slots[slot].offset
    case .tile, .scratch, .sink: nil
    }
  }

  // MARK: Sums through a buffer

  /// The memory of a sink's rows of a wave.
  func buffer(_ sink: Int) -> UnsafeMutableRawPointer { lanes + offsets[sink] }

  /// Sets a sum to zero.
  private func clear(_ sink: Int) {
    let address = result(sink)
    let bytes = bound.sinks[sink].elements * sweep.sinks[sink].dtype.byteCount
    memory.pool.run(count: bytes, grain: 1 << 20) { range in
      memset(address + range.lowerBound, 0, range.count)
    }
  }

  /// Adds the rows of a wave to their segments, each range of segments in a thread of its own.
  private func add(_ sink: Int, _ rows: Range<Int>) {
    let (size, dtype) = (bound.sinks[sink], sweep.sinks[sink].dtype)
    // Where the indices lie is what the instruction says: the list may be another value's view.
    let entries = sweep.instructions.lazy.compactMap { instruction -> Operand? in
      guard case .sinkAddresses(let addresses) = instruction.operation,
        case .sink(sink) = sweep.slots[addresses.sink.slot].kind
      else { return nil }
      return addresses.indices.entries
    }.first!
    let list =
      (address(entries.slot)! + entries.byteOffset)
      .assumingMemoryBound(to: Int32.self) + rows.lowerBound
    let segments = size.dimensions[0]
    let ranges = 16
    memory.pool.run(parts: ranges) { range in
      _ = e3x_segment_add(
        dtype.kernel, Int64(rows.count), list, Int64(segments * range / ranges),
        Int64(segments * (range + 1) / ranges), Int64(size.width), buffer(sink),
        Int64(size.width), result(sink))
    }
  }

  // MARK: Accumulators

  /// The address of a part's accumulator, filled with what changes nothing where the part is the
  /// first to use it.
  func accumulator(
    _ sink: Int, _ part: SweepParts.Part, _ lane: Int, _ isFirst: Bool
  ) -> UnsafeMutableRawPointer {
    let size = bound.sinks[sink]
    let dtype = sweep.sinks[sink].dtype
    var address = result(sink)
    var fill = address
    var elements = size.elements
    let isOwned = parts.own(bound.sinks[sink])
    if isOwned {
      fill = address + part.segments.lowerBound * size.width * dtype.byteCount
      elements = part.segments.count * size.width
    } else if parts.lanes > 1 {
      address = lanes + offsets[sink] + lane * size.elements * dtype.byteCount
      fill = address
    }
    guard isFirst || isOwned else { return address }
    switch (sweep.sinks[sink].reduction, dtype) {
    case (.sum, _): memset(fill, 0, elements * dtype.byteCount)
    case (.max, .float32): fillWith(-Float.infinity)
    case (.max, .float64): fillWith(-Double.infinity)
    case (.max, _): fillWith(Int32.min)
    case (.min, .float32): fillWith(Float.infinity)
    case (.min, .float64): fillWith(Double.infinity)
    case (.min, _): fillWith(Int32.max)
    }
    func fillWith<Element>(_ element: Element) {
      fill.assumingMemoryBound(to: Element.self).update(repeating: element, count: elements)
    }
    return address
  }
}

extension Sweep.Sink {
  /// How parts are combined.
  var reduction: Reduction {
    switch kind {
    case .segments(_, let isMaximum): isMaximum ? .max : .sum
    case .rows(let reduction): reduction
    }
  }
}
