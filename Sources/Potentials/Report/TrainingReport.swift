public import E3xFiles
import Foundation

/// All that the page about a training run shows; ``html()`` writes it.
///
/// Arrays may be empty and numbers missing or not finite: the page leaves out what it does not
/// have.
public struct TrainingReport: Sendable {
  /// Errors on one set of frames.
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

    /// Creates a row of the summary.
    public init(
      name: String, frames: Int, energyMAE: Double? = nil, energyRMSE: Double? = nil,
      energyPerAtomMAE: Double? = nil, forceMAE: Double? = nil, forceRMSE: Double? = nil
    ) {
      self.name = name
      self.frames = frames
      self.energyMAE = energyMAE
      self.energyRMSE = energyRMSE
      self.energyPerAtomMAE = energyPerAtomMAE
      self.forceMAE = forceMAE
      self.forceRMSE = forceRMSE
    }
  }

  /// Values against training steps.
  public struct Curve: Sendable {
    /// Steps, in the order in which values were taken.
    public var steps: [Double]
    /// One value for each step.
    public var values: [Double]

    /// Creates a curve.
    public init(steps: [Double] = [], values: [Double] = []) {
      self.steps = steps
      self.values = values
    }
  }

  /// Predictions beside references, value by value.
  public struct Parity: Sendable {
    /// References.
    public var reference: [Double]
    /// Predictions, in the same order and unit.
    public var predicted: [Double]

    /// Creates pairs.
    public init(reference: [Double] = [], predicted: [Double] = []) {
      self.reference = reference
      self.predicted = predicted
    }
  }

  /// A name and a value of a table, as text.
  public struct Entry: Sendable {
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

  /// The page's title.
  public var title: String
  /// A line below the title, for example the date and the data set.
  public var subtitle: String
  /// A row of the summary for each set of frames; the last one's force error is the headline.
  public var errors: [Errors]
  /// Further facts: frames to train on, parameters, steps per second, duration.
  public var facts: [Entry]
  /// Training loss.
  public var loss: Curve
  /// Mean absolute error of validation energies in meV.
  public var energyError: Curve
  /// Mean absolute error of validation force components in meV/Å.
  public var forceError: Curve
  /// Learning rate.
  public var learningRate: Curve
  /// Energies of the test frames in eV.
  public var energies: Parity
  /// Force components of the test frames in eV/Å.
  public var forces: Parity
  /// The run's configuration.
  public var configuration: [Entry]

  /// Creates a report.
  public init(
    title: String, subtitle: String = "", errors: [Errors] = [], facts: [Entry] = [],
    loss: Curve = Curve(), energyError: Curve = Curve(), forceError: Curve = Curve(),
    learningRate: Curve = Curve(), energies: Parity = Parity(), forces: Parity = Parity(),
    configuration: [Entry] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.errors = errors
    self.facts = facts
    self.loss = loss
    self.energyError = energyError
    self.forceError = forceError
    self.learningRate = learningRate
    self.energies = energies
    self.forces = forces
    self.configuration = configuration
  }

  /// The page: one HTML document with style and drawings inside, without scripts and without
  /// anything from elsewhere.
  public func html() -> String { ReportPage(report: self).html() }

  /// Writes the page beside `path`, then renames it.
  /// - Throws: `FileError` for what the system reports.
  public func write(to path: String) throws(FileError) {
    try FileBytes.write(Data(html().utf8), to: path)
  }
}
