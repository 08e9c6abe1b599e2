internal import E3xCKernels
internal import Foundation
internal import Synchronization

/// One run of a stage: memory for this number of rows, parts for the threads, and how sums of
/// parts come together.
///
/// Rows are cut into parts that depend on the number of rows and on the index list alone. With
/// segments sorted, parts begin and end with segments and add to the result itself; every other
/// sink has an accumulator for each part, and these are added in order. So results are the same
/// bits for any number of threads.
struct StageRun {
  private struct Part {
    var rows: Range<Int>
    /// The segments of the sorted index list that the part owns.
    var segments: Range<Int>
  }

  private struct Accumulator {
    /// The result, or one of these for each part.
    let storage: Storage
    let isPerPart: Bool
    /// Whether parts own segments, and with them their elements.
    let isOwned: Bool
  }

  private let stage: Stage
  private let sizes: StageSizes
  private let pool: ThreadPool
  private let parts: [Part]
  private var accumulators: [Accumulator] = []
  /// The address of each slot: of the first row, of all, or of a number.
  private var addresses: [UnsafeMutableRawPointer?]
  /// The memory of row values that are written out, in the order of their slots.
  private var results: [(value: Int, storage: Storage)] = []
  /// Values that were made contiguous for this run.
  private var kept: [Value] = []

