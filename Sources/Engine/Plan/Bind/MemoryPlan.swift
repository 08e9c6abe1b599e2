/// Where values of different lifetimes lie in memory: those that are needed at the same time lie
/// apart, others may share bytes. Most lie in one block that grows as needed; before a result of the
/// run is made, its own block is there for others.
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

  /// The block of a result, which others may use before the step that makes it.
  package struct Result {
    var step: Int
    var byteCount: Int

    package init(step: Int, byteCount: Int) {
      self.step = step
      self.byteCount = byteCount
    }
  }

  /// Where a value lies.
  package struct Place {
    /// The number of a result, or nil for the common block.
    package var result: Int?
    /// The first byte in that block, a multiple of 64.
    package var offset: Int
  }

  /// Where each value lies.
  package private(set) var places: [Place]
  /// The size of the common block.
  package private(set) var byteCount = 0

  /// Places the largest values first, each in the lowest gap that takes it, of the results' blocks if
  /// one does.
  package init(_ needs: [Need], results: [Result] = []) {
    places = [Place](repeating: Place(result: nil, offset: 0), count: needs.count)
    let order = needs.indices.sorted {
      (needs[$1].byteCount, $0) < (needs[$0].byteCount, $1)
    }
    var common = Block()
    var blocks = [Block](repeating: Block(), count: results.count)
    for index in order {
      let size = Self.rounded(needs[index].byteCount)
      let steps = needs[index].steps
      for (number, result) in results.enumerated()
      where steps.upperBound < result.step && size <= Self.rounded(result.byteCount) {
        let start = blocks[number].gap(size, steps)
        guard start + size <= Self.rounded(result.byteCount) else { continue }
        blocks[number].add(start, size, steps)
        places[index] = Place(result: number, offset: start)
        break
      }
      if places[index].result != nil { continue }
      let start = common.gap(size, steps)
      common.add(start, size, steps)
      places[index].offset = start
      byteCount = max(byteCount, start + size)
    }
  }

  private static func rounded(_ byteCount: Int) -> Int { (max(1, byteCount) + 63) & ~63 }

  /// What lies in a block, by offset.
  private struct Block {
    private var placed: [(start: Int, end: Int, steps: ClosedRange<Int>)] = []

    /// The lowest offset with so many bytes that nobody else needs in these steps.
    func gap(_ size: Int, _ steps: ClosedRange<Int>) -> Int {
      var start = 0
      for other in placed where other.end > start && other.steps.overlaps(steps) {
        if other.start >= start + size { break }
        start = other.end
      }
      return start
    }

    mutating func add(_ start: Int, _ size: Int, _ steps: ClosedRange<Int>) {
      var (low, high) = (0, placed.count)
      while low < high {
        let middle = (low + high) / 2
        if placed[middle].start < start { low = middle + 1 } else { high = middle }
      }
      placed.insert((start, start + size, steps), at: low)
    }
  }
}
