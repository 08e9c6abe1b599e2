import E3xCKernels
import Foundation
import TestSupport
import Testing

extension KernelTests {
  /// Arithmetic over random nests of loops, against the same operation in float64.
  @Suite struct Elementwise {
    static let sign: @Sendable (Double) -> Double = { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    static let unary: [(e3x_unary_op, @Sendable (Double) -> Double, bound: Double)] = [
      (E3X_COPY, { $0 }, 0), (E3X_NEG, { -$0 }, 0), (E3X_ABS, { abs($0) }, 0), (E3X_SIGN, sign, 0),
      (E3X_FLOOR, { $0.rounded(.down) }, 0), (E3X_RECIPROCAL, { 1 / $0 }, 0),
      (E3X_SQRT, { $0.squareRoot() }, 0), (E3X_EXP, { exp($0) }, 2), (E3X_EXPM1, { expm1($0) }, 2),
      (E3X_LOG, { log($0) }, 2), (E3X_LOG1P, { log1p($0) }, 2), (E3X_SIN, { sin($0) }, 2),
      (E3X_COS, { cos($0) }, 2), (E3X_TANH, { tanh($0) }, 2), (E3X_ERF, { erf($0) }, 2),
    ]
    static let minimum: @Sendable (Double, Double) -> Double = {
      $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1)
    }
    static let maximum: @Sendable (Double, Double) -> Double = {
      $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1)
    }
    static let binary: [(e3x_binary_op, @Sendable (Double, Double) -> Double, bound: Double)] = [
      (E3X_ADD, { $0 + $1 }, 0), (E3X_SUB, { $0 - $1 }, 0), (E3X_MUL, { $0 * $1 }, 0),
      (E3X_DIV, { $0 / $1 }, 0), (E3X_POW, { pow($0, $1) }, 2), (E3X_MIN, minimum, 0),
      (E3X_MAX, maximum, 0), (E3X_ATAN2, { atan2($0, $1) }, 2),
    ]
    static let integerDivision: @Sendable (Double, Double) -> Double = {
      $1 == 0 ? 0 : ($0 / $1).rounded(.towardZero)
    }

