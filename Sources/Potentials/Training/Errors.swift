/// The errors of predictions on a data set; nil where no frame has the label.
public struct PredictionErrors: Sendable, Codable, Hashable {
  /// Mean absolute error of energies, meV.
  public var energyMAE: Double?
  /// Root-mean-square error of energies, meV.
  public var energyRMSE: Double?
  /// Mean absolute error of energies per atom, meV.
  public var energyPerAtomMAE: Double?
  /// Root-mean-square error of energies per atom, meV.
  public var energyPerAtomRMSE: Double?
  /// Mean absolute error of force components, meV/Å.
  public var forcesMAE: Double?
  /// Root-mean-square error of force components, meV/Å.
  public var forcesRMSE: Double?
  /// Mean absolute error of stress components, meV/Å³.
  public var stressMAE: Double?
  /// Root-mean-square error of stress components, meV/Å³.
  public var stressRMSE: Double?
  /// The mean spread of a committee's energies, meV: see ``Potential/Prediction/energyDeviation``.
  /// Nil for a single model.
  public var energyDeviation: Double?
  /// The mean spread of a committee's forces on an atom, meV/Å: see
  /// ``Potential/Prediction/forcesDeviation``. Nil for a single model.
  public var forcesDeviation: Double?
  /// The number of frames.
  public var frames: Int
  /// The number of atoms in all frames.
  public var atoms: Int
  /// The number of frames that have an energy.
  public var energyFrames: Int
  /// The number of frames that have forces.
  public var forcesFrames: Int
  /// The number of frames that have a stress.
  public var stressFrames: Int

  /// Compares predictions with the labels of frames. Labels that a frame lacks do not count.
  public init(_ frames: [LabelledFrame], _ predictions: [Potential.Prediction]) {
    var sums = ErrorSums()
    for (frame, prediction) in zip(frames, predictions) { sums.add(frame, prediction) }
    self = sums.errors
  }

  init(_ sums: ErrorSums) {
    energyMAE = sums.energies.mean
    energyRMSE = sums.energies.rootMeanSquare
    energyPerAtomMAE = sums.energiesPerAtom.mean
    energyPerAtomRMSE = sums.energiesPerAtom.rootMeanSquare
    forcesMAE = sums.forces.mean
    forcesRMSE = sums.forces.rootMeanSquare
    stressMAE = sums.stress.mean
    stressRMSE = sums.stress.rootMeanSquare
    energyDeviation = sums.energyDeviations.mean
    forcesDeviation = sums.forcesDeviations.mean
    frames = sums.frames
    atoms = sums.atoms
    energyFrames = sums.energies.count
    forcesFrames = sums.forcesFrames
    stressFrames = sums.stressFrames
  }

  private enum CodingKeys: String, CodingKey {
    case energyMAE = "energy_mae_meV"
    case energyRMSE = "energy_rmse_meV"
    case energyPerAtomMAE = "energy_per_atom_mae_meV"
    case energyPerAtomRMSE = "energy_per_atom_rmse_meV"
    case forcesMAE = "forces_mae_meV_A"
    case forcesRMSE = "forces_rmse_meV_A"
    case stressMAE = "stress_mae_meV_A3"
    case stressRMSE = "stress_rmse_meV_A3"
    case energyDeviation = "energy_std_meV"
    case forcesDeviation = "forces_std_meV_A"
    case energyFrames = "energy_frames"
    case forcesFrames = "forces_frames"
    case stressFrames = "stress_frames"
    case frames, atoms
  }

  /// Reads errors; null is an error that there is none of. Files of versions that did not count the
  /// frames with labels say nothing of them: then all had both.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func error(_ key: CodingKeys) throws -> Double? {
      try values.decodeIfPresent(Double.self, forKey: key)
    }
    energyMAE = try error(.energyMAE)
    energyRMSE = try error(.energyRMSE)
    energyPerAtomMAE = try error(.energyPerAtomMAE)
    energyPerAtomRMSE = try error(.energyPerAtomRMSE)
    forcesMAE = try error(.forcesMAE)
    forcesRMSE = try error(.forcesRMSE)
    stressMAE = try error(.stressMAE)
    stressRMSE = try error(.stressRMSE)
    energyDeviation = try error(.energyDeviation)
    forcesDeviation = try error(.forcesDeviation)
    frames = try values.decode(Int.self, forKey: .frames)
    atoms = try values.decode(Int.self, forKey: .atoms)
    energyFrames = try values.decodeIfPresent(Int.self, forKey: .energyFrames) ?? frames
    forcesFrames = try values.decodeIfPresent(Int.self, forKey: .forcesFrames) ?? frames
    stressFrames = try values.decodeIfPresent(Int.self, forKey: .stressFrames) ?? 0
  }

  /// Writes all keys, those of spreads for a committee; null for an error that there is none of, or
  /// that is no finite number.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    for (key, error) in [
      (CodingKeys.energyMAE, energyMAE), (.energyRMSE, energyRMSE),
      (.energyPerAtomMAE, energyPerAtomMAE), (.energyPerAtomRMSE, energyPerAtomRMSE),
      (.forcesMAE, forcesMAE), (.forcesRMSE, forcesRMSE),
      (.stressMAE, stressMAE), (.stressRMSE, stressRMSE),
    ] {
      try values.encode(error.flatMap { $0.isFinite ? $0 : nil }, forKey: key)
    }
    for (key, spread) in [
      (CodingKeys.energyDeviation, energyDeviation), (.forcesDeviation, forcesDeviation),
    ] where spread != nil {
      try values.encode(spread.flatMap { $0.isFinite ? $0 : nil }, forKey: key)
    }
    try values.encode(frames, forKey: .frames)
    try values.encode(atoms, forKey: .atoms)
    try values.encode(energyFrames, forKey: .energyFrames)
    try values.encode(forcesFrames, forKey: .forcesFrames)
    try values.encode(stressFrames, forKey: .stressFrames)
  }
}

