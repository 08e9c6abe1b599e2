import E3x
import Testing

@Suite struct MovingFromE3xArticle {
  @Test func sameNumbers() throws {
    // Example of Sources/E3x/E3x.docc/MovingFromE3x.md
    struct Model {
      func callAsFunction(_ scope: Scope, _ r: Tensor) throws -> Tensor {
        var x = try basis(r, maxDegree: 1, num: 4, radialFn: .reciprocalBernstein).basis
        x = try TensorDense(features: 2, maxDegree: 1)(scope.child("TensorDense_0"), x)
        return try Dense(features: 1)(scope.child("Dense_0"), x)
      }
    }

    let model = Model()
    let r = try Tensor([1, 2, 2], shape: [1, 3])
    let parameters = try Parameters.initialize(seed: 0) { try model($0, r) }
    let y = try model(parameters.scope, r)
    print(y.shape)  // [1, 2, 4, 1]
    print(try y.scalars(as: Float.self)[0])  // 0.03981087, the number of e3x
    // End of example

    #expect(y.shape == [1, 2, 4, 1])
    #expect(abs(try y.scalars(as: Float.self)[0] - 0.039810866) < 1e-6)
  }

  /// The right column of the table, in lines of its own.
  @Test func theTable() throws {
    let (dst, src) = try sparsePairwiseIndices(5)
    let z = Tensor([1, 6, 6, 8, 1], dtype: .int32)
    let positions = try Tensor(RandomKey(seed: 0).normal(Float.self, count: 15), shape: [5, 3])
    let rot = try randomRotation(RandomKey(seed: 1))
    let parameters = try Parameters.initialize(seed: 0) { scope in
      // Table of Sources/E3x/E3x.docc/MovingFromE3x.md
      var x = try Embed(numEmbeddings: 119, features: 8)(scope.child("Embed_0"), z)
      let r = try gatherSrc(positions, srcIdx: src) - gatherDst(positions, dstIdx: dst)
      let pairs = try basis(
        r, maxDegree: 2, num: 8, radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 5),
        returnCutoff: true)
      let (b, c) = (pairs.basis, pairs.cutoff)
      x = try MessagePass(maxDegree: 2)(
        scope.child("MessagePass_0"), x, basis: b, dstIdx: dst, srcIdx: src)
      x = try SelfAttention(numHeads: 4)(
        scope.child("SelfAttention_0"), x, basis: b, cutoffValue: c, dstIdx: dst, srcIdx: src)
      let y = try Dense(features: 8)(scope.child("Dense_0"), silu(x))
      x = try add(x, y)
      x = try TensorProduct(maxDegree: 2)(scope.child("Tensor_0"), x, y)
      x = try FusedTensorProduct()(scope.child("FusedTensor_0"), x, y)
      x = try TensorDense(features: 4, maxDegree: 1)(scope.child("TensorDense_0"), x)
      x = try changeMaxDegreeOrType(x, maxDegree: 2, includePseudotensors: true)
      x = try rotate(x, wignerD(rot, maxDegree: 2))
      // End of table
      #expect(x.shape == [5, 2, 9, 4])
      return x
    }
    #expect(parameters["Dense_0/0+/bias"] != nil)

    let r = try gatherSrc(positions, srcIdx: src)
    func f(_ x: Tensor) throws -> Tensor { try smoothCutoff(x) }
    func model(_ scope: Scope, _ x: Tensor) throws -> Tensor { try Dense(features: 1)(scope, x) }
    let x = Tensor.ones([5, 1, 4, 2])
    // Table of Sources/E3x/E3x.docc/MovingFromE3x.md
    let params = try Parameters.initialize(seed: 0) { try model($0, x) }
    let output = try model(params.scope, x)
    let slope = try gradient(of: output.sum(), withRespectTo: [x])[0]
    let lengths = try positions.norm([-1], keepDimensions: true)
    let harmonics = try sphericalHarmonics(positions, maxDegree: 2)
    let coefficients = try clebschGordan(maxDegree1: 1, maxDegree2: 1, maxDegree3: 2)
    let sums = try indexedSum(r, dstIdx: dst, numSegments: 5)
    let values = try evaluateDerivatives(f, Tensor([0.5]), maxOrder: 2)
    let spherical = try E3xConfiguration.with(cartesianOrder: false) {
      try sphericalHarmonics(r, maxDegree: 2)
    }
    let optimizer = Adam(learningRate: 1e-3)
    // End of table
    #expect(output.shape == [5, 1, 4, 1] && slope.shape == x.shape)
    #expect(lengths.shape == [5, 1] && harmonics.shape == [5, 9])
    #expect(coefficients.shape == [4, 4, 9] && sums.shape == [5, 3] && values.count == 3)
    #expect(spherical.shape == [20, 9] && optimizer.learningRate == 1e-3)
    let cartesian = try sphericalHarmonics(r, maxDegree: 2)
    #expect(try spherical.scalars(as: Float.self) != cartesian.scalars(as: Float.self))
  }
}
