internal import E3xEngine
public import E3xPotentials

/// The vibrations of a structure about a minimum of its energy, in the harmonic approximation.
public struct NormalModes: Sendable {
  /// A vibration.
  public struct Mode: Sendable {
    /// cm⁻¹; negative for an imaginary frequency: the structure is no minimum.
    public let wavenumber: Double
    /// The directions in which atoms move, [N, 3]; the sum of squares is 1.
    public let displacement: [Double]
    /// The mass of the motion along the direction, u.
    public let reducedMass: Double
  }

  /// By wavenumber, ascending: 3N of them without translations and rotations.
  public let modes: [Mode]
  /// What the second derivatives give for translations and rotations, cm⁻¹, ascending: zero at a minimum,
  /// but for rounding and, of rotations, for what is left of forces.
  public let rigidWavenumbers: [Double]

  /// The wavenumbers of the modes, cm⁻¹, ascending.
  public var wavenumbers: [Double] { modes.map(\.wavenumber) }

  /// Translations, and the rotations of what repeats nowhere, are taken out by projection: of what repeats
  /// the vibrations are those in which all cells move alike. Where atoms are fixed nothing is taken out.
  ///
  /// - Parameters:
  ///   - frame: at a minimum.
  ///   - masses: [N], u; standard atomic weights if nil.
  ///   - fixed: which of the 3N coordinates do not move; none if nil.
  ///   - field: what gives second derivatives.
  /// - Throws: `ArgumentError` naming a `frame` without atoms, `masses` or `fixed`; what the field throws.
  public init(
    _ frame: LabelledFrame, masses: [Double]? = nil, fixed: [Bool]? = nil,
    field: some HessianField
  ) throws {
    let size = frame.positions.count
    let masses = try Self.checkedMasses(masses, frame)
    guard fixed == nil || fixed?.count == size else {
      throw ArgumentError(
        "NormalModes", "fixed", "expected \(size) values, received \(fixed?.count ?? 0)")
    }
    let free = (0..<size).filter { fixed?[$0] != true }
    let hessian = try field.hessian(of: frame, rows: nil)
    let n = free.count
    var matrix = [Double](repeating: 0, count: n * n)
    for (row, i) in free.enumerated() {
      for (column, j) in free.enumerated() {
        matrix[row * n + column] =
          hessian[i * size + j] / (masses[i / 3] * masses[j / 3]).squareRoot()
      }
    }
    let rigid =
      n < size
      ? []
      : RigidModes.directions(
        frame.positions, masses: masses, turns: !frame.pbc.contains(true))
    rigidWavenumbers = Self.curvatures(matrix, along: rigid).map(Wavenumber.of)
    let (values, vectors) = Self.vibrations(matrix, without: rigid, size: n)
    modes = values.indices.map { k in
      var displacement = [Double](repeating: 0, count: size)
      for (row, i) in free.enumerated() {
        displacement[i] = vectors[row * n + k] / masses[i / 3].squareRoot()
      }
      let norm = Vector.norm(displacement)
      return Mode(
        wavenumber: Wavenumber.of(curvature: values[k]),
        displacement: displacement.map { $0 / norm }, reducedMass: 1 / (norm * norm))
    }
  }

  static func checkedMasses(_ masses: [Double]?, _ frame: LabelledFrame) throws -> [Double] {
    guard frame.count > 0 else {
      throw ArgumentError("NormalModes", "frame", "expected at least one atom")
    }
    let masses = try masses ?? frame.atomicNumbers.map { try AtomicMass.standard(of: $0) }
    guard masses.count == frame.count, masses.allSatisfy({ $0 > 0 && $0 < .infinity }) else {
      throw ArgumentError(
        "NormalModes", "masses",
        "expected \(frame.count) positive finite numbers, received \(masses)")
    }
    return masses
  }

  /// Eigenvalues of a matrix within some directions.
  private static func curvatures(_ matrix: [Double], along directions: [[Double]]) -> [Double] {
    let count = directions.count
    var part = [Double](repeating: 0, count: count * count)
    for (i, direction) in directions.enumerated() {
      let image = product(matrix, direction)
      for j in 0..<count { part[count * i + j] = Vector.dot(image, directions[j]) }
    }
    return SymmetricMatrix.eigen(part, size: count).values
  }

  /// Eigenvalues, and eigenvectors as columns, at right angles to some directions: these are moved above
  /// all others.
  private static func vibrations(
    _ matrix: [Double], without directions: [[Double]], size n: Int
  ) -> (values: [Double], vectors: [Double]) {
    var matrix = matrix
    // No eigenvalue is greater than the greatest sum of a row.
    let bound = (0..<n).reduce(0) { largest, row in
      max(largest, (0..<n).reduce(0) { $0 + abs(matrix[row * n + $1]) })
    }
    for direction in directions {
      let image = product(matrix, direction)
      let curvature = Vector.dot(image, direction)
      for i in 0..<n {
        for j in 0..<n {
          // (1 − d dᵀ) matrix (1 − d dᵀ)
          matrix[i * n + j] +=
            curvature * direction[i] * direction[j] - image[i] * direction[j]
            - direction[i] * image[j]
        }
      }
    }
    for direction in directions {
      for i in 0..<n {
        for j in 0..<n {
          matrix[i * n + j] += (4 * bound + 1) * direction[i] * direction[j]
        }
      }
    }
    let (values, vectors) = SymmetricMatrix.eigen(matrix, size: n)
    return (Array(values.dropLast(directions.count)), vectors)
  }

  private static func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let n = vector.count
    return (0..<n).map { row in (0..<n).reduce(0) { $0 + matrix[row * n + $1] * vector[$1] } }
  }
}
