internal import E3xEngine
internal import E3xSystem

/// What a training does where a loss is not finite: it goes back to the last good validation, or to
/// its beginning, and goes on with half the rate. All of it depends on data and options alone.
extension Trainer {
  /// How often a rate is halved before the training ends with an error.
  static let mostHalvings = 5

  /// How many times the best score so far the score of a good validation may be, and how many times
  /// the loss of the first step the mean loss before it.
  private static let goodFactor = 10.0

  /// What learning rates are multiplied by.
  var rateFactor: Double { pow(0.5, Double(halvings)) }

  /// Keeps the present state, just validated, to go back to.
  mutating func keepIfGood() {
    // A training that is about to diverge has errors that say so.
    guard let last = history.records.last, last.loss <= Self.goodFactor * (firstLoss ?? .infinity)
    else { return }
    if let score = last.score, let best, score > Self.goodFactor * best.score { return }
    safe = snapshot
  }

  /// Goes back, and lowers the rate.
  /// - Parameter failed: the step whose loss or parameters are not finite.
  /// - Throws: `ArgumentError` naming `learning_rate` if the rate was lowered often enough; the
  ///   trainer is then at the last good step.
  mutating func goBack(from failed: Int) throws(ArgumentError) {
    guard halvings < Self.mostHalvings else { throw diverged(at: failed) }
    halvings += 1
    // What is done again may be done better.
    if let best, best.step > safe.stepsDone { self.best = nil }
    let setbacks = history.setbacks
    restore(safe)
    previous = nil
    history.setbacks =
      setbacks + [
        TrainingHistory.Setback(step: failed, backTo: stepsDone, rateFactor: rateFactor)
      ]
  }

  /// Goes back to what the last step began with; it made parameters of which nothing comes.
  private mutating func diverged(at failed: Int) -> ArgumentError {
    if let previous {
      restore(previous)
      self.previous = nil
    }
    return ArgumentError(
      "train", "learning_rate",
      "the loss is not finite at step \(failed), with a rate that was halved \(halvings) times: a "
        + "lower rate may help, received \(OptionNumber.Value.real(options.learningRate))")
  }
}
