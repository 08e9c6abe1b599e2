internal import E3xLocks
internal import E3xCKernels
internal import Foundation

/// One run of a stage: memory for this number of rows, and how sums of parts come together.
///
/// Parts (``StageParts``) add to the segments that they own, or to an accumulator of their lane;
/// these are added in order. So results are the same bits for any number of threads.
struct StageRun {
  private struct Accumulator {
    /// The result, or one of these for each lane.
    let storage: Storage
    let isPerLane: Bool
    /// Whether parts own segments, and with them their elements.
    let isOwned: Bool
    /// The rows of a wave, if they are written first and added to segments later.
    let buffer: Storage?
  }

  private let stage: Stage
  private let sizes: StageSizes
  private let pool: ThreadPool
  private let parts: StageParts
  private var accumulators: [Accumulator] = []
  /// The address of each slot: of the first row, of all, or of a number.
  private var addresses: [UnsafeMutableRawPointer?]
  /// The memory of row values that are written out, in the order of their slots.
  private var results: [(value: Int, storage: Storage)] = []
  /// What couplings prepare.
  private var prepared: (storage: Storage, isPrepared: Bool)?
  /// Values that were made contiguous for this run.
  private var kept: [Value] = []

  /// - Parameter values: What the stage reads; they must outlive the run.
  init(_ stage: Stage, _ sizes: StageSizes, _ values: [Value?], _ pool: ThreadPool) {
    self.stage = stage
    self.sizes = sizes
    self.pool = pool
    parts = StageParts(stage, sizes, values)

    accumulators.reserveCapacity(stage.sinks.count)
    for (number, (sink, size)) in zip(stage.sinks, sizes.sinks).enumerated() {
      var isOwned = false
      if case .segments(let indices?, _) = sink.kind, indices == parts.sorted { isOwned = true }
      let isBuffered = parts.isBuffered[number]
      let isPerLane = !isOwned && !isBuffered && parts.lanes > 1
      let bytes = size.elements * sink.dtype.byteCount * (isPerLane ? parts.lanes : 1)
      let rowBytes = size.width * sink.dtype.byteCount
      accumulators.append(
        Accumulator(
          storage: Storage(byteCount: bytes), isPerLane: isPerLane, isOwned: isOwned,
          buffer: isBuffered ? Storage(byteCount: parts.mostRows * rowBytes) : nil))
    }
    addresses = [UnsafeMutableRawPointer?](repeating: nil, count: stage.slots.count)
    for (index, slot) in stage.slots.enumerated() {
      switch slot.kind {
      case .rows(let value, _), .shared(let value):
        if values[value]!.isContiguous {
          addresses[index] = values[value]!.pointer
        } else {
          let copy = values[value]!.contiguous(pool)
          kept.append(copy)
          addresses[index] = copy.pointer
        }
      case .result(let value, let bytes):
        let storage = Storage(byteCount: sizes.rowCount * bytes)
        results.append((value, storage))
        addresses[index] = storage.pointer
      case .number(let storage): addresses[index] = storage.pointer
      case .prepared:
        if prepared == nil { prepared = stage.prepared.take() }
        addresses[index] = prepared!.storage.pointer + slot.offset
      case .tile, .scratch, .sink: break
      }
    }
  }

