import E3xEngine
import E3xFiles
import E3xParallel
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Several processes make the steps of one; threads stand for processes here.
@Suite struct SharedTrainingTests {
  /// Where threads that stand for processes meet.
  private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private let size: Int
    private var waiting: [Int: [Double]] = [:]
    private var result: [Double] = []
    private var round = 0

    init(_ size: Int) { self.size = size }

    /// Waits for all, and makes one list of all lists.
    func join(_ rank: Int, _ values: [Double], _ body: ([[Double]]) -> [Double]) -> [Double] {
      condition.lock()
      defer { condition.unlock() }
      waiting[rank] = values
      if waiting.count == size {
        result = body((0..<size).map { waiting[$0] ?? [] })
        waiting = [:]
        round += 1
        condition.broadcast()
      } else {
        let present = round
        while round == present { condition.wait() }
      }
      return result
    }
  }

  private struct Member: Communicator {
    let rank: Int
    let size: Int
    let meeting: Meeting

    func sum(_ values: inout [Double]) {
      values = meeting.join(rank, values) { lists in
        lists.dropFirst().reduce(into: lists[0]) { sums, list in
          for (index, value) in list.enumerated() { sums[index] += value }
        }
      }
    }

    func sum(_ values: inout [Float]) {
      var wide = values.map(Double.init)
      sum(&wide)
      values = wide.map { Float($0) }
    }

    func broadcast(_ values: inout [Double]) { values = meeting.join(rank, values) { $0[0] } }
  }

  /// Two atoms of hydrogen in a cell, of which some frames lack a label.
  private static func frames(_ count: Int, from first: Double) -> [LabelledFrame] {
    (0..<count).map { index in
      let x = first + 0.05 * Double(index)
      let (energy, slope) = ((x - 1) * (x - 1), 2 * (x - 1))
      return LabelledFrame(
        atomicNumbers: [1, 1], positions: [0, 0, 0, x, 0, 0],
        energy: index % 3 == 2 ? nil : energy,
        forces: index % 4 == 3 ? nil : [slope, 0, 0, -slope, 0, 0],
        cell: [6, 0, 0, 0, 6, 0, 0, 0, 6], pbc: [true, true, true],
        stress: [slope * x / 216, 0, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  private static func trainer(batchSize: Int, valid: Int) throws -> Trainer {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numLayers) = (4, 1, 1)
    (configuration.maxDegree, configuration.numBasis, configuration.cutoff) = (1, 4, 3)
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (12, batchSize, 3)
    (options.warmupSteps, options.stressWeight, options.energyPerAtom) = (0, 100, true)
    return try Trainer(
      configuration: configuration, options: options, train: frames(7, from: 0.8),
      valid: frames(valid, from: 0.82))
  }

  /// Trains in a thread for each process.
  private static func train(
    _ processes: Int, batchSize: Int, valid: Int
  ) async throws -> [Trainer] {
    let meeting = Meeting(processes)
    return try await withThrowingTaskGroup(of: (Int, Trainer).self) { group in
      for rank in 0..<processes {
        group.addTask {
          // Threads of their own: those of tasks are too few to wait for each other.
          try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
              continuation.resume(
                with: Result {
                  var trainer = try trainer(batchSize: batchSize, valid: valid)
                  try trainer.share(
                    among: Member(rank: rank, size: processes, meeting: meeting))
                  while !trainer.isDone { try trainer.advance() }
                  return (rank, trainer)
                })
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Batches that cannot be split evenly, and parts of them, and of the validation set, that are
  /// empty.
  @Test(arguments: [(2, 4, 4), (2, 5, 3), (3, 5, 2), (2, 1, 1), (4, 3, 0)])
  func theCurveIsThatOfOneProcess(processes: Int, batchSize: Int, valid: Int) async throws {
    var alone = try Self.trainer(batchSize: batchSize, valid: valid)
    while !alone.isDone { try alone.advance() }
    let trainers = try await Self.train(processes, batchSize: batchSize, valid: valid)
    #expect(trainers.count == processes)
    for trainer in trainers {
      for (shared, own) in matched(trainer.history.records, alone.history.records) {
        #expect(shared.step == own.step && shared.isBest == own.isBest)
        expectAgreement(
          [
            shared.loss, shared.trainEnergyMAE ?? 0, shared.trainForcesMAE ?? 0,
            shared.trainStressMAE ?? 0,
          ],
          with: [
            own.loss, own.trainEnergyMAE ?? 0, own.trainForcesMAE ?? 0, own.trainStressMAE ?? 0,
          ], tolerance: 2e-4, floor: 1e-6)
        if let validation = own.validation {
          let errors = try #require(shared.validation)
          #expect(errors.frames == validation.frames && errors.atoms == validation.atoms)
          #expect(errors.energyFrames == validation.energyFrames)
          #expect(errors.forcesFrames == validation.forcesFrames)
          #expect(errors.stressFrames == validation.stressFrames)
          expectAgreement(
            [
              errors.energyMAE ?? 0, errors.energyPerAtomRMSE ?? 0, errors.forcesRMSE ?? 0,
              errors.stressMAE ?? 0,
            ],
            with: [
              validation.energyMAE ?? 0, validation.energyPerAtomRMSE ?? 0,
              validation.forcesRMSE ?? 0, validation.stressMAE ?? 0,
            ], tolerance: 2e-4, floor: 1e-6)
        }
      }
    }
    // All processes have the same numbers, to the bit.
    let folder = try TemporaryFolder()
    var files: [[String: SafetensorsTensor]] = []
    for (rank, trainer) in trainers.enumerated() {
      let path = folder.path("\(rank)")
      try trainer.writeCheckpoint(to: path)
      let file = try SafetensorsFile(contentsOf: path)
      files.append(
        Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) }))
    }
    #expect(files.allSatisfy { $0 == files[0] })
  }

  /// A run that several processes left goes on with one, and the other way round.
  @Test func theNumberOfProcessesMayChange() async throws {
    let trainers = try await Self.train(2, batchSize: 5, valid: 3)
    let folder = try TemporaryFolder()
    try trainers[0].writeCheckpoint(to: folder.path("checkpoint"))
    var options = trainers[0].options
    options.steps = 15
    var resumed = try Trainer(
      resuming: TrainingCheckpoint(contentsOf: folder.path("checkpoint")),
      train: Self.frames(7, from: 0.8), valid: Self.frames(3, from: 0.82), options: options)
    while !resumed.isDone { try resumed.advance() }
    #expect(resumed.stepsDone == 15)
  }
}