    /// Runs one operation over random nests and compares every element of the output's memory.
    func check<T: Element>(
      _ type: T.Type, inputs: Int, seed: UInt64, bound: Double, range: Double = 3,
      _ reference: ([Double]) -> Double,
      _ call: (UnsafePointer<e3x_nest>, UnsafeMutableRawPointer, [UnsafeRawPointer]) -> Int32
    ) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: seed)
        for round in 0..<60 {
          let counts = randomCounts(&g)
          let output = Placement.random(counts, output: true, &g)
          let places = (0..<inputs).map { _ in Placement.random(counts, output: false, &g) }
          var values: [[T]] = places.map { random($0.extent, range, &g) }
          if round % 4 == 0 && T.self != Int32.self {
            let special = [0, -0.0, Double.infinity, -Double.infinity, Double.nan, 1e-42, -1]
            for s in 0..<inputs {
              for i in values[s].indices where g.chance(0.3) {
                values[s][i] = T(nearest: g.pick(special))
              }
            }
          }
          let untouched = T(nearest: 77)
          var out = [T](repeating: untouched, count: output.extent)
          var expected = out.map(\.real)
          for index in indices(counts) {
            let arguments = (0..<inputs).map { values[$0][places[$0].position(index)].real }
            expected[output.position(index)] = reference(arguments)
          }
          var loops = nest(counts, out: output, places)
          let status = out.mutate(from: output.base) { o in
            withExtendedLifetime(values) {
              call(
                &loops, o,
                (0..<inputs).map { s in values[s].from(places[s].base) { UnsafeRawPointer($0) } })
            }
          }
          #expect(status == 0)
          let worst = matched(out, expected).map { ulps($0, $1) }.max() ?? 0
          #expect(worst <= bound, "\(isa), round \(round), counts \(counts)")
        }
      }
    }

    @Test(arguments: unary.indices) func unaryFunctions(_ i: Int) {
      let (op, reference, bound) = Self.unary[i]
      check(Float.self, inputs: 1, seed: 1, bound: bound, { reference($0[0]) }) {
        e3x_unary(op, E3X_F32, $0, $1, $2[0])
      }
      check(Double.self, inputs: 1, seed: 2, bound: bound, { reference($0[0]) }) {
        e3x_unary(op, E3X_F64, $0, $1, $2[0])
      }
      if i < 4 {
        check(Int32.self, inputs: 1, seed: 3, bound: 0, range: 100, { reference($0[0]) }) {
          e3x_unary(op, E3X_I32, $0, $1, $2[0])
        }
      }
    }

    @Test(arguments: binary.indices) func binaryFunctions(_ i: Int) {
      let (op, reference, bound) = Self.binary[i]
      check(Float.self, inputs: 2, seed: 4, bound: bound, { reference($0[0], $0[1]) }) {
        e3x_binary(op, E3X_F32, $0, $1, $2[0], $2[1])
      }
      check(Double.self, inputs: 2, seed: 5, bound: bound, { reference($0[0], $0[1]) }) {
        e3x_binary(op, E3X_F64, $0, $1, $2[0], $2[1])
      }
      if op != E3X_POW && op != E3X_ATAN2 {
        let whole = op == E3X_DIV ? Self.integerDivision : reference
        check(Int32.self, inputs: 2, seed: 6, bound: 0, range: 9, { whole($0[0], $0[1]) }) {
          e3x_binary(op, E3X_I32, $0, $1, $2[0], $2[1])
        }
      }
    }

    @Test(arguments: [-1, 1, 2, 3, 0.5, 0, 2.5]) func powerWithOneExponent(_ exponent: Double) {
      check(Float.self, inputs: 1, seed: 7, bound: 2, { pow($0[0], exponent) }) {
        var power = Float(exponent)
        return e3x_binary(E3X_POW, E3X_F32, $0, $1, $2[0], &power)
      }
    }

    @Test func integersWrap() {
      onEveryInstructionSet { _ in
        let a: [Int32] = [.max, .min, .min, 1 << 30, 5]
        let b: [Int32] = [1, 1, -1, 4, 0]
        let place = Placement.contiguous([1, 1, 1, 5])
        var loops = nest([1, 1, 1, 5], out: place, [place, place])
        var out = [Int32](repeating: 0, count: 5)
        #expect(e3x_binary(E3X_ADD, E3X_I32, &loops, &out, a, b) == 0)
        #expect(out == matched(a, b).map { $0 &+ $1 })
        #expect(e3x_binary(E3X_MUL, E3X_I32, &loops, &out, a, b) == 0)
        #expect(out == matched(a, b).map { $0 &* $1 })
        #expect(e3x_binary(E3X_DIV, E3X_I32, &loops, &out, a, b) == 0)
        #expect(out == [.max, .min, .min, 1 << 28, 0])
      }
    }

    @Test func unsupportedCombinationsAreRefused() {
      onEveryInstructionSet { _ in
        let place = Placement.contiguous([1, 1, 1, 1])
        var loops = nest([1, 1, 1, 1], out: place, [place, place])
        let a: [Int32] = [1]
        var out: [Int32] = [0]
        #expect(e3x_unary(E3X_EXP, E3X_I32, &loops, &out, a) == -1)
        #expect(e3x_unary(E3X_NEG, E3X_BOOL, &loops, &out, a) == -1)
        #expect(e3x_binary(E3X_POW, E3X_I32, &loops, &out, a, a) == -1)
        #expect(e3x_binary(E3X_ADD, E3X_BOOL, &loops, &out, a, a) == -1)
        #expect(e3x_force_isa(e3x_isa(rawValue: 99)) == -1)
      }
    }
  }
}
