internal import Foundation

/// What a training run left behind: the page about it.
extension TrainingReport {
  /// A report of a finished (or interrupted) training.
  ///
  /// - Parameter sets: names and frames of the data sets whose errors are shown; the parity plots
  ///   are of the last one.
  /// - Parameter seconds: the time that training took.
  /// - Throws: `ArgumentError` for frames that the potential does not know.
  public init(
    _ trainer: Trainer, potential: Potential, sets: [(name: String, frames: [LabelledFrame])],
    seconds: Double
  ) throws {
    var rows: [TrainingReport.Errors] = []
    var (energies, forces) = (Parity(), Parity())
    for (name, frames) in sets where !frames.isEmpty {
      let predictions = try potential.predict(frames)
      let errors = PredictionErrors(frames, predictions)
      rows.append(
        TrainingReport.Errors(
          name: name, frames: errors.frames, energyMAE: errors.energyMAE,
          energyRMSE: errors.energyRMSE, energyPerAtomMAE: errors.energyPerAtomMAE,
          forceMAE: errors.forcesMAE, forceRMSE: errors.forcesRMSE))
      (energies, forces) = (Parity(), Parity())
      for (frame, prediction) in zip(frames, predictions) {
        if let energy = frame.energy {
          energies.reference.append(energy)
          energies.predicted.append(prediction.energy)
        }
        if let reference = frame.forces {
          forces.reference += reference
          forces.predicted += prediction.forces
        }
      }
    }
    let records = trainer.history.records
    let steps = records.map { Double($0.step) }
    func curve(_ error: (PredictionErrors) -> Double?) -> Curve {
      let points = records.compactMap { record in
        record.validation.flatMap(error).map { (step: Double(record.step), value: $0) }
      }
      return Curve(steps: points.map(\.step), values: points.map(\.value))
    }
    let speed = seconds > 0 ? Double(trainer.stepsDone) / seconds : 0
    self.init(
      title: "Attention potential",
      subtitle: "\(trainer.parameterCount) parameters after \(trainer.stepsDone) steps",
      errors: rows,
      facts: [
        Entry("Steps", "\(trainer.stepsDone) of \(trainer.options.steps)"),
        Entry("Time", String(format: "%.0f s (%.1f steps a second)", seconds, speed)),
        Entry("Parameters", "\(trainer.parameterCount)"),
      ],
      loss: Curve(steps: steps, values: records.map(\.loss)),
      energyError: curve(\.energyMAE), forceError: curve(\.forcesMAE),
      learningRate: Curve(steps: steps, values: records.map(\.learningRate)),
      energies: energies, forces: forces,
      configuration: try Self.entries(trainer))
  }

  private static func entries(_ trainer: Trainer) throws -> [Entry] {
    var entries: [Entry] = []
    for text in [try json(trainer.configuration), try json(trainer.options)] {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
      entries += object.sorted { $0.key < $1.key }.map { Entry($0.key, "\($0.value)") }
    }
    return entries
  }
}
