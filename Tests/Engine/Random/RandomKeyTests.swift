import E3xEngine
import Testing

/// Reference values computed by jax 0.10.2 with its default settings (those in double precision
/// with `jax_enable_x64`).
@Suite struct RandomKeyTests {
  let key = RandomKey(seed: 42)

  @Test func seeds() {
    #expect(RandomKey(seed: 42).words == SIMD2(0, 42))
    #expect(RandomKey(seed: 1 << 31 + 5).words == SIMD2(0, 2_147_483_653))
    // In 64-bit mode.
    #expect(RandomKey(seed: 1 << 40 + 7).words == SIMD2(256, 7))
    #expect(RandomKey(seed: -3).words == SIMD2(4_294_967_295, 4_294_967_293))
  }

  /// The known answer of the Random123 library for threefry2x32 with 20 rounds, where counter and
  /// key are zero.
  @Test func knownAnswer() {
    let zero = RandomKey(words: SIMD2(0, 0))
    #expect(zero.folding(in: 0).words == SIMD2(0x6B20_0159, 0x99BA_4EFE))
  }

  @Test func derivedKeys() throws {
    let expected: [SIMD2<UInt32>] = [
      SIMD2(1_832_780_943, 270_669_613), SIMD2(64_467_757, 2_916_123_636),
      SIMD2(2_465_931_498, 255_383_827), SIMD2(3_134_548_294, 894_150_801),
    ]
    #expect(try key.split(4).map(\.words) == expected)
    #expect(key.split().map(\.words) == Array(expected[..<2]))
    #expect(key.folding(in: 123_456).words == SIMD2(793_847_391, 18_989_694))
    #expect(key.folding(in: 0xDEAD_BEEF).words == SIMD2(1_644_914_347, 3_512_592_124))
  }

  @Test func bits() throws {
    let expected: [UInt32] = [
      2_098_992_034, 2_919_706_841, 2_646_866_425, 2_409_546_199, 1_935_504_149, 2_516_274_904,
      321_304_473,
    ]
    #expect(try key.bits(count: 7) == expected)
    // Every number has its own counter: fewer of them are the same ones.
    #expect(try key.bits(count: 6) == Array(expected[..<6]))
    #expect(try key.bits(count: 0).isEmpty)
    let many = try key.bits(count: 100_000)
    #expect(many.reduce(0, ^) == 2_220_913_269)
    #expect(many.reduce(UInt64(0)) { $0 + UInt64($1) } == 214_562_099_915_735)
    #expect(
      try key.bits64(count: 3) == [
        7_871_734_211_187_709_741, 276_886_910_877_598_708, 10_591_095_138_341_673_235,
      ])
  }

  /// Negative, and more than memory holds.
  @Test(arguments: [-1, Int.min, 1 << 50, .max])
  func countsThatThereAreNot(count: Int) {
    for (argument, draw): (String, (Int) throws -> Int) in [
      ("num", { try key.split($0).count }), ("count", { try key.bits(count: $0).count }),
      ("count", { try key.bits64(count: $0).count }),
      ("count", { try key.uniform(Float.self, count: $0).count }),
      ("count", { try key.normal(Double.self, count: $0).count }),
      ("count", { try key.truncatedNormal(Float.self, count: $0, lower: -1, upper: 1).count }),
      ("count", { try key.integers(count: $0, in: Int32(0)..<3).count }),
      ("count", { try key.integers(count: $0, in: Int64(0)..<3).count }),
      ("count", { try key.permutation($0).count }),
    ] {
      let error = #expect(throws: ArgumentError.self) { try draw(count) }
      #expect(error?.argument == argument)
      #expect(error?.reason.contains("\(count)") == true)
    }
  }

  @Test func positionsOfParametersAreNotNegative() {
    #expect(throws: ArgumentError.self) { try key.parameterKey(modulePath: ["a"], index: -1) }
  }
}
