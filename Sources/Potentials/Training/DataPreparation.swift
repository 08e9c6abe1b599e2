/// How the frames of files become the sets of a training; a run that goes on does the same again.
public struct DataPreparation: Codable, Hashable, Sendable {
  /// What stays together where frames are split.
  public enum Unit: String, Codable, Hashable, Sendable, CaseIterable {
    /// A frame.
    case frame
    /// All frames of a group (`config_type`); one without a group is a group of its own.
    case group
  }

  /// The part of the training frames that is split off to choose the best parameters by, 0 to 1.
  public var validFraction = 0.0
  /// The part of the training frames that is split off for the test, 0 to 1.
  public var testFraction = 0.0
  /// What stays together.
  public var splitBy = Unit.frame
  /// The seed of the split.
  public var seed = 0
  /// Whether isolated atoms give the energies of their elements, and are not trained on.
  public var takesIsolatedAtoms = false
  /// Whether frames that cannot be used are passed over.
  public var skipsBadFrames = false

  /// Nothing: all frames stay where they are, as in versions before there was a choice.
  public init() {}

  /// The part that is split off for the validation if nothing is said.
  package static let usualValidFraction = 0.1
  /// The fewest frames of which something is split off if nothing is said.
  package static let fewestFrames = 10

  /// Reads a preparation; what is missing is not done.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.validFraction, &validFraction)
    try read(.testFraction, &testFraction)
    try read(.splitBy, &splitBy)
    try read(.seed, &seed)
    try read(.takesIsolatedAtoms, &takesIsolatedAtoms)
    try read(.skipsBadFrames, &skipsBadFrames)
    guard [validFraction, testFraction].allSatisfy({ (0..<1).contains($0) }),
      validFraction + testFraction < 1
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .validFraction, in: values, debugDescription: "the fractions cannot be")
    }
  }

  private enum CodingKeys: String, CodingKey {
    case seed
    case validFraction = "valid_fraction"
    case testFraction = "test_fraction"
    case splitBy = "split_by"
    case takesIsolatedAtoms = "isolated_atoms"
    case skipsBadFrames = "skip_bad_frames"
  }
}
