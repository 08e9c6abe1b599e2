import E3xEngine
import E3xExact
import E3xNN
import E3xSO3
import TestSupport

/// Random atoms, pairs and features in float64, and the same after a rotation or reflection.
struct Scene {
  var positions: Tensor
  let dst: Tensor
  let src: Tensor
  let atoms: Int
  let cartesianOrder: Bool
  /// Features rotate with this matrix (row vectors), positions with its first degree.
  static let rotation: [Double] = RotationMatrix.rotation(
    axis: SIMD3(0.3, -0.8, 0.5), angle: 1.9)

  init(atoms: Int = 5, cartesianOrder: Bool = true, seed: Int = 1) throws {
    self.atoms = atoms
    self.cartesianOrder = cartesianOrder
    positions = try testValues([atoms, 3], seed: seed)
    let pairs = try sparsePairwiseIndices(atoms)
    (dst, src) = (pairs.dstIdx, pairs.srcIdx)
  }

  func basis(maxDegree: Int = 2) throws -> RadialAngularBasis {
    try E3xNN.basis(
      try gatherSrc(positions, srcIdx: src) - gatherDst(positions, dstIdx: dst),
      maxDegree: maxDegree, num: 3, radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 6),
      returnCutoff: true, cartesianOrder: cartesianOrder)
  }

  var rotated: Scene {
    get throws {
      var scene = self
      let matrix = try Tensor(Scene.rotation, shape: [3, 3])
      scene.positions = try positions.matmul(matrix)
      return scene
    }
  }

  var reflected: Scene {
    get throws {
      var scene = self
      scene.positions = try -positions
      return scene
    }
  }

  /// Rotates features as positions are rotated.
  func rotate(_ x: Tensor) throws -> Tensor {
    let shape = x.shape.known!
    let degree = Int(Double(shape[shape.count - 2]).squareRoot()) - 1
    let size = shape[shape.count - 2]
    return try E3xNN.rotate(
      x,
      Tensor(
        WignerD.matrix(
          rotation: Scene.rotation, maxDegree: degree, cartesianOrder: cartesianOrder),
        shape: [size, size]))
  }
}

/// Features of these sizes.
func testFeatures(_ leading: [Int], parities: Int, maxDegree: Int, features: Int, seed: Int) throws
  -> Tensor
{
  try testValues(leading + [parities, (maxDegree + 1) * (maxDegree + 1), features], seed: seed)
}

/// Parameters in float64, all drawn at random: also biases, which initialisers leave 0.
func testParameters(_ seed: Int = 7, _ call: (Scope) throws -> Tensor) throws -> Parameters {
  var index = 100 * seed
  return try Parameters.initialize(seed: seed, call).mapTensors { tensor in
    index += 1
    return try (testValues(tensor.shape.known!, seed: index) * 0.5).materialized()
  }
}
