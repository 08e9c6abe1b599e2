internal import E3xCKernels
internal import E3xLocks

/// The positions of each segment of an index list, sorted: built once per list.
final class SegmentIndex: @unchecked Sendable {
  let segments: Int
  let offsets: [Int32]
  /// nil where the list is sorted already.
  let order: [Int32]?

  init(_ indices: UnsafePointer<Int32>, count: Int, segments: Int) {
    self.segments = segments
    var offsets = [Int32](repeating: 0, count: segments + 1)
    var order = [Int32](repeating: 0, count: count)
    e3x_segment_index(indices, Int64(count), Int64(segments), &offsets, &order)
    self.offsets = offsets
    var sorted = true
    for position in 1..<max(count, 1) where indices[position] < indices[position - 1] {
      sorted = false
      break
    }
    self.order = sorted ? nil : order
  }

  /// The segments are cut into `parts` with about equally many entries: the first segment of a
  /// part, or the end.
  func boundary(_ part: Int, of parts: Int) -> Int {
    if part == 0 { return 0 }
    if part == parts { return segments }
    // The first segment that begins at or after the target.
    let target = Int(offsets[segments]) * part / parts
    var (low, high) = (0, segments)
    while low < high {
      let middle = (low + high) / 2
      if Int(offsets[middle]) < target { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Ranges of segments with about equally many entries, at most `parts` of them.
  func ranges(parts: Int) -> [Range<Int>] {
    (0..<parts).map { boundary($0, of: parts)..<boundary($0 + 1, of: parts) }
      .filter { !$0.isEmpty }
  }
}

extension Storage {
  /// The segments of the index list of `count` entries that this storage holds.
  func segmentIndex(count: Int, segments: Int) -> SegmentIndex {
    derived.withLock { kept in
      if let kept = kept as? SegmentIndex, kept.segments == segments { return kept }
      let made = SegmentIndex(
        pointer.assumingMemoryBound(to: Int32.self), count: count, segments: segments)
      kept = made
      return made
    }
  }
}
