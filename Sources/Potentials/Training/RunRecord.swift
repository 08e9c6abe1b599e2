package import E3xFiles
internal import E3xSystem

/// What a run of a training knows of itself: enough to go on without being told anything, and to
/// say later where a model came from. Kept in checkpoints, and as `run.json` for people.
public struct RunRecord: Codable, Sendable {
  /// The files of each set.
  public struct DataFiles: Codable, Hashable, Sendable {
    /// What parameters are fitted to.
    public var train: [DataFile] = []
    /// What the best parameters are chosen by.
    public var valid: [DataFile] = []
    /// What the final errors are reported on.
    public var test: [DataFile] = []

    /// The files of sets.
    public init(_ data: TrainingData) {
      (train, valid, test) = (data.train.files, data.valid.files, data.test.files)
    }
  }

  /// Under which keys the data keep their labels; see ``LabelKeys``.
  public struct Labels: Codable, Hashable, Sendable {
    /// Of the energy of a frame.
    public var energy = "energy"
    /// Of the forces on its atoms.
    public var forces = "forces"
    /// Of its stress.
    public var stress = "stress"
    /// Of its virial.
    public var virial = "virial"
    /// Of its weight.
    public var weight = "config_weight"
    /// Of its group.
    public var group = "config_type"

    /// The usual keys.
    public init() {}

