package import E3xEngine
internal import E3xSO3

/// The shape of equivariant features: [..., P, (L+1)², F].
///
/// P = 1: tensors only (parity (-1)^l for degree l). P = 2: even features at 0, odd ones at 1.
package struct FeatureShape: Hashable, Sendable {
  /// The leading axes.
  package var batch: Shape
  /// P, the number of parity channels.
  package var parities: Int
  /// L, the highest degree.
  package var maxDegree: Int
  /// F, the number of features.
  package var features: Int

  package init(batch: Shape, parities: Int, maxDegree: Int, features: Int) {
    self.batch = batch
    self.parities = parities
    self.maxDegree = maxDegree
    self.features = features
  }

  /// Reads a shape of features.
  /// - Throws: `ArgumentError` naming `argument` if it is none.
  package init(_ x: Tensor, function: String, argument: String) throws(ArgumentError) {
    let shape = x.shape
    func error(_ reason: String) -> ArgumentError { ArgumentError(function, argument, reason) }
    guard shape.rank >= 3 else {
      throw error(
        "features have at least three axes [..., parity, degree, features], received shape \(shape)"
      )
    }
    guard let parities = shape[shape.rank - 3].known, parities == 1 || parities == 2 else {
      throw error("axis -3 (parity) must have size 1 or 2, received shape \(shape)")
    }
    guard let size = shape[shape.rank - 2].known, let degree = Self.degree(ofSize: size) else {
      throw error("axis -2 (degree) must have size (L+1)^2, received shape \(shape)")
    }
    guard degree <= DegreeLimit.features else {
      throw error(
        "axis -2 (degree) may have degrees up to \(DegreeLimit.features), received shape \(shape)")
    }
    guard let features = shape[shape.rank - 1].known else {
      throw error("axis -1 (features) must have a known size, received shape \(shape)")
    }
    self.init(
      batch: shape.dropLast(axes: 3), parities: parities, maxDegree: degree, features: features)
  }

  private static func degree(ofSize size: Int) -> Int? {
    // Exact for all sizes that can be: squares up to 2^52.
    guard size >= 1, size < 1 << 52 else { return nil }
    let root = Int(Double(size).squareRoot())
    return root * root == size ? root - 1 : nil
  }

  /// The number of entries of the degree axis, (L+1)².
  package var degreeSize: Int { (maxDegree + 1) * (maxDegree + 1) }
  /// The number of components: P (L+1)².
  package var components: Int { parities * degreeSize }

  /// The shape itself.
  package var shape: Shape {
    batch + Shape([parities, degreeSize, features])
  }

  /// The shape with parity and degree as one axis of components.
  package var flattened: Shape {
    batch + Shape([components, features])
  }

  /// All degrees with their parity channels: what each block of components holds, in order.
  package var blocks: [FeatureBlock] {
    (0..<parities).flatMap { parity in
      (0...maxDegree).map { degree in
        FeatureBlock(
          channel: parity, degree: degree, isOdd: parities == 2 ? parity == 1 : degree % 2 == 1,
          start: parity * degreeSize + degree * degree)
      }
    }
  }

  /// For each component, the position of its block in `blocks`.
  package var blockOfComponent: [Int] {
    blocks.enumerated().flatMap { index, block in
      [Int](repeating: index, count: 2 * block.degree + 1)
    }
  }
}

/// The components of one degree and parity.
package struct FeatureBlock: Hashable, Sendable {
  /// The position on the parity axis.
  package let channel: Int
  /// l
  package let degree: Int
  /// Whether the features change their sign when space is inverted.
  package let isOdd: Bool
  /// The first of the 2l+1 components.
  package let start: Int

  /// e3x's name: "1-".
  package var name: String { "\(degree)\(isOdd ? "-" : "+")" }
}
