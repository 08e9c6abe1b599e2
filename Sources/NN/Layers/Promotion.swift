internal import E3xEngine

/// The element type that a layer computes in: the one it was told, or the one that its inputs and
/// parameters promote to (as `flax.linen.dtypes.promote_dtype`).
func computeType(_ dtype: DType?, _ tensors: [Tensor]) -> DType {
  if let dtype { return dtype }
  let type = tensors.map(\.dtype).reduce(DType.bool) { $0.promoted(with: $1) }
  return type.isFloatingPoint ? type : .float32
}
