import E3xCKernels
import Testing

extension KernelTests {
  /// The choice of an instruction set by name.
  @Suite struct InstructionSets {
    func wanted(_ name: String?) -> (isa: e3x_isa, isMet: Bool) {
      var isMet: Int32 = -1
      let isa = e3x_wanted_isa(name, &isMet)
      return (isa, isMet == 1)
    }

    @Test func available() {
      for isa in instructionSets {
        let name = String(cString: e3x_isa_name(isa))
        for spelling in [name, name.uppercased(), name.lowercased()] {
          #expect(wanted(spelling) == (isa, true), "\(spelling)")
        }
      }
    }

    @Test func unavailable() {
      let best = wanted(nil)
      #expect(best.isMet)
      #expect(instructionSets.contains(best.isa))
      #expect(wanted("") == best)
      for name in ["AVX", "AVX-5122", "baselin", "avx512", " AVX2"] {
        #expect(wanted(name) == (best.isa, false), "\(name)")
      }
      for isa in [E3X_ISA_BASELINE, E3X_ISA_AVX2, E3X_ISA_AVX512, E3X_ISA_NEON]
      where !instructionSets.contains(isa) {
        #expect(wanted(String(cString: e3x_isa_name(isa))) == (best.isa, false))
      }
    }
  }
}
