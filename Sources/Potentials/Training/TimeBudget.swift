/// Fits a training to a time: how many steps there are, from how long steps and validations take.
///
/// The learning rate falls with the part of the steps that is done, and so it ends at its lowest
/// when the time does. Times are in seconds since the training, or the program, began.
public struct TimeBudget: Sendable {
  /// The time that there is, s, with all that follows the last step.
  public let seconds: Double
  private let batchSize: Int
  private let validationFrames: Int
  private let reportFrames: Int
  /// Means of what was seen, the latest most.
  private var step = Mean(window: 300)
  private var validation = Mean(window: 3)

  /// Validations that a training has, if they do not cost too much.
  private static let validations = 50.0
  /// The part of the time that validations may take.
  private static let validationShare = 0.03
  /// What a prediction of a frame takes of the time of a step with it, until that is known.
  private static let predictionShare = 0.4

  /// A budget.
  ///
  /// - Parameters:
  ///   - seconds: what there is.
  ///   - batchSize: frames of a step.
  ///   - validationFrames: frames of a validation.
  ///   - reportFrames: frames that are predicted after the last step.
  public init(seconds: Double, batchSize: Int, validationFrames: Int, reportFrames: Int) {
    self.seconds = seconds
    self.batchSize = max(1, batchSize)
    self.validationFrames = validationFrames
    self.reportFrames = reportFrames
  }

  /// Takes over how long a step took, and the validation after it if there was one.
  public mutating func record(step seconds: Double, validated: Bool) {
    if validated {
      validation.add(max(0, seconds - step.value))
    } else {
      step.add(seconds)
    }
  }

  /// The schedule from now on; nil until a step was seen.
  ///
  /// - Parameters:
  ///   - stepsDone: by now.
  ///   - elapsed: s
  /// - Returns: how many steps there are in all, of which one at least is to come, and how many lie
  ///   between validations.
  public func plan(stepsDone: Int, elapsed: Double) -> (steps: Int, validationInterval: Int)? {
    guard step.value > 0 else { return nil }
    let predicted = predictionSeconds
    let validation = self.validation.count > 0 ? self.validation.value : predicted(validationFrames)
    let left = max(0, seconds - elapsed - reserve)
    // Of the time that is left, validations take their share.
    let whole = (Double(stepsDone) + left / step.value).rounded(.up)
    let wanted = max(whole / Self.validations, validation / (Self.validationShare * step.value), 1)
    let interval = Self.round(wanted)
    let more = left / (step.value + validation / Double(interval))
    let steps = stepsDone + Int(min(max(1, more), 1e9))
    return (min(steps, TrainingOptions.greatestCount), interval)
  }

  /// What is kept for what follows the last step: its validation, the errors of the report, files.
  private var reserve: Double {
    let frames = validationFrames + reportFrames
    return min(0.5 * seconds, 1.15 * predictionSeconds(frames) + 0.5 + 0.005 * seconds)
  }

  /// What frames take.
  private func predictionSeconds(_ frames: Int) -> Double {
    validation.count > 0 && validationFrames > 0
      ? validation.value * Double(frames) / Double(validationFrames)
      : Self.predictionShare * step.value * Double(frames) / Double(batchSize)
  }

  /// The next of 1, 2, 5, 10, 20, 50, …: intervals that change rarely.
  private static func round(_ number: Double) -> Int {
    var power = 1
    while Double(power) < 1e8 {
      for factor in [1, 2, 5] where Double(factor * power) >= number { return factor * power }
      power *= 10
    }
    return power
  }

  /// A mean in which what is long past counts less.
  private struct Mean {
    let window: Double
    private(set) var value = 0.0
    private(set) var count = 0.0

    init(window: Double) { self.window = window }

    mutating func add(_ number: Double) {
      count += 1
      value += (number - value) / min(count, window)
    }
  }
}
