internal import E3xEngine
public import E3xPotentials
internal import E3xSystem

/// The second derivatives of a crystal's energy between the atoms of one cell and those of all cells of a
/// supercell.
public struct ForceConstants: Sendable {
  /// The cell that repeats.
  public let primitive: LabelledFrame
  /// How often it repeats along its vectors in the supercell; three numbers.
  public let repeats: [Int]
  /// Of its atoms, u.
  public let masses: [Double]
  /// How far the forces on an atom were from cancelling when the whole crystal moves, at most, eV/Å²,
  /// before the acoustic sum rule was imposed.
  public let acousticError: Double

  /// An atom and an image of another one, with the derivatives, [3, 3], over the roots of masses and over
  /// the number of equally near images.
  private struct Term {
    let (first, second): (Int, Int)
    /// How many cells away.
    let cell: SIMD3<Double>
    let values: [Double]
  }
  private let terms: [Term]

  /// Computes the derivatives, makes forces cancel where the whole crystal moves (the acoustic sum rule,
  /// by what an atom does to itself), and gives each pair to its nearest images.
  ///
  /// - Parameters:
  ///   - primitive: a crystal at a minimum.
  ///   - repeats: how often its cell repeats along its vectors; three positive numbers. The supercell has
  ///     to be larger than twice the reach of forces for exact results.
  ///   - masses: of its atoms, u; standard atomic weights if nil.
  ///   - field: what gives second derivatives.
  /// - Throws: `ArgumentError` naming `repeats`, `masses` or a `primitive` that does not repeat along three
  ///   vectors; what the field throws.
  public init(
    _ primitive: LabelledFrame, repeats: [Int], masses: [Double]? = nil, field: some HessianField
  ) throws {
    let function = "ForceConstants"
    guard primitive.pbc == [true, true, true], let cell = primitive.cell, cell.count == 9 else {
      throw ArgumentError(
        function, "primitive", "expected a structure that repeats along three vectors")
    }
    guard repeats.count == 3, repeats.allSatisfy({ (1...100).contains($0) }) else {
      throw ArgumentError(
        function, "repeats", "expected three numbers from 1 to 100, received \(repeats)")
    }
    let masses = try NormalModes.checkedMasses(masses, primitive)
    (self.primitive, self.repeats, self.masses) = (primitive, repeats, masses)
    let (frame, cells) = Self.supercell(primitive, cell, repeats)
    let count = primitive.count
    let size = frame.positions.count
    var rows = try field.hessian(of: frame, rows: 0..<(3 * count))
    var largest = 0.0
    for row in 0..<(3 * count) {
      for axis in 0..<3 {
        let sum = stride(from: axis, to: size, by: 3).reduce(0) { $0 + rows[row * size + $1] }
        largest = max(largest, abs(sum))
        rows[row * size + row / 3 * 3 + axis] -= sum
      }
    }
    acousticError = largest
    var terms: [Term] = []
    for first in 0..<count {
      for other in 0..<frame.count {
        let second = other % count
        let images = Self.nearest(
          primitive, cell, repeats, first: first, second: second, cell: cells[other / count])
        let scale = (masses[first] * masses[second]).squareRoot() * Double(images.count)
        let values = (0..<9).map {
          rows[(3 * first + $0 / 3) * size + 3 * other + $0 % 3] / scale
        }
        guard values.contains(where: { $0 != 0 }) else { continue }
        terms += images.map { Term(first: first, second: second, cell: $0, values: values) }
      }
    }
    self.terms = terms
  }

  /// The cell of the origin comes first.
  private static func supercell(
    _ primitive: LabelledFrame, _ cell: [Double], _ repeats: [Int]
  ) -> (frame: LabelledFrame, cells: [SIMD3<Double>]) {
    var frame = primitive
    (frame.atomicNumbers, frame.positions) = ([], [])
    (frame.energy, frame.forces, frame.stress) = (nil, nil, nil)
    var cells: [SIMD3<Double>] = []
    for i in 0..<repeats[0] {
      for j in 0..<repeats[1] {
        for k in 0..<repeats[2] {
          let place = SIMD3(Double(i), Double(j), Double(k))
          let shift = vector(place, cell)
          cells.append(place)
          frame.atomicNumbers += primitive.atomicNumbers
          frame.positions += primitive.positions.indices.map {
            primitive.positions[$0] + shift[$0 % 3]
          }
        }
      }
    }
    frame.cell = (0..<9).map { cell[$0] * Double(repeats[$0 / 3]) }
    return (frame, cells)
  }

  private static func vector(_ place: SIMD3<Double>, _ cell: [Double]) -> SIMD3<Double> {
    SIMD3(
      (0..<3).map { place[0] * cell[$0] + place[1] * cell[3 + $0] + place[2] * cell[6 + $0] })
  }

  /// The cells of those images of an atom in the supercell that are nearest to another atom.
  private static func nearest(
    _ primitive: LabelledFrame, _ cell: [Double], _ repeats: [Int], first: Int, second: Int,
    cell place: SIMD3<Double>
  ) -> [SIMD3<Double>] {
    let difference = SIMD3(
      (0..<3).map { primitive.positions[3 * second + $0] - primitive.positions[3 * first + $0] })
    var images: [(cell: SIMD3<Double>, distance: Double)] = []
    for i in -2...2 {
      for j in -2...2 {
        for k in -2...2 {
          let shift = SIMD3(Double(i * repeats[0]), Double(j * repeats[1]), Double(k * repeats[2]))
          let d = difference + vector(place + shift, cell)
          images.append((place + shift, (d * d).sum().squareRoot()))
        }
      }
    }
    let least = images.map(\.distance).min() ?? 0
    return images.filter { $0.distance < least + 1e-4 }.map(\.cell)
  }

  /// The wavenumbers of the vibrations with a wave vector, cm⁻¹, ascending, imaginary ones negative: three
  /// for each atom of the primitive cell.
  ///
  /// - Parameter q: in units of the reciprocal vectors of the primitive cell.
  public func wavenumbers(_ q: SIMD3<Double>) -> [Double] {
    let n = 3 * primitive.count
    var (real, imaginary) = (
      [Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n)
    )
    for term in terms {
      let phase = 2 * .pi * (q * term.cell).sum()
      let (c, s) = (cos(phase), sin(phase))
      for index in 0..<9 {
        let place = (3 * term.first + index / 3) * n + 3 * term.second + index % 3
        real[place] += c * term.values[index]
        imaginary[place] += s * term.values[index]
      }
    }
    // A Hermitian matrix A + iB as the symmetric one of A, −B, B, A: each eigenvalue comes twice.
    var matrix = [Double](repeating: 0, count: 4 * n * n)
    for i in 0..<n {
      for j in 0..<n {
        let a = (real[i * n + j] + real[j * n + i]) / 2
        let b = (imaginary[i * n + j] - imaginary[j * n + i]) / 2
        matrix[i * 2 * n + j] = a
        matrix[(n + i) * 2 * n + n + j] = a
        matrix[i * 2 * n + n + j] = -b
        matrix[(n + i) * 2 * n + j] = b
      }
    }
    let values = SymmetricMatrix.eigen(matrix, size: 2 * n).values
    return (0..<n).map { Wavenumber.of(curvature: (values[2 * $0] + values[2 * $0 + 1]) / 2) }
  }
}