    /// Reads keys; those that versions before did not read have their usual values.
    /// - Throws: `DecodingError` for a value of another type.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      energy = try values.decode(String.self, forKey: .energy)
      forces = try values.decode(String.self, forKey: .forces)
      stress = try values.decodeIfPresent(String.self, forKey: .stress) ?? stress
      virial = try values.decodeIfPresent(String.self, forKey: .virial) ?? virial
      weight = try values.decodeIfPresent(String.self, forKey: .weight) ?? weight
      group = try values.decodeIfPresent(String.self, forKey: .group) ?? group
    }
  }

  /// Something that was changed when the run went on.
  public struct Change: Codable, Hashable, Sendable {
    /// The number of steps that had been done.
    public var step: Int
    /// What has another value: the name of an option in files, `train`, `valid`, `test`, `threads`
    /// or `version`.
    public var name: String
    /// The value before.
    public var old: String
    /// The value from then on.
    public var new: String

    /// A change after a number of steps.
    public init(step: Int, name: String, old: String, new: String) {
      (self.step, self.name, self.old, self.new) = (step, name, old, new)
    }
  }

  /// The file of a potential that a run began with.
  public struct Origin: Codable, Hashable, Sendable {
    /// The path as it was given.
    public var path: String
    /// The digest SHA-256, in hexadecimal digits.
    public var sha256: String

    /// A file that was read.
    public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }
  }

  /// The format of the record.
  public private(set) var format = "swift-e3x run 1"
  /// The version of the program that the run was last continued with.
  public var version: String
  /// When the run began, ISO 8601.
  public var started: String
  /// When the record was written, ISO 8601.
  public var written: String
  /// Seconds of training, over all times that it went on.
  public var seconds = 0.0
  /// The minutes of training after which the run ends, over all times that it went on; nil if it has
  /// a number of steps.
  public var minutes: Double?
  /// How often the run went on after it had ended.
  public var resumes = 0
  /// How many threads computed.
  public var threads: Int
  /// How many processes shared each batch; nil if one did all.
  public private(set) var processes: Int?
  /// The data.
  public var data: DataFiles
  /// The keys of their labels.
  public var labels: Labels
  /// How their frames became sets; nil for a run of a version that left all frames where they were.
  public private(set) var preparation: DataPreparation?
  /// Where the energies of the elements come from; nil in runs of versions that fitted all.
  public var elementEnergySource: String?
  /// What was changed on the way, in the order of steps.
  public var changes: [Change] = []
  /// The number of steps done.
  public private(set) var stepsDone = 0
  /// The step whose parameters the model's file has; nil before there is one.
  public var modelStep: Int?
  /// The energies of the elements in eV, by symbol.
  public private(set) var elementEnergies: [String: Double] = [:]
  /// The potential that the run began with; nil for one that began with random parameters.
  public var origin: Origin?
  /// How many members the committee has; nil for a single model.
  public private(set) var committee: Int?
  /// Patterns of the paths of parameters that do not move; nil where all do.
  public private(set) var frozen: [String]?
  /// The kind of the model; `attention` in runs of versions that knew no other.
  public private(set) var model: String?
  /// As the model writes it.
  private var configuration = RecordedConfiguration()
  /// How it is trained.
  public private(set) var options = TrainingOptions()

  private enum CodingKeys: String, CodingKey {
    case format, version, started, written, seconds, minutes, resumes, threads, processes, data
    case labels, changes, model, configuration, options, preparation, committee, frozen
    case origin = "from"
    case stepsDone = "steps_done"
    case modelStep = "model_step"
    case elementEnergies = "element_energies"
    case elementEnergySource = "element_energy_source"
  }

  /// The record of a run that begins now.
  public init(version: String, threads: Int, data: TrainingData, labels: Labels) {
    (self.version, self.threads, self.labels) = (version, threads, labels)
    self.data = DataFiles(data)
    preparation = data.preparation
    started = Self.now
    written = started
  }

  /// Takes over how far a training is.
  public mutating func update(_ trainer: Trainer) {
    stepsDone = trainer.stepsDone
    committee = trainer.members > 1 ? trainer.members : nil
    frozen = trainer.frozen.isEmpty ? nil : trainer.frozen
    model = type(of: trainer.model).kind
    (configuration, options) = (RecordedConfiguration(model: trainer.model), trainer.options)
    elementEnergies = Dictionary(
      uniqueKeysWithValues: trainer.elementEnergies.energies.map {
        (ChemicalElements.name(of: $0.key), $0.value)
      })
    written = Self.now
  }

  /// Takes over that the run goes on.
  /// - Parameter changes: of options and data, after `step` steps.
  public mutating func goOn(
    version: String, threads: Int, data: TrainingData, changes: [Change], step: Int
  ) {
    resumes += 1
    self.changes += changes
    if version != self.version {
      self.changes.append(Change(step: step, name: "version", old: self.version, new: version))
    }
    if threads != self.threads {
      self.changes.append(
        Change(step: step, name: "threads", old: "\(self.threads)", new: "\(threads)"))
    }
    (self.version, self.threads, self.data) = (version, threads, DataFiles(data))
  }

  /// Takes over how many processes share each batch, from a step on.
  package mutating func share(among size: Int, step: Int) {
    let before = processes ?? 1
    if step > 0 && size != before {
      changes.append(Change(step: step, name: "processes", old: "\(before)", new: "\(size)"))
    }
    processes = size == 1 ? nil : size
  }

  /// The present time, to the second.
  private static var now: String { Date().formatted(.iso8601) }

  /// The record as JSON.
  package func json(isPretty: Bool = false) throws -> String {
    try TrainingJSON.text(self, isPretty: isPretty)
  }

  /// Reads the record of a checkpoint; nil for one of a version that had none.
  /// - Throws: `FileError` naming the key of a value that cannot be.
  package init?(_ checkpoint: TrainingCheckpoint) throws(FileError) {
    guard let text = checkpoint.run else { return nil }
    self = try TrainingJSON.value(of: text, file: checkpoint.path, place: "metadata 'run'")
    guard seconds >= 0, resumes >= 0, resumes < .max else {
      throw FileError(
        file: checkpoint.path, place: "metadata 'run'", reason: "numbers that cannot be")
    }
  }
}

/// The configuration of any model in a record. It is for people: a run goes on with that of its
/// checkpoint, so it is written and not read.
private struct RecordedConfiguration: Codable, Sendable {
  var model: (any PotentialModel)?

  init(model: (any PotentialModel)? = nil) { self.model = model }

  init(from decoder: any Decoder) {}

  func encode(to encoder: any Encoder) throws {
    if let model { return try model.encode(to: encoder) }
    _ = encoder.container(keyedBy: CodingKeys.self)
  }

  private enum CodingKeys: CodingKey {}
}
