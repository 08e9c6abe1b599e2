import E3xEngine
import E3xNN
import TestSupport
import Testing

/// What a layer gives for turned inputs must be what it gives, turned.
private func expectEquivariant(
  _ scene: Scene, _ inputs: [Tensor], _ layer: (Scope, Scene, [Tensor]) throws -> Tensor
) throws {
  let parameters = try testParameters { try layer($0, scene, inputs) }
  let expected = try layer(parameters.scope, scene, inputs)
  let turned = try layer(parameters.scope, scene.rotated, inputs.map { try scene.rotate($0) })
  try expectAgreement(turned, with: scene.rotate(expected), tolerance: 1e-12, "rotated")
  let mirrored = try layer(parameters.scope, scene.reflected, inputs.map { try reflect($0) })
  try expectAgreement(mirrored, with: reflect(expected), tolerance: 1e-12, "reflected")
}

@Suite struct EquivarianceTests {
  @Test(arguments: [1, 2], 0...3)
  func dense(parities: Int, maxDegree: Int) throws {
    let x = try testFeatures([4], parities: parities, maxDegree: maxDegree, features: 3, seed: 1)
    try expectEquivariant(Scene(), [x]) { scope, _, inputs in
      try Dense(features: 5)(scope, inputs[0])
    }
  }

  @Test(arguments: [[1, 1], [1, 2], [2, 1], [2, 2]], [true, false])
  func products(parities: [Int], fused: Bool) throws {
    for (degree1, degree2, maxDegree) in [(0, 1, 1), (2, 1, 2), (1, 2, 3), (2, 2, 0)] {
      for (pseudotensors, cartesianOrder) in [(true, true), (true, false), (false, true)] {
        let inputs = [
          try testFeatures([3], parities: parities[0], maxDegree: degree1, features: 2, seed: 1),
          try testFeatures([3], parities: parities[1], maxDegree: degree2, features: 2, seed: 2),
        ]
        try expectEquivariant(Scene(cartesianOrder: cartesianOrder), inputs) { scope, _, inputs in
          fused
            ? try FusedTensorProduct(
              maxDegree: maxDegree, includePseudotensors: pseudotensors,
              cartesianOrder: cartesianOrder)(scope, inputs[0], inputs[1])
            : try TensorProduct(
              maxDegree: maxDegree, includePseudotensors: pseudotensors,
              cartesianOrder: cartesianOrder)(scope, inputs[0], inputs[1])
        }
      }
    }
  }

  @Test(arguments: [1, 2], [true, false])
  func tensorDense(parities: Int, fused: Bool) throws {
    let x = try testFeatures([3], parities: parities, maxDegree: 2, features: 3, seed: 1)
    try expectEquivariant(Scene(), [x]) { scope, _, inputs in
      try TensorDense(features: 2, maxDegree: 3, useFusedTensor: fused)(scope, inputs[0])
    }
  }

  @Test(arguments: [(1, true), (2, true), (1, false), (2, false)], [true, false])
  func messagePass(setting: (parities: Int, fused: Bool), cartesianOrder: Bool) throws {
    let (parities, fused) = setting
    let scene = try Scene(cartesianOrder: cartesianOrder)
    let x = try testFeatures([5], parities: parities, maxDegree: 1, features: 3, seed: 1)
    try expectEquivariant(scene, [x]) { scope, scene, inputs in
      try MessagePass(maxDegree: 2, cartesianOrder: cartesianOrder, useFusedTensor: fused)(
        scope, inputs[0], basis: scene.basis().basis, dstIdx: scene.dst, srcIdx: scene.src)
    }
  }

  @Test(arguments: [(1, 1), (1, 2), (2, 1), (2, 3)], [true, false])
  func attention(setting: (parities: Int, heads: Int), fused: Bool) throws {
    let (parities, heads) = setting
    for (encodesQK, encodesV) in [(true, true), (true, false), (false, true), (false, false)] {
      for maxDegree in [0, 1, 3] {
        let inputs = [
          try testFeatures([5], parities: parities, maxDegree: 1, features: 4, seed: 1),
          try testFeatures([5], parities: 3 - parities, maxDegree: 2, features: 3, seed: 2),
        ]
        try expectEquivariant(Scene(), inputs) { scope, scene, inputs in
          let expansion = try scene.basis()
          return try MultiHeadAttention(
            numHeads: heads, maxDegree: maxDegree, useBasisBias: true, useFusedTensor: fused,
            qkvFeatures: 6, outFeatures: 2, useRelativePositionalEncodingQK: encodesQK,
            useRelativePositionalEncodingV: encodesV, query: .init(useBias: true),
            key: .init(useBias: true), value: .init(useBias: true))(
              scope, inputs[0], inputs[1], basis: expansion.basis, cutoffValue: expansion.cutoff,
              dstIdx: scene.dst, srcIdx: scene.src)
        }
      }
    }
  }

  @Test func brokenLayersAreNoticed() throws {
    // The check itself: an elementwise function of vectors is not equivariant.
    let scene = try Scene()
    let x = try testFeatures([3], parities: 1, maxDegree: 1, features: 2, seed: 1)
    let (a, b) = (try scene.rotate(x.tanh()), try scene.rotate(x).tanh())
    let difference = try (a - b).absolute().max().item()
    #expect(difference > 1e-2)
  }
}
