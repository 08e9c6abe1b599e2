internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// Requires a structure at rest, as vibrations are about a minimum.
enum RestCheck {
  /// - Parameters:
  ///   - limit: the largest force on an atom, eV/Å.
  ///   - fixed: which coordinates do not move, whatever forces there are; none if nil.
  /// - Returns: the prediction, and the largest force (eV/Å).
  /// - Throws: `FileError` that says how to relax it.
  static func prediction(
    _ first: FirstFrame, _ potential: Potential, limit: Double, fixed: [Bool]? = nil
  ) throws -> (prediction: Potential.Prediction, force: Double) {
    let prediction = try potential.predict([first.frame])[0]
    var (largest, place) = (0.0, 0)
    for atom in 0..<first.frame.count {
      let square = (3 * atom..<3 * atom + 3).reduce(0.0) {
        $0 + (fixed?[$1] == true ? 0 : prediction.forces[$1] * prediction.forces[$1])
      }
      // What is no number is not below either.
      if !(square.squareRoot() <= largest) { (largest, place) = (square.squareRoot(), atom) }
    }
    guard largest <= limit else {
      throw FileError(
        file: first.file, place: "frame 1",
        reason: "is not at rest: the force on atom \(place + 1) is "
          + "\(String(format: "%.4f", largest)) eV/Å, more than --max-force \(limit): relax it "
          + "with 'e3x relax' first")
    }
    return (prediction, largest)
  }
}
