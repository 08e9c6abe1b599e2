public import E3xEngine

/// A potential for a structure that moves in small steps: it keeps the pairs of atoms between calls
/// and searches anew only when some pair could have been missed.
///
///     var calculator = try Calculator(Potential(contentsOf: "model.safetensors"))
///     for _ in 0..<steps {
///       let forces = try calculator.predict(frame).forces
///       …
///     }
public struct Calculator: Sendable {
  /// What it computes.
  public let potential: Potential
  private var list: NeighborList

  /// A calculator that has seen nothing yet.
  /// - Parameter skin: Å; how far beyond the cutoff candidates for pairs are searched. 0 searches in
  ///   every call.
  /// - Throws: `ArgumentError` naming `skin` if it is negative or not finite, or the cutoff of a
  ///   potential that has none.
  public init(_ potential: Potential, skin: Double = Self.usualSkin) throws(ArgumentError) {
    self.potential = potential
    list = try NeighborList(cutoff: potential.model.cutoff, skin: skin)
  }

  /// Å; a search every ten to forty steps of dynamics at room temperature.
  public static let usualSkin = 0.5

  /// How often pairs were searched.
  public private(set) var searches = 0

  /// Where atoms were, and the vectors of the cell, when pairs were searched last. A calculator that is
  /// given them by ``searchAgain(_:)`` goes on to the same bits.
  package var searched: (positions: [Double], cell: [Double]?)? {
    list.searched.map { found in
      (found.positions, found.cell.map { $0.vectors.flatMap { [$0.x, $0.y, $0.z] } })
    }
  }

  /// Searches pairs in a structure, as another calculator did: see ``searched``.
  /// - Throws: `ArgumentError` naming positions or a cell that cannot be.
  package mutating func searchAgain(_ frame: LabelledFrame) throws {
    try potential.frameCheck.check([frame], function: "Calculator.searchAgain", argument: "frame")
    try list.searchAgain(positions: frame.positions, cell: frame.periodicCell())
  }

  /// Energy, forces and, of a periodic structure, stress.
  ///
  /// - Parameter frame: any structure; pairs are used again if it has the same atoms as the one
  ///   before, moved little and not wrapped into the cell anew. Its labels have no influence.
  /// - Parameter virials: whether virials are computed for molecules too.
  /// - Throws: `ArgumentError` as ``Potential/predict(_:batchSize:virials:)``.
  public mutating func predict(
    _ frame: LabelledFrame, virials: Bool = false
  ) throws -> Potential.Prediction {
    try potential.frameCheck.check([frame], function: "Calculator.predict", argument: "frame")
    let cell = try frame.periodicCell()
    let neighbors = try neighbors(frame.positions, cell)
    let example = Example(
      species: frame.atomicNumbers, neighbors: neighbors, volume: cell?.stressVolume)
    return try potential.predict([example], strains: virials || cell != nil)[0]
  }

  private mutating func neighbors(
    _ positions: [Double], _ cell: Cell?
  ) throws(ArgumentError) -> Neighbors {
    guard list.skin > 0 else {
      searches += 1
      return try Neighbors(positions: positions, cell: cell, cutoff: list.cutoff)
    }
    defer { searches = list.searches }
    return try list.neighbors(positions: positions, cell: cell)
  }
}
