import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Products of matrices against sums in float64.
  @Suite struct Matrices {
    static let sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 70]

    func matmul<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 51)
        for round in 0..<120 {
          let (m, n) = (g.pick(Self.sizes), g.pick(round % 10 == 0 ? [128, 131] : Self.sizes))
          let k = g.pick(round % 10 == 1 ? [256, 257, 600] : Self.sizes)
          let (lda, ldb, ldo) = (k + g.int(0...2), n + g.int(0...2), n + g.int(0...2))
          let a: [T] = random(m * lda + 1, 1, &g)
          let b: [T] = random(k * ldb + 1, 1, &g)
          let untouched = T(nearest: 5)
          var out = [T](repeating: untouched, count: m * ldo + 1)
          let status = e3x_matmul(
            T.dtype, Int64(m), Int64(n), Int64(k), a, Int64(lda), b, Int64(ldb), &out, Int64(ldo))
          #expect(status == 0)
          var worst = 0.0
          for r in 0..<m {
            for c in 0..<ldo {
              guard c < n else {
                #expect(out[r * ldo + c] == untouched)
                continue
              }
              let expected = (0..<k).reduce(0.0) {
                $0 + a[r * lda + $1].real * b[$1 * ldb + c].real
              }
              let error = abs(out[r * ldo + c].real - expected)
              worst = max(worst, error.isNaN ? .infinity : error)
            }
          }
          #expect(out[m * ldo] == untouched)
          #expect(
            worst <= T.epsilon * Double(2 + k), "\(isa), \(m) \(n) \(k)")
        }
      }
    }

    @Test func products() {
      matmul(Float.self)
      matmul(Double.self)
      let none: [Int32] = [0]
      var out: [Int32] = [0]
      #expect(e3x_matmul(E3X_I32, 0, 0, 0, none, 0, none, 0, &out, 0) == -1)
    }

    /// However few columns are computed at a time, each has the bits that it has among many.
    func columns<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 54)
        let widest = 40
        for (m, k) in [(1, 3), (13, 32), (9, 300)] {  // 300: added up in two parts
          let a: [T] = random(m * k, 1, &g)
          let b: [T] = random(k * widest, 1, &g)
          func product(_ n: Int) -> [T] {
            var out = [T](repeating: T(nearest: 5), count: m * widest)
            _ = e3x_matmul(
              T.dtype, Int64(m), Int64(n), Int64(k), a, Int64(k), b, Int64(widest), &out,
              Int64(widest))
            return out
          }
          let all = product(widest)
          for n in 1...widest {
            let some = product(n)
            for r in 0..<m {
              let (row, end) = (r * widest, (r + 1) * widest)
              #expect(some[row..<row + n] == all[row..<row + n], "\(isa), \(m) \(n) \(k)")
              #expect(some[row + n..<end].allSatisfy { $0.real == 5 }, "\(isa), \(m) \(n) \(k)")
            }
          }
        }
      }
    }

    @Test func fewColumns() {
      columns(Float.self)
      columns(Double.self)
    }

    /// Rows of components, each with its strides, and the block of every component.
    struct Layout {
      var rows: Int
      var comps: Int
      var inputs: Int
      var outputs: Int
      var blocks = 3
      var block: [Int32]
      var xComp: Int
      var xRow: Int
      var yComp: Int
      var yRow: Int

      init(_ g: inout Dice) {
        rows = g.pick([0, 1, 2, 3, 7, 8, 9, 20, 61])
        comps = g.pick([0, 1, 2, 4, 9, 18])
        inputs = g.pick(Matrices.sizes)
        outputs = g.pick(Matrices.sizes)
        if g.chance(0.1) { (rows, inputs, outputs) = (9, g.pick([65, 130]), g.pick([100, 129])) }
        block = (0..<comps).map { _ in Int32(g.int(-1...2)) }
        if g.chance(0.6) { block.sort() }
        xComp = inputs + g.pick([0, 0, 3])
        xRow = g.chance(0.1) ? 0 : comps * xComp + g.pick([0, 0, 5])
        if g.chance(0.1) { xComp = 0 }  // one component for all
        yComp = outputs + g.pick([0, 0, 3])
        yRow = comps * yComp + g.pick([0, 0, 5])
      }
    }

    func linear<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 52)
        for _ in 0..<120 {
          let l = Layout(&g)
          let x: [T] = random(l.rows * l.xRow + l.comps * l.xComp + l.inputs + 1, 1, &g)
          let w: [T] = random(l.blocks * l.inputs * l.outputs + 1, 1, &g)
          let untouched = T(nearest: 5)
          var y = [T](repeating: untouched, count: l.rows * l.comps * l.outputs + 1)
          let status = e3x_linear(
            T.dtype, Int64(l.rows), Int64(l.comps), Int64(l.inputs), Int64(l.outputs), l.block, x,
            Int64(l.xRow), Int64(l.xComp), w, &y)
          #expect(status == 0)
          var worst = 0.0
          for r in 0..<l.rows {
            for c in 0..<l.comps {
              for o in 0..<l.outputs {
                var expected = 0.0
                if l.block[c] >= 0 {
                  for i in 0..<l.inputs {
                    let weight = w[(Int(l.block[c]) * l.inputs + i) * l.outputs + o]
                    expected += x[r * l.xRow + c * l.xComp + i].real * weight.real
                  }
                }
                let error = abs(y[(r * l.comps + c) * l.outputs + o].real - expected)
                worst = max(worst, error.isNaN ? .infinity : error)
              }
            }
          }
          #expect(y[y.count - 1] == untouched)
          #expect(worst <= T.epsilon * Double(2 + l.inputs), "\(isa), \(l)")
        }
      }
    }

    /// Factors for each row change nothing but the scale; results may be added to what is there.
    func scaled<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 55)
        for _ in 0..<120 {
          let l = Layout(&g)
          let x: [T] = random(l.rows * l.xRow + l.comps * l.xComp + l.inputs + 1, 1, &g)
          let w: [T] = random(l.blocks * l.inputs * l.outputs + 1, 1, &g)
          let scaleRow = g.pick([0, l.outputs, l.outputs + 3])
          let adds = g.chance(0.4)
          let scale: [T] = random(l.rows * scaleRow + l.outputs + 1, 2, &g)
          let untouched = T(nearest: 5)
          let count = l.rows * l.comps * l.outputs
          var y = [T](repeating: untouched, count: count + 1)
          var plain = y
          let status =
            e3x_linear(
              T.dtype, Int64(l.rows), Int64(l.comps), Int64(l.inputs), Int64(l.outputs), l.block,
              x, Int64(l.xRow), Int64(l.xComp), w, &plain)
            | e3x_linear_scaled(
              T.dtype, Int64(l.rows), Int64(l.comps), Int64(l.inputs), Int64(l.outputs), l.block,
              x, Int64(l.xRow), Int64(l.xComp), w, scale, Int64(scaleRow), g.pick([0, 1]),
              adds ? 1 : 0, &y)
          #expect(status == 0 && y[count] == untouched)
          var worst = 0.0
          for r in 0..<l.rows {
            for c in 0..<l.comps {
              for o in 0..<l.outputs {
                let at = (r * l.comps + c) * l.outputs + o
                let product = plain[at].real * scale[r * scaleRow + o].real
                let expected = product + (adds ? untouched.real : 0)
                worst = max(worst, abs(y[at].real - expected))
              }
            }
          }
          #expect(worst <= T.epsilon * Double(4 + 2 * l.inputs + (adds ? 5 : 0)), "\(isa), \(l)")
        }
      }
    }

    @Test func scaledLinearMaps() {
      scaled(Float.self)
      scaled(Double.self)
    }

    @Test func linearMaps() {
      linear(Float.self)
      linear(Double.self)
    }

    func weights<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 53)
        for round in 0..<100 {
          var l = Layout(&g)
          if round % 20 == 0 { (l.rows, l.inputs, l.outputs) = (700, 5, 6) }
          l.xComp = max(l.xComp, l.inputs)
          l.xRow = max(l.xRow, l.comps * l.xComp)
          l.yComp = max(l.yComp, l.outputs)
          l.yRow = max(l.yRow, l.comps * l.yComp)
          let x: [T] = random(l.rows * l.xRow + 1, 1, &g)
          let y: [T] = random(l.rows * l.yRow + 1, 1, &g)
          let size = l.blocks * l.inputs * l.outputs
          let untouched = T(nearest: 5)
          var dw = [T](repeating: untouched, count: size + 1)
          let status = e3x_linear_weights(
            T.dtype, Int64(l.rows), Int64(l.comps), Int64(l.inputs), Int64(l.outputs),
            Int64(l.blocks), l.block, x, Int64(l.xRow), Int64(l.xComp), y, Int64(l.yRow),
            Int64(l.yComp), &dw)
          #expect(status == 0)
          var expected = [Double](repeating: 0, count: size)
          for r in 0..<l.rows {
            for c in 0..<l.comps where l.block[c] >= 0 {
              for i in 0..<l.inputs {
                let left = x[r * l.xRow + c * l.xComp + i].real
                let to = (Int(l.block[c]) * l.inputs + i) * l.outputs
                for o in 0..<l.outputs {
                  expected[to + o] += left * y[r * l.yRow + c * l.yComp + o].real
                }
              }
            }
          }
          let worst = matched(dw.dropLast(), expected).map { abs($0.real - $1) }.reduce(0) {
            $1 <= $0 ? $0 : $1
          }
          #expect(dw[size] == untouched)
          // float32 sums grow no worse beyond a block; in float64 the reference is no better.
          let terms = min(l.rows * l.comps, T.self == Float.self ? 128 : .max)
          #expect(worst <= T.epsilon * Double(2 + terms), "\(isa), \(l)")
        }
      }
    }

    @Test func linearWeights() {
      weights(Float.self)
      weights(Double.self)
    }

    /// Sums of 300000 float32 products of one sign.
    @Test func longWeightSumsStayAccurate() {
      var g = Dice(seed: 54)
      let rows = 300_000
      let x = (0..<rows).map { _ in Float.random(in: 0...1, using: &g) }
      let y = (0..<rows).map { _ in Float.random(in: 0...1, using: &g) }
      let expected = matched(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      onEveryInstructionSet { isa in
        var dw: [Float] = [0]
        let status = e3x_linear_weights(
          E3X_F32, Int64(rows), 1, 1, 1, 1, [0], x, 1, 0, y, 1, 0, &dw)
        #expect(status == 0)
        #expect(abs(Double(dw[0]) - expected) <= 2e-6 * expected, "\(isa)")
      }
    }
  }
}
