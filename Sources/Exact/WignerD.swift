internal import E3xLocks

/// One product in the recursion for Wigner-D matrices: it adds
/// coefficient * rotation[rotationIndex] * D^(l-1)[previousIndex] to D^l[index].
package struct WignerDTerm: Hashable, Sendable {
  /// Row-major index in D^l, a matrix of shape (2l+1, 2l+1).
  package var index: Int
  /// Row-major index in the rotation matrix, of shape (3, 3), rows and columns x, y, z.
  package var rotationIndex: Int
  /// Row-major index in D^(l-1), a matrix of shape (2l-1, 2l-1).
  package var previousIndex: Int
  /// The coefficient, never zero.
  package var coefficient: Double
}

/// Wigner-D matrices, which rotate irreducible representations: Y(r) D(R) = Y(r R) for the row
/// vector Y of spherical harmonics (e3x's `so3.wigner_d`).
///
/// The representation of degree l is the part of (degree 1) x (degree l-1) that the Clebsch-Gordan
/// coefficients C of degrees (1, l-1, l) project out, so D^l = C^T (R x D^(l-1)) C. As C has
/// orthonormal columns, the recursion does not amplify rounding errors. For matrices that are no
/// rotations it yields the same polynomials of degree l in the nine entries as e3x: both project
/// the l-fold tensor power of R onto traceless symmetric tensors. Derivatives with respect to the
/// entries agree, too, therefore (recursions that use the orthogonality of R, such as Ivanic and
/// Ruedenberg's, J. Phys. Chem. 100, 6342 (1996), have other ones).
package enum WignerD {
  private struct Key: Hashable {
    var degree: Int
    var cartesianOrder: Bool
  }

  private static let cache = Guarded<[Key: [WignerDTerm]]>([:])

  /// The products that make up D^l, given the rotation matrix and D^(l-1); D^0 is (1).
  ///
  /// - Parameters:
  ///   - degree: The degree l >= 1.
  ///   - cartesianOrder: Whether rows and columns of D are in Cartesian order (see
  ///     ``IrrepsOrder``); those of the rotation matrix are always x, y, z.
  /// - Returns: The terms, sorted by their index in D^l.
  package static func recursionTerms(
    degree: Int, cartesianOrder: Bool = true
  ) -> [WignerDTerm] {
    precondition(degree >= 1, "the recursion starts at degree 1, received \(degree)")
    let key = Key(degree: degree, cartesianOrder: cartesianOrder)
    if let known = cache.withLock({ $0[key] }) { return known }
    let axes = cartesianOrder ? [0, 1, 2] : [1, 2, 0]
    let (size, previousSize) = (2 * degree + 1, 2 * degree - 1)
    var columns = [[ClebschGordanTerm]](repeating: [], count: size)
    for term in ClebschGordan.terms(1, degree - 1, degree, cartesianOrder: cartesianOrder) {
      columns[term.third].append(term)
    }
    var terms: [WignerDTerm] = []
    for row in 0..<size {
      for column in 0..<size {
        for left in columns[row] {
          for right in columns[column] {
            terms.append(
              WignerDTerm(
                index: row * size + column,
                rotationIndex: axes[left.first] * 3 + axes[right.first],
                previousIndex: left.second * previousSize + right.second,
                coefficient: left.value * right.value))
          }
        }
      }
    }
    cache.withLock { $0[key] = terms }
    return terms
  }

  /// The Wigner-D matrices of all degrees up to `maxDegree`, one after the other.
  ///
  /// - Parameters:
  ///   - rotation: A row-major 3x3 matrix that rotates row vectors from the right.
  ///   - maxDegree: The highest degree.
  ///   - cartesianOrder: Whether rows and columns of D are in Cartesian order.
  /// - Returns: For every degree l a row-major array of shape (2l+1, 2l+1).
  package static func blocks(
    rotation: [Double], maxDegree: Int, cartesianOrder: Bool = true
  ) -> [[Double]] {
    precondition(rotation.count == 9, "a rotation matrix has 9 entries, not \(rotation.count)")
    precondition(maxDegree >= 0, "degree must be positive or zero, received \(maxDegree)")
    var blocks: [[Double]] = [[1]]
    for degree in 0..<maxDegree {
      let size = 2 * degree + 3
      var block = [Double](repeating: 0, count: size * size)
      for term in recursionTerms(degree: degree + 1, cartesianOrder: cartesianOrder) {
        block[term.index] +=
          term.coefficient * rotation[term.rotationIndex] * blocks[degree][term.previousIndex]
      }
      blocks.append(block)
    }
    return blocks
  }

  /// The block-diagonal Wigner-D matrix of all degrees up to `maxDegree` (e3x's `so3.wigner_d`).
  ///
  /// - Returns: A row-major array of shape ((maxDegree+1)^2, (maxDegree+1)^2).
  package static func matrix(
    rotation: [Double], maxDegree: Int, cartesianOrder: Bool = true
  ) -> [Double] {
    let size = (maxDegree + 1) * (maxDegree + 1)
    var matrix = [Double](repeating: 0, count: size * size)
    let blocks = blocks(rotation: rotation, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
    for (degree, block) in blocks.enumerated() {
      let (offset, count) = (degree * degree, 2 * degree + 1)
      for row in 0..<count {
        for column in 0..<count {
          matrix[(offset + row) * size + offset + column] = block[row * count + column]
        }
      }
    }
    return matrix
  }
}
