import E3xEngine
import TestSupport
import Testing

/// Reference values computed by jax 0.10.2 from `PRNGKey(42)`, those in double precision with
/// `jax_enable_x64`.
@Suite struct DistributionTests {
  let key = RandomKey(seed: 42)

  private func expectClose<Scalar: RandomReal>(
    _ values: [Scalar], _ expected: [Scalar], tolerance: Scalar,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(values.count == expected.count, sourceLocation: sourceLocation)
    for (value, reference) in matched(values, expected) {
      #expect(
        abs(value - reference) <= tolerance * max(1, abs(reference)),
        sourceLocation: sourceLocation)
    }
  }

  @Test func uniform() throws {
    expectClose(
      try key.uniform(Float.self, count: 5),
      [0.48870957, 0.6797972, 0.6162715, 0.5610161, 0.4506446], tolerance: 0)
    expectClose(
      try key.uniform(Float.self, count: 5, lower: -2, upper: 3),
      [0.44354784, 1.3989859, 1.0813575, 0.8050804, 0.25322306], tolerance: 0)
    expectClose(
      try key.uniform(Double.self, count: 4),
      [0.4267275666499091, 0.015010069515314584, 0.5741444178995352, 0.7298188969046309],
      tolerance: 0)
    expectClose(
      try key.uniform(Double.self, count: 4, lower: -2, upper: 3),
      [0.13363783324954537, -1.924949652423427, 0.8707220894976759, 1.6490944845231543],
      tolerance: 4e-16)
  }

  @Test func normal() throws {
    expectClose(
      try key.normal(Float.self, count: 6),
      [-0.028304616, 0.46713185, 0.29570296, 0.15354592, -0.12403282, 0.21692315],
      tolerance: 5e-7)
    expectClose(
      try key.normal(Double.self, count: 4),
      [-0.18471174528191162, -2.169824560397754, 0.18693555179382582, 0.6122653570510959],
      tolerance: 1e-15)
  }

  @Test func truncatedNormal() throws {
    expectClose(
      try key.truncatedNormal(Float.self, count: 6, lower: -2, upper: 2),
      [-0.027016498, 0.44438082, 0.28187707, 0.14650805, -0.1183623, 0.20690748],
      tolerance: 5e-7)
    expectClose(
      try key.truncatedNormal(Float.self, count: 6, lower: -0.5, upper: 3),
      [0.37401167, 0.7643617, 0.624451, 0.5120781, 0.30425468, 0.5617328], tolerance: 5e-7)
    expectClose(
      try key.truncatedNormal(Double.self, count: 4, lower: -2, upper: 2),
      [-0.17621763938261406, -1.7856590554261624, 0.1783369711817319, 0.5809474856530717],
      tolerance: 2e-15)
    let values = try key.truncatedNormal(Float.self, count: 10_000, lower: -0.01, upper: 0.01)
    #expect(values.allSatisfy { $0 > -0.01 && $0 < 0.01 })
  }

  /// `jax.lax.erf_inv`, in the middle and far out.
  @Test func inverseErrorFunction() throws {
    let floats: [Float] = [-0.99999994, -0.9999, -0.5, 1e-4, 0, 0.3, 0.97, 0.99999]
    expectClose(
      floats.map(Float.inverseErrorFunction),
      [
        -3.8325067, -2.7510269, -0.47693628, 8.8622684e-05, 0, 0.27246276, 1.5344859, 3.123205,
      ], tolerance: 5e-7)
    let doubles = [-1 + 1e-16, -0.9999999999, -0.9999, -0.5, 1e-4, 0.3, 0.97, 0.999999]
    expectClose(
      doubles.map(Double.inverseErrorFunction),
      [
        -5.863584748755167, -4.57282495853958, -2.7510639057121233, -0.47693627620446977,
        8.862269277728948e-05, 0.2724627147267544, 1.5344856217777176, 3.4589107372739605,
      ], tolerance: 2e-15)
    #expect(Float.inverseErrorFunction(1) == .infinity)
    #expect(Double.inverseErrorFunction(-1) == -.infinity)
  }

  @Test func integers() throws {
    #expect(try key.integers(count: 6, in: Int32(-5)..<17) == [7, 7, 4, 14, 10, 12])
    #expect(
      try key.integers(count: 6, in: Int32.min..<Int32.max) == [
        977_810_628, 1_236_381_714, -1_367_112_521, -1_019_495_231, -1_671_904_627,
        -1_277_190_805,
      ])
    #expect(try key.integers(count: 2, in: Int32(3)..<3) == [3, 3])
    #expect(
      try key.integers(count: 4, in: Int64(-5)..<1_000_000_000_000) == [
        463_982_253_477, 604_929_009_943, 848_939_357_151, 550_033_836_784,
      ])
  }

  @Test func permutations() throws {
    #expect(try key.permutation(11) == [7, 4, 2, 5, 3, 6, 10, 8, 9, 0, 1])
    #expect(try key.permutation(1) == [0])
    #expect(try key.permutation(0).isEmpty)
    // Two rounds of sorting.
    let large = try key.permutation(5000)
    #expect(Array(large[..<6]) == [3825, 3150, 2972, 2921, 1203, 2981])
    let weighted = large.enumerated().reduce(0) { $0 + Int($1.element) * ($1.offset + 1) }
    #expect(weighted == 31_275_279_309)
  }
}
