/// What was recorded at every validation.
public struct TrainingHistory: Codable, Sendable {
  /// One validation.
  public struct Record: Codable, Sendable {
    /// The number of steps done.
    public var step: Int
    /// The mean training loss since the last record.
    public var loss: Double
    /// The learning rate of the last step.
    public var learningRate: Double
    /// The mean absolute error of training energies since the last record, meV; nil where the
    /// training set lacks energies.
    public var trainEnergyMAE: Double?
    /// The mean absolute error of training forces since the last record, meV/Å; nil where the
    /// training set lacks forces.
    public var trainForcesMAE: Double?
    /// The errors on the validation set, of averaged parameters.
    public var validation: PredictionErrors?
    /// What the best parameters are chosen by, see ``Trainer/Best``; nil if it is not a number.
    public var score: Double?
    /// Whether the parameters of this step were the best so far.
    public var isBest: Bool?
  }
  /// In the order of steps.
  public var records: [Record] = []
}

/// Sums over the steps since the last record.
struct RecentErrors: Sendable, Codable {
  var loss = 0.0
  var energies = 0.0
  var forces = 0.0
  var steps = 0
  var frames = 0
  var components = 0

  mutating func add(loss: Double, energies: Double, forces: Double, frames: Int, components: Int) {
    self.loss += loss
    self.energies += energies
    self.forces += forces
    self.frames += frames
    self.components += components
    steps += 1
  }

  /// Whether these can be sums of a training: none is negative or so large that counts overflow.
  var isPlausible: Bool {
    [steps, frames, components].allSatisfy { (0...(1 << 53)).contains($0) }
  }

  var meanLoss: Double { loss / Double(max(1, steps)) }
  /// meV
  var energyMAE: Double { 1000 * energies / Double(max(1, frames)) }
  /// meV/Å
  var forcesMAE: Double { 1000 * forces / Double(max(1, components)) }
}