  /// - Parameter values: What the stage reads; they must outlive the run.
  init(_ stage: Stage, _ sizes: StageSizes, _ values: [Value?], _ pool: ThreadPool) {
    self.stage = stage
    self.sizes = sizes
    self.pool = pool
    let (parts, sorted) = StageRun.parts(stage, sizes, values)
    self.parts = parts

    accumulators.reserveCapacity(stage.sinks.count)
    for (sink, size) in zip(stage.sinks, sizes.sinks) {
      var isOwned = false
      if case .segments(let indices?, _) = sink.kind, indices == sorted { isOwned = true }
      let isPerPart = !isOwned && parts.count > 1
      let bytes = size.elements * sink.dtype.byteCount * (isPerPart ? parts.count : 1)
      accumulators.append(
        Accumulator(storage: Storage(byteCount: bytes), isPerPart: isPerPart, isOwned: isOwned))
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
      case .tile, .scratch, .sink: break
      }
    }
  }

  private static func parts(
    _ stage: Stage, _ sizes: StageSizes, _ values: [Value?]
  ) -> (parts: [Part], sorted: Int?) {
    let rowCount = sizes.rowCount
    var sorted: (value: Int, index: SegmentIndex)?
    var partialBytes = 0
    for (sink, size) in zip(stage.sinks, sizes.sinks) {
      if case .segments(let indices?, _) = sink.kind, sorted == nil || sorted!.value == indices,
        let value = values[indices], value.isContiguous, value.offset == 0,
        value.storage.byteCount == value.count * 4
      {
        let segments = size.dimensions[0]
        let list = UnsafePointer(value.pointer.assumingMemoryBound(to: Int32.self))
        if e3x_first_bad_index(list, Int64(value.count), 0, Int32(segments)) < 0 {
          let index = value.storage.segmentIndex(count: value.count, segments: segments)
          if index.order == nil {
            sorted = (indices, index)
            continue
          }
        }
      }
      partialBytes += size.elements * sink.dtype.byteCount
    }
    let many = min(16, max(1, rowCount / 128))
    let affordable = max(1, (partialBytes > 1 << 20 ? 32 << 20 : 8 << 20) / max(1, partialBytes))
    let count = min(many, affordable, partialBytes > 1 << 20 ? 4 : 16)
    guard let (value, index) = sorted else {
      return (
        (0..<count).map { part in
          Part(rows: (rowCount * part / count)..<(rowCount * (part + 1) / count), segments: 0..<0)
        }, nil
      )
    }
    var ranges = index.ranges(parts: count)
    if ranges.isEmpty { ranges = [0..<index.segments] }
    return (
      ranges.enumerated().map { number, segments in
        // Padding follows all segments.
        let end = number == ranges.count - 1 ? rowCount : Int(index.offsets[segments.upperBound])
        return Part(rows: Int(index.offsets[segments.lowerBound])..<end, segments: segments)
      }, value
    )
  }

  /// Runs all parts; puts the values of sinks and of rows that are written out into `values`.
  /// - Parameter dimensions: The dimensions of all values.
  func run(
    _ graph: Graph, _ bindings: Bindings, _ dimensions: [[Int]], into values: inout [Value?]
  ) throws {
    if parts.count == 1 {
      if let found = runPart(0) { throw error(found, graph, bindings) }
    } else {
      let failure = Mutex<(part: Int, found: FoundIndex)?>(nil)
      pool.run(parts: parts.count) { part in
        if let found = runPart(part) {
          failure.withLock { first in
            if first == nil || part < first!.part { first = (part, found) }
          }
        }
      }
      if let found = failure.withLock({ $0?.found }) { throw error(found, graph, bindings) }
    }

    for (value, storage) in results {
      values[value] = Value(
        contiguous: storage, dimensions[value], graph.operations[value].dtype)
    }
    for (index, sink) in stage.sinks.enumerated() {
      let (size, accumulator) = (sizes.sinks[index], accumulators[index])
      guard accumulator.isPerPart else {
        values[sink.value] = Value(contiguous: accumulator.storage, size.dimensions, sink.dtype)
        continue
      }
      let partial = Value(
        contiguous: accumulator.storage, [parts.count, size.elements], sink.dtype)
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

  private func runPart(_ number: Int) -> FoundIndex? {
    let part = parts[number]
    let tileRows = stage.tileRows
    let memory = Storage(byteCount: stage.tileBytes * tileRows + stage.scratchBytes)
    return withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: stage.slots.count
    ) { bases in
      for (index, slot) in stage.slots.enumerated() {
        switch slot.kind {
        case .tile: bases[index] = memory.pointer + stage.scratchBytes + slot.offset * tileRows
        case .scratch: bases[index] = memory.pointer + slot.offset
        case .sink(let sink): bases[index] = accumulator(sink, part, number)
        default: bases[index] = addresses[index]!
        }
      }
      let runner = TileRunner(
        instructions: stage.instructions, bases: bases.baseAddress!, limits: sizes.limits)
      runner.prepare()
      var first = part.rows.lowerBound
      while first < part.rows.upperBound {
        let rows = min(tileRows, part.rows.upperBound - first)
        for (index, slot) in stage.slots.enumerated() {
          switch slot.kind {
          case .rows(_, let bytes):
            bases[index] = addresses[index]! + first * bytes
            // Meanwhile the next tile's rows, as far as they leave room in the cache.
            let next = min(rows, part.rows.upperBound - first - rows) * bytes
            e3x_fetch(bases[index] + rows * bytes, Int64(min(next, 1 << 16)))
          case .result(_, let bytes):
            bases[index] = addresses[index]! + first * bytes
          default: break
          }
        }
        if let error = runner.run(rows: rows, first: first) { return error }
        first += rows
      }
      return nil
    }
  }

  /// The address of a part's accumulator, filled with what changes nothing.
  private func accumulator(_ sink: Int, _ part: Part, _ number: Int) -> UnsafeMutableRawPointer {
    let (accumulator, size) = (accumulators[sink], sizes.sinks[sink])
    let dtype = stage.sinks[sink].dtype
    var address = accumulator.storage.pointer
    var fill = address
    var elements = size.elements
    if accumulator.isPerPart {
      address += number * size.elements * dtype.byteCount
      fill = address
    } else if accumulator.isOwned {
      fill = address + part.segments.lowerBound * size.width * dtype.byteCount
      elements = part.segments.count * size.width
    }
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
