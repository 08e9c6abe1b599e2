import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// What programs in other languages ask of a training.
@Suite struct TrainingRequestTests {
  private static let network =
    #""config": {"features": 4, "radial_features": 2, "max_degree": 1, "num_layers": 1, "num_basis": 4}"#

  private static func configuration() -> PotentialConfiguration {
    var configuration = PotentialPreset.default.configuration
    (configuration.features, configuration.radialFeatures) = (4, 2)
    (configuration.maxDegree, configuration.numLayers, configuration.numBasis) = (1, 1, 4)
    return configuration
  }

  /// What a training kept last, and how often.
  private struct Kept {
    var potentials: [Potential] = []
    var options: [TrainingOptions] = []
    var observations: [TrainingObservation] = []
    func last() throws -> (potential: Potential, options: TrainingOptions) {
      (try #require(potentials.last), try #require(options.last))
    }
  }

  private func run(
    _ text: String, train: [LabelledFrame] = pairs(4), valid: [LabelledFrame] = pairs(2, from: 0.9),
    goesOn: (TrainingObservation) -> Bool = { _ in true }
  ) throws -> Kept {
    var kept = Kept()
    try TrainingRequest(text).run(train: train, valid: valid) { observation in
      kept.observations.append(observation)
      return goesOn(observation)
    } keep: { potential, options in
      kept.potentials.append(potential)
      kept.options.append(options)
    }
    return kept
  }

  private func expectSameBits(_ a: Potential, _ b: Potential) throws {
    #expect(a.elementEnergies.energies == b.elementEnergies.energies && a.members == b.members)
    #expect(a.parameters.map(\.path) == b.parameters.map(\.path))
    for (path, tensor) in a.parameters {
      #expect(
        try tensor.scalars(as: Float.self) == b.parameters[path]?.scalars(as: Float.self), "\(path)"
      )
    }
  }

  /// A structure with all labels.
  private static let crystal = {
    var crystal = PeriodicTests.crystal(seed: 1)
    (crystal.energy, crystal.forces) = (-1, [Double](repeating: 0.1, count: 9))
    crystal.stress = [Double](repeating: 0.01, count: 9)
    return crystal
  }()

  // MARK: What is trained

  /// Every option arrives; one that nobody thought of here fails.
  @Test func everyOption() throws {
    let values: [String: Any] = [
      "steps": 1, "batch_size": 3, "batch_growth": 1.5, "batch_pairs": 1000,
      "learning_rate": 0.004, "warmup_steps": 7, "energy_weight": 0.25, "forces_weight": 2.5,
      "stress_weight": 0.5, "stages": ["0.5:energy=3,forces=2"], "energy_per_atom": true,
      "energy_loss": "squared", "forces_loss": "squared", "stress_loss": "squared",
      "gradient_clip": 5.5, "optimizer": "adam", "weight_decay": 0.125,
      "second_moment_decay": 0.99, "cautious": false, "average_decay": 0.9,
      "validation_interval": 11, "patience": 2, "seed": -3,
    ]
    #expect(Set(values.keys) == Set(TrainingOptions().numbers.map(\.name)))
    let preset = PotentialPreset.default.options.numbers
    var whole = values
    whole["config"] = ["features": 4, "max_degree": 1, "num_layers": 1, "num_basis": 4]
    let text = String(
      decoding: try JSONSerialization.data(withJSONObject: whole), as: UTF8.self)
    let found = try run(text, train: [Self.crystal], valid: [Self.crystal]).last().options
    for option in found.numbers where option.name != "stages" {
      let value = try #require(values[option.name])
      #expect(option.value.description == "\(value)", "\(option.name)")
    }
    #expect(found.stages == [try #require(TrainingStage("0.5:energy=3,forces=2"))])
    // Values that are those of the preset could not fail.
    for (option, usual) in matched(found.numbers, preset) {
      #expect(option.value != usual.value, "\(option.name)")
    }
  }

  /// What is not said is as `e3x train` has it: the preset's, and usual for the frames.
  @Test func whatIsNotSaid() throws {
    let options = try run("{\"steps\": 1, \(Self.network)}").last().options
    var expected = PotentialPreset.default.options
    (expected.steps, expected.batchSize) = (1, 1)
    #expect(options == expected)
    // Of structures that repeat errors of energies are per atom, and stress has a weight.
    let repeated = try run(
      "{\"steps\": 1, \(Self.network)}", train: [Self.crystal], valid: []
    ).last().options
    #expect(repeated.energyPerAtom && repeated.stressWeight > 0 && repeated.energyWeight == 0.5)
    let own = try run(
      "{\"steps\": 1, \"energy_per_atom\": false, \"stress_weight\": 0, \(Self.network)}",
      train: [Self.crystal], valid: []
    ).last().options
    #expect(!own.energyPerAtom && own.stressWeight == 0)
  }

