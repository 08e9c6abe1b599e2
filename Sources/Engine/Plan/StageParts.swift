internal import E3xCKernels

/// How the rows of a sweep are cut into parts for the threads.
///
/// The cut depends on the number of rows and on the index lists alone. If an index list is sorted,
/// parts begin and end with its segments and own them. Other sinks have an accumulator for each
/// *lane*; a wave of one part for each lane runs at a time.
///
/// Usually there is one wave. Sums over unsorted segments whose accumulators would be large, those
/// over the sources of a large system, go another way: there are many short parts, rows are written
/// to a buffer, and after each wave added to the segments, a range of segments for each thread.
struct StageParts {
  struct Part {
    var rows: Range<Int>
    /// The segments of the sorted index list that the part owns.
    var segments: Range<Int>
  }

  private(set) var parts: [Part] = []
  private(set) var lanes = 1
  /// The value that lists sorted segments.
  private(set) var sorted: Int?
  /// Where the sorted segments begin.
  private(set) var offsets: [Int32] = []
  /// By sink: whether rows go through a buffer.
  private(set) var isBuffered: [Bool]

  init(_ stage: Stage, _ sizes: StageSizes, _ values: [Value?]) {
    let rowCount = sizes.rowCount
    isBuffered = [Bool](repeating: false, count: stage.sinks.count)
    var index: SegmentIndex?
    var partialBytes = 0
    var bufferedRow = 0
    let inPlace = stage.sinksInPlace
    for (number, (sink, size)) in zip(stage.sinks, sizes.sinks).enumerated() {
      if case .segments(let indices?, _) = sink.kind, sorted == nil || sorted == indices,
        let found = StageParts.segmentIndex(values[indices], size.dimensions[0])
      {
        sorted = indices
        index = found
        continue
      }
      let bytes = size.elements * sink.dtype.byteCount
      if inPlace.contains(number) && bytes > stage.grain.largestAccumulator {
        isBuffered[number] = true
        bufferedRow += size.width * sink.dtype.byteCount
      } else {
        partialBytes += bytes
      }
    }
    let nanoseconds = stage.nanosecondsPerRow * Double(rowCount)
    var count = StageParts.count(
      stage.grain, nanoseconds: nanoseconds, partialBytes: partialBytes, rows: rowCount)
    lanes = count
    if bufferedRow > 0 {
      lanes = min(4, lanes)
      count = max(lanes, rowCount * bufferedRow * lanes / stage.grain.bufferBytes)
    }
    guard let index else {
      parts = (0..<count).map { part in
        Part(rows: (rowCount * part / count)..<(rowCount * (part + 1) / count), segments: 0..<0)
      }
      return
    }
    offsets = index.offsets
    var ranges = index.ranges(parts: count)
    if ranges.isEmpty { ranges = [0..<index.segments] }
    parts = ranges.enumerated().map { number, segments in
      // Padding follows all segments.
      let end = number == ranges.count - 1 ? rowCount : Int(index.offsets[segments.upperBound])
      return Part(rows: Int(index.offsets[segments.lowerBound])..<end, segments: segments)
    }
    lanes = bufferedRow == 0 ? parts.count : min(lanes, parts.count)
  }

  /// The index of a list that is sorted.
  private static func segmentIndex(_ value: Value?, _ segments: Int) -> SegmentIndex? {
    guard let value, value.isContiguous, value.offset == 0,
      value.storage.byteCount == value.count * 4
    else { return nil }
    let list = UnsafePointer(value.pointer.assumingMemoryBound(to: Int32.self))
    guard e3x_first_bad_index(list, Int64(value.count), 0, Int32(segments)) < 0 else { return nil }
    let index = value.storage.segmentIndex(count: value.count, segments: segments)
    return index.order == nil ? index : nil
  }

  /// The number of parts: each must be worth a thread's while, and the accumulators that parts have
  /// of their own must cost little beside their work.
  private static func count(
    _ grain: StageGrain, nanoseconds: Double, partialBytes: Int, rows: Int
  ) -> Int {
    let worth = grain.partNanoseconds + Double(partialBytes) * grain.nanosecondsPerByte
    let affordable = max(1, (partialBytes > 1 << 20 ? 32 << 20 : 8 << 20) / max(1, partialBytes))
    let most = min(affordable, partialBytes > 1 << 20 ? 4 : 16, rows / grain.partRows)
    var count = 1
    while 2 * count <= most && nanoseconds > worth * Double(2 * count) { count *= 2 }
    return count
  }

  /// The parts of each wave.
  var waves: [Range<Int>] {
    stride(from: 0, to: parts.count, by: max(1, lanes)).map {
      $0..<min($0 + lanes, parts.count)
    }
  }

  /// The rows of the parts of a wave.
  func rows(_ wave: Range<Int>) -> Range<Int> {
    parts[wave.lowerBound].rows.lowerBound..<parts[wave.upperBound - 1].rows.upperBound
  }

  /// The most rows of a wave.
  var mostRows: Int { waves.map { rows($0).count }.max() ?? 0 }
}
