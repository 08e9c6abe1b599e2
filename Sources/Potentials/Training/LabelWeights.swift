/// What errors of labels count.
struct LabelWeights: Hashable, Sendable {
  var energy: Double
  var forces: Double
  var stress: Double

  /// Labels that count as they are.
  static let ones = LabelWeights(energy: 1, forces: 1, stress: 1)

  subscript(label: Label) -> Double {
    get {
      switch label {
      case .energy: energy
      case .forces: forces
      case .stress: stress
      }
    }
    set {
      switch label {
      case .energy: energy = newValue
      case .forces: forces = newValue
      case .stress: stress = newValue
      }
    }
  }

  /// Each weight as a part of another, 0 of 0.
  func parts(of whole: LabelWeights) -> LabelWeights {
    var parts = self
    for label in Label.allCases {
      parts[label] = whole[label] > 0 ? self[label] / whole[label] : 0
    }
    return parts
  }
}

extension TrainingOptions {
  /// The weights of the labels at the beginning.
  private var firstWeights: LabelWeights {
    LabelWeights(energy: energyWeight, forces: forcesWeight, stress: stressWeight)
  }

  /// The weights of the labels at a step, counted from 0.
  func weights(at step: Int) -> LabelWeights {
    var weights = firstWeights
    for stage in stages where Double(step) >= stage.start * Double(steps) {
      for (label, weight) in stage.weights { weights[label] = weight }
    }
    return weights
  }

  /// What the weights at a step are of the greatest.
  func factors(at step: Int) -> LabelWeights {
    stages.isEmpty ? .ones : weights(at: step).parts(of: greatestWeights)
  }

  /// The weights of the labels at the end, by which the best parameters are chosen.
  var lastWeights: LabelWeights { weights(at: steps) }

  /// The greatest weight that each label ever has.
  var greatestWeights: LabelWeights {
    var weights = firstWeights
    for stage in stages {
      for (label, weight) in stage.weights { weights[label] = max(weights[label], weight) }
    }
    return weights
  }
}
