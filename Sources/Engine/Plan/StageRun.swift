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
    var storage: Storage
    var elements: Int
    var isPerPart: Bool
    /// Elements of a segment, for sinks whose parts own segments.
    var ownedWidth: Int?
  }

  let stage: Stage
  let graph: Graph
  let pool: ThreadPool
  private let rowCount: Int
  private let parts: [Part]
  private var accumulators: [Accumulator] = []
  /// The address of each slot: of the first row, of all, or of a number.
  private var addresses: [UnsafeMutableRawPointer?] = []
  /// Bytes of a row, for slots whose address moves with the rows.
  private var rowBytes: [Int] = []
  /// For gathers the number of source rows, for segments their number.
  private let limits: [Int]
  private var results: [Int: Storage] = [:]
  private let tileRows: Int
  /// Values that were made contiguous for this run.
  private var kept: [Value] = []

  init(
    _ stage: Stage, _ graph: Graph, _ values: [Value?], _ bindings: Bindings, _ pool: ThreadPool
  ) {
    self.stage = stage
    self.graph = graph
    self.pool = pool
    rowCount = stage.space.resolved(bindings)
    tileRows = stage.tileRows
    limits = stage.instructions.map { instruction in
      switch instruction.code {
      case .gather, .runOperand, .runWeights: values[instruction.sizes.1]!.dimensions[0]
      case .segmentAdd, .segmentRaise, .runSum:
        graph.operations[instruction.sizes.1].shape[0].resolved(bindings)
      default: 0
      }
    }
    let sinkElements = stage.sinks.map { sink in
      graph.operations[sink.value].shape.resolved(bindings).reduce(1, *)
    }
    let (parts, sorted) = StageRun.parts(
      stage, graph, values, rowCount, bindings, sinkElements)
    self.parts = parts

    for (index, sink) in stage.sinks.enumerated() {
      var (isOwned, ownedWidth) = (false, Int?.none)
      if case .segments(let indices?, _) = sink.kind, indices == sorted {
        isOwned = true
        ownedWidth = graph.operations[sink.value].shape.resolved(bindings).dropFirst()
          .reduce(1, *)
      }
      let isPerPart = !isOwned && parts.count > 1
      let elements = sinkElements[index]
      accumulators.append(
        Accumulator(
          storage: Storage(
            byteCount: elements * sink.dtype.byteCount * (isPerPart ? parts.count : 1)),
          elements: elements, isPerPart: isPerPart, ownedWidth: ownedWidth))
    }
    for slot in stage.slots {
      switch slot.kind {
      case .rows(let value, let bytes):
        let contiguous = values[value]!.contiguous(pool)
        kept.append(contiguous)
        addresses.append(contiguous.pointer)
        rowBytes.append(bytes)
      case .result(let value, let bytes):
        let storage = Storage(byteCount: rowCount * bytes)
        results[value] = storage
        addresses.append(storage.pointer)
        rowBytes.append(bytes)
      case .shared(let value):
        let contiguous = values[value]!.contiguous(pool)
        kept.append(contiguous)
        addresses.append(contiguous.pointer)
        rowBytes.append(0)
      case .number(let storage):
        addresses.append(storage.pointer)
        rowBytes.append(0)
      case .tile, .scratch, .sink:
        addresses.append(nil)
        rowBytes.append(0)
      }
    }
  }

  private static func parts(
    _ stage: Stage, _ graph: Graph, _ values: [Value?], _ rowCount: Int, _ bindings: Bindings,
    _ sinkElements: [Int]
  ) -> (parts: [Part], sorted: Int?) {
    var sorted: (value: Int, index: SegmentIndex)?
    var partialBytes = 0
    for (sink, elements) in zip(stage.sinks, sinkElements) {
      if case .segments(let indices?, _) = sink.kind, sorted == nil || sorted!.value == indices,
        let value = values[indices], value.isContiguous, value.offset == 0,
        value.storage.byteCount == value.count * 4
      {
        let segments = graph.operations[sink.value].shape[0].resolved(bindings)
        let list = UnsafePointer(value.pointer.assumingMemoryBound(to: Int32.self))
        if e3x_first_bad_index(list, Int64(value.count), 0, Int32(segments)) < 0 {
          let index = value.storage.segmentIndex(count: value.count, segments: segments)
          if index.order == nil {
            sorted = (indices, index)
            continue
          }
        }
      }
      partialBytes += elements * sink.dtype.byteCount
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

  /// Runs all parts; gives the values of sinks and written-out rows.
  mutating func run(_ bindings: Bindings) throws -> [(value: Int, Value)] {
    let failure = Mutex<(part: Int, error: FoundIndex)?>(nil)
    let run = self
    pool.run(parts: parts.count) { part in
      if let error = run.runPart(part) {
        failure.withLock { first in
          if first == nil || part < first!.part { first = (part, error) }
        }
      }
    }
    if let found = failure.withLock({ $0?.error }) {
      let operation = graph.operations[found.operation]
      throw found.bad.error(
        operation.primitive.name, operation.label, dimensions: [rowCount], bindings)
    }

    var made: [(value: Int, Value)] = []
    for (value, storage) in results {
      let operation = graph.operations[value]
      made.append(
        (value, Value(contiguous: storage, operation.shape.resolved(bindings), operation.dtype)))
    }
    for (sink, accumulator) in zip(stage.sinks, accumulators) {
      let dimensions = graph.operations[sink.value].shape.resolved(bindings)
      guard accumulator.isPerPart else {
        made.append((sink.value, Value(contiguous: accumulator.storage, dimensions, sink.dtype)))
        continue
      }
      let partial = Value(
        contiguous: accumulator.storage, [parts.count, accumulator.elements], sink.dtype)
      let step = Step(
        inputs: [partial], dimensions: [1, accumulator.elements], dtype: sink.dtype,
        bindings: bindings, pool: pool)
      var sum = step.reduced(sink.reduction, [0])
      sum.dimensions = dimensions
      sum.strides = Value.contiguousStrides(dimensions)
      made.append((sink.value, sum))
    }
    return made
  }

  private func runPart(_ number: Int) -> FoundIndex? {
    let part = parts[number]
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
        instructions: stage.instructions, bases: bases.baseAddress!, limits: limits)
      runner.prepare()
      var first = part.rows.lowerBound
      while first < part.rows.upperBound {
        let rows = min(tileRows, part.rows.upperBound - first)
        for (index, bytes) in rowBytes.enumerated() where bytes > 0 {
          bases[index] = addresses[index]! + first * bytes
        }
        if let error = runner.run(rows: rows, first: first) { return error }
        first += rows
      }
      return nil
    }
  }

  /// The address of a part's accumulator, filled with what changes nothing.
  private func accumulator(_ sink: Int, _ part: Part, _ number: Int) -> UnsafeMutableRawPointer {
    let accumulator = accumulators[sink]
    let dtype = stage.sinks[sink].dtype
    var address = accumulator.storage.pointer
    var fill = address
    var elements = accumulator.elements
    if accumulator.isPerPart {
      address += number * accumulator.elements * dtype.byteCount
      fill = address
    } else if let width = accumulator.ownedWidth {
      fill = address + part.segments.lowerBound * width * dtype.byteCount
      elements = part.segments.count * width
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
