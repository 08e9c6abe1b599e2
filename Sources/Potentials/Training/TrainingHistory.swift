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
    /// The mean absolute error of training stress since the last record, meV/Å³; nil where the
    /// training set lacks stress, or none is learned.
    public var trainStressMAE: Double?
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
