import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Comparisons, logic, selections and conversions over random nests.
  @Suite struct Masks {
    static let comparisons: [(e3x_compare_op, @Sendable (Double, Double) -> Bool)] = [
      (E3X_EQ, { $0 == $1 }), (E3X_NE, { $0 != $1 }), (E3X_LT, { $0 < $1 }),
      (E3X_LE, { $0 <= $1 }), (E3X_GT, { $0 > $1 }), (E3X_GE, { $0 >= $1 }),
    ]

    func compare<T: Element>(
      _ type: T.Type, _ op: e3x_compare_op,
      _ reference: (Double, Double) -> Bool
    ) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 21)
        for _ in 0..<40 {
          let counts = randomCounts(&g)
          let o = Placement.random(counts, output: true, &g)
          let p = Placement.random(counts, output: false, &g)
          let q = Placement.random(counts, output: false, &g)
          var a: [T] = random(p.extent, 2, &g).map { (x: Int32) in T(nearest: x.real) }
          let b: [T] = random(q.extent, 2, &g).map { (x: Int32) in T(nearest: x.real) }
          if T.epsilon > 0 { a[0] = T(nearest: .nan) }
          var out = [UInt8](repeating: 9, count: o.extent)
          var expected = out
          for i in indices(counts) {
            let holds = reference(a[p.position(i)].real, b[q.position(i)].real)
            expected[o.position(i)] = holds ? 1 : 0
          }
          var loops = nest(counts, out: o, [p, q])
          let status = out.mutate(from: o.base) { out in
            a.from(p.base) { a in
              b.from(q.base) { b in e3x_compare(op, T.dtype, &loops, out, a, b) }
            }
          }
          #expect(status == 0)
          #expect(out == expected, "\(isa), \(T.self), counts \(counts)")
        }
      }
    }

    @Test(arguments: comparisons.indices) func comparing(_ i: Int) {
      let (op, reference) = Self.comparisons[i]
      compare(Float.self, op, reference)
      compare(Double.self, op, reference)
      compare(Int32.self, op, reference)
      if i < 2 {
        compare(UInt8.self, op, reference)
      } else {
        var loops = nest([1, 1, 1, 1], [])
        var out: UInt8 = 0
        #expect(e3x_compare(op, E3X_BOOL, &loops, &out, [UInt8(1)], [UInt8(1)]) == -1)
      }
    }

    static let logic: [(e3x_logical_op, @Sendable (Bool, Bool) -> Bool)] = [
      (E3X_AND, { $0 && $1 }), (E3X_OR, { $0 || $1 }), (E3X_XOR, { $0 != $1 }),
      (E3X_NOT, { a, _ in !a }),
    ]

    @Test(arguments: logic.indices) func combining(_ i: Int) {
      let (op, reference) = Self.logic[i]
      onEveryInstructionSet { isa in
        var g = Dice(seed: 22)
        for _ in 0..<40 {
          let counts = randomCounts(&g)
          let o = Placement.random(counts, output: true, &g)
          let p = Placement.random(counts, output: false, &g)
          let q = Placement.random(counts, output: false, &g)
          let a: [UInt8] = random(p.extent, 1, &g)
          let b: [UInt8] = random(q.extent, 1, &g)
          var out = [UInt8](repeating: 9, count: o.extent)
          var expected = out
          for i in indices(counts) {
            let holds = reference(a[p.position(i)] != 0, b[q.position(i)] != 0)
            expected[o.position(i)] = holds ? 1 : 0
          }
          var loops = nest(counts, out: o, [p, q])
          let status = out.mutate(from: o.base) { out in
            a.from(p.base) { a in
              b.from(q.base) { b in
                e3x_logical(op, &loops, out, a, op == E3X_NOT ? nil : b)
              }
            }
          }
          #expect(status == 0)
          #expect(out == expected, "\(isa), counts \(counts)")
        }
      }
    }

    func select<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 23)
        for _ in 0..<80 {
          let counts = randomCounts(&g)
          let o = Placement.random(counts, output: true, &g)
          let c = Placement.random(counts, output: false, &g)
          let p = Placement.random(counts, output: false, &g)
          let q = Placement.random(counts, output: false, &g)
          let condition: [UInt8] = random(c.extent, 1, &g)
          let a: [T] = random(p.extent, 50, &g)
          let b: [T] = random(q.extent, 50, &g)
          var out = [T](repeating: T(nearest: 1), count: o.extent)
          var expected = out
          for i in indices(counts) {
            expected[o.position(i)] =
              condition[c.position(i)] != 0 ? a[p.position(i)] : b[q.position(i)]
          }
          var loops = nest(counts, out: o, [c, p, q])
          let status = out.mutate(from: o.base) { out in
            condition.from(c.base) { c in
              a.from(p.base) { a in
                b.from(q.base) { b in e3x_select(T.dtype, &loops, out, c, a, b) }
              }
            }
          }
          #expect(status == 0)
          #expect(out == expected, "\(isa), counts \(counts)")
        }
      }
    }

    @Test func selections() {
      select(Float.self)
      select(Double.self)
      select(Int32.self)
      select(UInt8.self)
    }

    func convert<From: Element, To: Element>(
      _ from: From.Type, _ to: To.Type, _ reference: (Double) -> Double
    ) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 24)
        for round in 0..<30 {
          let counts = randomCounts(&g)
          let o = Placement.random(counts, output: true, &g)
          let p = Placement.random(counts, output: false, &g)
          var a: [From] = random(p.extent, round % 2 == 0 ? 3 : 1e9, &g)
          if From.epsilon > 0 {
            for i in a.indices where g.chance(0.3) {
              a[i] = From(nearest: g.pick([0, -0.7, .nan, .infinity, -.infinity, 3e9, -3e9]))
            }
          }
          var out = [To](repeating: To(nearest: 1), count: o.extent)
          var expected = out
          for i in indices(counts) {
            expected[o.position(i)] = To(nearest: reference(a[p.position(i)].real))
          }
          var loops = nest(counts, out: o, [p])
          let status = out.mutate(from: o.base) { out in
            a.from(p.base) { a in e3x_cast(To.dtype, From.dtype, &loops, out, a) }
          }
          #expect(status == 0)
          #expect(
            matched(out, expected).allSatisfy { same($0.real, $1.real) },
            "\(isa), \(From.self) to \(To.self), counts \(counts)")
        }
      }
    }

    @Test func conversions() {
      let keep: (Double) -> Double = { $0 }
      let truncate: (Double) -> Double = {
        $0.isNaN ? 0 : min(max($0.rounded(.towardZero), -2_147_483_648), 2_147_483_647)
      }
      let isTrue: (Double) -> Double = { $0 != 0 ? 1 : 0 }
      convert(Float.self, Float.self, keep)
      convert(Float.self, Double.self, keep)
      convert(Float.self, Int32.self, truncate)
      convert(Float.self, UInt8.self, isTrue)
      convert(Double.self, Float.self, keep)
      convert(Double.self, Double.self, keep)
      convert(Double.self, Int32.self, truncate)
      convert(Double.self, UInt8.self, isTrue)
      convert(Int32.self, Float.self, keep)
      convert(Int32.self, Double.self, keep)
      convert(Int32.self, Int32.self, keep)
      convert(Int32.self, UInt8.self, isTrue)
      convert(UInt8.self, Float.self, keep)
      convert(UInt8.self, Double.self, keep)
      convert(UInt8.self, Int32.self, keep)
      convert(UInt8.self, UInt8.self, keep)
    }

    @Test func copyingBools() {
      onEveryInstructionSet { _ in
        let a: [UInt8] = [1, 0, 0, 1, 1]
        let place = Placement.contiguous([1, 1, 1, 5])
        var loops = nest([1, 1, 1, 5], out: place, [place])
        var out = [UInt8](repeating: 7, count: 5)
        #expect(e3x_unary(E3X_COPY, E3X_BOOL, &loops, &out, a) == 0)
        #expect(out == a)
      }
    }
  }
}
