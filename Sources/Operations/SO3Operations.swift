internal import E3xEngine
internal import E3xExact
internal import E3xNN
internal import E3xSO3

extension Call {
  /// `normalization`; Racah's by default.
  func normalization() throws -> SphericalHarmonicsNormalization {
    guard let text = try config.string("normalization") else { return .racah }
    guard let value = SphericalHarmonicsNormalization(rawValue: text) else {
      throw ArgumentError(
        operation, "normalization",
        "expected racah, schmidt, 4pi or orthonormal, received '\(text)'")
    }
    return value
  }

  /// `cartesian_order`; true by default.
  func cartesianOrder() throws -> Bool { try config.bool("cartesian_order", default: true) }
}

extension Operations {
  static let so3: [String: Operation] = [
    "so3.spherical_harmonics": { call in
      [
        try sphericalHarmonics(
          call.required("r"), maxDegree: try call.config.int("max_degree", default: 0),
          rIsNormalized: try call.config.bool("r_is_normalized", default: false),
          cartesianOrder: try call.cartesianOrder(), normalization: try call.normalization())
      ]
    },
    "so3.solid_harmonics": { call in
      [
        try solidHarmonics(
          call.required("r"), maxDegree: try call.config.int("max_degree", default: 0),
          cartesianOrder: try call.cartesianOrder())
      ]
    },
    "so3.clebsch_gordan": { call in
      [
        try clebschGordan(
          maxDegree1: try call.config.int("max_degree1", default: 0),
          maxDegree2: try call.config.int("max_degree2", default: 0),
          maxDegree3: try call.config.int("max_degree3", default: 0),
          cartesianOrder: try call.cartesianOrder()
        ).cast(to: call.dtype)
      ]
    },
    "so3.clebsch_gordan_for_degrees": { call in
      [
        try clebschGordanForDegrees(
          try call.config.int("degree1", default: 0), try call.config.int("degree2", default: 0),
          try call.config.int("degree3", default: 0), cartesianOrder: try call.cartesianOrder()
        ).cast(to: call.dtype)
      ]
    },
    "so3.wigner_d": { call in
      [
        try wignerD(
          call.required("rot"), maxDegree: try call.config.int("max_degree", default: 0),
          cartesianOrder: try call.cartesianOrder())
      ]
    },
    "so3.rotation": { call in
      [try rotation(axis: call.required("axis"), angle: call.required("angle"))]
    },
    "so3.rotation_euler": { call in
      [try rotationEuler(call.required("a"), call.required("b"), call.required("c"))]
    },
    "so3.alignment_rotation": { call in
      [try alignmentRotation(call.required("v1"), call.required("v2"))]
    },
    "so3.euler_angles_from_rotation": { call in
      let e = try eulerAnglesFromRotation(call.required("rot"))
      return [e.a, e.b, e.c]
    },
    "so3.random_rotation": { call in
      [
        try randomRotation(
          call.randomKey(),
          perturbation: try call.config.real("perturbation") ?? 1,
          num: try call.config.int("num", default: 1))
      ]
    },
    "so3.irreps_to_tensor": { call in
      [
        try irrepsToTensor(
          call.required("irreps"), degree: try call.config.int("degree", default: 0),
          cartesianOrder: try call.cartesianOrder(), normalization: try call.normalization())
      ]
    },
    "so3.tensor_to_irreps": { call in
      [
        try tensorToIrreps(
          call.required("tensor"), degree: try call.config.int("degree", default: 0),
          cartesianOrder: try call.cartesianOrder(), normalization: try call.normalization())
      ]
    },
    "so3.is_traceless_symmetric": { call in
      [
        try Tensor(
          [
            isTracelessSymmetric(
              call.required("x"), degree: try call.config.int("degree", default: 0),
              relativeTolerance: try call.config.real("rtol") ?? 1e-5,
              absoluteTolerance: try call.config.real("atol") ?? 1e-5)
          ], shape: [1])
      ]
    },
    "ops.norm": { call in
      [
        try call.required("x").norm(
          try call.config.ints("axis"),
          keepDimensions: try call.config.bool("keepdims", default: false))
      ]
    },
    "ops.normalize": { call in [try call.required("x").normalized(try call.config.ints("axis"))] },
    "ops.normalize_and_return_norm": { call in
      let (unit, norm) = try call.required("x").normalizedWithNorm(
        try call.config.ints("axis"),
        keepDimensions: try call.config.bool("keepdims", default: false))
      return [unit, norm]
    },
  ]
}
