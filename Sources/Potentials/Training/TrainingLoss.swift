/// What an error of one kind of label counts: its square, its size, or its square as long as it is
/// small (Huber 1964, Annals of Mathematical Statistics 35, p. 73).
///
/// Errors are those of energies (of frames, or per atom), of the components of stress, and of whole
/// force vectors, of which the root mean square of the components counts for each component: losses
/// do not change as frames turn.
public enum TrainingLoss: Hashable, Sendable {
  /// e²
  case squared
  /// |e|
  case absolute
  /// e² up to this size δ, 2 δ |e| - δ² beyond, in the units of the error.
  case huber(Double)

  /// Written as in files and on the command line: `squared`, `absolute`, `huber:0.01`; nil for
  /// anything else.
  public init?(_ text: some StringProtocol) {
    switch text {
    case "squared": self = .squared
    case "absolute": self = .absolute
    default:
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "huber", let size = Double(parts[1]) else { return nil }
      self = .huber(size)
    }
  }

  /// What may be written, for messages.
  package static let forms = "squared, absolute or huber:SIZE"

  /// What an error of this size counts.
  func count(of error: Double) -> Double {
    switch self {
    case .squared: error * error
    case .absolute: abs(error)
    case .huber(let size):
      abs(error) <= size ? error * error : size * (2 * abs(error) - size)
    }
  }

  /// A weight with which large errors count as many absolute ones do with the weight `absolute`, and
  /// squared ones as many as `squared` says.
  func weight(absolute: Double, squared: Double) -> Double {
    switch self {
    case .squared: squared
    case .absolute: absolute
    case .huber(let size): absolute / (2 * size)
    }
  }

  /// What is wrong with it; nil if nothing is.
  var fault: String? {
    guard case .huber(let size) = self, !(size > 0 && size <= 1e6) else { return nil }
    return "must be positive and at most 1000000 after huber:, received \(size)"
  }
}

extension TrainingLoss: CustomStringConvertible {
  /// As ``init(_:)`` reads it.
  public var description: String {
    switch self {
    case .squared: "squared"
    case .absolute: "absolute"
    case .huber(let size): "huber:\(size)"
    }
  }
}

extension TrainingLoss: Codable {
  /// Reads a text.
  /// - Throws: `DecodingError` if it says no loss.
  public init(from decoder: any Decoder) throws {
    self = try decoder.value(writtenAs: Self.forms) { TrainingLoss($0) }
  }

  /// Writes a text.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try encoder.write(description)
  }
}