  @Test(arguments: PotentialPreset.allCases) func presets(preset: PotentialPreset) throws {
    let kept = try run(
      "{\"preset\": \"\(preset.rawValue)\", \"steps\": 1, \"config\": {\"features\": 4}}")
    var configuration = preset.configuration
    configuration.features = 4
    let model = try #require(try kept.last().potential.model as? AttentionPotential)
    // Scales are of the data.
    configuration.energyScale = model.configuration.energyScale
    configuration.messageScale = model.configuration.messageScale
    #expect(model.configuration == configuration)
  }

  @Test func otherModels() throws {
    let kept = try run(
      #"{"model": "message_passing", "steps": 1, "config": {"features": 4, "num_layers": 1}}"#)
    let model = try #require(try kept.last().potential.model as? MessagePassingPotential)
    #expect(model.features == 4 && model.numLayers == 1)
  }

  /// The same bits as of a trainer made by hand.
  @Test func sameBits() throws {
    let kept = try run(
      """
      {"steps": 7, "batch_size": 2, "validation_interval": 3, "seed": 5, "committee": 2, \
      \(Self.network)}
      """)
    var options = PotentialPreset.default.options
    (options.steps, options.batchSize, options.validationInterval, options.seed) = (7, 2, 3, 5)
    var trainer = try Trainer(
      model: AttentionPotential(Self.configuration()), options: options, train: pairs(4),
      valid: pairs(2, from: 0.9), members: 2)
    while !trainer.isDone { try trainer.advance() }
    let (potential, found) = try kept.last()
    #expect(found == options)
    try expectSameBits(potential, try trainer.bestPotential())
    #expect(kept.observations.compactMap(\.record?.step) == trainer.history.records.map(\.step))
    #expect(kept.observations.allSatisfy { $0.steps == 7 })
  }

  /// A training that begins with the file of a potential.
  @Test func fineTuning() throws {
    let folder = try TemporaryFolder()
    let first = try run("{\"steps\": 1, \(Self.network)}").last().potential
    try first.write(to: folder.path("first.safetensors"))
    let kept = try run(
      """
      {"from": "\(folder.path("first.safetensors"))", "freeze": ["embed"], "steps": 3, \
      "batch_size": 2, "learning_rate": 0.001, "committee": 1}
      """)
    var options = PotentialPreset.default.options
    (options.steps, options.batchSize, options.learningRate) = (3, 2, 1e-3)
    var trainer = try Trainer(
      from: Potential(contentsOf: folder.path("first.safetensors")), options: options,
      train: pairs(4), valid: pairs(2, from: 0.9), freezing: ["embed"])
    while !trainer.isDone { try trainer.advance() }
    let found = try kept.last().potential
    try expectSameBits(found, try trainer.bestPotential())
    let path = "embed/embedding"
    #expect(
      try found.parameters[path]?.scalars(as: Float.self)
        == first.parameters[path]?.scalars(as: Float.self))
  }

  // MARK: How it goes

  /// Whoever looks on may end it: what was best until then is kept.
  @Test func endedByTheObserver() throws {
    let kept = try run(
      "{\"steps\": 100000, \"validation_interval\": 2, \"batch_size\": 1, \(Self.network)}"
    ) { $0.step < 6 }
    #expect(kept.observations.last?.step == 6)
    let scores = kept.observations.compactMap(\.record?.score)
    #expect(scores.count == 3)
    // Given whenever there is a better one, and at the end.
    let best = kept.observations.filter { $0.record?.isBest == true }
    #expect(kept.potentials.count == best.count + 1)
    try expectSameBits(
      kept.potentials[kept.potentials.count - 1], kept.potentials[kept.potentials.count - 2])
  }

  /// Where what is learned is wrong for the frames that judge, the best is not the last.
  @Test func theBestIsKept() throws {
    let valid = pairs(2, from: 0.9).map { frame in
      var frame = frame
      frame.forces = frame.forces?.map { -10 * $0 }
      return frame
    }
    let kept = try run(
      """
      {"steps": 40, "validation_interval": 4, "batch_size": 1, "average_decay": 0.5, \
      "energy_weight": 0, \(Self.network)}
      """, valid: valid)
    let records = kept.observations.compactMap(\.record)
    let scores = records.compactMap(\.score)
    #expect(scores.count == 10 && scores.last! > scores.min()!)
    let best = try #require(records.first { $0.score == scores.min() }?.validation?.forcesMAE)
    let errors = try kept.last().potential.errors(on: valid)
    #expect(abs(try #require(errors.forcesMAE) - best) <= 1e-6 * best)
  }

  private struct Stop: Error {}