  /// Runs all parts; puts the values of sinks and of rows that are written out into `values`.
  /// - Parameter dimensions: The dimensions of all values.
  func run(
    _ graph: Graph, _ bindings: Bindings, _ dimensions: [[Int]], into values: inout [Value?],
    _ times: InstructionTimes? = nil
  ) throws {
    prepareShared()
    defer { if let prepared { stage.prepared.give(prepared.storage) } }
    for (sink, accumulator) in accumulators.enumerated() where accumulator.buffer != nil {
      clear(sink)
    }
    for (number, wave) in parts.waves.enumerated() {
      let failure = Guarded<(part: Int, found: FoundIndex)?>(nil)
      pool.run(parts: wave.count) { lane in
        let part = wave.lowerBound + lane
        if let found = runPart(part, lane, isFirst: number == 0, parts.rows(wave), times) {
          failure.withLock { first in
            if first == nil || part < first!.part { first = (part, found) }
          }
        }
      }
      if let found = failure.withLock({ $0?.found }) { throw error(found, graph, bindings) }
      for (sink, accumulator) in accumulators.enumerated() {
        if let buffer = accumulator.buffer { add(buffer, sink, parts.rows(wave)) }
      }
    }

    for (value, storage) in results {
      values[value] = Value(
        contiguous: storage, dimensions[value], graph.operations[value].dtype)
    }
    for (index, sink) in stage.sinks.enumerated() {
      let (size, accumulator) = (sizes.sinks[index], accumulators[index])
      guard accumulator.isPerLane else {
        values[sink.value] = Value(contiguous: accumulator.storage, size.dimensions, sink.dtype)
        continue
      }
      let partial = Value(
        contiguous: accumulator.storage, [parts.lanes, size.elements], sink.dtype)
      let step = Step(
        inputs: [partial], dimensions: [1, size.elements], dtype: sink.dtype,
        bindings: bindings, pool: pool)
      var sum = step.reduced(sink.reduction, [0])
      sum.dimensions = size.dimensions
      sum.strides = Value.contiguousStrides(size.dimensions)
      values[sink.value] = sum
    }
  }

  private func error(_ found: FoundIndex, _ graph: Graph, _ bindings: Bindings) -> EvaluationError {
    let operation = graph.operations[found.operation]
    return found.bad.error(
      operation.primitive.name, operation.label, dimensions: [sizes.rowCount], bindings)
  }

