internal import E3xEngine
internal import E3xExact
internal import E3xSO3
internal import Foundation
internal import TestSupport
internal import Testing

/// The keyword arguments of the functions of this module.
private struct Configuration: Decodable {
  var max_degree: Int?
  var max_degree1: Int?
  var max_degree2: Int?
  var max_degree3: Int?
  var degree: Int?
  var cartesian_order: Bool?
  var r_is_normalized: Bool?
  var normalization: SphericalHarmonicsNormalization?
  var axis: Int?
  var keepdims: Bool?
}

@Suite struct GoldenTests {
  private func verify(
    _ name: String, _ dtype: DType,
    _ call: (Configuration, [String: Tensor]) throws -> [Tensor]
  ) throws {
    let golden = try GoldenFile(name, in: .module)
    let config = try golden.config(Configuration.self)
    try golden.verify(dtype) { try call(config, $0) }
  }

  @Test(
    arguments: [
      "so3_spherical_harmonics/L3-cart-racah-any", "so3_spherical_harmonics/L2-sph-4pi-any",
      "so3_spherical_harmonics/m-near", "so3_spherical_harmonics/m-far",
      "so3_spherical_harmonics/m-axes-L4-cart",
    ], [DType.float64, .float32])
  func sphericalHarmonics(_ name: String, _ dtype: DType) throws {
    try verify(name, dtype) { config, arguments in
      [
        try E3xSO3.sphericalHarmonics(
          #require(arguments["r"]), maxDegree: #require(config.max_degree),
          rIsNormalized: config.r_is_normalized ?? false,
          cartesianOrder: config.cartesian_order ?? true,
          normalization: config.normalization ?? .racah)
      ]
    }
  }

  @Test(
    arguments: ["so3_solid_harmonics/L3-sph", "so3_solid_harmonics/m-axes-L2-cart"],
    [DType.float64, .float32])
  func solidHarmonics(_ name: String, _ dtype: DType) throws {
    try verify(name, dtype) { config, arguments in
      [
        try E3xSO3.solidHarmonics(
          #require(arguments["r"]), maxDegree: #require(config.max_degree),
          cartesianOrder: config.cartesian_order ?? true)
      ]
    }
  }

