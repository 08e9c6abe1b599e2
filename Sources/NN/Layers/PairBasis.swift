internal import E3xEngine

/// The basis functions of pairs: all of them, and their factors where these are known.
struct PairBasis {
  /// [pairs..., Pb, (Lb+1)², K]
  var array: Tensor
  /// Radial [pairs..., K] and angular functions [pairs..., (Lb+1)²], of which the array is the
  /// product.
  var factors: (radial: Tensor, angular: Tensor)?

  init(_ array: Tensor) { self.array = array }

  init(_ basis: RadialAngularBasis) {
    array = basis.basis
    factors = (basis.radial, basis.angular)
  }

  /// As rows [R, ...], 0 where `chosen` [R] is false: padding may carry any numbers.
  /// - Parameter axes: the number of axes of the pairs.
  func rows(_ axes: Int, where chosen: Tensor) throws -> PairBasis {
    func rows(_ x: Tensor) throws -> Tensor {
      let x = try x.flattened(before: axes)
      let ones = [Dimension](repeating: 1, count: x.rank - 1)
      return try .select(chosen.reshaped(to: [chosen.shape[0]] + Shape(ones)), x, 0)
    }
    var result = PairBasis(try rows(array))
    if let factors {
      result.factors = (try rows(factors.radial), try rows(factors.angular))
    }
    return result
  }

  /// Those of degree 0 and even parity, [pairs..., K].
  func scalars() throws -> Tensor {
    guard let factors else { return try array.entry(0, axis: -3).entry(0, axis: -2) }
    return try factors.radial * factors.angular.sliced(0..<1, axis: -1)
  }
}

extension Dense {
  /// The map of radial times angular functions, times factors: each block maps the radial functions,
  /// and is then spread over its components. The array of all products is never made.
  ///
  /// - Parameter radial: [R, K]
  /// - Parameter angular: [R, (L+1)²]
  /// - Parameter weights: [R, 1, 1, F], or nil
  /// - Returns: [R, 1, (L+1)², F]
  func callAsFunction(
    _ scope: Scope, radial: Tensor, angular: Tensor, weights: Tensor?, shape: FeatureShape
  ) throws -> Tensor {
    let (kernels, bias) = try parameters(scope, shape)
    let type = computeType(dtype, [radial] + kernels)
    let (count, size) = (radial.shape[0], Dimension(features))
    let kernel = try Tensor.concatenate(kernels.map { try $0.cast(to: type) }, axis: 1)
    var rows = try radial.cast(to: type).expanded(at: 1)
      .linear(kernel.expanded(at: 0), blocks: [0])
      .reshaped(to: [count, Dimension(kernels.count), size])
    let factors = try weights?.cast(to: type).reshaped(to: [count, 1, size])
    if let factors, bias == nil { rows = try rows * factors }
    var result = try angular.cast(to: type).spread(rows, blocks: shape.blockOfComponent)
    if let bias {
      result = try result + padded(bias.cast(to: type), shape)
      if let factors { result = try result * factors }
    }
    return try result.expanded(at: 1)
  }
}
