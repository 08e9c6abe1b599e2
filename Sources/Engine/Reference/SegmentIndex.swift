internal import E3xCKernels
internal import Synchronization

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

  /// Ranges of segments with about equally many entries, at most `parts` of them.
  func ranges(parts: Int) -> [Range<Int>] {
    let entries = Int(offsets[segments])
    var ranges: [Range<Int>] = []
    var start = 0
    for part in 1...parts {
      let target = entries * part / parts
      var end = start
      if part == parts {
        end = segments
      } else {
        // The first segment that begins at or after the target.
        var (low, high) = (start, segments)
        while low < high {
          let middle = (low + high) / 2
          if Int(offsets[middle]) < target { low = middle + 1 } else { high = middle }
        }
        end = low
      }
      if end > start { ranges.append(start..<end) }
      start = end
    }
    return ranges
  }
}
