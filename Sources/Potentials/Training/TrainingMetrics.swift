extension TrainingHistory {
  /// The records for programs: a JSON object on each line.
  package func metrics() throws -> String {
    try records.map { try TrainingJSON.text(MetricsLine($0)) + "\n" }.joined()
  }
}

/// A record under names that say units.
private struct MetricsLine: Encodable {
  let step: Int
  let loss: Double
  let learningRate: Double
  let trainEnergyMAE: Double?
  let trainForcesMAE: Double?
  let trainStressMAE: Double?
  let validation: PredictionErrors?
  let score: Double?
  let isBest: Bool

  init(_ record: TrainingHistory.Record) {
    (step, loss, learningRate) = (record.step, record.loss, record.learningRate)
    trainEnergyMAE = record.trainEnergyMAE
    trainForcesMAE = record.trainForcesMAE
    trainStressMAE = record.trainStressMAE
    (validation, score) = (record.validation, record.score)
    isBest = record.isBest == true
  }

  private enum CodingKeys: String, CodingKey {
    case step, loss, validation, score
    case learningRate = "learning_rate"
    case trainEnergyMAE = "train_energy_mae_meV"
    case trainForcesMAE = "train_forces_mae_meV_A"
    case trainStressMAE = "train_stress_mae_meV_A3"
    case isBest = "is_best"
  }
}