  private func prepareShared() {
    guard let prepared else { return }
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: stage.slots.count
    ) { bases in
      for (index, address) in addresses.enumerated() {
        bases.initializeElement(at: index, to: address ?? prepared.storage.pointer)
      }
      TileRunner(
        instructions: stage.instructions, bases: bases.baseAddress!, limits: [], isFar: [],
        bufferedSlots: []
      ).prepareShared(again: prepared.isPrepared)
    }
  }

  /// Sets a sum to zero.
  private func clear(_ sink: Int) {
    let storage = accumulators[sink].storage
    pool.run(count: storage.byteCount, grain: 1 << 20) { bytes in
      memset(storage.pointer + bytes.lowerBound, 0, bytes.count)
    }
  }

  /// Adds the rows of a wave to their segments, each range of segments in a thread of its own.
  private func add(_ buffer: Storage, _ sink: Int, _ rows: Range<Int>) {
    let (size, dtype) = (sizes.sinks[sink], stage.sinks[sink].dtype)
    // Where the indices lie is what the instruction says: the list may be another value's view.
    let instruction = stage.instructions.first { instruction in
      guard instruction.code == .sinkRows,
        case .sink(sink) = stage.slots[Int(instruction.a.slot)].kind
      else { return false }
      return true
    }!
    let list = (addresses[Int(instruction.b.slot)]! + instruction.b.byteOffset)
      .assumingMemoryBound(to: Int32.self) + rows.lowerBound
    let segments = size.dimensions[0]
    let ranges = 16
    pool.run(parts: ranges) { range in
      _ = e3x_segment_add(
        dtype.kernel, Int64(rows.count), list, Int64(segments * range / ranges),
        Int64(segments * (range + 1) / ranges), Int64(size.width), buffer.pointer,
        Int64(size.width), accumulators[sink].storage.pointer)
    }
  }

  /// - Parameters:
  ///   - isFirst: whether the part is the first of its lane.
  ///   - wave: the rows of the part's wave.
  private func runPart(
    _ number: Int, _ lane: Int, isFirst: Bool, _ wave: Range<Int>, _ times: InstructionTimes?
  ) -> FoundIndex? {
    var clock = [UInt64](repeating: 0, count: times == nil ? 0 : stage.instructions.count)
    defer { times?.add(clock) }
    return clock.withUnsafeMutableBufferPointer { clock in
      runTiles(number, lane, isFirst, wave, clock.isEmpty ? nil : clock.baseAddress)
    }
  }

  private func runTiles(
    _ number: Int, _ lane: Int, _ isFirst: Bool, _ wave: Range<Int>,
    _ clock: UnsafeMutablePointer<UInt64>?
  ) -> FoundIndex? {
    let part = parts.parts[number]
    let tileRows = stage.tileRows
    let memory = Storage(byteCount: stage.tileBytes * tileRows + stage.scratchBytes)
    return withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: stage.slots.count
    ) { bases in
      for (index, slot) in stage.slots.enumerated() {
        switch slot.kind {
        case .tile: bases[index] = memory.pointer + stage.scratchBytes + slot.offset * tileRows
        case .scratch: bases[index] = memory.pointer + slot.offset
        case .sink(let sink):
          bases[index] =
            accumulators[sink].buffer?.pointer ?? accumulator(sink, part, lane, isFirst)
        default: bases[index] = addresses[index]!
        }
      }
      let runner = TileRunner(
        instructions: stage.instructions, bases: bases.baseAddress!, limits: sizes.limits,
        isFar: sizes.isFar, bufferedSlots: bufferedSlots,
        clock: clock)
      runner.prepare()
      var first = part.rows.lowerBound
      var segment = part.segments.lowerBound
      while first < part.rows.upperBound {
        let rows = self.tileRows(first, part, &segment)
        for (index, slot) in stage.slots.enumerated() {
          switch slot.kind {
          case .rows(_, let bytes):
            bases[index] = addresses[index]! + first * bytes
            // Meanwhile the next tile's rows, as far as they leave room in the cache.
            let next = min(rows, part.rows.upperBound - first - rows) * bytes
            e3x_fetch(bases[index] + rows * bytes, Int64(min(next, 1 << 16)))
          case .result(_, let bytes):
            bases[index] = addresses[index]! + first * bytes
          case .tile: bases[index] = memory.pointer + stage.scratchBytes + slot.offset * tileRows
          case .sink(let sink):
            guard let buffer = accumulators[sink].buffer else { break }
            let rowBytes = sizes.sinks[sink].width * stage.sinks[sink].dtype.byteCount
            bases[index] = buffer.pointer + (first - wave.lowerBound) * rowBytes
          default: break
          }
        }
        if let error = runner.run(rows: rows, first: first) { return error }
        first += rows
      }
      return nil
    }
  }

  /// The rows of the tile that begins at `first`: tiles end with segments, so that what is done
  /// once for each segment is not done twice, unless a segment is longer than a tile.
  /// - Parameter segment: the segment that the row belongs to, or an earlier one.
  private func tileRows(_ first: Int, _ part: StageParts.Part, _ segment: inout Int) -> Int {
    let most = min(stage.tileRows, part.rows.upperBound - first)
    let end = first + most
    guard end < part.rows.upperBound else { return most }
    var last = first
    while segment < part.segments.upperBound && Int(parts.offsets[segment + 1]) <= end {
      last = Int(parts.offsets[segment + 1])
      segment += 1
    }
    return last > first ? last - first : most
  }

  /// The slots of sinks whose rows go to a buffer.
  private var bufferedSlots: Set<Int> {
    guard parts.isBuffered.contains(true) else { return [] }
    return Set(
      stage.slots.indices.filter { index in
        if case .sink(let sink) = stage.slots[index].kind { parts.isBuffered[sink] } else { false }
      })
  }

  /// The address of a part's accumulator, filled with what changes nothing where the part is the
  /// first to use it.
  private func accumulator(
    _ sink: Int, _ part: StageParts.Part, _ lane: Int, _ isFirst: Bool
  ) -> UnsafeMutableRawPointer {
    let (accumulator, size) = (accumulators[sink], sizes.sinks[sink])
    let dtype = stage.sinks[sink].dtype
    var address = accumulator.storage.pointer
    var fill = address
    var elements = size.elements
    if accumulator.isPerLane {
      address += lane * size.elements * dtype.byteCount
      fill = address
    } else if accumulator.isOwned {
      fill = address + part.segments.lowerBound * size.width * dtype.byteCount
      elements = part.segments.count * size.width
    }
    guard isFirst || accumulator.isOwned else { return address }
    switch (stage.sinks[sink].reduction, dtype) {
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

extension Stage.Sink {
  /// How parts are combined.
  var reduction: Reduction {
    switch kind {
    case .segments(_, let isMaximum): isMaximum ? .max : .sum
    case .rows(let reduction): reduction
    }
  }
}
