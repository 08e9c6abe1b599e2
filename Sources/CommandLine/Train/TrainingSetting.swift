internal import E3xFiles
internal import E3xPotentials
internal import E3xYAML

/// A key of the file that `e3x train --config` reads: where its value goes, and what it is where
/// nothing is said. What it means says the option of the same name: there is no other table.
struct TrainingSetting {
  /// The headings of a file.
  enum Part: String, CaseIterable {
    case data = "Data"
    case labels = "Where data files keep their labels"
    case network = "Network"
    case training = "Training"
    case results = "Results"
  }

  /// What holds where nothing is said.
  struct Usual {
    let preset: PotentialPreset
    var configuration: PotentialConfiguration { preset.configuration }
    var options: TrainingOptions { preset.options }
    let labels = RunRecord.Labels()
  }

  /// The name in files, in e3x's snake_case.
  let key: String
  let part: Part
  /// Whether the command line says it.
  let isGiven: (Train) -> Bool
  /// Reads the value from a file in a folder; takes it over unless the command line says another.
  let read:
    (inout YAMLMembers, inout Train, _ folder: String, _ takes: Bool) throws(FileError) -> Void
  /// Takes over the usual value where none is given.
  let takeUsual: (inout Train, Usual) -> Void
  /// The usual value as YAML; nil for what depends on the data.
  let usualText: (Usual) -> String?

  /// With its dashes.
  var option: String { TrainingNumbers.option(key) }

  private init<Value>(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, Value?>,
    _ usual: @escaping (Usual) -> Value?, text: @escaping (Value) -> String,
    read: @escaping (inout YAMLMembers, String) throws(FileError) -> Value?
  ) {
    (self.key, self.part) = (key, part)
    isGiven = { $0[keyPath: place] != nil }
    self.read = { (members, train, folder, takes) throws(FileError) in
      let value = try read(&members, folder)
      if takes, let value { train[keyPath: place] = value }
    }
    takeUsual = { train, values in
      train[keyPath: place] = train[keyPath: place] ?? usual(values)
    }
    usualText = { usual($0).map(text) }
  }

  static func count(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, Int?>,
    _ usual: @escaping (Usual) -> Int?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: { "\($0)" }) { members, _ throws(FileError) in
      try members.integer(key)
    }
  }

  static func real(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, Double?>,
    _ usual: @escaping (Usual) -> Double?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: { "\($0)" }) { members, _ throws(FileError) in
      try members.real(key)
    }
  }

  static func flag(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, Bool?>,
    _ usual: @escaping (Usual) -> Bool?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: { "\($0)" }) { members, _ throws(FileError) in
      try members.bool(key)
    }
  }

  static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, Choice?>,
    _ usual: @escaping (Usual) -> Choice?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: \.rawValue) { members, _ throws(FileError) in
      try members.choice(key)
    }
  }

  static func text(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, String?>,
    _ usual: @escaping (Usual) -> String?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: JSON.quote) { members, _ throws(FileError) in
      try members.string(key)
    }
  }

  /// A path; relative ones begin at the file's folder.
  static func path(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, String?>,
    _ usual: @escaping (Usual) -> String?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: JSON.quote) {
      members, folder throws(FileError) in
      try members.string(key).map { located($0, in: folder) }
    }
  }

  static func paths(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, [String]?>
  ) -> TrainingSetting {
    TrainingSetting(
      key, part, place, { _ in [] },
      text: list
    ) { members, folder throws(FileError) in
      try members.strings(key)?.map { located($0, in: folder) }
    }
  }

  /// What errors count.
  static func loss(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, TrainingLoss?>,
    _ usual: @escaping (Usual) -> TrainingLoss?
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, usual, text: \.description) {
      members, _ throws(FileError) in
      guard let text = try members.string(key) else { return nil }
      guard let loss = TrainingLoss(text) else {
        throw members.failure(key, "is \(quoted(text)), expected \(TrainingLoss.forms)")
      }
      return loss
    }
  }

  /// Late parts of the training.
  static func stages(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, [TrainingStage]?>
  ) -> TrainingSetting {
    TrainingSetting(
      key, part, place, { _ in [] },
      text: { list($0.map(\.description)) }
    ) { members, _ throws(FileError) in
      try members.strings(key)?.map { text throws(FileError) in
        guard let stage = TrainingStage(text) else {
          throw members.failure(key, "has \(quoted(text)), expected \(TrainingStage.forms)")
        }
        return stage
      }
    }
  }

  /// Several texts.
  static func texts(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, [String]?>
  ) -> TrainingSetting {
    TrainingSetting(
      key, part, place, { _ in [] },
      text: list
    ) { members, _ throws(FileError) in
      try members.strings(key)
    }
  }

  /// Energies of elements: as the option has them, or a mapping.
  static func energies(
    _ key: String, _ part: Part, _ place: WritableKeyPath<Train, String?>
  ) -> TrainingSetting {
    TrainingSetting(key, part, place, { _ in nil }, text: JSON.quote) {
      members, folder throws(FileError) in
      guard let (text, numbers) = try members.textOrNumbers(key) else { return nil }
      if let text { return text.contains("=") ? text : located(text, in: folder) }
      return numbers.map { "\($0.name)=\($0.number)" }.joined(separator: ",")
    }
  }

  /// Texts as a list in YAML.
  private static func list(_ texts: [String]) -> String {
    "[" + texts.map(JSON.quote).joined(separator: ", ") + "]"
  }

  /// A path from the present folder.
  private static func located(_ path: String, in folder: String) -> String {
    path.isEmpty || path == "-" || path.hasPrefix("/") || folder.isEmpty
      ? path : folder + "/" + path
  }
}
