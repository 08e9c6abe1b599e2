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
    self = try decoder.value(writtenAs: Self.forms) { TrainingStage($0) }
  }

  /// Writes a text.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try encoder.write(description)
  }
}
