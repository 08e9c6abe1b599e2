/// Trainings on frames that are in memory.
extension Trainer {
  /// A new training.
  /// - Throws: As ``init(model:options:train:valid:elementEnergies:members:)-(_,_,StoredFrames,_,_,_)``.
  public init(
    model: any PotentialModel, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil, members: Int = 1
  ) throws {
    try self.init(
      model: model, options: options, train: StoredFrames(train), valid: StoredFrames(valid),
      elementEnergies: elementEnergies, members: members)
  }

  /// A new training of an attention potential.
  /// - Throws: As ``init(model:options:train:valid:elementEnergies:members:)-(_,_,StoredFrames,_,_,_)``.
  public init(
    configuration: PotentialConfiguration, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil, members: Int = 1
  ) throws {
    try self.init(
      model: AttentionPotential(configuration), options: options, train: train, valid: valid,
      elementEnergies: elementEnergies, members: members)
  }

  /// A training that begins with a potential.
  /// - Throws: As ``init(from:options:train:valid:elementEnergies:members:freezing:)-(_,_,StoredFrames,_,_,_,_)``.
  public init(
    from potential: Potential, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil, members: Int? = nil,
    freezing frozen: [String] = []
  ) throws {
    try self.init(
      from: potential, options: options, train: StoredFrames(train), valid: StoredFrames(valid),
      elementEnergies: elementEnergies, members: members, freezing: frozen)
  }

  /// Goes on from a checkpoint, with the data that it was trained on.
  /// - Throws: As ``init(resuming:train:valid:options:scoresAnew:)-(_,StoredFrames,_,_,_)``.
  public init(
    resuming checkpoint: TrainingCheckpoint, train: [LabelledFrame], valid: [LabelledFrame],
    options: TrainingOptions? = nil, scoresAnew: Bool = false
  ) throws {
    try self.init(
      resuming: checkpoint, train: StoredFrames(train), valid: StoredFrames(valid),
      options: options, scoresAnew: scoresAnew)
  }

  /// Goes on from the checkpoint in a file.
  /// - Throws: As ``init(resuming:train:valid:options:scoresAnew:)-(_,StoredFrames,_,_,_)``.
  public init(
    resuming path: String, train: [LabelledFrame], valid: [LabelledFrame],
    models: [any PotentialModel.Type] = []
  ) throws {
    try self.init(
      resuming: TrainingCheckpoint(contentsOf: path, models: models), train: train, valid: valid)
  }
}