/// The sums that ``PredictionErrors`` are made of, frame by frame.
package struct ErrorSums: Sendable {
  /// Absolute errors of one quantity.
  struct Quantity: Sendable {
    private(set) var count = 0
    private var sum = 0.0
    private var squares = 0.0

    mutating func add(_ error: Double) {
      count += 1
      sum += error
      squares += error * error
    }

    var numbers: [Double] {
      get { [Double(count), sum, squares] }
      set { (count, sum, squares) = (Int(newValue[0]), newValue[1], newValue[2]) }
    }

    /// In thousandths; nil if there are none.
    var mean: Double? { count == 0 ? nil : 1000 * sum / Double(count) }
    var rootMeanSquare: Double? {
      count == 0 ? nil : 1000 * (squares / Double(count)).squareRoot()
    }
  }

  var energies = Quantity()
  var energiesPerAtom = Quantity()
  var forces = Quantity()
  var frames = 0
  var atoms = 0
  var forcesFrames = 0
  var energyDeviations = Quantity()
  var forcesDeviations = Quantity()
  var stress = Quantity()
  var stressFrames = 0

  package init() {}

  /// Compares one prediction with the labels that the frame has.
  package mutating func add(_ frame: LabelledFrame, _ prediction: Potential.Prediction) {
    frames += 1
    atoms += frame.count
    if let energy = frame.energy {
      let error = abs(energy - prediction.energy)
      energies.add(error)
      energiesPerAtom.add(error / Double(max(frame.count, 1)))
    }
    if let reference = frame.forces {
      forcesFrames += 1
      for (force, predicted) in zip(reference, prediction.forces) {
        forces.add(abs(force - predicted))
      }
    }
    if let deviation = prediction.energyDeviation { energyDeviations.add(deviation) }
    for deviation in prediction.forcesDeviation ?? [] { forcesDeviations.add(deviation) }
    if let reference = frame.stress, let predicted = prediction.stress {
      stressFrames += 1
      for (component, predicted) in zip(reference, predicted) {
        stress.add(abs(component - predicted))
      }
    }
  }

  /// All sums, in an order of their own: those of parts add up to those of the whole.
  var numbers: [Double] {
    get {
      [energies, energiesPerAtom, forces, stress].flatMap(\.numbers)
        + [frames, atoms, forcesFrames, stressFrames].map(Double.init)
    }
    set {
      energies.numbers = Array(newValue[0..<3])
      energiesPerAtom.numbers = Array(newValue[3..<6])
      forces.numbers = Array(newValue[6..<9])
      stress.numbers = Array(newValue[9..<12])
      (frames, atoms) = (Int(newValue[12]), Int(newValue[13]))
      (forcesFrames, stressFrames) = (Int(newValue[14]), Int(newValue[15]))
    }
  }

  /// The errors of all that was added.
  package var errors: PredictionErrors { PredictionErrors(self) }
}

extension Potential {
  /// The errors on labelled frames.
  /// - Throws: `ArgumentError` for frames that ``predict(_:batchSize:virials:)`` refuses.
  public func errors(on frames: [LabelledFrame]) throws -> PredictionErrors {
    try errors(on: StoredFrames(frames))
  }

  /// The errors on labelled frames of which memory need not hold all.
  /// - Throws: `ArgumentError` for frames that ``predict(_:batchSize:virials:)`` refuses; `FileError`
  ///   for frames that cannot be read.
  public func errors(on frames: StoredFrames) throws -> PredictionErrors {
    var sums = ErrorSums()
    try predict(frames) { sums.add($0, $1) }
    return sums.errors
  }
}
