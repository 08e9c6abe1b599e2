internal import E3xEngine

/// An ordinary dense layer on the last axis, as `flax.linen.Dense`.
///
/// Parameters: `kernel` [inputs, features], `bias` [features].
struct ScalarDense {
  var features: Int
  var useBias: Bool
  var dtype: DType?
  var paramDtype: DType
  var kernelInit: Initializer
  var biasInit: Initializer

  func callAsFunction(_ scope: Scope, _ inputs: Tensor) throws -> Tensor {
    let size = inputs.shape[inputs.rank - 1].known!
    let kernel = try scope.parameter(
      "kernel", shape: [size, features], dtype: paramDtype, initializer: kernelInit)
    let type = computeType(dtype, [inputs, kernel])
    let weights = try kernel.cast(to: type).expanded(at: 0)
    var result = try inputs.cast(to: type).expanded(at: -2).linear(weights, blocks: [0])
      .squeezed(axis: -2)
    if useBias {
      let bias = try scope.parameter(
        "bias", shape: [features], dtype: paramDtype, initializer: biasInit)
      result = try result + bias.cast(to: type)
    }
    return result
  }
}