  @Test func whatIsThrownArrives() throws {
    let request = try TrainingRequest("{\"steps\": 2, \(Self.network)}")
    #expect(throws: Stop.self) {
      try request.run(train: pairs(2), valid: []) { _ in
        throw Stop()
      } keep: { _, _ in
      }
    }
    #expect(throws: Stop.self) {
      try request.run(train: pairs(2), valid: []) { _ in
        true
      } keep: { _, _ in
        throw Stop()
      }
    }
  }

  @Test func minutes() throws {
    let start = ContinuousClock.now
    let kept = try run("{\"minutes\": 0.05, \(Self.network)}")
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let last = try #require(kept.observations.last)
    #expect(last.step > 10 && last.step == last.steps)
    // It uses its time; that it ends in time holds for a machine without other work.
    #expect(seconds > 1.5 && seconds < 30, "\(seconds) s")
    #expect(last.record != nil)
  }

  // MARK: What is refused

  @Test(arguments: [
    ("", "options: is not JSON"),
    ("[1]", "options: expected an object, found an array"),
    (#"{"learning_rat": 1}"#, #""learning_rat": is none; did you mean "learning_rate"?"#),
    (#"{"comittee": 1}"#, #""comittee": is none; did you mean "committee"?"#),
    (#"{"xyzzy": 1}"#, #""xyzzy": is none"#),
    (#"{"steps": 1, "steps": 2}"#, "steps"),
    (#"{"steps": 1.5}"#, #""steps": expected a whole number"#),
    (#"{"steps": "1"}"#, #""steps": expected a whole number, found the text "1""#),
    (#"{"steps": 0}"#, #""steps": must be at least 1, received 0"#),
    (#"{"learning_rate": true}"#, #""learning_rate": expected a number, found true"#),
    (#"{"learning_rate": -1}"#, #""learning_rate": must be positive, received -1"#),
    (#"{"learning_rate": 1e999}"#, "learning_rate"),
    (#"{"cautious": 1}"#, #""cautious": expected true or false, found 1"#),
    (#"{"optimizer": "adams"}"#, #"did you mean "adam"?"#),
    (#"{"energy_loss": "cubic"}"#, #""energy_loss": is 'cubic', expected"#),
    (#"{"stages": ["x"]}"#, #""stages": has 'x', expected"#),
    (#"{"stages": 3}"#, #""stages": expected an array of texts, found 3"#),
    (#"{"preset": "quick"}"#, #""preset": is "quick", expected one of fast, default"#),
    (#"{"preset": 3}"#, #""preset": expected a text, found 3"#),
    (#"{"model": "quick"}"#, #""model": is "quick", expected one of "#),
    (#"{"config": 3}"#, #""config": expected an object, found 3"#),
    (#"{"config": {"featuers": 3}}"#, "features"),
    (#"{"config": {"features": 0}}"#, "features"),
    (#"{"config": {"features": "x"}}"#, "features"),
    (#"{"from": "a", "preset": "fast"}"#, #""preset": says what "from" does: give one of them"#),
    (#"{"from": "a", "model": "attention"}"#, #""model": says what "from" does"#),
    (#"{"from": "a", "config": {}}"#, #""config": says what "from" does"#),
    (#"{"from": "/nowhere/a"}"#, "/nowhere/a"),
    (#"{"freeze": "embed"}"#, #""freeze": expected an array of texts"#),
    (#"{"freeze": ["embed"]}"#, #""freeze": needs "from""#),
    (#"{"minutes": 0}"#, #""minutes": must be positive and at most 1000000, found 0.0"#),
    (#"{"minutes": -1}"#, #""minutes": must be positive"#),
    (#"{"minutes": 1e7}"#, #""minutes": must be positive and at most 1000000"#),
    (#"{"minutes": 1, "steps": 2}"#, #""minutes": says what "steps" does: give one of them"#),
    (#"{"committee": 1.5}"#, #""committee": expected a whole number"#),
    (#"{"energy_weight": 0, "forces_weight": 0}"#, "must have a weight"),
  ])
  func refusals(text: String, words: String) throws {
    let error = #expect(throws: (any Error).self) { try TrainingRequest(text) }
    let said = "\(try #require(error))"
    #expect(error is FileError || error is ArgumentError)
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains("\n"))
  }

  /// What only a training finds.
  @Test func dataAndNumbersOfMembers() throws {
    for (text, argument) in [
      ("{\"committee\": 0, \(Self.network)}", "committee"),
      ("{\"committee\": 1001, \(Self.network)}", "committee"),
    ] {
      let error = #expect(throws: ArgumentError.self) { try run(text) }
      #expect(error?.argument == argument)
    }
    #expect(throws: ArgumentError.self) { try run("{\(Self.network)}", train: []) }
  }
}
