internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import OrderedCollections

/// How predictions are put into frames, and which labels of the reference they replace.
struct PredictedLabels {
  /// Before `energy` and `forces`; empty if they are written under these names.
  let prefix: String
  /// Whether labels of the reference stay beside the predictions.
  let keepsReference: Bool

  /// What ASE takes for the results of a calculation, and names that programs give them beside.
  private static let results: Set<String> = [
    "energy", "energies", "free_energy", "force", "forces", "stress", "stresses", "virial",
    "virials", "dipole", "dipoles", "charge", "charges", "magmom", "magmoms", "polarization",
    "dielectric_tensor", "born_effective_charges", "energy_std", "forces_std",
  ]

  var energy: String { prefix + "energy" }
  var forces: String { prefix + "forces" }
  var stress: String { prefix + "stress" }

  /// Requires a prefix that names can have.
  /// - Throws: `ValidationError` naming the option.
  func check() throws(ValidationError) {
    let isName = prefix.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "_-.".unicodeScalars.contains($0)
    }
    guard isName, prefix.utf8.count <= 100 else {
      throw ValidationError(
        "The value \(quoted(prefix)) is invalid for '--prefix <prefix>': expected letters, digits, "
          + "'_', '-' and '.'.")
    }
  }

  /// The frame with a prediction. Without a prefix, and unless they are to be kept, the results of
  /// the reference go: they would contradict it.
  func labelled(_ frame: XYZFrame, _ prediction: Potential.Prediction) -> XYZFrame {
    var frame = frame
    if prefix.isEmpty && !keepsReference {
      frame.info = frame.info.filter { !Self.results.contains($0.key.lowercased()) }
      frame.arrays = frame.arrays.filter { !Self.results.contains($0.key.lowercased()) }
    }
    frame.info[energy] = .real(prediction.energy)
    if let stress = prediction.stress { frame.info[self.stress] = .reals(stress) }
    frame.arrays[forces] = XYZColumn(.reals(prediction.forces), width: 3)
    if let deviation = prediction.energyDeviation {
      frame.info[energy + "_std"] = .real(deviation)
    }
    if let deviations = prediction.forcesDeviation {
      frame.arrays[forces + "_std"] = XYZColumn(.reals(deviations), width: 1)
    }
    return frame
  }
}
