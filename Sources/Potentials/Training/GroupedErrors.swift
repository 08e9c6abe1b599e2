/// The errors on all frames, and on those of each group.
package struct GroupedErrors: Sendable, Encodable {
  private var sums = ErrorSums()
  private var byGroup: [String: ErrorSums] = [:]

  /// How many frames were passed over; nil if none may be.
  package var skippedFrames: Int?

  package init() {}

  /// Compares one prediction with the labels that the frame has.
  package mutating func add(_ frame: LabelledFrame, _ prediction: Potential.Prediction) {
    sums.add(frame, prediction)
    if let group = frame.group { byGroup[group, default: ErrorSums()].add(frame, prediction) }
  }

  /// The errors on all frames.
  package var all: PredictionErrors { sums.errors }

  /// The errors on each group, by name.
  package var groups: [(name: String, errors: PredictionErrors)] {
    byGroup.sorted { $0.key < $1.key }.map { ($0.key, $0.value.errors) }
  }

  private enum CodingKeys: String, CodingKey {
    case groups
    case skippedFrames = "skipped_frames"
  }

  /// Writes the errors on all frames, how many were passed over under `skipped_frames` and, if there
  /// are several groups, the errors on each under `groups`.
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    try all.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(skippedFrames, forKey: .skippedFrames)
    guard byGroup.count > 1 else { return }
    try values.encode(byGroup.mapValues(\.errors), forKey: .groups)
  }
}
