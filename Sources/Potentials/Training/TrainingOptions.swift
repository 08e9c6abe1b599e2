internal import E3xEngine
internal import E3xNN
internal import Foundation

/// How a potential is trained.
public struct TrainingOptions: Codable, Hashable, Sendable {
  /// The number of steps.
  public var steps = 12_000
  /// Frames a step.
  public var batchSize = 10
  /// The highest learning rate.
  public var learningRate = 3e-3
  /// Steps in which the rate rises to it; then it falls as a cosine to 1 % of it.
  public var warmupSteps = 100
  /// The weight of the mean squared error of energies, 1/eV².
  public var energyWeight = 1.0
  /// The weight of the mean squared error of force components, Å²/eV².
  public var forcesWeight = 10.0
  /// Gradients of a larger norm are scaled down to it.
  public var gradientClip = 10.0
  /// β₂ of Adam.
  public var secondMomentDecay = 0.999
  /// The decay of the averaged parameters a step.
  public var averageDecay = 0.998
  /// Steps between validations.
  public var validationInterval = 500
  /// The seed of initial parameters and of the order of frames.
  public var seed = 0

  /// The default options.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case steps, seed
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case warmupSteps = "warmup_steps"
    case energyWeight = "energy_weight"
    case forcesWeight = "forces_weight"
    case gradientClip = "gradient_clip"
    case secondMomentDecay = "second_moment_decay"
    case averageDecay = "average_decay"
    case validationInterval = "validation_interval"
  }

  /// The learning rate of a step, counted from 0.
  public func rate(_ step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let progress = Double(step - warmupSteps) / Double(max(1, steps - warmupSteps))
    return learningRate * (0.01 + 0.99 * 0.5 * (1 + cos(.pi * min(1, progress))))
  }

  /// The optimiser of these options; the rate of each step is that of ``rate(_:)``.
  var optimizer: Adam {
    Adam(
      learningRate: learningRate, secondMomentDecay: secondMomentDecay, gradientClip: gradientClip)
  }

  /// What changes from step to step, as one argument of the compiled step, [4]: the optimiser's
  /// numbers, and how far the averaged parameters move towards the new ones.
  func numbers(_ step: Int) -> Tensor {
    let t = Double(step + 1)
    // The average forgets its beginning faster at first.
    let decay = min(averageDecay, t / (t + 9))
    let numbers = optimizer.numbers(step: step, learningRate: rate(step)) + [1 - decay]
    return Tensor(numbers.map { Float($0) })
  }
}
