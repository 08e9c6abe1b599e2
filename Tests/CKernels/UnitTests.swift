import E3xCKernels
import E3xExact
import TestSupport
import Testing

extension KernelTests {
  /// Which forms straight-line code computes. That it computes them right is tested with all
  /// others: half of the forms of ``Couplings`` and ``Lanes`` are made of units.
  @Suite struct Units {
    /// The number of units found in a form.
    private func units(_ form: CouplingForm, reduce: Int32 = 0) -> Int64 {
      let bytes = e3x_couple_scratch(E3X_F32, 8, Int64(form.terms.count))
      let weights = [Float](repeating: 1, count: 8 * 1000)
      let strides = (0..<form.slots).map { form.shared[$0] ? 0 : Int64(form.size[$0]) * 8 }
      return withExtendedLifetime(weights) {
        Couplings.withScratch(bytes) { scratch in
          let pointers = form.shared.map { $0 ? weights.from(0) { UnsafeRawPointer($0) } : nil }
          _ = e3x_couple_prepare(
            E3X_F32, 8, Int32(form.slots), form.size, form.terms, Int64(form.terms.count),
            Int32(form.outSlot), reduce, pointers, strides, nil, scratch)
          return e3x_couple_units(scratch)
        }
      }
    }

    /// All couplings of degrees up to `degree`, of both parities, opened at a slot.
    private func form(
      _ degree: Int, opened: Int, weighted: Bool, cartesianOrder: Bool = true
    ) -> (form: CouplingForm, paths: Int) {
      var g = Dice(seed: 5)
      var form = CouplingForm(slots: weighted ? 4 : 3, &g)
      let own = (degree + 1) * (degree + 1)
      form.terms = []
      var paths = 0
      for (p1, p2) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for l1 in 0...degree {
          for l2 in 0...degree {
            for l3 in 0...degree where abs(l1 - l2) <= l3 && l3 <= l1 + l2 {
              let p3 = (p1 + p2 + l1 + l2 + l3) % 2
              for term in ClebschGordan.terms(l1, l2, l3, cartesianOrder: cartesianOrder) {
                form.terms.append(
                  e3x_term(
                    index: (
                      Int32(p1 * own + l1 * l1 + term.first),
                      Int32(p2 * own + l2 * l2 + term.second),
                      Int32(p3 * own + l3 * l3 + term.third), Int32(weighted ? paths : 0)
                    ), value: term.value))
              }
              paths += 1
            }
          }
        }
      }
      form.size = [Int32(2 * own), Int32(2 * own), Int32(2 * own)]
      form.shared = [false, false, false]
      if weighted {
        form.size.append(Int32(paths))
        form.shared.append(opened != 3)
      }
      form.outSlot = opened
      form.sort()
      return (form, paths)
    }

    @Test(arguments: [2, 3], [false, true])
    func layersAreMadeOfUnits(_ degree: Int, _ weighted: Bool) {
      onEveryInstructionSet { isa in
        for opened in 0..<(weighted ? 4 : 3) {
          let (form, paths) = form(degree, opened: opened, weighted: weighted)
          let found = units(form, reduce: opened == 3 ? Int32(E3X_ADD_ROWS) : 0)
          #expect(found == (hasUnits ? Int64(paths) : 0), "\(isa), opened at \(opened)")
        }
      }
    }

    @Test func otherFormsAreNot() {
      let whole = form(2, opened: 2, weighted: true).form
      #expect(units(whole) > 0)
      var changed = whole
      changed.terms[40].value *= 1 + 1e-12
      #expect(units(changed) == 0)
      var missing = whole
      missing.terms.remove(at: 40)
      #expect(units(missing) == 0)
      var twice = whole
      twice.terms[40] = twice.terms[41]
      #expect(units(twice) == 0)
      // Weights within a unit.
      var mixed = whole
      mixed.terms[40].index.3 = 0
      #expect(units(mixed) == 0)
      // Weights of every row.
      var several = whole
      several.shared[3] = false
      #expect(units(several) == 0)
      // Sums over the rows that are not those of weights.
      #expect(units(whole, reduce: Int32(E3X_SUM_ROWS)) == 0)
      #expect(units(form(2, opened: 2, weighted: true, cartesianOrder: false).form) == 0)
      // Too little arithmetic.
      #expect(units(form(1, opened: 2, weighted: true).form) == 0)
    }
  }
}
