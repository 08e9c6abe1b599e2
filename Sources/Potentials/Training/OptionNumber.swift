internal import E3xEngine

/// One option of a training as it came from outside: its name in files, its value
/// and the range that it must lie in.
package struct OptionNumber: Sendable {
  /// What an option may be.
  package enum Value: Hashable, Sendable, CustomStringConvertible {
    case count(Int)
    case real(Double)
    case flag(Bool)
    case choice(String)

    package var description: String {
      switch self {
      case .count(let value): "\(value)"
      case .real(let value):
        value == value.rounded() && abs(value) < 1e15
          ? "\(Int(value))" : "\(value)"
      case .flag(let value): "\(value)"
      case .choice(let value): value
      }
    }
  }

  /// The name in files, in e3x's snake_case.
  package let name: String
  /// The value.
  package let value: Value
  /// Whether a training that goes on may take another value.
  package let mayChange: Bool
  /// What is wrong with the value; nil for one in its range.
  let fault: String?

  private init(_ name: String, _ value: Value, mayChange: Bool, fault: String?) {
    (self.name, self.value, self.mayChange, self.fault) = (name, value, mayChange, fault)
  }

  /// A whole number.
  static func count(
    _ name: String, _ value: Int, in range: ClosedRange<Int>, mayChange: Bool = false
  ) -> OptionNumber {
    var fault: String?
    if value < range.lowerBound {
      fault = "must be at least \(range.lowerBound), received \(value)"
    } else if value > range.upperBound {
      fault = "must be at most \(range.upperBound), received \(value)"
    }
    return OptionNumber(name, .count(value), mayChange: mayChange, fault: fault)
  }

  /// A real number: at most `greatest`, and more than 0 unless `mayBeZero`.
  static func real(
    _ name: String, _ value: Double, atMost greatest: Double, mayBeZero: Bool = false,
    mayChange: Bool = false
  ) -> OptionNumber {
    var fault: String?
    if !(mayBeZero ? value >= 0 : value > 0) {
      fault = "must \(mayBeZero ? "not be negative" : "be positive"), received \(Value.real(value))"
    } else if value > greatest {
      fault = "must be at most \(Value.real(greatest)), received \(Value.real(value))"
    }
    return OptionNumber(name, .real(value), mayChange: mayChange, fault: fault)
  }

  /// A decay: at least 0 and less than 1.
  static func decay(_ name: String, _ value: Double) -> OptionNumber {
    OptionNumber(
      name, .real(value), mayChange: false,
      fault: (0..<1).contains(value) ? nil : "must be in 0 ..< 1, received \(value)")
  }

  /// One of two.
  static func flag(_ name: String, _ value: Bool) -> OptionNumber {
    OptionNumber(name, .flag(value), mayChange: false, fault: nil)
  }

  /// Late parts of a training.
  static func stages(_ name: String, _ stages: [TrainingStage]) -> OptionNumber {
    OptionNumber(
      name, .choice(stages.isEmpty ? "none" : stages.map(\.description).joined(separator: " ")),
      mayChange: false, fault: TrainingStage.fault(stages))
  }

  /// What errors count.
  static func loss(_ name: String, _ value: TrainingLoss) -> OptionNumber {
    OptionNumber(name, .choice(value.description), mayChange: false, fault: value.fault)
  }

  /// One of several.
  static func choice(_ name: String, _ value: some RawRepresentable<String>) -> OptionNumber {
    OptionNumber(name, .choice(value.rawValue), mayChange: false, fault: nil)
  }
}

extension [OptionNumber] {
  /// - Throws: `ArgumentError` naming the first that is out of its range.
  func check() throws(ArgumentError) {
    for number in self {
      if let fault = number.fault { throw ArgumentError("train", number.name, fault) }
    }
  }

  /// What differs from other values of the same options.
  package func changes(from old: [OptionNumber]) -> [OptionChange] {
    zip(old, self).compactMap { old, new in
      guard old.value != new.value else { return nil }
      return OptionChange(
        name: new.name, old: old.value.description, new: new.value.description,
        isAllowed: new.mayChange)
    }
  }
}

/// An option that has another value than before.
package struct OptionChange: Sendable, Hashable {
  /// The name in files.
  package let name: String
  package let old: String
  package let new: String
  /// Whether a training that goes on may take the new value.
  package let isAllowed: Bool
}