  @Test(arguments: ["so3_clebsch_gordan/112-sph", "so3_clebsch_gordan/213-cart"])
  func clebschGordan(_ name: String) throws {
    try verify(name, .float64) { config, _ in
      [
        try E3xSO3.clebschGordan(
          maxDegree1: #require(config.max_degree1), maxDegree2: #require(config.max_degree2),
          maxDegree3: #require(config.max_degree3), cartesianOrder: config.cartesian_order ?? true)
      ]
    }
  }

  @Test(
    arguments: ["so3_wigner_d/m-L3-cart-batch2", "so3_wigner_d/L2-sph"],
    [DType.float64, .float32])
  func wignerD(_ name: String, _ dtype: DType) throws {
    try verify(name, dtype) { config, arguments in
      [
        try E3xSO3.wignerD(
          #require(arguments["rot"]), maxDegree: #require(config.max_degree),
          cartesianOrder: config.cartesian_order ?? true)
      ]
    }
  }

  @Test(
    arguments: [
      "so3_rotation/m-batch2", "so3_rotation/m-broadcast", "so3_rotation/m-edges",
    ], [DType.float64, .float32])
  func rotation(_ name: String, _ dtype: DType) throws {
    try verify(name, dtype) { _, arguments in
      [
        try E3xSO3.rotation(
          axis: #require(arguments["axis"]), angle: #require(arguments["angle"]))
      ]
    }
  }

  @Test(arguments: [DType.float64, .float32])
  func rotationEuler(_ dtype: DType) throws {
    try verify("so3_rotation_euler/m-batch2", dtype) { _, arguments in
      [
        try E3xSO3.rotationEuler(
          #require(arguments["a"]), #require(arguments["b"]), #require(arguments["c"]))
      ]
    }
  }

  @Test(
    arguments: ["batch", "m-gradient", "m-antiparallel-axes", "m-parallel"],
    [DType.float64, .float32])
  func alignmentRotation(_ name: String, _ dtype: DType) throws {
    try verify("so3_alignment_rotation/\(name)", dtype) { _, arguments in
      [try E3xSO3.alignmentRotation(#require(arguments["v1"]), #require(arguments["v2"]))]
    }
  }

  @Test(arguments: ["batch", "m-gradient", "m-gimbal"], [DType.float64, .float32])
  func eulerAngles(_ name: String, _ dtype: DType) throws {
    try verify("so3_euler_angles_from_rotation/\(name)", dtype) { _, arguments in
      let angles = try eulerAnglesFromRotation(#require(arguments["rot"]))
      return [angles.a, angles.b, angles.c]
    }
  }

  @Test(
    arguments: ["l0-cart", "m-l4-cart-racah-batch1", "m-l3-sph-orthonormal-batch0"],
    [DType.float64, .float32])
  func irrepsToTensor(_ name: String, _ dtype: DType) throws {
    try verify("so3_irreps_to_tensor/\(name)", dtype) { config, arguments in
      [
        try E3xSO3.irrepsToTensor(
          #require(arguments["irreps"]), degree: #require(config.degree),
          cartesianOrder: config.cartesian_order ?? true,
          normalization: config.normalization ?? .racah)
      ]
    }
  }

  @Test(
    arguments: ["m-l2-cart-4pi-batch2", "m-l4-cart-racah-batch1"], [DType.float64, .float32])
  func tensorToIrreps(_ name: String, _ dtype: DType) throws {
    try verify("so3_tensor_to_irreps/\(name)", dtype) { config, arguments in
      [
        try E3xSO3.tensorToIrreps(
          #require(arguments["tensor"]), degree: #require(config.degree),
          cartesianOrder: config.cartesian_order ?? true,
          normalization: config.normalization ?? .racah)
      ]
    }
  }

  @Test(arguments: [(3, 1.0, 1), (5, 0.3, 3), (6, 1.5, 2)])
  func randomRotation(seed: Int, perturbation: Double, num: Int) throws {
    let golden = try GoldenFile("so3_random_rotation/m-seed\(seed)", in: .module)
    let matrices = try E3xSO3.randomRotation(
      RandomKey(seed: seed), perturbation: perturbation, num: num)
    #expect(matrices.dtype == .float32)
    // Entries of rotations are rounded as 1 is.
    try expectAgreement(
      matrices, with: golden.tensor("out.0", .float64), tolerance: 1e-6, floor: 1, dtype: .float32)
  }

  static let normCases = ["m-tiny", "m-huge", "m-zeros", "m-second-order", "m-whole"]

  @Test(arguments: normCases, [DType.float64, .float32])
  func norm(_ name: String, _ dtype: DType) throws {
    try verify("ops_norm/\(name)", dtype) { config, arguments in
      let x = try #require(arguments["x"])
      let norm = try x.norm(
        config.axis.map { [$0] }, keepDimensions: config.keepdims ?? false)
      // Scalars are stored as vectors.
      return [norm.rank == 0 ? try norm.expanded(at: 0) : norm]
    }
  }

  @Test(arguments: normCases, [DType.float64, .float32])
  func normalized(_ name: String, _ dtype: DType) throws {
    try verify("ops_normalize/\(name)", dtype) { config, arguments in
      [try #require(arguments["x"]).normalized(config.axis.map { [$0] })]
    }
  }

  @Test(arguments: normCases, [DType.float64, .float32])
  func normalizedWithNorm(_ name: String, _ dtype: DType) throws {
    try verify("ops_normalize_and_return_norm/\(name)", dtype) { config, arguments in
      let (unit, norm) = try #require(arguments["x"]).normalizedWithNorm(
        config.axis.map { [$0] }, keepDimensions: config.keepdims ?? false)
      return [unit, norm.rank == 0 ? try norm.expanded(at: 0) : norm]
    }
  }
}
