internal import E3xEngine
public import E3xPotentials

/// A structure on its way to a minimum of its energy, or of its enthalpy where the cell may change.
///
/// It is told what a field predicts of ``frame``, until it is done:
///
///     var relaxation = try Relaxation(frame, LBFGS())
///     while !relaxation.isDone { try relaxation.advance(calculator.predict(relaxation.frame)) }
///
/// ``RelaxationBatch`` does so for many at once.
public struct Relaxation: Sendable {
  /// The structure whose prediction is wanted; at the end, the result.
  public private(set) var frame: LabelledFrame
  /// The last prediction; at the end, that of the result. Nil before the first.
  public private(set) var prediction: Potential.Prediction?
  /// Steps done.
  public private(set) var steps = 0
  /// Whether forces and stress of the result are small enough.
  public private(set) var isConverged = false
  /// Whether it has ended: converged, at the most steps, or failed.
  public private(set) var isDone = false
  /// Why it could not go on; nil if it could.
  public private(set) var failure: String?
  /// The largest force on an atom that may move, eV/Å; not a number before the first prediction.
  public private(set) var largestForce = Double.nan
  /// The largest component of the stress that the cell follows, with the pressure, eV/Å³; 0 if it stays.
  public private(set) var largestStress = 0.0
  /// What is asked for.
  public let options: RelaxationOptions

  private let coordinates: RelaxationCoordinates
  private var minimizer: any Minimizer
  private var point: [Double]
  /// Where the energy was lowest.
  private var lowest: State?

  private struct State {
    let frame: LabelledFrame
    let prediction: Potential.Prediction
    let energy: Double
    let (force, stress): (Double, Double)
  }

  /// - Parameters:
  ///   - frame: the structure to begin with.
  ///   - minimizer: as it is before the first step.
  ///   - fixed: which of the 3N coordinates stay; none if nil. Where the cell changes they follow it.
  /// - Throws: `ArgumentError` naming options out of range, `fixed` of another size, or a `frame` that
  ///   has no atoms or whose cell cannot change as it does not repeat along three vectors.
  public init(
    _ frame: LabelledFrame, _ minimizer: some Minimizer,
    options: RelaxationOptions = RelaxationOptions(), fixed: [Bool]? = nil
  ) throws {
    try options.check()
    guard frame.count > 0 else {
      throw ArgumentError("Relaxation", "frame", "expected at least one atom")
    }
    let size = frame.positions.count
    guard fixed == nil || fixed?.count == size else {
      throw ArgumentError(
        "Relaxation", "fixed", "expected \(size) values, received \(fixed?.count ?? 0)")
    }
    (self.options, self.minimizer) = (options, minimizer)
    var kept = frame
    (kept.energy, kept.forces, kept.stress) = (nil, nil, nil)
    self.frame = kept
    coordinates = try RelaxationCoordinates(
      kept, free: (0..<size).filter { fixed?[$0] != true }, cell: options.cell,
      pressure: options.pressure)
    point = coordinates.first
  }

  /// Moves the structure, or ends.
  /// - Parameter prediction: of ``frame``.
  /// - Throws: `ArgumentError` for a prediction without stress where the cell may change.
  public mutating func advance(_ prediction: Potential.Prediction) throws {
    guard !isDone else { return }
    let (energy, forces) = try coordinates.objective(point, frame, prediction)
    let state = State(
      frame: frame, prediction: prediction, energy: energy,
      force: coordinates.largestForce(prediction),
      stress: try coordinates.largestStress(prediction))
    // What is no number is not below either.
    let isNumber = energy.isFinite && forces.allSatisfy(\.isFinite)
    if isNumber, energy < lowest?.energy ?? .infinity { lowest = state }
    if isNumber, state.force <= options.force, state.stress <= options.stress {
      isConverged = true
      return end(state)
    }
    guard steps < options.steps else { return end(lowest ?? state) }
    guard isNumber || lowest != nil else {
      failure = "energy or forces are no finite numbers"
      return end(state)
    }
    show(state)
    point = minimizer.next(
      after: point, energy: isNumber ? energy : .infinity, forces: forces)
    guard point.allSatisfy(\.isFinite) else { return fail("a position is no finite number") }
    guard !coordinates.isBeyond(point) else {
      return fail("the cell does not hold: its lengths change by more than a factor of e")
    }
    steps += 1
    frame = coordinates.frame(point)
  }

  /// Ends at the lowest energy so far, as the structure cannot be computed.
  mutating func fail(_ reason: String) {
    failure = reason
    isDone = true
    if let lowest { end(lowest) }
  }

  private mutating func show(_ state: State) {
    (prediction, largestForce, largestStress) = (state.prediction, state.force, state.stress)
  }

  private mutating func end(_ state: State) {
    show(state)
    frame = state.frame
    isDone = true
    lowest = nil
  }
}
