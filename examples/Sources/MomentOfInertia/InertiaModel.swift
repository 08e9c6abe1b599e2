import E3x

/// Predicts moments of inertia, symmetric 3 × 3 tensors, from masses and positions.
///
/// A symmetric tensor is a scalar (its trace) and an irrep of degree 2 (its traceless part), five
/// numbers. That is what the network computes; rotating the points then rotates the tensor, whatever
/// the parameters are.
struct InertiaModel {
  let lift = Dense(features: 8)
  let couple = TensorDense(maxDegree: 1)
  let combine = TensorDense(features: 1, maxDegree: 2)

  /// - Parameter masses: [clouds, points]
  /// - Parameter positions: [clouds, points, 3]
  /// - Returns: [clouds, 3, 3]
  func callAsFunction(_ scope: Scope, masses: Tensor, positions: Tensor) throws -> Tensor {
    // Features of a point are a scalar and a vector: degrees 0 and 1, four components.
    // [clouds, points, parity 1, components 4, features 1]
    let points = try Tensor.concatenate([masses.expanded(at: -1), positions], axis: -1)
    var x = try points.expanded(at: -2).expanded(at: -1)

    // Products of vectors give what the tensor needs: r · r and the irrep of degree 2 in r ⊗ r. A
    // second product multiplies them with the mass.
    x = try lift(scope.child("lift"), x)  // [clouds, points, 1, 4, 8]
    x = try couple(scope.child("couple"), x)  // [clouds, points, 2, 4, 8]
    x = try combine(scope.child("combine"), x)  // [clouds, points, 2, 9, 1]

    // The tensor is even under reflection: parity channel 0. Points add up.
    let irreps = try x.entry(0, axis: -3).entry(0, axis: -1).sum([-2])  // [clouds, 9]
    let scalar = try irrepsToTensor(irreps.sliced(0..<1, axis: -1), degree: 0)  // [clouds, 1]
    let traceless = try irrepsToTensor(irreps.sliced(4..<9, axis: -1), degree: 2)  // [clouds, 3, 3]
    let identity = try Tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    return try scalar.expanded(at: -1) * identity + traceless
  }
}
