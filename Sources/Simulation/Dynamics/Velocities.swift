public import E3xEngine

extension DynamicsState {
  /// Gives atoms velocities of a temperature: normal random numbers (Maxwell's distribution), without
  /// what the constraint keeps at zero.
  ///
  /// - Parameter temperature: K, not negative.
  /// - Parameter seed: of the random numbers.
  /// - Parameter isExact: whether they are scaled so that the temperature is exactly the one given; of
  ///   few atoms it fluctuates otherwise.
  /// - Throws: `ArgumentError` naming `temperature` if it is negative or not finite.
  public mutating func drawVelocities(
    temperature: Double, seed: Int, isExact: Bool = false
  ) throws(ArgumentError) {
    try checkTemperature("drawVelocities", temperature)
    let energy = Units.boltzmann * temperature * Units.acceleration
    // A step that dynamics do not have.
    let random = StepNoise(seed: seed).normal(3 * count, step: -1, stream: 3)
    for atom in 0..<count {
      let spread = (energy / masses[atom]).squareRoot()
      for index in (3 * atom)..<(3 * atom + 3) { velocities[index] = spread * random[index] }
    }
    constrainVelocities()
    let found = self.temperature
    if isExact, found > 0 { scaleVelocities(by: (temperature / found).squareRoot()) }
  }
}
