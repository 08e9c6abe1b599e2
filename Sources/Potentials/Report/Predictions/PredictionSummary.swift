internal import E3xFiles

/// Predictions beside the labels of one set of frames: how large errors are, of which elements, groups
/// and sizes of frames, and in which frames they are greatest.
///
/// It is gathered frame by frame, in memory that does not grow with their number.
public struct PredictionSummary: Sendable {
  /// What the set is called, for example `test`.
  public var set: String
  private let elementEnergies: ElementEnergies

  private var sums = ErrorSums()
  private(set) var sample: PredictionSample
  private(set) var worst = WorstFrames()
  private(set) var calibration = SpreadCalibration()
  private(set) var forces = ErrorBreakdown()
  private(set) var stress = ErrorBreakdown()
  private var totalEnergies = ErrorBreakdown()
  private var energiesPerAtom = ErrorBreakdown()
  private var composition: [Int32]?
  private(set) var hasManyCompositions = false

  /// A summary of no frames yet.
  /// - Parameters:
  ///   - set: what the set is called.
  ///   - elementEnergies: energies of the elements in eV, which are subtracted where energies of
  ///     different compositions are drawn together.
  ///   - mostValues: of how many values of the set pictures are drawn, about, at most: they are in
  ///     memory. Of larger sets every second frame is drawn, or fourth and so on; errors are those of
  ///     all frames.
  public init(
    set: String = "", elementEnergies: ElementEnergies = ElementEnergies(),
    mostValues: Int = 1_000_000
  ) {
    (self.set, self.elementEnergies) = (set, elementEnergies)
    sample = PredictionSample(mostValues: max(1, mostValues))
  }

  /// Compares one prediction with the labels that the frame has.
  /// - Parameter number: the frame's number from 1, as people shall find it; the next one if nil.
  public mutating func add(
    _ frame: LabelledFrame, _ prediction: Potential.Prediction, number: Int? = nil
  ) {
    sums.add(frame, prediction)
    worst.add(frame, prediction, number: number ?? sums.frames)
    if !hasManyCompositions {
      let sorted = frame.atomicNumbers.sorted()
      hasManyCompositions = composition.map { $0 != sorted } ?? false
      composition = sorted
    }
    if let energy = frame.energy {
      let error = prediction.energy - energy
      totalEnergies.add(error, of: frame)
      energiesPerAtom.add(error / Double(max(frame.count, 1)), of: frame)
    }
    let forces = Self.pair(frame.forces, prediction.forces, count: 3 * frame.count)
    if let forces { self.forces.add(zip(forces.predicted, forces.reference).map(-), of: frame) }
    if let forces, let spreads = prediction.forcesDeviation, spreads.count == frame.count {
      for (atom, spread) in spreads.enumerated() {
        let square = (3 * atom..<3 * atom + 3).reduce(0) { sum, index in
          let error = forces.predicted[index] - forces.reference[index]
          return sum + error * error
        }
        calibration.add(spread: spread, error: square.squareRoot())
      }
    }
    let stress = Self.pair(frame.stress, prediction.stress, count: 9)
    for (predicted, reference) in zip(stress?.predicted ?? [], stress?.reference ?? []) {
      self.stress.add(predicted - reference, of: frame)
    }
    sample.add {
      PredictionSample.Frame(
        atomicNumbers: frame.atomicNumbers, group: frame.group,
        elementEnergy: elementEnergies.total(frame.atomicNumbers),
        energy: frame.energy.map { ($0, prediction.energy) }, forces: forces, stress: stress)
    }
  }

  /// Both, if they are there.
  private static func pair(
    _ reference: [Double]?, _ predicted: [Double]?, count: Int
  ) -> PredictionSample.Pair<[Double]>? {
    guard let reference, let predicted, reference.count == count, predicted.count == count else {
      return nil
    }
    return (reference, predicted)
  }

  /// The errors on all frames.
  public var errors: PredictionErrors { sums.errors }

  /// Of how many frames one is drawn.
  public var stride: Int { sample.stride }

  /// Those of energies, per atom where frames have different compositions.
  var energies: ErrorBreakdown { hasManyCompositions ? energiesPerAtom : totalEnergies }

  /// Finds how much atoms attend to each other in the worst frames, so that it is drawn; does nothing
  /// for a potential without attention.
  /// - Throws: what ``Potential/attention(of:member:)`` throws.
  public mutating func addAttention(of potential: Potential) throws {
    guard potential.hasAttention else { return }
    try worst.addAttention(potential, mostPairs: StructureViewer.mostAttentionPairs)
  }
}
