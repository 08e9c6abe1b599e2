internal import E3xEngine

extension Initializer {
  /// Truncated normal numbers for kernels of fused tensor products, [L+1, F]. Matches
  /// `e3x.nn.initializers.fused_tensor_normal`.
  ///
  /// - Parameters:
  ///   - scale: The variance of all entries, or one for each degree or each entry.
  ///   - mask: Whether entries are used, for all, for each degree or for each entry; others are
  ///     exactly 0.
  public static func fusedTensorNormal(
    scale: [Double] = [1], mask: [Bool] = [true]
  ) -> Initializer {
    fusedTensor("fused_tensor_normal", .truncatedNormal, scale, mask)
  }

  /// Uniform numbers for kernels of fused tensor products, [L+1, F]. Matches
  /// `e3x.nn.initializers.fused_tensor_uniform`; parameters as of
  /// ``fusedTensorNormal(scale:mask:)``.
  public static func fusedTensorUniform(
    scale: [Double] = [1], mask: [Bool] = [true]
  ) -> Initializer {
    fusedTensor("fused_tensor_uniform", .uniform, scale, mask)
  }

  private static func fusedTensor(
    _ name: String, _ distribution: Distribution, _ scale: [Double], _ mask: [Bool]
  ) -> Initializer {
    Initializer { key, shape, dtype in
      guard shape.count == 2 else {
        throw ArgumentError(name, "shape", "expected two axes [L+1, F], received \(shape)")
      }
      let degrees = try elementCount(name, Array(shape.prefix(1)))
      let entries = try elementCount(name, shape)
      func check(_ argument: String, _ count: Int) throws(ArgumentError) {
        guard [1, degrees, entries].contains(count) else {
          throw ArgumentError(
            name, argument,
            "expected 1 value, \(degrees) (one for each degree) or \(entries) (one for each entry), "
              + "received \(count)")
        }
      }
      try check("scale", scale.count)
      try check("mask", mask.count)
      for variance in scale { try checkScale(name, variance) }
      let features = shape[1]
      return try distribution.values(name, key, shape, dtype) { index in
        func position(_ count: Int) -> Int {
          count == 1 ? 0 : count == degrees ? index / features : index
        }
        return mask[position(mask.count)] ? scale[position(scale.count)] : 0
      }
    }
  }
}

/// Draws the kernels of fused tensor products, [L+1, F], from a variance for each degree (0 for
/// entries that are not used).
public struct FusedInitializer: Sendable {
  /// From the variances, the initialiser of a kernel.
  public let initializer: @Sendable (_ variances: [Double]) -> Initializer

  /// An initialiser made by `initializer`.
  public init(_ initializer: @escaping @Sendable (_ variances: [Double]) -> Initializer) {
    self.initializer = initializer
  }

  /// Truncated normal values: the default of fused tensor products.
  public static let normal = FusedInitializer { .fusedTensorNormal(scale: $0) }
  /// Uniform values.
  public static let uniform = FusedInitializer { .fusedTensorUniform(scale: $0) }
}
