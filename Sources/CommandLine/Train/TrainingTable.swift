internal import E3xPotentials
internal import Foundation

/// The lines that a training prints: one for each validation.
struct TrainingTable {
  /// Whether stress is learned.
  let hasStress: Bool

  /// The heading.
  var heading: String {
    let stress = hasStress ? "  meV/Å³" : ""
    return "    step       loss  | train: meV   meV/Å\(stress) | valid: meV   meV/Å\(stress)"
      + "      score  | steps/s   left"
  }

  /// What the score and the star are.
  var legend: String {
    "score: what the best model is chosen by, what the validation set's mean errors count in the "
      + "losses (eV, eV/Å\(hasStress ? ", eV/Å³" : "")) times the weights; *: the model that was "
      + "written"
  }

  /// The line of a validation.
  ///
  /// - Parameters:
  ///   - record: what was recorded.
  ///   - isWritten: whether the model was written then.
  ///   - speed: steps a second; nil if it is not known.
  ///   - left: seconds to go; nil if they are not known.
  func row(
    _ record: TrainingHistory.Record, isWritten: Bool, speed: Double?, left: Double?
  ) -> String {
    return row(
      step: record.step,
      TrainingProgress(
        loss: record.loss, energyMAE: record.trainEnergyMAE, forcesMAE: record.trainForcesMAE,
        stressMAE: record.trainStressMAE),
      validation: record.validation, score: record.score, isWritten: isWritten, speed: speed,
      left: left)
  }

  /// The line of a training that has not come to its first validation.
  func row(step: Int, progress: TrainingProgress, speed: Double?, left: Double?) -> String {
    row(
      step: step, progress, validation: nil, score: nil, isWritten: false, speed: speed, left: left)
  }

  private func row(
    step: Int, _ training: TrainingProgress, validation: PredictionErrors?, score: Double?,
    isWritten: Bool, speed: Double?, left: Double?
  ) -> String {
    let time = left.map { ProgressLine.duration($0) } ?? "-"
    func stress(_ error: Double?) -> String {
      hasStress ? errorText(error, digits: 3, width: 8) : ""
    }
    let columns = [
      String(format: "%8d ", step), errorText(training.loss, digits: 5, width: 10), "  | ",
      errorText(training.energyMAE, digits: 2, width: 9),
      errorText(training.forcesMAE, digits: 2, width: 9), stress(training.stressMAE), " | ",
      errorText(validation?.energyMAE, digits: 2, width: 10),
      errorText(validation?.forcesMAE, digits: 2, width: 9), stress(validation?.stressMAE),
      errorText(score.flatMap { $0.isFinite ? $0 : nil }, digits: 5, width: 11),
      isWritten ? "*" : " ", " | ", errorText(speed, digits: 1, width: 7),
      String(repeating: " ", count: max(1, 8 - time.count)), time,
    ]
    return columns.joined()
  }
}
