package import E3xEngine

/// Refuses negative degrees.
package func checkDegree(
  _ function: String, _ argument: String, _ degree: Int
) throws(ArgumentError) {
  guard degree >= 0 else {
    throw ArgumentError(function, argument, "must be positive or zero, received \(degree)")
  }
}

/// Refuses everything but floating-point tensors of shape [..., 3].
package func checkVectors(
  _ function: String, _ argument: String, _ r: Tensor
) throws(ArgumentError) {
  guard r.rank >= 1, r.shape[r.rank - 1].known == 3, r.dtype.isFloatingPoint else {
    throw ArgumentError(
      function, argument,
      "expected floating-point vectors [..., 3], received \(r.dtype) of shape \(r.shape)")
  }
}

/// Refuses everything but floating-point tensors of shape [..., 3, 3].
func checkMatrices(_ function: String, _ argument: String, _ rot: Tensor) throws(ArgumentError) {
  guard rot.rank >= 2, rot.shape[rot.rank - 1].known == 3, rot.shape[rot.rank - 2].known == 3,
    rot.dtype.isFloatingPoint
  else {
    throw ArgumentError(
      function, argument,
      "expected floating-point rotation matrices [..., 3, 3], received \(rot.dtype) of shape "
        + "\(rot.shape)")
  }
}
