/// Where values of different lifetimes lie in one block of memory: those that are needed at the
/// same time lie apart, others may share bytes.
package struct MemoryPlan {
  /// A value that is needed from one step of a run to another, both included.
  package struct Need {
    var steps: ClosedRange<Int>
    var byteCount: Int

    package init(steps: ClosedRange<Int>, byteCount: Int) {
      self.steps = steps
      self.byteCount = byteCount
    }
  }

  /// The first byte of each value, a multiple of 64.
  package private(set) var offsets: [Int]
  /// The size of the block.
  package private(set) var byteCount = 0

  /// Places the largest values first, each in the lowest gap that takes it.
  package init(_ needs: [Need]) {
    offsets = [Int](repeating: 0, count: needs.count)
    let order = needs.indices.sorted {
      (needs[$1].byteCount, $0) < (needs[$0].byteCount, $1)
    }
    // By offset.
    var placed: [(start: Int, end: Int, steps: ClosedRange<Int>)] = []
    placed.reserveCapacity(needs.count)
    for index in order {
      let size = (max(1, needs[index].byteCount) + 63) & ~63
      let steps = needs[index].steps
      var start = 0
      for other in placed where other.end > start && other.steps.overlaps(steps) {
        if other.start >= start + size { break }
        start = other.end
      }
      offsets[index] = start
      byteCount = max(byteCount, start + size)
      var (low, high) = (0, placed.count)
      while low < high {
        let middle = (low + high) / 2
        if placed[middle].start < start { low = middle + 1 } else { high = middle }
      }
      placed.insert((start, start + size, steps), at: low)
    }
  }
}
