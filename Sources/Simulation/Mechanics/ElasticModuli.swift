/// Elastic moduli of a polycrystal without texture (Hill, Proc. Phys. Soc. A 65, 349, 1952).
public struct ElasticModuli: Sendable, Equatable {
  /// Against compression, eV/Å³.
  public let bulk: Double
  /// Against shear, eV/Å³.
  public let shear: Double

  /// Of a rod that is pulled, eV/Å³.
  public var young: Double { 9 * bulk * shear / (3 * bulk + shear) }
  /// How much thinner a rod becomes that is pulled, over how much longer.
  public var poisson: Double { (3 * bulk - 2 * shear) / (6 * bulk + 2 * shear) }
}

extension ElasticConstants {
  /// A constant C_ij, i and j from 1 to 6, eV/Å³.
  public subscript(i: Int, j: Int) -> Double { matrix[6 * (i - 1) + j - 1] }

  /// The eigenvalues of the matrix, ascending, eV/Å³.
  public var eigenvalues: [Double] { SymmetricMatrix.eigen(matrix, size: 6).values }

  /// Whether every strain takes energy (Born): all eigenvalues are positive.
  public var isStable: Bool { eigenvalues.allSatisfy { $0 > 0 } }

  /// Strain by stress, Å³/eV, [6, 6]; nil for a matrix that has no inverse.
  public var compliance: [Double]? {
    let (values, vectors) = SymmetricMatrix.eigen(matrix, size: 6)
    let least = 1e-12 * (values.map(abs).max() ?? 0)
    guard values.allSatisfy({ abs($0) > least }) else { return nil }
    var result = [Double](repeating: 0, count: 36)
    for i in 0..<6 {
      for j in 0..<6 {
        for k in 0..<6 { result[6 * i + j] += vectors[6 * i + k] * vectors[6 * j + k] / values[k] }
      }
    }
    return result
  }

  /// With the same strain in all grains: the upper bound (Voigt).
  public var voigt: ElasticModuli {
    let (long, cross, shear) = Self.sums(matrix)
    return ElasticModuli(
      bulk: (long + 2 * cross) / 9, shear: (long - cross + 3 * shear) / 15)
  }

  /// With the same stress in all grains: the lower bound (Reuss); nil without a compliance.
  public var reuss: ElasticModuli? {
    compliance.map {
      let (long, cross, shear) = Self.sums($0)
      return ElasticModuli(
        bulk: 1 / (long + 2 * cross), shear: 15 / (4 * long - 4 * cross + 3 * shear))
    }
  }

  /// The mean of both bounds (Hill); nil without a compliance.
  public var hill: ElasticModuli? {
    reuss.map {
      ElasticModuli(bulk: ($0.bulk + voigt.bulk) / 2, shear: ($0.shear + voigt.shear) / 2)
    }
  }

  /// Sums over the diagonal of the first three, beside it, and over the diagonal of the last three.
  private static func sums(_ m: [Double]) -> (long: Double, cross: Double, shear: Double) {
    (m[0] + m[7] + m[14], m[1] + m[2] + m[8], m[21] + m[28] + m[35])
  }
}
