internal import E3xEngine

/// The element type that a layer computes in: the one it was told, or the widest of its inputs
/// and parameters (as `flax.linen.dtypes.promote_dtype`).
func computeType(_ dtype: DType?, _ tensors: [Tensor]) -> DType {
  if let dtype { return dtype }
  return tensors.contains { $0.dtype == .float64 } ? .float64 : .float32
}
