public import E3xFiles
public import E3xSystem

/// All that the page about a training run shows; ``html()`` writes it.
///
/// Whatever is empty or missing is left out of the page. Numbers that are not finite and files
/// with odd names never break it, and a part that could not be made is named in ``failures`` while
/// the rest stands.
public struct TrainingReport: Sendable {
  /// What the run is called: the name of its folder.
  public var name: String
  /// What was trained, in a few words, for example "attention potential".
  public var model: String
  /// When the page was made.
  public var date: Date?
  /// The program that made it, with its version.
  public var program: String?
  /// How far the run has come, if it is not done: "stopped after 30 of 100 steps".
  public var status: String?
  /// What is probably a mistake in data or options, a sentence each.
  public var warnings: [String] = []
  /// The files of the run.
  public var dataSets: [DataSet] = []
  /// Errors on each set of frames; those of the last set that has some are the headline.
  public var errors: [Errors] = []
  /// The step whose parameters are in the model's file.
  public var written: WrittenStep?
  /// Training loss.
  public var loss = Curve()
  /// Mean absolute error of validation energies in meV.
  public var energyError = Curve()
  /// Mean absolute error of validation force components in meV/Å.
  public var forceError = Curve()
  /// Mean absolute error of validation stress components in meV/Å³.
  public var stressError = Curve()
  /// Learning rate.
  public var learningRate = Curve()
  /// The predictions of a set beside its labels.
  public var predictions: PredictionSummary?
  /// Further facts about the run: steps, parameters, time.
  public var facts: [Entry] = []
  /// Energies of the elements, which the network's output is added to.
  public var elementEnergies: [ElementEnergy] = []
  /// What was changed when the run was resumed, in the order of steps.
  public var changes: [Change] = []
  /// The network's configuration.
  public var configuration: [Entry] = []
  /// The options of the training.
  public var options: [Entry] = []
  /// What could not be shown.
  public var failures: [Failure] = []
  /// In which zone dates are written.
  public var timeZone = TimeZone.current

  /// Creates a report that holds nothing yet but what is trained.
  public init(name: String, model: String = "") {
    self.name = name
    self.model = model
  }

  /// The page: one HTML document with style, drawings and, where structures are shown, a script that
  /// turns them inside, and without anything from elsewhere.
  public func html() -> String { ReportPage(report: self).html() }

  /// Writes the page to `path`.
  /// - Throws: `FileError` for what the system reports.
  public func write(to path: String) throws(FileError) {
    try FileBytes.write(Data(html().utf8), to: path)
  }
}
