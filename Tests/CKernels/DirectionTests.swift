import E3xCKernels
import TestSupport
import Testing

extension KernelTests {
  /// Lengths of vectors of three components, and the vectors divided by them.
  @Suite struct Directions {
    /// The length in double precision: vectors are scaled by a power of two, which rounds nothing
    /// but what is far smaller than the rest.
    private func length(_ x: [Double]) -> Double {
      let largest = x.map(\.magnitude).max()!
      guard largest > 0, largest.isFinite else { return largest }
      let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
      return scale * x.map { ($0 / scale) * ($0 / scale) }.reduce(0, +).squareRoot()
    }

    func ofVectors<T: Element>(_ type: T.Type, exponents: ClosedRange<Int>) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 89)
        for _ in 0..<200 {
          let (rows, stride) = (g.int(0...37), g.pick([3, 3, 5]))
          // All near 1, all of one size, or each of its own.
          let kind = g.int(0...2)
          let common = g.int(exponents)
          var x: [T] = random(rows * stride + 3, 1, &g)
          for row in 0..<rows where kind > 0 {
            let exponent = kind == 1 ? common : g.int(exponents)
            for c in 0..<3 {
              let factor = Double(sign: .plus, exponent: exponent, significand: 1)
              x[row * stride + c] =
                g.chance(0.2) ? T(nearest: 0) : T(nearest: x[row * stride + c].real * factor)
            }
          }
          let above = g.pick([0, 1e-30, 0.5, 1e20])
          let untouched = T(nearest: 5)
          var lengths = [T](repeating: untouched, count: rows + 1)
          var directions = [T](repeating: untouched, count: 3 * rows + 1)
          #expect(e3x_length(T.dtype, Int64(rows), x, Int64(stride), &lengths) == 0)
          #expect(
            e3x_direction(T.dtype, Int64(rows), x, Int64(stride), above, &directions) == 0)
          #expect(lengths.last == untouched && directions.last == untouched)
          for row in 0..<rows {
            let vector = (0..<3).map { x[row * stride + $0].real }
            let n = length(vector)
            #expect(ulps(lengths[row], n) <= 3, "\(isa) \(vector)")
            // Where rounding decides which it is, either is right.
            if abs(n - above) < 1e-6 * above { continue }
            for c in 0..<3 {
              let expected = n > above ? vector[c] / n : vector[c]
              #expect(
                abs(directions[3 * row + c].real - expected) <= 3 * T.epsilon * abs(expected),
                "\(isa) \(vector) above \(above)")
            }
          }
        }
      }
    }

    @Test func single() { ofVectors(Float.self, exponents: -124...126) }
    @Test func double() { ofVectors(Double.self, exponents: -1020...1022) }

    /// One vector that is not a number leaves its neighbours alone.
    @Test func vectorsThatAreNoNumbers() {
      onEveryInstructionSet { isa in
        for special in [Double.nan, .infinity] {
          var x = [Double](repeating: 2, count: 3 * 16)
          x[3 * 4] = special
          var (lengths, directions) = ([Double](repeating: 0, count: 16), x)
          #expect(e3x_length(E3X_F64, 16, x, 3, &lengths) == 0)
          #expect(e3x_direction(E3X_F64, 16, x, 3, 0, &directions) == 0)
          for row in 0..<16 {
            let isSpecial = row == 4
            #expect(lengths[row].isFinite == !isSpecial, "\(isa)")
            #expect(isSpecial || abs(directions[3 * row] - 1 / 3.0.squareRoot()) < 1e-15, "\(isa)")
          }
          #expect(!directions[3 * 4].isFinite, "\(isa)")
        }
      }
    }

    @Test func othersAreRefused() {
      let x = [Int32](repeating: 1, count: 3)
      var out = x
      #expect(e3x_length(E3X_I32, 1, x, 3, &out) == -1)
      #expect(e3x_direction(E3X_I32, 1, x, 3, 0, &out) == -1)
    }
  }
}
