public import E3xSystem

extension TrainingReport {
  /// Errors on one set of frames; nil for labels that the set does not have.
  public struct Errors: Sendable {
    /// What the set is called, for example `test`.
    public var name: String
    /// Frames in it.
    public var frames: Int
    /// Mean absolute error of the energies in meV.
    public var energyMAE: Double?
    /// Root mean square error of the energies in meV.
    public var energyRMSE: Double?
    /// Mean absolute error of the energies per atom in meV.
    public var energyPerAtomMAE: Double?
    /// Mean absolute error of the force components in meV/Å.
    public var forceMAE: Double?
    /// Root mean square error of the force components in meV/Å.
    public var forceRMSE: Double?

    /// Mean absolute error of the stress components in meV/Å³.
    public var stressMAE: Double?
    /// Root mean square error of the stress components in meV/Å³.
    public var stressRMSE: Double?

    /// Creates a column of the summary.
    public init(
      name: String, frames: Int, energyMAE: Double? = nil, energyRMSE: Double? = nil,
      energyPerAtomMAE: Double? = nil, forceMAE: Double? = nil, forceRMSE: Double? = nil,
      stressMAE: Double? = nil, stressRMSE: Double? = nil
    ) {
      self.name = name
      self.frames = frames
      self.energyMAE = energyMAE
      self.energyRMSE = energyRMSE
      self.energyPerAtomMAE = energyPerAtomMAE
      self.forceMAE = forceMAE
      self.forceRMSE = forceRMSE
      self.stressMAE = stressMAE
      self.stressRMSE = stressRMSE
    }

    /// The errors on a set.
    public init(name: String, _ errors: PredictionErrors) {
      self.init(
        name: name, frames: errors.frames, energyMAE: errors.energyMAE,
        energyRMSE: errors.energyRMSE, energyPerAtomMAE: errors.energyPerAtomMAE,
        forceMAE: errors.forcesMAE, forceRMSE: errors.forcesRMSE, stressMAE: errors.stressMAE,
        stressRMSE: errors.stressRMSE)
    }
  }

  /// Values against training steps. Values that are missing or not finite leave gaps.
  public struct Curve: Sendable {
    /// Steps, in the order in which values were taken.
    public var steps: [Double]
    /// One value for each step.
    public var values: [Double?]

    /// Creates a curve.
    public init(steps: [Double] = [], values: [Double?] = []) {
      self.steps = steps
      self.values = values
    }
  }

  /// A name and a value of a table, as text.
  public struct Entry: Sendable, Equatable {
    /// The left column.
    public var name: String
    /// The right column.
    public var value: String

    /// Creates an entry.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A file of frames.
  public struct DataSet: Sendable {
    /// What the file was used for: training, validation, test.
    public var role: String
    /// Where it was.
    public var path: String
    /// Frames in it.
    public var frames: Int?
    /// Its size in bytes.
    public var bytes: Int?
    /// What tells whether it is the same file: the digest SHA-256, in hexadecimal digits.
    public var sha256: String?

    /// Creates a row of the table of data.
    public init(
      role: String, path: String, frames: Int? = nil, bytes: Int? = nil, sha256: String? = nil
    ) {
      self.role = role
      self.path = path
      self.frames = frames
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// The energy of an atom of one element.
  public struct ElementEnergy: Sendable, Equatable {
    /// The element's symbol.
    public var symbol: String
    /// The energy in eV.
    public var energy: Double

    /// Creates a row of the table of element energies.
    public init(symbol: String, energy: Double) {
      self.symbol = symbol
      self.energy = energy
    }
  }

  /// Where the parameters of the model's file come from.
  public struct WrittenStep: Sendable, Equatable {
    /// The number of steps that had been done.
    public var step: Int
    /// What it was chosen by, for example "lowest error of the validation set".
    public var criterion: String

    /// Creates the step.
    public init(step: Int, criterion: String) {
      self.step = step
      self.criterion = criterion
    }
  }

  /// Something that was changed when a run was resumed.
  public struct Change: Sendable, Equatable {
    /// The number of steps that had been done by then.
    public var step: Int
    /// What changed, for example "learning_rate 0.003 to 0.001".
    public var text: String

    /// Creates a change.
    public init(step: Int, text: String) {
      self.step = step
      self.text = text
    }
  }

  /// A part of the page.
  public enum Section: String, Sendable, CaseIterable {
    /// The table of errors.
    case errors
    /// The curves.
    case learning
    /// The plots of predictions against references.
    case predictions
    /// What the run was.
    case details
  }

  /// Something that could not be shown; its section says so.
  public struct Failure: Sendable, Equatable {
    /// Where it is missing.
    public var section: Section
    /// What is missing, for example "errors of the test set".
    public var part: String
    /// Why, without a full stop.
    public var reason: String

    /// Creates a failure.
    public init(_ section: Section, part: String, reason: String) {
      self.section = section
      self.part = part
      self.reason = reason
    }
  }
}

extension TrainingReport {
  /// What a page tells of a run beyond what its trainer knows: where it lies, what it read, what
  /// became of it.
  public struct Run: Sendable {
    /// What the run is called: the name of its folder.
    public var name: String
    /// When the page was made.
    public var date: Date
    /// The program, with its version.
    public var program: String?
    /// The files of frames.
    public var dataSets: [DataSet] = []
    /// What was changed when the run was resumed.
    public var changes: [Change] = []
    /// What is probably a mistake, a sentence each.
    public var warnings: [String] = []
    /// Further facts.
    public var facts: [Entry] = []

    /// A run by its name.
    public init(name: String = "", date: Date = Date()) {
      self.name = name
      self.date = date
    }
  }
}
