internal import E3xEngine

/// A tensor product of either kind, under e3x's name for it.
struct Coupling {
  var maxDegree: Int?
  var includePseudotensors: Bool
  var cartesianOrder: Bool
  var useFusedTensor: Bool
  var dtype: DType?
  var paramDtype: DType
  var precision: Precision
  var kernelInit: TensorInitializer

  /// - Parameter isSummed: Whether rows of the product are added up afterwards.
  func callAsFunction(
    _ scope: Scope, _ inputs1: Tensor, _ inputs2: Tensor, isSummed: Bool = false
  ) throws -> Tensor {
    if useFusedTensor {
      return try FusedTensorProduct(
        maxDegree: maxDegree, includePseudotensors: includePseudotensors,
        cartesianOrder: cartesianOrder, dtype: dtype, paramDtype: paramDtype,
        precision: precision, kernelInit: kernelInit.fused
      ).product(scope.child("fused_tensor"), inputs1, inputs2, isSummed: isSummed)
    }
    return try TensorProduct(
      maxDegree: maxDegree, includePseudotensors: includePseudotensors,
      cartesianOrder: cartesianOrder, dtype: dtype, paramDtype: paramDtype, precision: precision,
      kernelInit: kernelInit.tensor
    )(scope.child("tensor"), inputs1, inputs2)
  }
}
