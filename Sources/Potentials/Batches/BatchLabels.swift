internal import E3xEngine

/// What is to be learned of the frames of a batch. A frame that lacks a label has a weight of 0
/// there.
struct BatchLabels {
  /// int32 [N]: which frame an atom belongs to
  let frames: Tensor
  /// [B]: eV, without the energies of the elements
  let energies: Tensor
  /// [B]: what a squared error counts in the mean over the frames that have an energy
  let energyWeights: Tensor
  /// [N, 3], eV/Å
  let forces: Tensor
  /// [N, 1]: what a squared error counts in the mean over the components that have a label
  let forceWeights: Tensor
  /// [B, 6], eV/Å³, Voigt's order
  let stress: Tensor
  /// [B, 1]: what a squared error counts in the mean over the components that have a label
  let stressWeights: Tensor
  /// [B, 1], 1/Å³
  let inverseVolumes: Tensor

  /// How many numbers have a label.
  typealias Counts = (energies: Int, forces: Int, stress: Int)
  /// Those of these frames.
  let counts: Counts

  /// How many numbers of frames have a label that counts.
  static func counts(
    _ examples: some Collection<Example>, _ factors: LabelWeights = .ones
  ) -> Counts {
    examples.reduce(into: (0, 0, 0)) { counts, example in
      counts.0 += example.energy == nil || factors.energy == 0 ? 0 : 1
      counts.1 += example.forces == nil || factors.forces == 0 ? 0 : 3 * example.species.count
      counts.2 += example.stress == nil || factors.stress == 0 ? 0 : 6
    }
  }

  /// - Parameters:
  ///   - energyIsPerAtom: whether errors of energies count per atom.
  ///   - factors: what the errors of each label are multiplied by.
  ///   - whole: how many numbers have a label in the batch that these frames are part of; nil if
  ///     they are all of it.
  init(
    _ examples: some Collection<Example>, energyIsPerAtom: Bool, factors: LabelWeights = .ones,
    of whole: Counts? = nil
  ) throws {
    var frames: [Int32] = []
    var (energies, forces, stress): ([Float], [Float], [Float]) = ([], [], [])
    var (energyWeights, forceWeights, stressWeights): ([Double], [Double], [Double]) = ([], [], [])
    var inverseVolumes: [Float] = []
    let counts = Self.counts(examples, factors)
    let all = whole ?? counts
    for (index, example) in examples.enumerated() {
      let atoms = example.species.count
      frames += [Int32](repeating: Int32(index), count: atoms)
      energies.append(example.energy ?? 0)
      forces += example.forces ?? [Float](repeating: 0, count: 3 * atoms)
      stress += example.stress ?? [Float](repeating: 0, count: 6)
      inverseVolumes.append(example.volume.map { Float(1 / $0) } ?? 0)
      let weight = example.weight
      let size = energyIsPerAtom ? Double(max(atoms, 1)) : 1
      energyWeights.append(
        example.energy == nil ? 0 : factors.energy * weight / (size * size))
      forceWeights += [Double](
        repeating: example.forces == nil ? 0 : factors.forces * weight, count: atoms)
      stressWeights.append(example.stress == nil ? 0 : factors.stress * weight)
    }
    let (atoms, count) = (frames.count, energies.count)
    func means(_ weights: [Double], of labelled: Int) -> [Float] {
      weights.map { Float($0 / Double(max(labelled, 1))) }
    }
    self.frames = Tensor(frames)
    self.energies = Tensor(energies)
    self.energyWeights = Tensor(means(energyWeights, of: all.energies))
    self.forces = try Tensor(forces, shape: [atoms, 3])
    self.forceWeights = try Tensor(means(forceWeights, of: all.forces), shape: [atoms, 1])
    self.stress = try Tensor(stress, shape: [count, 6])
    self.stressWeights = try Tensor(means(stressWeights, of: all.stress), shape: [count, 1])
    self.inverseVolumes = try Tensor(inverseVolumes, shape: [count, 1])
    self.counts = counts
  }

  /// As arguments of a function.
  /// - Parameter hasStress: whether the function learns stress.
  func tensors(hasStress: Bool) -> [Tensor] {
    [frames, energies, energyWeights, forces, forceWeights]
      + (hasStress ? [stress, stressWeights, inverseVolumes] : [])
  }

  /// Shapes and element types of ``tensors(hasStress:)``.
  static func specification(hasStress: Bool) -> [TensorSpecification] {
    let (atoms, frames) = (Batch.atoms, Batch.frames)
    return [
      TensorSpecification([atoms], dtype: .int32), TensorSpecification([frames]),
      TensorSpecification([frames]), TensorSpecification([atoms, 3]),
      TensorSpecification([atoms, 1]),
    ]
      + (hasStress
        ? [
          TensorSpecification([frames, 6]), TensorSpecification([frames, 1]),
          TensorSpecification([frames, 1]),
        ] : [])
  }
}
