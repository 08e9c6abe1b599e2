extension TrainingHistory {
  /// The records for programs: a JSON object on each line.
  package func metrics() throws -> String {
    var lines = ""
    var reported = 0
    for (index, record) in records.enumerated() {
      // What happened before a record; the last has all that is left.
      let end =
        index == records.count - 1
        ? setbacks.count
        : setbacks.firstIndex { $0.backTo >= record.step } ?? setbacks.count
      let before = setbacks[reported..<max(reported, end)]
      reported = max(reported, end)
      lines += try TrainingJSON.text(MetricsLine(record, Array(before))) + "\n"
    }
    return lines
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
  /// Nil if there was none.
  let setbacks: [TrainingHistory.Setback]?

  init(_ record: TrainingHistory.Record, _ setbacks: [TrainingHistory.Setback]) {
    self.setbacks = setbacks.isEmpty ? nil : setbacks
    (step, loss, learningRate) = (record.step, record.loss, record.learningRate)
    trainEnergyMAE = record.trainEnergyMAE
    trainForcesMAE = record.trainForcesMAE
    trainStressMAE = record.trainStressMAE
    (validation, score) = (record.validation, record.score)
    isBest = record.isBest == true
  }

  private enum CodingKeys: String, CodingKey {
    case step, loss, validation, score, setbacks
    case learningRate = "learning_rate"
    case trainEnergyMAE = "train_energy_mae_meV"
    case trainForcesMAE = "train_forces_mae_meV_A"
    case trainStressMAE = "train_stress_mae_meV_A3"
    case isBest = "is_best"
  }
}
