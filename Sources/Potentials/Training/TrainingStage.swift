internal import Foundation

/// A late part of a training in which labels have other weights: energies, say, that count more once
/// forces are learned.
public struct TrainingStage: Hashable, Sendable {
  /// The part of all steps that is done when it begins, more than 0 and less than 1.
  public var start: Double
  /// The weights of labels that differ from those before.
  public var weights: [Label: Double]

  /// A stage.
  /// - Parameter start: the part of all steps that is done when it begins.
  /// - Parameter weights: of labels that have other weights than before; units as of
  ///   ``TrainingOptions/energyWeight``, ``TrainingOptions/forcesWeight`` and
  ///   ``TrainingOptions/stressWeight``.
  public init(start: Double, weights: [Label: Double]) {
    (self.start, self.weights) = (start, weights)
  }

  /// Written as in files and on the command line: `0.75:energy=30,forces=1`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Double(parts[0]) else { return nil }
    var weights: [Label: Double] = [:]
    for pair in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = pair.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let label = Label(rawValue: String(sides[0])),
        let weight = Double(sides[1]), weights[label] == nil
      else { return nil }
      weights[label] = weight
    }
    self.init(start: start, weights: weights)
  }

  /// What may be written, for messages.
  package static let forms =
    "START:LABEL=WEIGHT,… as 0.75:energy=30,forces=1, of "
    + Label.allCases.map(\.rawValue).joined(separator: ", ")

  /// What is wrong with stages that follow each other; nil if nothing is.
  static func fault(_ stages: [TrainingStage]) -> String? {
    var before = 0.0
    for stage in stages {
      guard stage.start > before, stage.start < 1 else {
        return "must begin one after the other, each after 0 and before 1, received "
          + "\(stage.start) after \(before)"
      }
      before = stage.start
      if let wrong = stage.weights.first(where: { !($0.value >= 0 && $0.value <= 1e12) }) {
        return "weights must be at least 0 and at most 1e12, received \(wrong.key.rawValue)="
          + "\(wrong.value)"
      }
    }
    return nil
  }
}

extension TrainingStage: CustomStringConvertible {
  /// As ``init(_:)`` reads it.
  public var description: String {
    let texts = Label.allCases.compactMap { label in
      weights[label].map { "\(label.rawValue)=\($0)" }
    }
    return "\(start):" + texts.joined(separator: ",")
  }
}

extension TrainingStage: Codable {
  /// Reads a text.
  /// - Throws: `DecodingError` if it says no stage.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    let text = try value.decode(String.self)
    guard let stage = TrainingStage(text) else {
      throw DecodingError.dataCorruptedError(
        in: value, debugDescription: "expected \(Self.forms), found '\(text)'")
    }
    self = stage
  }

  /// Writes a text.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(description)
  }
}

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
