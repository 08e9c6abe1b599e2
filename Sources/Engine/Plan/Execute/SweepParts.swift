/// How the rows of a sweep are cut into parts for the threads.
///
/// The cut depends on the number of rows and on the index lists alone. If an index list is sorted,
/// parts begin and end with its segments and own them. Other sinks have an accumulator for each
/// *lane*; a wave of one part for each lane runs at a time.
///
/// Usually there is one wave. Sums over unsorted segments whose accumulators would be large, those
/// over the sources of a large system, go another way: there are many short parts, rows are written
/// to a buffer, and after each wave added to the segments, a range of segments for each thread.
struct SweepParts {
  struct Part {
    var rows: Range<Int>
    /// The segments of the sorted index list that the part owns.
    var segments: Range<Int>
  }

  /// The number of parts; some may be empty.
  let count: Int
  let lanes: Int
  /// The value that lists sorted segments, and its segments.
  private(set) var sorted: Int?
  private(set) var index: SegmentIndex?
  private let rowCount: Int
  /// A bit for each sink whose rows go through a buffer.
  private var bufferedSinks: UInt64 = 0

  /// - Parameter nanosecondsPerRow: about how long a row takes; nil: as the sweep by itself.
  init(_ bound: BoundSweep, _ memory: RunMemory, nanosecondsPerRow: Double? = nil) {
    let sweep = bound.sweep
    if let order = sweep.order {
      // The segments of its list follow each other, and then padding.
      let segments = bound.sinks.first { $0.list == order }!.dimensions[0]
      (sorted, index) = (order, memory.segments(order, segments))
    }
    rowCount = bound.rowCount
    var partialBytes = 0
    var bufferedRow = 0
    for number in sweep.sinks.indices {
      let (dtype, width) = (sweep.sinks[number].dtype, bound.sinks[number].width)
      if let list = bound.sinks[number].list {
        if sorted == nil,
          let found = memory.sortedSegments(list, bound.sinks[number].dimensions[0])
        {
          (sorted, index) = (list, found)
        }
        if sorted == list { continue }
      }
      let bytes = bound.sinks[number].elements * dtype.byteCount
      if number < 64 && sweep.isInPlace[number] && bytes > sweep.options.largestAccumulator {
        bufferedSinks |= 1 << UInt64(number)
        bufferedRow += width * dtype.byteCount
      } else {
        partialBytes += bytes
      }
    }
    let nanoseconds = (nanosecondsPerRow ?? sweep.nanosecondsPerRow) * Double(rowCount)
    let parts = SweepParts.count(
      sweep.options, nanoseconds: nanoseconds, partialBytes: partialBytes, rows: rowCount)
    if bufferedRow > 0 {
      lanes = min(4, parts)
      count = max(lanes, rowCount * bufferedRow * lanes / sweep.options.bufferBytes)
    } else {
      lanes = parts
      count = parts
    }
  }

  /// The number of parts: each must be worth a thread's while, and the accumulators that parts have
  /// of their own must cost little beside their work.
  private static func count(
    _ options: PlanOptions, nanoseconds: Double, partialBytes: Int, rows: Int
  ) -> Int {
    let own = Double(partialBytes) * options.nanosecondsPerByte
    let affordable = max(1, (partialBytes > 1 << 20 ? 32 << 20 : 8 << 20) / max(1, partialBytes))
    let most = min(affordable, partialBytes > 1 << 20 ? 4 : 16)
    func isWorth(_ count: Int, _ least: Double, _ leastRows: Int) -> Bool {
      count <= most && count * leastRows <= rows && nanoseconds > (least + own) * Double(count)
    }
    // Two threads are there soonest: halves may be smaller than other parts.
    guard isWorth(2, options.halfNanoseconds, options.halfRows) else { return 1 }
    var count = 2
    while isWorth(2 * count, options.partNanoseconds, options.partRows) { count *= 2 }
    return count
  }

  /// Whether parts own segments of the sink, and with them their elements.
  func own(_ sink: BoundSweep.Sink) -> Bool { sorted != nil && sink.list == sorted }

  /// The list whose order is worth a sweep of its own, and its segments.
  func split(_ bound: BoundSweep, _ memory: RunMemory) -> (BoundSweep.Split, SegmentIndex)? {
    for split in bound.splits where split.list != sorted {
      let segments = bound.sinks.first { $0.list == split.list }!.dimensions[0]
      if let index = memory.segments(split.list, segments) { return (split, index) }
    }
    return nil
  }

  func isBuffered(_ sink: Int) -> Bool { sink < 64 && bufferedSinks >> UInt64(sink) & 1 == 1 }
  var hasBuffers: Bool { bufferedSinks != 0 }

  subscript(_ part: Int) -> Part {
    guard let index else {
      return Part(
        rows: (rowCount * part / count)..<(rowCount * (part + 1) / count), segments: 0..<0)
    }
    let segments = index.boundary(part, of: count)..<index.boundary(part + 1, of: count)
    // Padding follows all segments. Since it may read the last one's sums, that one's part has it.
    let hasPadding =
      index.segments == 0
      ? part == count - 1 : !segments.isEmpty && segments.upperBound == index.segments
    let end = hasPadding ? rowCount : Int(index.offsets[segments.upperBound])
    return Part(rows: Int(index.offsets[segments.lowerBound])..<end, segments: segments)
  }

  var waveCount: Int { (count + lanes - 1) / lanes }

  /// The parts of a wave.
  func wave(_ number: Int) -> Range<Int> {
    (number * lanes)..<min((number + 1) * lanes, count)
  }

  /// The rows of the parts of a wave.
  func rows(_ wave: Range<Int>) -> Range<Int> {
    self[wave.lowerBound].rows.lowerBound..<self[wave.upperBound - 1].rows.upperBound
  }

  /// The most rows of a wave.
  var mostRows: Int { (0..<waveCount).reduce(0) { max($0, rows(wave($1)).count) } }
}
