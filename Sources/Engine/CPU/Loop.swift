internal import E3xCKernels

/// A nest of loops over several operands, and how it is cut for threads.
struct Loop {
  private var counts: [Int]
  private var strides: [[Int]]

  /// Loops over `dimensions`; `strides` has an array for each operand.
  init(_ dimensions: [Int], _ strides: [[Int]]) {
    counts = []
    self.strides = strides.map { _ in [] }
    counts.reserveCapacity(dimensions.count)
    for axis in dimensions.indices where dimensions[axis] != 1 {
      let last = counts.count - 1
      let merges =
        last >= 0
        && strides.indices.allSatisfy {
          self.strides[$0][last] == strides[$0][axis] * dimensions[axis]
        }
      if merges {
        counts[last] *= dimensions[axis]
        for operand in strides.indices { self.strides[operand][last] = strides[operand][axis] }
      } else {
        counts.append(dimensions[axis])
        for operand in strides.indices { self.strides[operand].append(strides[operand][axis]) }
      }
    }
  }

  /// The number of loops that are left when neighbouring ones are merged.
  var depth: Int { counts.count }

  /// Below this many elements a thread is not worth waking.
  static let grain = 16_384

  /// Calls `body` with nests of four loops and the operands' addresses there; operand 0 is the
  /// output, and no element of it is visited by two calls.
  func run(
    _ pool: ThreadPool, _ operands: [Value], grain: Int = Loop.grain,
    _ body: (inout e3x_nest, UnsafePointer<UnsafeMutableRawPointer>) -> Void
  ) {
    let total = counts.reduce(1, *)
    guard total > 0 else { return }
    let extra = max(0, counts.count - 4)
    let parts = min(64, max(1, total / grain))
    if parts == 1 && extra == 0 {
      runNest(operands, first: 0, range: nil, outer: [], body)
      return
    }
    // The outermost of the four inner loops that is long enough is cut for the threads.
    var cut = extra
    while cut < counts.count - 1 && counts[cut] < parts { cut += 1 }
    let cutCount = counts.isEmpty ? 1 : counts[cut]
    let pieces = min(parts, cutCount)
    var outer = [Int](repeating: 0, count: extra)
    while true {
      if pieces > 1 {
        pool.run(parts: pieces) { piece in
          let range = (cutCount * piece / pieces)..<(cutCount * (piece + 1) / pieces)
          runNest(operands, first: extra, range: (cut, range), outer: outer, body)
        }
      } else {
        runNest(operands, first: extra, range: nil, outer: outer, body)
      }
      var axis = extra - 1
      while axis >= 0 {
        outer[axis] += 1
        if outer[axis] < counts[axis] { break }
        outer[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func runNest(
    _ operands: [Value], first: Int, range: (axis: Int, range: Range<Int>)?, outer: [Int],
    _ body: (inout e3x_nest, UnsafePointer<UnsafeMutableRawPointer>) -> Void
  ) {
    var nest = e3x_nest()
    nest.count = (1, 1, 1, 1)
    let shift = 4 - (counts.count - first)
    withUnsafeMutableBytes(of: &nest) { bytes in
      let words = bytes.assumingMemoryBound(to: Int64.self)
      for axis in first..<counts.count {
        let size = range?.axis == axis ? range!.range.count : counts[axis]
        words[axis - first + shift] = Int64(size)
        for operand in operands.indices {
          words[4 * (operand + 1) + axis - first + shift] = Int64(strides[operand][axis])
        }
      }
    }
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: operands.count
    ) { pointers in
      for (index, operand) in operands.enumerated() {
        var offset = 0
        for axis in outer.indices { offset += outer[axis] * strides[index][axis] }
        if let range { offset += range.range.lowerBound * strides[index][range.axis] }
        pointers[index] = operand.pointer + offset * operand.dtype.byteCount
      }
      body(&nest, UnsafePointer(pointers.baseAddress!))
    }
  }

  /// The nest as the C kernels take it, if it has at most four loops.
  func nest() -> e3x_nest? {
    guard counts.count <= 4 else { return nil }
    var nest = e3x_nest()
    nest.count = (1, 1, 1, 1)
    let shift = 4 - counts.count
    withUnsafeMutableBytes(of: &nest) { bytes in
      let words = bytes.assumingMemoryBound(to: Int64.self)
      for axis in counts.indices {
        words[axis + shift] = Int64(counts[axis])
        for operand in strides.indices {
          words[4 * (operand + 1) + axis + shift] = Int64(strides[operand][axis])
        }
      }
    }
    return nest
  }
}
