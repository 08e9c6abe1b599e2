import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Sums and extremes over random kept and reduced loops.
  @Suite struct Reductions {
    static let operations = [E3X_REDUCE_SUM, E3X_REDUCE_MAX, E3X_REDUCE_MIN]

    func expected<T: Element>(_ op: e3x_reduce_op, _ values: [T]) -> Double {
      if op == E3X_REDUCE_SUM { return values.reduce(0) { $0 + $1.real } }
      let limit = T.self == Int32.self ? Double(Int32.max) : .infinity
      let start = op == E3X_REDUCE_MAX ? (T.self == Int32.self ? Double(Int32.min) : -limit) : limit
      return values.reduce(start) { best, value in
        let x = value.real
        if best.isNaN || x.isNaN { return .nan }
        return op == E3X_REDUCE_MAX ? max(best, x) : min(best, x)
      }
    }

    func check<T: Element>(_ type: T.Type, _ op: e3x_reduce_op) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 31)
        for round in 0..<150 {
          // One array of up to 5 axes: some kept, some reduced, in any order in memory.
          let kept = [1, g.pick([1, 2]), g.pick([1, 3]), g.pick([0, 1, 2, 5, 17, 32, 70])]
          let reduced = [1, g.pick([1, 2]), g.pick([1, 4]), g.pick([0, 1, 3, 9, 16, 33, 150])]
          var axes = Array(0..<8)
          if g.chance(0.3) { axes.reverse() }
          if g.chance(0.4) { axes.shuffle(using: &g) }
          var source = [Placement(), Placement()]
          var step = g.chance(0.2) ? 2 : 1
          for axis in axes {
            let (which, d) = (axis / 4, axis % 4)
            let count = which == 0 ? kept[d] : reduced[d]
            if which == 0 && g.chance(0.05) { continue }  // broadcast
            source[which].strides[d] = step
            if g.chance(0.1) {
              source[which].strides[d] = -step
              source[which].base += step * max(count - 1, 0)
            }
            step *= max(count, 1)
            if g.chance(0.1) { step += 3 }
          }
          let base = source[0].base + source[1].base
          var a: [T] = random(max(step, 1), 10, &g)
          if round % 5 == 0 && T.epsilon > 0 { a[g.int(0...a.count - 1)] = T(nearest: .nan) }
          let o = Placement.random(kept, output: true, &g)
          let untouched = T(nearest: 5)
          var out = [T](repeating: untouched, count: o.extent)
          var reference = out.map(\.real)
          var magnitude = [Double](repeating: 0, count: o.extent)
          let inner = indices(reduced).map { source[1].position($0) }
          for i in indices(kept) {
            let values = inner.map { a[source[0].position(i) + $0] }
            reference[o.position(i)] = expected(op, values)
            magnitude[o.position(i)] = values.reduce(0) { $0 + abs($1.real) }
          }
          var keptLoops = nest(kept, out: o, [source[0]])
          var reducedLoops = nest(reduced, [source[1]])
          let status = out.mutate(from: o.base) { out in
            a.from(base) { a in e3x_reduce(op, T.dtype, &keptLoops, &reducedLoops, out, a) }
          }
          #expect(status == 0)
          for i in out.indices {
            let tolerance = op == E3X_REDUCE_SUM ? 2 * T.epsilon * magnitude[i] : 0
            #expect(
              same(out[i].real, reference[i]) || abs(out[i].real - reference[i]) <= tolerance,
              "\(isa), \(T.self), kept \(kept), reduced \(reduced)")
          }
        }
      }
    }

    @Test(arguments: operations.indices) func randomNests(_ i: Int) {
      check(Float.self, Self.operations[i])
      check(Double.self, Self.operations[i])
      check(Int32.self, Self.operations[i])
    }

    /// A million float32 values of one sign and of both, along and across the contiguous axis.
    @Test(arguments: [false, true]) func longSumsStayAccurate(_ across: Bool) {
      let (length, width) = across ? (1_000_000, 3) : (1_000_003, 1)
      for low in [0.0, -1.0] {
        var g = Dice(seed: 32)
        let a = (0..<length * width).map { _ in Float(Double.random(in: low...1, using: &g)) }
        onEveryInstructionSet { isa in
          var out = [Float](repeating: 0, count: width)
          var source = [Placement(), Placement()]
          source[0].strides[3] = 1
          source[1].strides[3] = width
          var output = Placement()
          output.strides[3] = 1
          var kept = nest([1, 1, 1, width], out: output, [source[0]])
          var reduced = nest([1, 1, 1, length], [source[1]])
          #expect(e3x_reduce(E3X_REDUCE_SUM, E3X_F32, &kept, &reduced, &out, a) == 0)
          for c in 0..<width {
            let values = stride(from: c, to: a.count, by: width).map { Double(a[$0]) }
            let error = abs(Double(out[c]) - values.reduce(0, +))
            #expect(error <= 1e-6 * values.reduce(0) { $0 + abs($1) }, "\(isa)")
          }
        }
      }
    }
  }
}
