import E3xCKernels
import Foundation
import TestSupport
import Testing

extension KernelTests {
  /// The float32 elementary functions over all magnitudes, against float64.
  @Suite struct Transcendental {
    struct Function: Sendable {
      var op: e3x_unary_op
      var name: String
      var reference: @Sendable (Double) -> Double
      var bound: Double
    }

    static let functions = [
      Function(op: E3X_EXP, name: "exp", reference: { exp($0) }, bound: 2),
      Function(op: E3X_EXPM1, name: "expm1", reference: { expm1($0) }, bound: 2),
      Function(op: E3X_LOG, name: "log", reference: { log($0) }, bound: 2),
      Function(op: E3X_LOG1P, name: "log1p", reference: { log1p($0) }, bound: 2),
      Function(op: E3X_SIN, name: "sin", reference: { sin($0) }, bound: 2),
      Function(op: E3X_COS, name: "cos", reference: { cos($0) }, bound: 2),
      Function(op: E3X_TANH, name: "tanh", reference: { tanh($0) }, bound: 2),
      Function(op: E3X_ERF, name: "erf", reference: { erf($0) }, bound: 2),
    ]

    func apply(_ op: e3x_unary_op, _ x: [Float]) -> [Float] {
      let counts = [1, 1, 1, x.count]
      let place = Placement.contiguous(counts)
      var loops = nest(counts, out: place, [place])
      var out = [Float](repeating: 0, count: x.count)
      #expect(e3x_unary(op, E3X_F32, &loops, &out, x) == 0)
      return out
    }

    @Test(arguments: functions.indices) func everyMagnitude(_ i: Int) {
      let function = Self.functions[i]
      // A sweep of bit patterns through all of float32, and denser ones where functions vary.
      var x: [Float] = []
      for bits in stride(from: UInt32(0), through: 0x7f80_0000, by: 7919) {
        x.append(Float(bitPattern: bits))
        x.append(-Float(bitPattern: bits))
      }
      var g = Dice(seed: 11)
      for range: Float in [0.01, 1, 10, 105, 9000] {
        for _ in 0..<40_000 { x.append(Float.random(in: -range...range, using: &g)) }
      }
      onEveryInstructionSet { isa in
        let out = apply(function.op, x)
        var worst = 0.0
        var at: Float = 0
        for (x, y) in matched(x, out) {
          let error = ulps(y, function.reference(Double(x)))
          if !(error <= worst) { (worst, at) = (error, x) }
        }
        #expect(worst <= function.bound, "\(function.name), \(isa), x = \(at)")
      }
    }

    @Test(arguments: functions.indices) func specialValues(_ i: Int) {
      let function = Self.functions[i]
      let least = Float.leastNonzeroMagnitude
      let x: [Float] = [
        0, -0.0, .infinity, -.infinity, .nan, least, -least, 1, -1, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 500 * least, -500 * least, 88.7, 88.73, -87.4, -103.9, -104,
        -104.1,
      ]
      onEveryInstructionSet { isa in
        // Each value in turn, so that every lane, the masked ones too, sees special values.
        for shift in 0..<x.count {
          let rotated = Array(x[shift...] + x[..<shift])
          for (x, y) in matched(rotated, apply(function.op, rotated)) {
            let expected = function.reference(Double(x))
            #expect(ulps(y, expected) <= function.bound, "\(function.name)(\(x)), \(isa)")
            if expected == 0 {
              #expect(y.sign == expected.sign, "\(function.name)(\(x)), \(isa)")
            }
          }
        }
      }
    }
  }
}
