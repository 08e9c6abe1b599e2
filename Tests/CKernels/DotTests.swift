import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// All derivatives of sums of products of components at once, against plain sums.
  @Suite struct Dots {
    func check<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 83)
        for _ in 0..<150 {
          let (blocks, features, rowCount) = (
            g.int(1...4), g.pick([1, 3, 8, 16, 20, 32, 33, 40]), g.int(0...13)
          )
          let hasWeights = blocks > 1 || g.chance(0.5)
          var starts: [Int32] = [0]
          for _ in 0..<blocks { starts.append(starts.last! + Int32(g.int(0...3))) }
          let terms = Int(starts.last!)
          // Each component of x and y in one term, in any order.
          let xs = Array(0..<terms).shuffled(using: &g)
          let ys = Array(0..<terms).shuffled(using: &g)
          let at = (0..<terms).flatMap { [Int32(xs[$0] * features), Int32(ys[$0] * features)] }
          let values: [T]? = g.chance(0.5) ? random(terms, 2, &g) : nil
          let adds = (g.chance(0.5), g.chance(0.5), g.chance(0.5))
          func table(_ components: Int, indirect: Bool) -> RowTable<T> {
            RowTable<T>(rows: rowCount, used: components * features, indirect: indirect, &g)
          }
          let x = table(terms, indirect: g.chance(0.5))
          let y = table(terms, indirect: g.chance(0.5))
          let (w, d) = (table(blocks, indirect: false), table(1, indirect: false))
          // Rows that are written must differ.
          let (dx, dy, dw) = (
            table(terms, indirect: adds.0), table(terms, indirect: adds.1),
            table(blocks, indirect: adds.2)
          )
          func numbers(_ table: RowTable<T>) -> [Double] {
            (0..<table.count).map { table.elements[$0].real }
          }
          var expected = (numbers(dx), numbers(dy), numbers(dw))
          func put(
            _ value: Double, _ add: Bool, _ to: inout [Double], _ table: RowTable<T>, _ row: Int,
            _ element: Int
          ) {
            let position = table.chosen[row] * table.width + table.offset + element
            to[position] = add ? to[position] + value : value
          }
          for r in 0..<rowCount {
            for f in 0..<features {
              for b in 0..<blocks {
                var sum = 0.0
                let e = d[r, f].real * (hasWeights ? w[r, b * features + f].real : 1)
                for t in Int(starts[b])..<Int(starts[b + 1]) {
                  let value = values?[t].real ?? 1
                  let (i, j) = (xs[t] * features + f, ys[t] * features + f)
                  sum += value * x[r, i].real * y[r, j].real
                  put(value * e * y[r, j].real, adds.0, &expected.0, dx, r, i)
                  put(value * e * x[r, i].real, adds.1, &expected.1, dy, r, j)
                }
                if hasWeights {
                  put(sum * d[r, f].real, adds.2, &expected.2, dw, r, b * features + f)
                }
              }
            }
          }
          func rows(_ table: RowTable<T>) -> e3x_rows { table.rows(isFar: g.chance(0.5)) }
          let status = values.withPointer { values in
            var dot = e3x_dot(
              features: Int64(features), blocks: Int64(blocks), starts: nil, at: nil,
              values: values, has_weights: hasWeights ? 1 : 0, x: rows(x), y: rows(y),
              weights: rows(w), cotangent: rows(d), dx: rows(dx), dy: rows(dy),
              dweights: rows(dw), add_x: adds.0 ? 1 : 0, add_y: adds.1 ? 1 : 0,
              add_weights: adds.2 ? 1 : 0)
            return starts.withUnsafeBufferPointer { starts in
              at.withUnsafeBufferPointer { at in
                (dot.starts, dot.at) = (starts.baseAddress, at.baseAddress)
                return e3x_dot_derivatives(T.dtype, &dot, Int64(rowCount))
              }
            }
          }
          #expect(status == 0)
          let worst =
            matched(
              expected.0 + expected.1 + expected.2, numbers(dx) + numbers(dy) + numbers(dw)
            ).map { abs($0 - $1) }.max() ?? 0
          #expect(
            worst <= 64 * T.epsilon * Double(1 + terms),
            "\(isa), \(terms) terms in \(blocks) blocks, \(features) features")
        }
      }
    }

    @Test func derivatives() {
      check(Float.self)
      check(Double.self)
    }
  }
}

extension Optional {
  /// The address of an array's elements, or nil.
  fileprivate func withPointer<T, Result>(
    _ body: (UnsafeRawPointer?) -> Result
  ) -> Result where Wrapped == [T] {
    guard let self else { return body(nil) }
    return self.withUnsafeBytes { body($0.baseAddress) }
  }
}
