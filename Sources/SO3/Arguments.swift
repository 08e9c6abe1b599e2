package import E3xEngine

/// The highest degrees that operations take. They follow from what the work costs that is done
/// before the first number is there (tables of exact coefficients, which take seconds at these
/// degrees) and from the size of the results.
package enum DegreeLimit {
  /// Of features and harmonics: 65,536 components.
  package static let features = 255
  /// Of Wigner-D matrices: (L+1)⁴ entries each.
  package static let wignerD = 40
}

/// Refuses negative degrees, and those above a limit.
/// - Parameter needs: what degree L would need, for the message: by default its components.
package func checkDegree(
  _ function: String, _ argument: String, _ degree: Int, limit: Int = DegreeLimit.features,
  needs: (_ degree: Int) -> String = { components($0) }
) throws(ArgumentError) {
  guard degree >= 0 else {
    throw ArgumentError(function, argument, "must be positive or zero, received \(degree)")
  }
  guard degree <= limit else {
    throw ArgumentError(
      function, argument,
      "must be at most \(limit), received \(degree), which needs \(needs(degree))")
  }
}

/// "1002001 components": those of all degrees up to one.
private func components(_ degree: Int) -> String {
  let count = (Double(degree) + 1) * (Double(degree) + 1)
  return "\(count < 1e15 ? String(Int(count)) : "\(count)") components"
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
