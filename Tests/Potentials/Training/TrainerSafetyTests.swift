import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// What a trainer promises when something is wrong.
@Suite struct TrainerSafetyTests {
  @Test func aDivergenceGoesBackToTheLastGoodStep() throws {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (10_000, 2, 10_000)
    options.learningRate = 1e6
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: pairs(4), valid: [])
    let error = #expect(throws: ArgumentError.self) {
      while !trainer.isDone { try trainer.advance() }
    }
    #expect(error?.argument == "learning_rate")
    // The step that made what is not a number is not the one that finds it; both can be done again.
    let step = trainer.stepsDone
    #expect(throws: ArgumentError.self) { for _ in 0..<2 { try trainer.advance() } }
    #expect(trainer.stepsDone == step)
    let potential = try trainer.bestPotential()
    for (name, tensor) in potential.parameters {
      #expect(try tensor.scalars(as: Float.self).allSatisfy(\.isFinite), "\(name)")
    }
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("checkpoint"))
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.path("checkpoint"))
    #expect(checkpoint.stepsDone == step)
    options.learningRate = 1e-9
    var resumed = try Trainer(
      resuming: checkpoint, train: pairs(4), valid: [], options: options)
    try resumed.advance()
    #expect(resumed.stepsDone == step + 1)
  }

  @Test func aValidationThatIsNotANumberIsAnErrorAndNull() throws {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (10, 2, 2)
    var valid = pairs(2, from: 1)
    valid[1].energy = 1e200
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: pairs(4), valid: valid)
    try trainer.advance()
    let error = #expect(throws: ArgumentError.self) { try trainer.advance() }
    #expect(error?.argument == "valid")
    #expect(trainer.stepsDone == 2)
    #expect(trainer.best == nil)
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("checkpoint"))
    let counters = try SafetensorsFile(contentsOf: folder.path("checkpoint")).metadata["counters"]
    #expect(counters?.contains("\"energy_rmse_meV\":null") == true)
    let resumed = try Trainer(
      resuming: folder.path("checkpoint"), train: pairs(4), valid: valid)
    #expect(resumed.stepsDone == 2)
    #expect(resumed.history.records.count == 1)
    #expect(resumed.history.records[0].validation?.energyRMSE == nil)
  }

  @Test func someOptionsChangeWhenATrainingGoesOn() throws {
    var options = TrainingOptions()
    (options.steps, options.batchSize) = (2, 2)
    var trainer = try Trainer(configuration: tiny(), options: options, train: pairs(4), valid: [])
    while !trainer.isDone { try trainer.advance() }
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("checkpoint"), run: "a run")
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.path("checkpoint"))
    #expect(checkpoint.run == "a run")
    #expect(checkpoint.elementEnergies == trainer.elementEnergies)
    var changed = options
    (changed.steps, changed.learningRate, changed.validationInterval) = (4, 1e-4, 3)
    var resumed = try Trainer(
      resuming: checkpoint, train: pairs(4), valid: [], options: changed)
    while !resumed.isDone { try resumed.advance() }
    #expect(resumed.history.records.map(\.step) == [2, 3, 4])
    for change in [\TrainingOptions.seed, \.batchSize] as [WritableKeyPath<TrainingOptions, Int>] {
      var refused = options
      refused[keyPath: change] += 1
      let error = #expect(throws: ArgumentError.self) {
        try Trainer(resuming: checkpoint, train: pairs(4), valid: [], options: refused)
      }
      #expect(["seed", "batch_size"].contains(error?.argument))
    }
  }

  @Test func framesThatCannotBeAreNamed() throws {
    var options = TrainingOptions()
    options.steps = 1
    for (set, change) in [
      ("train", { $0.forces?[4] = 1e30 }), ("train", { $0.energy = 1e200 }),
      ("train", { $0.energy = 1e10 }), ("train", { $0.pbc = [true, true, true] }),
      ("train", { $0.forces = [1] }), ("train", { $0.positions[2] = .nan }),
      ("valid", { $0.atomicNumbers[1] = 10 }), ("valid", { $0.stress = [1] }),
    ] as [(String, (inout LabelledFrame) -> Void)] {
      var sets = ["train": pairs(4), "valid": pairs(3)]
      change(&sets[set]![2])
      let error = #expect(throws: ArgumentError.self) {
        try Trainer(
          configuration: tiny(), options: options, train: sets["train"]!, valid: sets["valid"]!)
      }
      #expect(error?.argument == set)
      #expect(error?.reason.hasPrefix("frame ") == true)
    }
  }

  @Test func errorsOfLabelsThatAreNotThereAreNil() throws {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.forcesWeight) = (1, 2, 0)
    var frames = pairs(4)
    for index in frames.indices { frames[index].forces = nil }
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: frames, valid: frames)
    try trainer.advance()
    let record = trainer.history.records[0]
    #expect(record.trainForcesMAE == nil && record.trainEnergyMAE != nil)
    #expect(record.validation?.forcesMAE == nil && record.validation?.energyMAE != nil)
    #expect(record.score?.isFinite == true)
  }

  @Test(arguments: [
    "steps", "batch_size", "batch_pairs", "batch_growth", "warmup_steps", "validation_interval",
    "learning_rate", "energy_weight",
    "forces_weight", "gradient_clip", "second_moment_decay", "average_decay",
  ])
  func everyNumberOfTheOptionsHasARange(name: String) {
    let counts: [String: WritableKeyPath<TrainingOptions, Int>] = [
      "steps": \.steps, "batch_size": \.batchSize, "batch_pairs": \.batchPairs,
      "warmup_steps": \.warmupSteps,
      "validation_interval": \.validationInterval,
    ]
    let reals: [String: WritableKeyPath<TrainingOptions, Double>] = [
      "batch_growth": \.batchGrowth, "learning_rate": \.learningRate,
      "energy_weight": \.energyWeight,
      "forces_weight": \.forcesWeight, "gradient_clip": \.gradientClip,
      "second_moment_decay": \.secondMomentDecay, "average_decay": \.averageDecay,
    ]
    var tried: [TrainingOptions] = []
    if let path = counts[name] {
      for value in [-1, 1 << 31, 1 << 32 - 1, 1 << 62 - 1, .max, .min] {
        var options = TrainingOptions()
        options[keyPath: path] = value
        tried.append(options)
      }
    }
    if let path = reals[name] {
      for value in [-1, .nan, .infinity, -.infinity, 1e308] {
        var options = TrainingOptions()
        options[keyPath: path] = value
        tried.append(options)
      }
    }
    #expect(!tried.isEmpty)
    for options in tried {
      let error = #expect(throws: ArgumentError.self) { try options.check() }
      #expect(error?.argument == name)
    }
  }

  @Test func batchesThatDoNotFitAreRefusedBeforeTheyAreMade() throws {
    var options = TrainingOptions()
    options.batchSize = 1_000_000_000
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(
        configuration: PotentialConfiguration(), options: options, train: pairs(4), valid: [])
    }
    #expect(error?.argument == "batch_size")
    #expect(error?.reason.contains("TB") == true)
    // Those that only grow so large, too.
    (options.batchSize, options.batchGrowth) = (1000, 1e6)
    let grown = #expect(throws: ArgumentError.self) {
      try Trainer(
        configuration: PotentialConfiguration(), options: options, train: pairs(4), valid: [])
    }
    #expect(grown?.argument == "batch_growth")
    #expect(grown?.reason.contains("1000000000 frames") == true)
  }
}
