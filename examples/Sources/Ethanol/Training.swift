import E3x
import Foundation

/// Trains a potential with attention on the data that come with the library, in a given time.
func train(minutes: Double) throws -> Potential {
  let start = ContinuousClock.now
  func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }

  let train = try LabelledFrame.read(BundledData.ethanol(.train))
  let valid = try LabelledFrame.read(BundledData.ethanol(.valid))
  let preset = PotentialPreset.attention
  var trainer = try Trainer(
    configuration: preset.configuration, options: preset.options, train: train, valid: valid)
  print("\(trainer.parameterCount) parameters, \(train.count) frames, \(Threads.count) threads")

  // The learning rate falls with the steps, so their number is fitted to the time.
  var budget = TimeBudget(
    seconds: 60 * minutes, batchSize: preset.options.batchSize, validationFrames: valid.count,
    reportFrames: 1000)
  var printed = 0.0
  while !trainer.isDone {
    let (before, records) = (elapsed(), trainer.history.records.count)
    try trainer.advance()
    let validated = trainer.history.records.count > records
    budget.record(step: elapsed() - before, validated: validated)
    if !trainer.isDone,
      let plan = budget.plan(stepsDone: trainer.stepsDone, elapsed: elapsed())
    {
      trainer.schedule(
        steps: plan.steps, validationInterval: plan.validationInterval,
        warmupSteps: max(5, plan.steps / 20))
    }
    // A few lines are enough.
    if validated, trainer.isDone || elapsed() - printed > 10 * minutes {
      printed = elapsed()
      let errors = trainer.history.records.last?.validation
      print(
        "step \(trainer.stepsDone) of \(trainer.options.steps), \(fixed(printed, 0)) s:",
        "validation errors \(fixed(errors?.energyMAE ?? .nan, 2)) meV,",
        "\(fixed(errors?.forcesMAE ?? .nan, 1)) meV/Å")
    }
  }
  return try trainer.bestPotential()
}

/// What is said of errors on the test set.
enum TestErrors {
  static func text(_ errors: PredictionErrors) -> String {
    "test errors (mean of \(errors.frames) frames): "
      + "energy \(fixed(errors.energyMAE ?? .nan, 2)) meV, "
      + "forces \(fixed(errors.forcesMAE ?? .nan, 1)) meV/Å"
  }
}
