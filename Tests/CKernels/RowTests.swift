import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Gathers, index checks, counting sorts and sums over segments.
  @Suite struct Rows {
    @Test func firstBadIndex() {
      onEveryInstructionSet { _ in
        for count in [0, 1, 7, 255, 256, 257, 1000] {
          var g = Dice(seed: count)
          var indices = (0..<count).map { _ in Int32(g.int(-1...9)) }
          #expect(e3x_first_bad_index(indices, Int64(count), -1, 9) == -1)
          for position in Set([0, count / 2, count - 1]) where position >= 0 && count > 0 {
            for bad: Int32 in [-2, 10, .min, .max] {
              let good = indices[position]
              indices[position] = bad
              if position + 1 < count { indices[count - 1] = 11 }
              #expect(e3x_first_bad_index(indices, Int64(count), -1, 9) == Int64(position))
              indices[count - 1] = 3
              indices[position] = good
            }
          }
        }
      }
    }

    @Test(arguments: [0, 1, 4, 16, 36, 288, 1152])
    func scatter(_ bytes: Int) {
      var g = Dice(seed: 43)
      for (rows, gap) in [(0, 0), (1, 0), (50, 0), (33, 13)] {
        let stride = bytes + gap
        let source: [UInt8] = (0..<rows * stride + 1).map { _ in UInt8(g.int(0...255)) }
        // Three times as many places as rows: the others stay.
        let places = (0..<Int32(3 * rows)).shuffled(using: &g).prefix(rows)
        var out = [UInt8](repeating: 7, count: 3 * rows * bytes + 1)
        var expected = out
        for (row, place) in places.enumerated() {
          for b in 0..<bytes { expected[Int(place) * bytes + b] = source[row * stride + b] }
        }
        e3x_scatter(Array(places), Int64(rows), bytes, source, Int64(stride), &out)
        #expect(out == expected)
      }
    }

    @Test(arguments: [0, 1, 3, 4, 8, 12, 16, 20, 24, 32, 36, 64, 100, 128, 1152])
    func gather(_ bytes: Int) {
      var g = Dice(seed: 41)
      for (rows, sources, gap, outGap) in [
        (0, 1, 0, 0), (1, 1, 0, 0), (50, 7, 0, 0), (33, 5, 13, 0), (20, 5, 13, 7),
      ] {
        let (stride, apart) = (bytes + gap, bytes + outGap)
        let source: [UInt8] = (0..<sources * stride + 1).map { _ in UInt8(g.int(0...255)) }
        let indices = (0..<rows).map { _ in Int32(g.int(0...sources + 1)) }
        var out = [UInt8](repeating: 0, count: rows * apart + 1)
        e3x_gather(
          indices, Int64(rows), bytes, Int64(sources), source, Int64(stride), &out, Int64(apart))
        for r in 0..<rows {
          let from = min(Int(indices[r]), sources - 1) * stride
          #expect(out[r * apart..<r * apart + bytes] == source[from..<from + bytes])
          #expect(out[(r * apart + bytes)..<(r + 1) * apart].allSatisfy { $0 == 0 })
        }
        #expect(out[rows * apart] == 0)
      }
    }

    func segments(_ indices: [Int32], _ count: Int) -> [[Int]] {
      (0..<count).map { s in indices.indices.filter { indices[$0] == Int32(s) } }
    }

    @Test(arguments: [(0, 0), (0, 3), (5, 0), (100, 1), (100, 7), (1000, 300)])
    func segmentIndex(_ count: Int, _ number: Int) {
      var g = Dice(seed: 42)
      let indices = (0..<count).map { _ in Int32(g.int(-1...number + 1)) }
      var offsets = [Int32](repeating: -5, count: number + 1)
      var order = [Int32](repeating: -5, count: count + 1)
      e3x_segment_index(indices, Int64(count), Int64(number), &offsets, &order)
      let expected = segments(indices, number)
      #expect(offsets[0] == 0)
      for s in 0..<number {
        #expect(order[Int(offsets[s])..<Int(offsets[s + 1])].map(Int.init) == expected[s])
      }
      #expect(order[Int(offsets[number])...].allSatisfy { $0 == -5 })
    }

    func reduce<T: Element>(_ type: T.Type, sorted: Bool) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 43)
        for width in [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 32, 40, 63, 64, 67, 129] {
          let (count, number, gap) = (
            g.pick([0, 1, 40, 300]), g.pick([1, 3, 20]), g.pick([0, 5])
          )
          var indices = (0..<count).map { _ in Int32(g.int(0...number - 1)) }
          if sorted { indices.sort() }
          var offsets = [Int32](repeating: 0, count: number + 1)
          var order = [Int32](repeating: 0, count: count + 1)
          e3x_segment_index(indices, Int64(count), Int64(number), &offsets, &order)
          let stride = width + gap
          var x: [T] = random(count * stride + 1, 20, &g)
          if T.epsilon > 0 { x[0] = T(nearest: .nan) }
          let first = number > 2 ? 1 : 0
          let members = segments(indices, number)
          let size = (number - first) * width
          var sum = [T](repeating: T(nearest: 3), count: size + 1)
          var best = sum
          func run(_ order: UnsafePointer<Int32>?) {
            #expect(
              e3x_segment_sum(
                T.dtype, Int64(first), Int64(number), offsets, order, Int64(width), x,
                Int64(stride), &sum) == 0)
            #expect(
              e3x_segment_max(
                T.dtype, Int64(first), Int64(number), offsets, order, Int64(width), x,
                Int64(stride), -9, &best) == 0)
          }
          if sorted { run(nil) } else { order.withUnsafeBufferPointer { run($0.baseAddress) } }
          for s in first..<number {
            for c in 0..<width {
              let values = members[s].map { x[$0 * stride + c].real }
              let magnitude = values.reduce(0) { $0 + abs($1) }
              let (got, expected) = (sum[(s - first) * width + c].real, values.reduce(0, +))
              #expect(
                same(got, expected) || abs(got - expected) <= 8 * T.epsilon * magnitude,
                "\(isa), \(T.self), width \(width)")
              let greatest =
                values.isEmpty
                ? -9 : values.contains(where: \.isNaN) ? .nan : values.max() ?? .nan
              #expect(same(best[(s - first) * width + c].real, greatest), "\(isa), \(T.self)")
            }
          }
          #expect(sum[size] == T(nearest: 3) && best[size] == T(nearest: 3))
        }
      }
    }

    @Test(arguments: [false, true]) func segmentSumsAndMaxima(_ sorted: Bool) {
      reduce(Float.self, sorted: sorted)
      reduce(Double.self, sorted: sorted)
      reduce(Int32.self, sorted: sorted)
      var out: UInt8 = 0
      #expect(e3x_segment_sum(E3X_BOOL, 0, 1, [0, 0], nil, 1, [UInt8(0)], 1, &out) == -1)
      #expect(e3x_segment_max(E3X_BOOL, 0, 1, [0, 0], nil, 1, [UInt8(0)], 1, 0, &out) == -1)
    }
  }
}
