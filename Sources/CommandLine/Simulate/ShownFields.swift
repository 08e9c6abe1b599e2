internal import E3xPotentials
internal import E3xSimulation

/// A potential that computes structures while a line of the terminal tells how many it has.
struct ShownPotential: BatchForceField {
  private let field: BatchedPotential
  private let progress = ProgressLine(total: nil, unit: "structures")
  private var computed = 0
  private static let atomsAtOnce = 512

  init(_ potential: Potential) { field = BatchedPotential(potential) }

  mutating func predict(_ frames: [LabelledFrame]) throws -> [Potential.Prediction] {
    // Large structures one by one, so that the line moves.
    let size = max(1, Self.atomsAtOnce / max(1, frames.first?.count ?? 1))
    var predictions: [Potential.Prediction] = []
    for first in stride(from: 0, to: frames.count, by: size) {
      predictions += try field.predict(Array(frames[first..<min(first + size, frames.count)]))
      progress.advance(to: computed + predictions.count, note: "\(frames.count) at work")
    }
    computed += frames.count
    return predictions
  }

  /// Removes the line for good.
  func finish() { progress.finish() }
}

/// Second derivatives of a potential, with a line of the terminal that tells how many rows of the matrix
/// are there.
struct ShownHessian: HessianField {
  let potential: Potential

  func hessian(of frame: LabelledFrame, rows: Range<Int>?) throws -> [Double] {
    let progress = ProgressLine(total: rows?.count ?? frame.positions.count, unit: "rows")
    defer { progress.finish() }
    return try potential.hessian(of: frame, rows: rows) { progress.advance(to: $0) }
  }
}
