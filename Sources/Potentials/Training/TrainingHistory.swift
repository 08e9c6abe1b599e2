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

  /// A loss that was not finite, after which the training went back and goes on at a lower rate.
  public struct Setback: Codable, Hashable, Sendable {
    /// The step whose loss, or whose parameters, were not finite, counted from 1.
    public var step: Int
    /// The number of steps done that the training went back to.
    public var backTo: Int
    /// What learning rates are multiplied by from then on.
    public var rateFactor: Double

    private enum CodingKeys: String, CodingKey {
      case step
      case backTo = "back_to"
      case rateFactor = "rate_factor"
    }
  }

  /// In the order of steps.
  public var records: [Record] = []
  /// In the order in which they happened.
  public var setbacks: [Setback] = []

  /// An empty history.
  init() {}

  /// Reads a history; those of versions that never went back have no setbacks.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    records = try values.decode([Record].self, forKey: .records)
    setbacks = try values.decodeIfPresent([Setback].self, forKey: .setbacks) ?? []
  }

  private enum CodingKeys: String, CodingKey { case records, setbacks }
}
