import E3xCKernels
import Testing

extension KernelTests {
  /// Conversions from and to 16 bits: every pattern, and the boundaries between them.
  @Suite struct Halves {
    struct Format: Sendable {
      let dtype: e3x_dtype
      let fractionBits: Int
      let bias: Int
      var maxExponent: Int { dtype == E3X_F16 ? 31 : 255 }

      /// The value of a pattern, from the definition of the format.
      func value(_ pattern: UInt16) -> Double {
        let sign: Double = pattern >> 15 == 1 ? -1 : 1
        let exponent = Int(pattern & 0x7FFF) >> fractionBits
        let fraction = Double(Int(pattern) & (1 << fractionBits - 1)) / Double(1 << fractionBits)
        if exponent == maxExponent { return fraction == 0 ? sign * .infinity : .nan }
        let scale = Double(
          sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
        return sign * (exponent == 0 ? fraction : 1 + fraction) * scale
      }
    }

    static let formats = [
      Format(dtype: E3X_F16, fractionBits: 10, bias: 15),
      Format(dtype: E3X_BF16, fractionBits: 7, bias: 127),
    ]

    func cast<From: BitwiseCopyable, To: BitwiseCopyable>(
      _ values: [From], _ from: e3x_dtype, _ to: e3x_dtype, _ zero: To
    ) -> [To] {
      var out = [To](repeating: zero, count: values.count)
      let counts = [1, 1, 1, values.count]
      let place = Placement.contiguous(counts)
      var loops = nest(counts, out: place, [place])
      let status = e3x_cast(to, from, &loops, &out, values)
      #expect(status == 0)
      return out
    }

    @Test(arguments: formats.indices) func everyPatternIsReadAndWritten(_ index: Int) {
      let format = Self.formats[index]
      let patterns = (0...UInt16.max).map { $0 }
      onEveryInstructionSet { isa in
        let values = cast(patterns, format.dtype, E3X_F32, Float(0))
        let wrong = patterns.filter { !same(Double(values[Int($0)]), format.value($0)) }
        #expect(wrong.isEmpty, "\(isa): \(wrong.prefix(4))")
        let back = cast(values, E3X_F32, format.dtype, UInt16(0))
        let changed = patterns.filter {
          let isNaN = format.value($0).isNaN
          return isNaN ? !format.value(back[Int($0)]).isNaN : back[Int($0)] != $0
        }
        #expect(changed.isEmpty, "\(isa): \(changed.prefix(4))")
      }
    }

    @Test(arguments: formats.indices) func betweenTwoPatternsTheNearestIsTaken(_ index: Int) {
      let format = Self.formats[index]
      // The infinite pattern is where the next number would stand.
      let last = UInt16(format.maxExponent << format.fractionBits)
      let end = Double(sign: .plus, exponent: format.maxExponent - format.bias, significand: 1)
      var (inputs, expected): ([Float], [UInt16]) = ([], [])
      for pattern in 0..<last {
        let low = format.value(pattern)
        let high = pattern + 1 == last ? end : format.value(pattern + 1)
        let middle = Float((low + high) / 2)
        inputs += [middle, middle.nextDown, middle.nextUp]
        expected += [pattern & 1 == 0 ? pattern : pattern + 1, pattern, pattern + 1]
      }
      onEveryInstructionSet { isa in
        #expect(cast(inputs, E3X_F32, format.dtype, UInt16(0)) == expected, "\(isa)")
        let negative = cast(inputs.map { -$0 }, E3X_F32, format.dtype, UInt16(0))
        #expect(negative == expected.map { $0 | 0x8000 }, "\(isa)")
      }
    }

    /// From float64 numbers are rounded once: just above the middle is not the middle, though it
    /// is in float32.
    @Test(arguments: formats.indices) func fromDoublePrecisionNumbersAreRoundedOnce(_ index: Int) {
      let format = Self.formats[index]
      let last = UInt16(format.maxExponent << format.fractionBits)
      let end = Double(sign: .plus, exponent: format.maxExponent - format.bias, significand: 1)
      var inputs: [Double] = [.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0]
      var expected: [UInt16] = [last, last, 0, 0]
      for pattern in 0..<last {
        let low = format.value(pattern)
        let middle = (low + (pattern + 1 == last ? end : format.value(pattern + 1))) / 2
        inputs += [low, middle, middle.nextDown, middle.nextUp]
        expected += [pattern, pattern & 1 == 0 ? pattern : pattern + 1, pattern, pattern + 1]
      }
      onEveryInstructionSet { isa in
        #expect(cast(inputs, E3X_F64, format.dtype, UInt16(0)) == expected, "\(isa)")
        let negative = cast(inputs.map { -$0 }, E3X_F64, format.dtype, UInt16(0))
        #expect(negative == expected.map { $0 | 0x8000 }, "\(isa)")
        let nan = cast([Double.nan, -.nan], E3X_F64, format.dtype, UInt16(0))
        #expect(nan.allSatisfy { format.value($0).isNaN }, "\(isa)")
      }
    }

    @Test func copiesKeepThePatterns() {
      let patterns: [UInt16] = [0, 0x8000, 0x7C01, 0xFFFF, 3, 4, 5, 6, 7]
      let place = Placement.contiguous([1, 1, 1, 9])
      for format in Self.formats {
        var loops = nest([1, 1, 1, 9], out: place, [place])
        var out = [UInt16](repeating: 9, count: 9)
        #expect(e3x_unary(E3X_COPY, format.dtype, &loops, &out, patterns) == 0)
        #expect(out == patterns)
        #expect(e3x_unary(E3X_NEG, format.dtype, &loops, &out, patterns) == -1)
        #expect(e3x_cast(E3X_F64, format.dtype, &loops, &out, patterns) == -1)
      }
    }
  }
}
