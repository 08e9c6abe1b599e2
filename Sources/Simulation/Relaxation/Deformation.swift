internal import E3xSystem

/// How the vectors of a cell may change.
public typealias CellFreedom = IsothermalIsobaric.Coupling

/// A pure stretch of space by coordinates: the exponential of a symmetric matrix that they span.
///
/// The logarithm of the deformation as in Tadmor et al. (J. Mech. Phys. Solids 47, 1999) and ASE's
/// FrechetCellFilter, but without what only turns.
struct Deformation {
  /// Å: a coordinate over its strain. With √N times the size of an atom the curvature of the energy is
  /// about that of a bond, whatever the number N of atoms.
  let scale: Double
  /// Orthonormal symmetric matrices, [3, 3] each.
  private let basis: [[Double]]

  init(_ freedom: CellFreedom, scale: Double) {
    self.scale = scale
    func matrix(_ entries: [Int: Double]) -> [Double] { (0..<9).map { entries[$0] ?? 0 } }
    let (third, half) = ((1.0 / 3).squareRoot(), 0.5.squareRoot())
    let axes = [matrix([0: 1]), matrix([4: 1]), matrix([8: 1])]
    basis =
      switch freedom {
      case .isotropic: [matrix([0: third, 4: third, 8: third])]
      case .axes: axes
      case .full:
        axes + [
          matrix([5: half, 7: half]), matrix([2: half, 6: half]), matrix([1: half, 3: half]),
        ]
      }
  }

  /// The number of coordinates.
  var count: Int { basis.count }

  private func logarithm(_ coordinates: [Double]) -> (values: [Double], axes: [Double]) {
    var sum = [Double](repeating: 0, count: 9)
    for (coordinate, matrix) in zip(coordinates, basis) {
      for index in 0..<9 { sum[index] += coordinate / scale * matrix[index] }
    }
    let (values, vectors) = SymmetricMatrix.eigen(sum, size: 3)
    return (values, vectors)
  }

  /// The greatest logarithm of a stretch, up or down.
  func largestStrain(_ coordinates: [Double]) -> Double {
    logarithm(coordinates).values.reduce(0) { max($0, abs($1)) }
  }

  /// The deformation, [3, 3], symmetric.
  func matrix(_ coordinates: [Double]) -> [Double] {
    let (values, axes) = logarithm(coordinates)
    return Self.product(axes, values.map { exp($0) })
  }

  /// The negative derivatives of an energy with respect to the coordinates.
  /// - Parameter strain: its derivative with respect to strain where the deformation is, eV, [3, 3],
  ///   symmetric.
  func forces(_ coordinates: [Double], strain: [Double]) -> [Double] {
    let (values, axes) = logarithm(coordinates)
    // With respect to the deformation itself, strain times its inverse; in its axes.
    let inverse = Self.product(axes, values.map { exp(-$0) })
    var rotated = Self.rotated(Matrix3.product(strain, inverse), axes)
    for i in 0..<3 {
      for j in 0..<3 {
        let difference = values[i] - values[j]
        // The divided difference of the exponential.
        let factor =
          abs(difference) < 1e-6
          ? exp((values[i] + values[j]) / 2) : (exp(values[i]) - exp(values[j])) / difference
        rotated[3 * i + j] *= factor
      }
    }
    let gradient = Self.rotated(rotated, Matrix3.transposed(axes))
    return basis.map { -Vector.dot($0, gradient) / scale }
  }

  /// A symmetric matrix of its eigenvalues.
  private static func product(_ axes: [Double], _ values: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: 9)
    for i in 0..<3 {
      for j in 0..<3 {
        for k in 0..<3 { result[3 * i + j] += axes[3 * i + k] * values[k] * axes[3 * j + k] }
      }
    }
    return result
  }

  /// axesᵀ matrix axes
  private static func rotated(_ matrix: [Double], _ axes: [Double]) -> [Double] {
    Matrix3.product(Matrix3.transposed(axes), Matrix3.product(matrix, axes))
  }
}

/// Arithmetic of matrices [3, 3] in row-major order.
enum Matrix3 {
  static let identity: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

  static func product(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: 9)
    for i in 0..<3 {
      for j in 0..<3 {
        for k in 0..<3 { result[3 * i + j] += a[3 * i + k] * b[3 * k + j] }
      }
    }
    return result
  }

  static func transposed(_ a: [Double]) -> [Double] {
    (0..<9).map { a[3 * ($0 % 3) + $0 / 3] }
  }

  /// The rows of `vectors`, [n, 3], each multiplied with a matrix.
  static func applied(_ matrix: [Double], to vectors: [Double]) -> [Double] {
    var result = vectors
    for first in stride(from: 0, to: vectors.count, by: 3) {
      for i in 0..<3 {
        result[first + i] =
          matrix[3 * i] * vectors[first] + matrix[3 * i + 1] * vectors[first + 1]
          + matrix[3 * i + 2] * vectors[first + 2]
      }
    }
    return result
  }
}
