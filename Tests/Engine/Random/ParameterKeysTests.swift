import E3xEngine
import Testing

/// Reference keys recorded in flax 0.12.8, where parameter initializers receive them.
@Suite struct ParameterKeysTests {
  /// A module that draws a parameter, calls two modules with two parameters each, draws another
  /// parameter and calls a dense layer, initialized by `PRNGKey(5)`.
  @Test func nestedModules() {
    var keys = ParameterKeys(root: RandomKey(seed: 5))
    let expected: [([String], SIMD2<UInt32>)] = [
      ([], SIMD2(1_386_675_425, 2_929_474_233)),
      (["leaf"], SIMD2(320_099_068, 3_295_454_953)),
      (["leaf"], SIMD2(399_101_762, 2_234_651_461)),
      (["Leaf_0"], SIMD2(2_739_309_291, 1_790_799_572)),
      (["Leaf_0"], SIMD2(723_320_638, 1_183_487_116)),
      ([], SIMD2(2_064_315_425, 1_923_384_372)),
      (["out"], SIMD2(3_831_129_261, 2_464_851_178)),
      (["out"], SIMD2(3_310_357_355, 1_161_632_097)),
    ]
    for (path, words) in expected {
      #expect(keys.next(modulePath: path).words == words)
    }
  }

  /// `e3x.nn.SelfAttention(num_heads=2, max_degree=1)`, initialized by `PRNGKey(0)`.
  @Test(arguments: [
    (["query", "0+"], 0, SIMD2<UInt32>(1_885_519_978, 1_779_982_971)),
    (["key", "0+"], 0, SIMD2(1_029_865_027, 1_221_495_471)),
    (["value", "0+"], 0, SIMD2(1_042_382_566, 1_299_462_020)),
    (["relative_positional_encoding"], 0, SIMD2(2_847_787_799, 1_250_760_646)),
    (["filter", "0+"], 0, SIMD2(1_071_407_380, 2_086_825_716)),
    (["filter", "1-"], 0, SIMD2(344_809_060, 1_146_181_140)),
    (["tensor"], 0, SIMD2(1_871_388_197, 1_652_016_044)),
    (["out", "0+"], 0, SIMD2(1_998_498_883, 1_539_324_322)),
    (["out", "0+"], 1, SIMD2(4_164_276_155, 2_482_601_064)),
    (["out", "1-"], 0, SIMD2(2_131_873_147, 3_436_072_289)),
  ])
  func selfAttention(path: [String], index: Int, words: SIMD2<UInt32>) throws {
    #expect(try RandomKey(seed: 0).parameterKey(modulePath: path, index: index).words == words)
  }

  /// Names of all lengths (of the padding of SHA-1) and counts of more than one byte, as the keys
  /// of `LazyRng.create(PRNGKey(9), name, count)`.
  @Test(arguments: [
    (String(repeating: "x", count: 200), 300, SIMD2<UInt32>(3_965_990_150, 3_176_239_586)),
    ("énergie", 70_000, SIMD2(3_903_457_878, 2_662_718_269)),
    (String(repeating: "a", count: 54), 1, SIMD2(3_977_420_035, 2_054_182_367)),
    (String(repeating: "a", count: 55), 1, SIMD2(4_216_664_785, 553_769_042)),
    (String(repeating: "a", count: 63), 1, SIMD2(2_790_916_260, 1_401_133_036)),
  ])
  func unusualNames(name: String, count: Int, words: SIMD2<UInt32>) throws {
    let key = try RandomKey(seed: 9).parameterKey(modulePath: [name], index: count - 1)
    #expect(key.words == words)
  }
}
