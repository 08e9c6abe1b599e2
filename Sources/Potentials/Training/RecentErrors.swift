/// Mean loss and errors of a training since its last record; nil for labels that the frames since
/// then lack.
public struct TrainingProgress: Sendable {
  /// The mean loss.
  public var loss: Double
  /// Mean absolute error of energies, meV.
  public var energyMAE: Double?
  /// Mean absolute error of force components, meV/Å.
  public var forcesMAE: Double?
  /// Mean absolute error of stress components, meV/Å³.
  public var stressMAE: Double?

  /// Means of these values.
  public init(
    loss: Double, energyMAE: Double? = nil, forcesMAE: Double? = nil, stressMAE: Double? = nil
  ) {
    (self.loss, self.energyMAE) = (loss, energyMAE)
    (self.forcesMAE, self.stressMAE) = (forcesMAE, stressMAE)
  }
}

/// Sums over the steps since the last record.
struct RecentErrors: Sendable {
  var loss = 0.0
  var energies = 0.0
  var forces = 0.0
  var stress = 0.0
  var steps = 0
  /// How many numbers had a label.
  var frames = 0
  var components = 0
  var stressComponents = 0

  mutating func add(
    loss: Double, energies: Double, forces: Double, stress: Double,
    _ counts: (energies: Int, forces: Int, stress: Int)
  ) {
    self.loss += loss
    self.energies += energies
    self.forces += forces
    self.stress += stress
    frames += counts.energies
    components += counts.forces
    stressComponents += counts.stress
    steps += 1
  }

  /// Whether these can be sums of a training: none is negative or so large that counts overflow.
  var isPlausible: Bool {
    [steps, frames, components, stressComponents].allSatisfy { (0...(1 << 53)).contains($0) }
  }

  /// The means.
  var progress: TrainingProgress {
    func mean(_ sum: Double, _ count: Int) -> Double? {
      count > 0 ? 1000 * sum / Double(count) : nil
    }
    return TrainingProgress(
      loss: loss / Double(max(1, steps)), energyMAE: mean(energies, frames),
      forcesMAE: mean(forces, components), stressMAE: mean(stress, stressComponents))
  }
}

extension RecentErrors: Codable {
  /// Reads sums; null is what was no number. Files of versions that learned no stress say nothing
  /// of it.
  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func sum(_ key: CodingKeys) throws -> Double {
      try values.decodeIfPresent(Double.self, forKey: key) ?? .nan
    }
    loss = try sum(.loss)
    energies = try sum(.energies)
    forces = try sum(.forces)
    stress = values.contains(.stress) ? try sum(.stress) : 0
    steps = try values.decode(Int.self, forKey: .steps)
    frames = try values.decode(Int.self, forKey: .frames)
    components = try values.decode(Int.self, forKey: .components)
    stressComponents = try values.decodeIfPresent(Int.self, forKey: .stressComponents) ?? 0
  }

  private enum CodingKeys: String, CodingKey {
    case loss, energies, forces, stress, steps, frames, components, stressComponents
  }
}
