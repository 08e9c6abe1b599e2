import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Products of matrices for each feature, with rows one after the other and anywhere.
  @Suite struct Lanes {
    func outer<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 71)
        for _ in 0..<150 {
          let (n1, n2, features) = (g.int(1...10), g.int(1...19), g.pick([1, 3, 8, 16, 20, 33]))
          let (rows, next) = (g.int(0...9), g.int(0...4))
          let (xi, yj) = (features + g.pick([0, 0, 5]), features + g.pick([0, 0, 7]))
          let x = RowTable<T>(rows: rows + next, used: n1 * xi, indirect: g.chance(0.5), &g)
          let y = RowTable<T>(rows: rows + next, used: n2 * yj, indirect: g.chance(0.5), &g)
          var a = x.rows(isFar: false, component: xi)
          var b = y.rows(isFar: g.chance(0.5), component: yj)
          let untouched = T(nearest: 5)
          var out = [T](repeating: untouched, count: n1 * n2 * features + 1)
          let status = y.withSoon(rows, next, &g) { soon in
            e3x_lane_outer(
              T.dtype, Int64(features), Int64(n1), Int64(n2), Int64(rows), &a, &b,
              next == 0 ? nil : soon, &out)
          }
          #expect(status == 0 && out.last == untouched)
          var worst = 0.0
          for i in 0..<n1 {
            for j in 0..<n2 {
              for f in 0..<features {
                var expected = 0.0
                for r in 0..<rows {
                  expected += x[r, i * xi + f].real * y[r, j * yj + f].real
                }
                worst = max(worst, abs(out[(i * n2 + j) * features + f].real - expected))
              }
            }
          }
          #expect(worst <= T.epsilon * Double(4 + rows), "\(isa), \(n1) x \(n2), \(rows) rows")
        }
      }
    }

    func apply<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 72)
        for _ in 0..<150 {
          let (n, nk, features) = (g.int(1...19), g.int(1...10), g.pick([1, 3, 8, 16, 20, 33]))
          let (rows, next, add) = (g.int(0...15), g.int(0...4), g.chance(0.5))
          let transposed = g.chance(0.5)
          let matrix: [T] = random(n * nk * features, 1, &g)
          let (alongN, alongK) = transposed ? (features, n * features) : (nk * features, features)
          let (yk, outI) = (features + g.pick([0, 0, 5]), features + g.pick([0, 0, 7]))
          let y = RowTable<T>(rows: rows + next, used: nk * yk, indirect: g.chance(0.5), &g)
          let out = RowTable<T>(rows: rows + next, used: n * outI, indirect: add, &g)
          var expected = (0..<out.count).map { out.elements[$0].real }
          // The sizes of what is summed: rounding is in proportion to them.
          var sizes = expected.map { abs($0) }
          for r in 0..<rows {
            for i in 0..<n {
              for f in 0..<features {
                var (sum, size) = (0.0, 0.0)
                for k in 0..<nk {
                  let term =
                    matrix[i * alongN + k * alongK + f].real * y[r, k * yk + f].real
                  sum += term
                  size += abs(term)
                }
                let to = out.chosen[r] * out.width + out.offset + i * outI + f
                expected[to] = add ? expected[to] + sum : sum
                sizes[to] = add ? sizes[to] + size : size
              }
            }
          }
          var b = y.rows(isFar: g.chance(0.5), component: yk)
          var c = out.rows(isFar: g.chance(0.5), component: outI)
          let status = y.withSoon(rows, next, &g) { soon in
            e3x_lane_apply(
              T.dtype, Int64(features), Int64(n), Int64(nk), Int64(rows), matrix, Int64(alongN),
              Int64(alongK), &b, &c, add ? 1 : 0, next == 0 ? nil : soon)
          }
          #expect(status == 0)
          let worst =
            (0..<out.count).map {
              abs(out.elements[$0].real - expected[$0]) / max(sizes[$0], .leastNormalMagnitude)
            }.max() ?? 0
          // The plain sum rounds as often.
          #expect(
            worst <= T.epsilon * Double(nk + rows), "\(isa), \(n) x \(nk), \(rows) rows, \(add)")
        }
      }
    }

    @Test func outerProducts() {
      outer(Float.self)
      outer(Double.self)
    }

    @Test func matricesAppliedToRows() {
      apply(Float.self)
      apply(Double.self)
    }

    func copy<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 74)
        for _ in 0..<100 {
          let (n, rows, features) = (g.int(1...9), g.int(0...9), g.pick([1, 3, 8, 16, 20, 33]))
          let (near, far) = (features + g.pick([0, 1]), features + g.pick([0, 5]))
          let from = RowTable<T>(rows: rows, used: n * far, indirect: g.chance(0.5), &g)
          let to = RowTable<T>(rows: rows, used: n * near, indirect: false, &g)
          let before = (0..<to.count).map { to.elements[$0] }
          var (a, b) = (
            from.rows(isFar: true, component: far), to.rows(isFar: false, component: near)
          )
          let status = e3x_lane_copy(
            T.dtype, Int64(features), Int64(n), Int64(rows), &a, &b)
          var expected = before
          for r in 0..<rows {
            for i in 0..<n {
              for f in 0..<features {
                expected[r * to.width + i * near + f] = from[r, i * far + f]
              }
            }
          }
          #expect(status == 0 && expected == (0..<to.count).map { to.elements[$0] }, "\(isa)")
        }
      }
    }

    @Test func copiesOfComponents() {
      copy(Float.self)
      copy(Double.self)
    }

    /// Couplings of rows anywhere give what those of copied rows give.
    func couple<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 73)
        for _ in 0..<200 {
          let slots = g.int(2...4)
          var form = CouplingForm(slots: slots, &g)
          form.shared = (0..<slots).map { _ in g.chance(0.3) }
          let varying = (0..<slots).filter { $0 != form.outSlot && !form.shared[$0] }
          guard !varying.isEmpty else { continue }
          let (rows, features, add) = (form.rows, form.features, g.chance(0.5))
          func width(_ slot: Int) -> Int { Int(form.size[slot]) * features }
          let tables = (0..<slots).map {
            RowTable<T>(
              rows: form.shared[$0] ? 1 : rows, used: width($0),
              indirect: !form.shared[$0] && g.chance(0.6), &g)
          }
          let out = RowTable<T>(rows: rows, used: width(form.outSlot), indirect: add, &g)
          // Copied rows.
          let copies = (0..<slots).map { slot in
            (0..<(form.shared[slot] ? 1 : rows)).flatMap { row in
              (0..<width(slot)).map { tables[slot][row, $0] }
            }
          }
          let strides = (0..<slots).map { Int64(form.shared[$0] ? 0 : width($0)) }
          var dense = [T](repeating: T(nearest: 0), count: rows * width(form.outSlot) + 1)
          let bytes = e3x_couple_scratch(T.dtype, Int64(features), Int64(form.terms.count))
          let pointers = (0..<slots).map { slot in
            slot == form.outSlot ? nil : copies[slot].from(0) { UnsafeRawPointer($0) }
          }
          var expected = (0..<out.count).map { out.elements[$0].real }
          let others = (0..<slots).map { slot in
            form.shared[slot] && slot != form.outSlot
              ? random(width(slot), 1, &g) as [T] : [T(nearest: 0)]
          }
          let status = withExtendedLifetime((copies, others)) {
            Couplings.withScratch(bytes) { scratch in
              func prepare(_ operands: [UnsafeRawPointer?]) -> Int32 {
                e3x_couple_prepare(
                  T.dtype, Int64(features), Int32(slots), form.size, form.terms,
                  Int64(form.terms.count), Int32(form.outSlot), 0, operands, strides, nil, scratch)
              }
              var status = prepare(pointers)
              status |= e3x_couple_run(T.dtype, Int64(rows), pointers, 0, &dense, scratch)
              // Prepared for other shared operands first, then refreshed.
              status |= prepare(others.map { $0.from(0) { UnsafeRawPointer($0) } })
              status |= e3x_couple_refresh(
                T.dtype, form.terms, Int64(form.terms.count), pointers, scratch)
              var operands = varying.map { tables[$0].rows(isFar: g.chance(0.5)) }
              var target = out.rows(isFar: g.chance(0.5))
              status |= e3x_couple_rows(
                T.dtype, Int64(rows), &operands, &target, add ? 1 : 0, scratch)
              return status
            }
          }
          #expect(status == 0)
          for row in 0..<rows {
            for i in 0..<width(form.outSlot) {
              let to = out.chosen[row] * out.width + out.offset + i
              let value = dense[row * width(form.outSlot) + i].real
              expected[to] = add ? expected[to] + value : value
            }
          }
          let scale = Double(8 + rows) * Double(form.terms.count + 1)
          let worst = (0..<out.count).map { abs(out.elements[$0].real - expected[$0]) }.max() ?? 0
          #expect(worst <= T.epsilon * scale, "\(isa), \(form), \(add)")
        }
      }
    }

    @Test func couplingsOfRowsAnywhere() {
      couple(Float.self)
      couple(Double.self)
    }
  }
}
