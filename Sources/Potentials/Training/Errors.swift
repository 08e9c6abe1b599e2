/// The errors of predictions on a data set.
public struct PredictionErrors: Sendable, Codable, Hashable {
  /// Mean absolute error of energies, meV.
  public var energyMAE: Double
  /// Root-mean-square error of energies, meV.
  public var energyRMSE: Double
  /// Mean absolute error of energies per atom, meV.
  public var energyPerAtomMAE: Double
  /// Mean absolute error of force components, meV/Å.
  public var forcesMAE: Double
  /// Root-mean-square error of force components, meV/Å.
  public var forcesRMSE: Double
  /// The number of frames.
  public var frames: Int
  /// The number of atoms in all frames.
  public var atoms: Int

  private enum CodingKeys: String, CodingKey {
    case energyMAE = "energy_mae_meV"
    case energyRMSE = "energy_rmse_meV"
    case energyPerAtomMAE = "energy_per_atom_mae_meV"
    case forcesMAE = "forces_mae_meV_A"
    case forcesRMSE = "forces_rmse_meV_A"
    case frames, atoms
  }

  /// Compares predictions with the labels of frames. Labels that a frame lacks do not count.
  public init(_ frames: [LabelledFrame], _ predictions: [Potential.Prediction]) {
    var (energies, energySquares, perAtom, energyCount) = (0.0, 0.0, 0.0, 0)
    var (forces, forceSquares, forceCount, atoms) = (0.0, 0.0, 0, 0)
    for (frame, prediction) in zip(frames, predictions) {
      atoms += frame.count
      if let energy = frame.energy {
        let error = abs(energy - prediction.energy)
        energies += error
        energySquares += error * error
        perAtom += error / Double(max(frame.count, 1))
        energyCount += 1
      }
      for (force, predicted) in zip(frame.forces ?? [], prediction.forces) {
        let error = abs(force - predicted)
        forces += error
        forceSquares += error * error
        forceCount += 1
      }
    }
    func mean(_ sum: Double, _ count: Int) -> Double { count == 0 ? 0 : 1000 * sum / Double(count) }
    func root(_ sum: Double, _ count: Int) -> Double {
      count == 0 ? 0 : 1000 * (sum / Double(count)).squareRoot()
    }
    energyMAE = mean(energies, energyCount)
    energyRMSE = root(energySquares, energyCount)
    energyPerAtomMAE = mean(perAtom, energyCount)
    forcesMAE = mean(forces, forceCount)
    forcesRMSE = root(forceSquares, forceCount)
    self.frames = frames.count
    self.atoms = atoms
  }
}

extension Potential {
  /// The errors on labelled frames.
  /// - Throws: `ArgumentError` for frames that ``predict(_:batchSize:)`` refuses.
  public func errors(on frames: [LabelledFrame]) throws -> PredictionErrors {
    PredictionErrors(frames, try predict(frames))
  }
}
