public import E3xEngine
public import E3xPotentials

/// Elastic constants of a crystal: how its stress follows strain.
public struct ElasticConstants: Sendable, Equatable {
  /// Stress by strain, eV/Å³, [6, 6] in row-major order, symmetric; Voigt's order xx, yy, zz, yz, xz, xy,
  /// with shears of twice the component of the tensor.
  public let matrix: [Double]
  /// How far the measured matrix was from symmetric at most, eV/Å³.
  public let asymmetry: Double
  /// Of the crystal without strain, eV/Å³, [3, 3]. Where it is not small the constants are those of stress
  /// against strain, which under pressure differ from second derivatives of the energy.
  public let stress: [Double]
  /// Whether the atoms of all strained structures came to rest.
  public let isConverged: Bool

  /// Places of Voigt's six in a matrix [3, 3].
  static let places = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]

  /// Measures the stress at positive and negative strains of each kind, with the atoms relaxed; of 36
  /// differences, the pairs across the diagonal are averaged, and nothing else of the symmetry is assumed.
  ///
  /// - Parameters:
  ///   - frame: the crystal, relaxed.
  ///   - strain: the largest component of the strains, in Voigt's sense, above 0 and at most 0.1.
  ///   - relaxing: how atoms are relaxed; nil if they follow the strain.
  ///   - fixed: which of the 3N coordinates only follow the strain; none if nil.
  ///   - field: what computes the stress.
  /// - Throws: `ArgumentError` naming `strain`, or a `frame` that does not repeat along three vectors;
  ///   what the field throws.
  public init(
    _ frame: LabelledFrame, strain: Double = 0.005,
    relaxing: RelaxationOptions? = RelaxationOptions(force: 1e-3), fixed: [Bool]? = nil,
    field: inout some BatchForceField
  ) throws {
    guard strain > 0, strain <= 0.1 else {
      throw ArgumentError(
        "ElasticConstants", "strain",
        "expected a number above 0 and at most 0.1, received \(strain)")
    }
    _ = try frame.crystalVolume(function: "ElasticConstants")
    let strained = (0..<12).map { index in
      frame.deformed(by: Self.deformation(index / 2, index % 2 == 0 ? strain : -strain))
    }
    let relaxed = try Self.predictions([frame] + strained, relaxing, fixed, &field)
    isConverged = relaxed.isConverged
    let stresses = try relaxed.predictions.map { prediction throws(ArgumentError) in
      guard let stress = prediction?.stress, stress.count == 9 else {
        throw ArgumentError("ElasticConstants", "field", "expected a stress, but there is none")
      }
      return stress
    }
    stress = stresses[0]
    var measured = [Double](repeating: 0, count: 36)
    for column in 0..<6 {
      let (up, down) = (stresses[1 + 2 * column], stresses[2 + 2 * column])
      for (row, (i, j)) in Self.places.enumerated() {
        measured[6 * row + column] = (up[3 * i + j] - down[3 * i + j]) / (2 * strain)
      }
    }
    var largest = 0.0
    var symmetric = measured
    for i in 0..<6 {
      for j in 0..<6 {
        symmetric[6 * i + j] = (measured[6 * i + j] + measured[6 * j + i]) / 2
        largest = max(largest, abs(measured[6 * i + j] - measured[6 * j + i]))
      }
    }
    (matrix, asymmetry) = (symmetric, largest)
  }

  /// Constants that are known.
  /// - Parameter matrix: eV/Å³, [6, 6], symmetric.
  /// - Throws: `ArgumentError` naming a `matrix` that is not of 36 finite numbers.
  public init(matrix: [Double]) throws(ArgumentError) {
    guard matrix.count == 36, matrix.allSatisfy(\.isFinite) else {
      throw ArgumentError(
        "ElasticConstants", "matrix", "expected 36 finite numbers, received \(matrix.count)")
    }
    self.matrix = matrix
    (asymmetry, isConverged) = (0, true)
    stress = [Double](repeating: 0, count: 9)
  }

  /// 1 + strain, of one of Voigt's components.
  private static func deformation(_ component: Int, _ strain: Double) -> [Double] {
    var result = Matrix3.identity
    let (i, j) = places[component]
    result[3 * i + j] += i == j ? strain : strain / 2
    if i != j { result[3 * j + i] += strain / 2 }
    return result
  }

  private static func predictions(
    _ frames: [LabelledFrame], _ relaxing: RelaxationOptions?, _ fixed: [Bool]?,
    _ field: inout some BatchForceField
  ) throws -> (predictions: [Potential.Prediction?], isConverged: Bool) {
    guard var options = relaxing else { return (try field.predict(frames), true) }
    options.cell = nil
    let results = try RelaxationBatch.relaxed(
      frames.map { try Relaxation($0, LBFGS(), options: options, fixed: fixed) }, &field)
    return (results.map(\.prediction), results.allSatisfy(\.isConverged))
  }
}
