import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// The form Σ y[c] h[block[c], f] g[c, f] of each row, opened at each operand.
  @Suite struct Blocks {
    func opened<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 83)
        for _ in 0..<120 {
          let (comps, blocks) = (g.int(1...17), g.int(1...5))
          let (features, rows) = (g.pick([1, 3, 8, 16, 20, 32, 67]), g.int(0...9))
          // In runs, mostly, and some of no block.
          var block: [Int32] = []
          for c in 0..<comps {
            block.append(c > 0 && g.chance(0.6) ? block[c - 1] : Int32(g.int(-1...(blocks - 1))))
          }
          let widths = [comps, blocks * features, comps * features]
          let gaps = (0..<3).map { _ in g.pick([0, 0, 4]) }
          let operands: [[T]] = (0..<3).map {
            random(max(1, rows * (widths[$0] + gaps[$0])), 1, &g)
          }
          func element(_ slot: Int, _ row: Int, _ at: Int) -> Double {
            operands[slot][row * (widths[slot] + gaps[slot]) + at].real
          }
          for slot in 0..<3 {
            var expected = [Double](repeating: 0, count: rows * widths[slot])
            for row in 0..<rows {
              for c in 0..<comps where block[c] >= 0 {
                for f in 0..<features {
                  let at = [c, Int(block[c]) * features + f, c * features + f]
                  let product = (0..<3).filter { $0 != slot }
                    .reduce(1.0) { $0 * element($1, row, at[$1]) }
                  expected[row * widths[slot] + at[slot]] += product
                }
              }
            }
            let untouched = T(nearest: 5)
            let adds = g.chance(0.4)
            var out = [T](repeating: untouched, count: expected.count + 1)
            if adds { expected = expected.map { $0 + untouched.real } }
            let others = (0..<3).filter { $0 != slot }
            let status = block.withUnsafeBufferPointer { block in
              var form = e3x_blocks(
                comps: Int64(comps), blocks: Int64(blocks), features: Int64(features),
                block: block.baseAddress)
              return e3x_block_product(
                T.dtype, &form, Int64(rows), Int32(slot), adds ? 1 : 0, operands[others[0]],
                Int64(widths[others[0]] + gaps[others[0]]), operands[others[1]],
                Int64(widths[others[1]] + gaps[others[1]]), &out)
            }
            #expect(status == 0 && out.last == untouched)
            let worst = matched(out.dropLast(), expected).map { abs($0.real - $1) }.max() ?? 0
            #expect(
              worst <= T.epsilon * Double(8 + features + (adds ? 5 : 0)),
              "\(isa), opened at \(slot), \(comps) components, \(features) features, adds \(adds)")
          }
        }
      }
    }

    @Test func single() { opened(Float.self) }
    @Test func double() { opened(Double.self) }

    @Test func othersAreRefused() {
      let operand: [Float] = [1]
      var out: [Float] = [0]
      func status(_ dtype: e3x_dtype, _ opened: Int32) -> Int32 {
        [Int32(0)].withUnsafeBufferPointer { block in
          var form = e3x_blocks(comps: 1, blocks: 1, features: 1, block: block.baseAddress)
          return e3x_block_product(dtype, &form, 1, opened, 0, operand, 1, operand, 1, &out)
        }
      }
      #expect(status(E3X_F32, 2) == 0)
      #expect(status(E3X_I32, 2) == -1)
      #expect(status(E3X_F32, 3) == -1)
    }
  }
}
