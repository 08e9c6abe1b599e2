import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Rows added to, or raising, the rows of segments.
  @Suite struct IntoSegments {
    /// Against the same done row by row: bit for bit, for sums are taken in the order of the rows.
    func combined<T: Element>(
      _ kernel: (
        e3x_dtype, Int64, UnsafePointer<Int32>?, Int64, Int64, Int64, UnsafeRawPointer?, Int64,
        UnsafeMutableRawPointer?
      ) -> Int32, _ combine: (T, T) -> T
    ) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 47)
        for width in [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 32, 63, 64, 65, 80, 130] {
          for (rows, segments, longest) in [(0, 3, 1), (40, 0, 3), (60, 5, 1), (90, 7, 20)] {
            let gap = g.pick([0, 3])
            let stride = width + gap
            let x: [T] = random(rows * stride + 1, 2, &g)
            // Runs of neighbours with one segment; some outside, which are left out.
            var indices: [Int32] = []
            while indices.count < rows {
              let segment = Int32(g.int(-1...segments + 1))
              for _ in 0..<g.int(1...longest) { indices.append(segment) }
            }
            let first = g.pick([0, 0, segments / 3])
            let last = max(first, g.pick([segments, segments, segments - 1]))
            let start: [T] = random(segments * width + 1, 2, &g)
            var expected = start
            for r in 0..<rows where (first..<last).contains(Int(indices[r])) {
              for c in 0..<width {
                let to = Int(indices[r]) * width + c
                expected[to] = combine(expected[to], x[r * stride + c])
              }
            }
            var out = start
            let status = kernel(
              T.dtype, Int64(rows), indices, Int64(first), Int64(last), Int64(width), x,
              Int64(stride), &out)
            #expect(status == 0)
            #expect(out == expected, "\(isa), \(T.self), width \(width), \(rows) rows")
          }
        }
      }
    }

    @Test func sums() {
      combined(e3x_segment_add) { (a: Float, b: Float) in a + b }
      combined(e3x_segment_add) { (a: Double, b: Double) in a + b }
      combined(e3x_segment_add) { (a: Int32, b: Int32) in a &+ b }
    }

    @Test func maxima() {
      combined(e3x_segment_raise) { (a: Float, b: Float) in max(a, b) }
      combined(e3x_segment_raise) { (a: Double, b: Double) in max(a, b) }
      combined(e3x_segment_raise) { (a: Int32, b: Int32) in max(a, b) }
    }
  }
}
