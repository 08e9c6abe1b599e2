import E3xEngine
import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Trainings on frames of which memory does not hold all are, to the bit, those on arrays.
@Suite struct StoredTrainingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Crystals and molecules, of which some lack labels.
  private static func frames(_ seeds: Range<Int>) -> [LabelledFrame] {
    seeds.map { seed in
      var dice = Dice(seed: seed)
      var frame = PeriodicTests.crystal(seed: seed)
      if seed % 3 == 0 { (frame.cell, frame.pbc) = (nil, [false, false, false]) }
      frame.energy = seed % 5 == 4 ? nil : dice.uniform(1, -2, 2)[0]
      frame.forces = seed % 4 == 3 ? nil : dice.uniform(9, -1, 1)
      frame.stress = seed % 3 == 1 ? dice.uniform(9, -0.1, 0.1) : nil
      frame.weight = seed % 7 == 0 ? 0.5 : 1
      return frame
    }
  }

  private static func stored(_ frames: [LabelledFrame], memory: Int) throws -> StoredFrames {
    var stored = StoredFrames(memory: memory)
    for frame in frames { try stored.append(frame) }
    return stored
  }

  private static var options: TrainingOptions {
    var options = CommitteeTests.options()
    (options.stressWeight, options.averageDecay) = (10, 0.9)
    return options
  }

  private func bytes(_ trainer: Trainer) throws -> Data {
    try trainer.writeCheckpoint(to: folder.path("checkpoint"))
    return try Data(contentsOf: folder.url("checkpoint"))
  }

  @Test func everyMemoryGivesTheSameBits() throws {
    let (train, valid) = (Self.frames(0..<23), Self.frames(30..<37))
    var expected = try Trainer(
      model: CommitteeTests.model, options: Self.options, train: train, valid: valid, members: 2)
    while !expected.isDone { try expected.advance() }
    let result = try bytes(expected)
    let errors = try expected.bestPotential().errors(on: valid)
    // None, some and all of the frames, and of their pairs.
    for memory in [0, 10_000, 60_000, 1 << 30] {
      let (train, valid) = (
        try Self.stored(train, memory: memory), try Self.stored(valid, memory: memory)
      )
      var trainer = try Trainer(
        model: CommitteeTests.model, options: Self.options, train: train, valid: valid, members: 2)
      #expect(try trainer.hasPairs())
      while trainer.stepsDone < 6 { try trainer.advance() }
      try trainer.writeCheckpoint(to: folder.path("half"))
      while !trainer.isDone { try trainer.advance() }
      #expect(try bytes(trainer) == result, "\(memory)")
      #expect(try trainer.bestPotential().errors(on: valid) == errors)
      // Another memory when it goes on.
      var resumed = try Trainer(
        resuming: TrainingCheckpoint(contentsOf: folder.path("half")),
        train: try Self.stored(train.all(), memory: 30_000 - min(memory, 30_000)), valid: valid)
      while !resumed.isDone { try resumed.advance() }
      #expect(try bytes(resumed) == result, "\(memory)")
    }
  }

  @Test func fineTuningTakesThemToo() throws {
    let (train, valid) = (Self.frames(0..<9), Self.frames(30..<34))
    let first = try Trainer(
      model: CommitteeTests.model, options: Self.options, train: train, valid: [])
    let potential = try first.bestPotential()
    let other = Self.frames(40..<51)
    let expected = try Trainer(
      from: potential, options: Self.options, train: other, valid: valid)
    let trainer = try Trainer(
      from: potential, options: Self.options, train: Self.stored(other, memory: 0),
      valid: Self.stored(valid, memory: 0))
    #expect(trainer.elementEnergies == expected.elementEnergies)
    #expect(trainer.elementEnergies != potential.elementEnergies)
    #expect(try bytes(trainer) == bytes(expected))
    // What has no energy says nothing of those of elements.
    let labelled = other.filter { $0.energy != nil }
    #expect(labelled.count < other.count)
    #expect(
      try ElementEnergies.refit(potential, Self.stored(other, memory: 0))
        == ElementEnergies.refit(potential, labelled))
  }

  @Test func whatCannotBeIsRefusedAlike() throws {
    var frames = Self.frames(0..<6)
    frames[4].forces = [1, 2, 3, 4, 5, 6, 7, 8, 1e10]
    frames[5].energy = 1e13
    func refusal(_ make: () throws -> Trainer) -> ArgumentError? {
      #expect(throws: ArgumentError.self) { _ = try make() }
    }
    let expected = refusal {
      try Trainer(model: CommitteeTests.model, options: Self.options, train: frames, valid: [])
    }
    #expect(expected?.reason.hasPrefix("frame 5: the force 10000000000.0 eV/Å") == true)
    let stored = try Self.stored(frames, memory: 0)
    let error = refusal {
      try Trainer(
        model: CommitteeTests.model, options: Self.options, train: stored, valid: StoredFrames())
    }
    #expect(error == expected)
  }

  /// Of more values than are drawn every second frame is, or fewer; errors are those of all.
  @Test func reportsDrawAsMuchAsTheyMay() throws {
    let (train, valid) = (Self.frames(0..<9), Self.frames(30..<47))
    var trainer = try Trainer(
      model: CommitteeTests.model, options: Self.options, train: train, valid: [])
    try trainer.advance()
    let stored = try Self.stored(valid, memory: 0)
    func report(_ most: Int) -> TrainingReport {
      TrainingReport(
        trainer, stored: [("validation", stored)], seconds: 1, mostValues: most)
    }
    // 17 frames of three atoms, of each 32 numbers.
    for (most, stride) in [
      (1_000_000, 1), (544, 1), (543, 2), (200, 4), (64, 16), (33, 32), (0, 32),
    ] {
      let report = report(most)
      #expect(report.predictions?.stride == stride, "\(most)")
      let drawn = valid.indices.filter { $0 % stride == 0 }
        .reduce(0) { $0 + (valid[$1].forces?.count ?? 0) }
      #expect(report.errors.map(\.frames) == [17])
      #expect(
        report.errors.first?.forceMAE
          == (try trainer.bestPotential().errors(on: valid).forcesMAE))
      let text = try Page(report.html()).readableText
      #expect(text.contains("of the validation set, one frame in \(stride):") == (stride > 1))
      #expect(text.contains("\(drawn) force components of the validation set"))
    }
  }
}
