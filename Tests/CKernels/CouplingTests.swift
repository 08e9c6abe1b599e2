import E3xCKernels
import Foundation
import TestSupport
import Testing

extension KernelTests {
  /// Sparse multilinear forms against sums in float64.
  @Suite struct Couplings {
    /// Aligned scratch for one call.
    static func withScratch<R>(_ bytes: Int, _ body: (UnsafeMutableRawPointer) -> R) -> R {
      let scratch = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
      defer { scratch.deallocate() }
      // Scratch comes as it is: here full of NaN.
      memset(scratch, 0xff, bytes)
      return body(scratch)
    }

    func check<T: Element>(_ type: T.Type, slots: Int, reduce: Bool) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 61 + slots)
        var inUnits = 0
        for round in 0..<200 {
          var form = CouplingForm(slots: slots, &g)
          if reduce && round % 20 == 0 { (form.rows, form.features) = (1100, 6) }
          let (rows, features) = (form.rows, form.features)
          var strides: [Int64] = []
          var operands: [[T]] = []
          for s in 0..<slots {
            let stride = form.shared[s] ? 0 : Int(form.size[s]) * features + form.gap
            strides.append(Int64(stride))
            let extent = stride * max(rows - 1, 0) + Int(form.size[s]) * features
            operands.append(random(extent, 1, &g))
          }
          let outRow = Int(form.size[form.outSlot]) * features
          let size = (reduce ? 1 : rows) * outRow
          let untouched = T(nearest: 5)
          var out = [T](repeating: untouched, count: size + 1)
          let pointers = (0..<slots).map { s in
            s == form.outSlot ? nil : operands[s].from(0) { UnsafeRawPointer($0) }
          }
          let bytes = e3x_couple_scratch(T.dtype, Int64(features), Int64(form.terms.count))
          let status = withExtendedLifetime(operands) {
            Self.withScratch(bytes) { scratch in
              let status = e3x_couple(
                T.dtype, Int64(rows), Int64(features), Int32(slots), form.size, form.terms,
                Int64(form.terms.count), Int32(form.outSlot), pointers, strides, reduce ? 1 : 0,
                &out, scratch)
              if e3x_couple_units(scratch) > 0 { inUnits += 1 }
              return status
            }
          }
          #expect(status == 0)
          var expected = [Double](repeating: 0, count: size)
          var magnitude = expected
          for r in 0..<rows {
            for term in form.terms {
              for f in 0..<features {
                var product = term.value
                for s in 0..<slots where s != form.outSlot {
                  let position = r * Int(strides[s]) + CouplingForm.index(term, s) * features + f
                  product *= operands[s][position].real
                }
                let to =
                  (reduce ? 0 : r * outRow) + CouplingForm.index(term, form.outSlot) * features + f
                expected[to] += product
                magnitude[to] += abs(product)
              }
            }
          }
          var worst = 0.0
          for i in 0..<size {
            let error = abs(out[i].real - expected[i]) / max(magnitude[i], .leastNormalMagnitude)
            worst = max(worst, error.isNaN ? .infinity : error)
          }
          #expect(out[size] == untouched)
          // In float64 the reference sum over the rows is no better than the kernel's.
          let tolerance = T.self == Float.self ? 6 : Double(6 + 2 * rows)
          #expect(worst <= tolerance * T.epsilon, "\(isa), \(T.self), \(form)")
        }
        // Straight-line code was among what was tested: only sums to weights are summed by it.
        let fits = slots == 4 || (slots == 3 && !reduce)
        #expect((inUnits > 5) == (hasUnits && fits), "\(isa): \(inUnits) forms")
      }
    }

    @Test(arguments: [2, 3, 4], [false, true]) func forms(_ slots: Int, _ reduce: Bool) {
      check(Float.self, slots: slots, reduce: reduce)
      check(Double.self, slots: slots, reduce: reduce)
    }

    /// Some of the features at a time, within rows of all of them.
    func parts<T: Element>(_ type: T.Type) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 65)
        for _ in 0..<200 {
          let form = CouplingForm(slots: g.int(2...4), &g)
          let (slots, rows, features) = (form.slots, form.rows, form.features)
          let reduce = g.pick([E3X_KEEP_ROWS, E3X_SUM_ROWS, E3X_ADD_ROWS])
          func width(_ slot: Int) -> Int { Int(form.size[slot]) * features }
          let strides = (0..<slots).map {
            Int64(form.shared[$0] && $0 != form.outSlot ? 0 : width($0))
          }
          let operands: [[T]] = (0..<slots).map { random(width($0) * max(rows, 1), 1, &g) }
          let outCount = width(form.outSlot) * (reduce == E3X_KEEP_ROWS ? rows : 1)
          var whole = [T](repeating: T(nearest: 0), count: outCount + 1)
          var inParts = whole
          let component = [Int64](repeating: Int64(features), count: slots)
          let bytes = e3x_couple_scratch(T.dtype, Int64(features), Int64(form.terms.count))
          func run(_ first: Int, _ count: Int, _ component: [Int64]?, _ out: inout [T]) -> Int32 {
            let pointers = (0..<slots).map { slot in
              slot == form.outSlot ? nil : operands[slot].from(first) { UnsafeRawPointer($0) }
            }
            return out.withUnsafeMutableBufferPointer { out in
              Self.withScratch(bytes) { scratch in
                e3x_couple_prepare(
                  T.dtype, Int64(count), Int32(slots), form.size, form.terms,
                  Int64(form.terms.count), Int32(form.outSlot), Int32(reduce), pointers, strides,
                  component, scratch)
                  | e3x_couple_run(
                    T.dtype, Int64(rows), pointers, Int32(reduce), out.baseAddress! + first,
                    scratch)
              }
            }
          }
          let split = g.int(0...features)
          let status = withExtendedLifetime(operands) {
            run(0, features, nil, &whole) | run(0, split, component, &inParts)
              | run(split, features - split, component, &inParts)
          }
          #expect(status == 0)
          let worst = matched(whole, inParts).map { abs($0.real - $1.real) }.max() ?? 0
          let size = Double(8 + rows * form.terms.count)
          #expect(worst <= T.epsilon * size, "\(isa), \(form), \(split)")
        }
      }
    }

    @Test func partsOfTheFeatures() {
      parts(Float.self)
      parts(Double.self)
    }

    /// The sum over 200000 rows of float32 products of one sign.
    @Test func longSumsStayAccurate() {
      var g = Dice(seed: 65)
      let rows = 200_000
      let a = (0..<rows).map { _ in Float.random(in: 0...1, using: &g) }
      let b = (0..<rows).map { _ in Float.random(in: 0...1, using: &g) }
      let expected = matched(a, b).reduce(0.0) { $0 + 0.75 * Double($1.0) * Double($1.1) }
      let terms = [e3x_term(index: (0, 0, 0, 0), value: 0.75)]
      onEveryInstructionSet { isa in
        var out: [Float] = [0]
        let bytes = e3x_couple_scratch(E3X_F32, 1, 1)
        let pointers = [
          nil, a.from(0) { UnsafeRawPointer($0) }, b.from(0) { UnsafeRawPointer($0) },
        ]
        let status = withExtendedLifetime((a, b)) {
          Self.withScratch(bytes) { scratch in
            e3x_couple(
              E3X_F32, Int64(rows), 1, 3, [1, 1, 1], terms, 1, 0, pointers, [0, 1, 1], 1, &out,
              scratch)
          }
        }
        #expect(status == 0)
        #expect(abs(Double(out[0]) - expected) <= 5e-6 * expected, "\(isa)")
      }
    }

    @Test func integersAreRefused() {
      var out: [Int32] = [0]
      #expect(
        e3x_couple(E3X_I32, 0, 0, 2, [1, 1], nil, 0, 0, [nil, nil], [0, 0], 0, &out, nil) == -1)
    }
  }

  /// Polynomials in three variables against sums in float64.
  @Suite struct Polynomials {
    func check<T: Element>(_ type: T.Type, maxPower: Int) {
      onEveryInstructionSet { isa in
        var g = Dice(seed: 71)
        for rows in [0, 1, 3, 15, 16, 17, 31, 32, 33, 70] {
          for (polynomials, weightCount) in [
            (0, 0), (1, 0), (2, 3), (3, 16), (7, 0), (16, 2), (17, 0), (35, 1), (3, 35), (0, 4),
          ] {
            var offsets: [Int32] = [0]
            var monomials: [e3x_monomial] = []
            for _ in 0..<polynomials {
              for _ in 0..<g.pick([0, 1, 2, 5]) {
                let power = (0..<3).map { _ in Int32(g.int(0...maxPower)) }
                monomials.append(
                  e3x_monomial(
                    power: (power[0], power[1], power[2]),
                    weight: weightCount > 0 ? Int32(g.int(0...(weightCount - 1))) : 0,
                    coefficient: Double.random(in: -2...2, using: &g)))
              }
              offsets.append(Int32(monomials.count))
            }
            let stride = g.pick([3, 3, 5])
            var x: [T] = random(rows * stride + 3, 1.5, &g)
            x[0] = T(nearest: 0)  // 0^0 = 1
            let weightStride = weightCount + g.pick([0, 0, 2])
            let weights: [T] = random(rows * weightStride, 1.5, &g)
            let size = rows * polynomials
            let untouched = T(nearest: 5)
            var out = [T](repeating: untouched, count: size + 1)
            let bytes = e3x_polynomial_scratch(T.dtype, Int64(maxPower), Int64(weightCount))
            let status = Couplings.withScratch(bytes) { scratch in
              e3x_polynomial(
                T.dtype, Int64(rows), Int64(polynomials), offsets, monomials, Int64(maxPower), x,
                Int64(stride), weights, Int64(weightStride), Int64(weightCount), &out, scratch)
            }
            #expect(status == 0)
            var worst = 0.0
            for r in 0..<rows {
              for p in 0..<polynomials {
                var (expected, magnitude) = (0.0, 1e-30)
                for m in monomials[Int(offsets[p])..<Int(offsets[p + 1])] {
                  var term = m.coefficient
                  for (v, power) in [m.power.0, m.power.1, m.power.2].enumerated() {
                    for _ in 0..<power { term *= x[r * stride + v].real }
                  }
                  if weightCount > 0 { term *= weights[r * weightStride + Int(m.weight)].real }
                  expected += term
                  magnitude += abs(term)
                }
                let error = abs(out[r * polynomials + p].real - expected) / magnitude
                worst = max(worst, error.isNaN ? .infinity : error)
              }
            }
            #expect(out[size] == untouched)
            #expect(
              worst <= Double(maxPower + 4) * T.epsilon, "\(isa), \(rows) rows, \(polynomials)")
          }
        }
      }
    }

    @Test(arguments: [0, 1, 4, 12, 20]) func polynomials(_ maxPower: Int) {
      check(Float.self, maxPower: maxPower)
      check(Double.self, maxPower: maxPower)
    }
  }
}
