import E3xPotentials

/// Two atoms of hydrogen at distances that grow from frame to frame.
func pairs(_ count: Int, from first: Double = 0.7) -> [LabelledFrame] {
  (0..<count).map { index in
    let x = first + 0.05 * Double(index)
    return LabelledFrame(
      atomicNumbers: [1, 1], positions: [0, 0, 0, x, 0, 0], energy: (x - 1) * (x - 1),
      forces: [2 * (x - 1), 0, 0, -2 * (x - 1), 0, 0])
  }
}

/// A network that is quickly trained.
func tiny() -> PotentialConfiguration {
  var configuration = PotentialConfiguration()
  (configuration.features, configuration.numHeads, configuration.numLayers) = (4, 1, 1)
  (configuration.maxDegree, configuration.numBasis) = (1, 4)
  return configuration
}
