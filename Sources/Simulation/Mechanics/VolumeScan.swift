internal import E3xEngine
public import E3xPotentials
internal import E3xSystem

/// Energies of a crystal at several volumes, of the same shape.
public struct VolumeScan: Sendable {
  /// Å³, ascending.
  public let volumes: [Double]
  /// eV
  public let energies: [Double]
  /// Whether all structures whose atoms were relaxed converged.
  public let isConverged: Bool

  /// - Parameters:
  ///   - frame: the crystal, near the volume at which its energy is least.
  ///   - range: how far the volume goes up and down, as a fraction, above 0 and below 1.
  ///   - points: how many volumes, at least 5.
  ///   - relaxing: how atoms are relaxed at each volume; nil if they keep their places in the cell.
  ///   - field: what computes the energies.
  /// - Throws: `ArgumentError` naming `range`, `points`, or a `frame` that does not repeat along three
  ///   vectors; what the field throws.
  public init(
    _ frame: LabelledFrame, range: Double = 0.05, points: Int = 11,
    relaxing: RelaxationOptions? = nil, field: inout some BatchForceField
  ) throws {
    guard range > 0, range < 1 else {
      throw ArgumentError(
        "VolumeScan", "range", "expected a number above 0 and below 1, received \(range)")
    }
    guard points >= 5, points <= 10_000 else {
      throw ArgumentError("VolumeScan", "points", "expected 5 to 10000, received \(points)")
    }
    let volume = try frame.crystalVolume(function: "VolumeScan")
    let ratios = (0..<points).map { 1 + range * (2 * Double($0) / Double(points - 1) - 1) }
    let frames = ratios.map { ratio in
      let edge = cbrt(ratio)
      return frame.deformed(by: Matrix3.identity.map { $0 * edge })
    }
    volumes = ratios.map { $0 * volume }
    guard var options = relaxing else {
      energies = try field.predict(frames).map(\.energy)
      isConverged = true
      return
    }
    options.cell = nil
    let results = try RelaxationBatch.relaxed(
      frames.map { try Relaxation($0, LBFGS(), options: options) }, &field)
    energies = results.map { $0.prediction?.energy ?? .nan }
    isConverged = results.allSatisfy(\.isConverged)
  }
}

extension LabelledFrame {
  /// The volume of what repeats along three vectors, Å³.
  /// - Throws: `ArgumentError` naming `frame` of any other.
  func crystalVolume(function: String) throws(ArgumentError) -> Double {
    guard pbc == [true, true, true], let cell = try periodicCell() else {
      throw ArgumentError(
        function, "frame", "expected a structure that repeats along three vectors")
    }
    return cell.volume
  }

  /// Positions and vectors of the cell multiplied with a matrix, [3, 3].
  func deformed(by matrix: [Double]) -> LabelledFrame {
    var frame = self
    frame.positions = Matrix3.applied(matrix, to: positions)
    frame.cell = cell.map { Matrix3.applied(matrix, to: $0) }
    return frame
  }
}
