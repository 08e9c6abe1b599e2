internal import E3xPotentials
internal import Foundation

/// The lines that a training prints: one for each validation.
struct TrainingTable {
  /// The heading.
  let heading =
    "    step       loss  | train: meV   meV/Å | valid: meV   meV/Å      score  | steps/s   left"

  /// What the score and the star are.
  let legend = """
    score: what the best model is chosen by, the loss on the validation set (eV², eV²/Å² times \
    their weights); *: the model that was written
    """

  /// The line of a validation.
  ///
  /// - Parameters:
  ///   - record: what was recorded.
  ///   - isWritten: whether the model was written then.
  ///   - speed: steps a second; nil if it is not known.
  ///   - left: steps to do.
  func row(
    _ record: TrainingHistory.Record, isWritten: Bool, speed: Double?, left: Int
  ) -> String {
    // The score of a training without validation is its loss already.
    let score = record.score.map { record.validation == nil ? $0 : $0 * 1e-6 }
    return row(
      step: record.step, loss: record.loss, energyMAE: record.trainEnergyMAE,
      forcesMAE: record.trainForcesMAE, validation: record.validation, score: score,
      isWritten: isWritten, speed: speed, left: left)
  }

  /// The line of a training that has not come to its first validation.
  func row(
    step: Int, progress: (loss: Double, energyMAE: Double?, forcesMAE: Double?), speed: Double?,
    left: Int
  ) -> String {
    row(
      step: step, loss: progress.loss, energyMAE: progress.energyMAE,
      forcesMAE: progress.forcesMAE, validation: nil, score: nil, isWritten: false, speed: speed,
      left: left)
  }

  private func row(
    step: Int, loss: Double, energyMAE: Double?, forcesMAE: Double?, validation: PredictionErrors?,
    score: Double?, isWritten: Bool, speed: Double?, left: Int
  ) -> String {
    let time = speed.map { ProgressLine.duration(Double(left) / $0) } ?? "-"
    let columns = [
      String(format: "%8d ", step), errorText(loss, digits: 5, width: 10), "  | ",
      errorText(energyMAE, digits: 2, width: 9), errorText(forcesMAE, digits: 2, width: 9), " | ",
      errorText(validation?.energyMAE, digits: 2, width: 10),
      errorText(validation?.forcesMAE, digits: 2, width: 9),
      errorText(score.flatMap { $0.isFinite ? $0 : nil }, digits: 5, width: 11),
      isWritten ? "*" : " ", " | ", errorText(speed, digits: 1, width: 7),
      String(repeating: " ", count: max(1, 8 - time.count)), time,
    ]
    return columns.joined()
  }
}
