import E3xBundledData
import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Trainings that begin with a potential.
@Suite struct FineTuningTests {
  private let folder: TemporaryFolder
  private let train: [LabelledFrame]
  private let valid: [LabelledFrame]
  private let potential: Potential

  init() throws {
    folder = try TemporaryFolder()
    train = Array(try LabelledFrame.read(BundledData.ethanol(.train)).prefix(10))
    valid = Array(try LabelledFrame.read(BundledData.ethanol(.valid)).prefix(4))
    var trainer = try Trainer(
      model: CommitteeTests.model, options: CommitteeTests.options(), train: train, valid: [])
    while !trainer.isDone { try trainer.advance() }
    potential = try trainer.bestPotential()
  }

  private static func numbers(_ parameters: Parameters) throws -> [String: [Float]] {
    try parameters.reduce(into: [:]) { $0[$1.path] = try $1.tensor.scalars(as: Float.self) }
  }

  /// The frames with other energies of elements, eV.
  private func shifted(_ frames: [LabelledFrame], _ shifts: [Int32: Double]) -> [LabelledFrame] {
    frames.map { frame in
      var frame = frame
      frame.energy = (frame.energy ?? 0) + ElementEnergies(shifts).total(frame.atomicNumbers)
      return frame
    }
  }

  @Test func itBeginsWhereThePotentialIs() throws {
    // Other scales than those of its data: they stay.
    let strong = train.map { frame in
      var frame = frame
      frame.forces = frame.forces.map { $0.map { 3 * $0 } }
      return frame
    }
    let trainer = try Trainer(
      from: potential, options: CommitteeTests.options(seed: 1), train: strong, valid: [])
    let start = try trainer.bestPotential()
    #expect(try Self.numbers(start.parameters) == Self.numbers(potential.parameters))
    #expect(start.model.energyScale == potential.model.energyScale)
    for (a, b) in matched(try start.predict(valid), try potential.predict(valid)) {
      #expect(a.forces == b.forces)
    }
  }

  /// Data of another method have other energies of elements, and nothing else is to be learned.
  @Test func elementEnergiesAreFittedToWhatThePotentialErrsBy() throws {
    // Molecules of other compositions determine each element.
    var frames = train
    for index in 1..<frames.count {
      frames[index].atomicNumbers[index % 9] = [1, 6, 8][index % 3]
    }
    for (index, prediction) in try potential.predict(frames).enumerated() {
      frames[index].energy = prediction.energy
    }
    let shifts: [Int32: Double] = [1: 0.5, 6: -20, 8: 7]
    let energies = try ElementEnergies.refit(potential, shifted(frames, shifts))
    for (element, shift) in shifts {
      let change = energies.energy(of: element) - potential.elementEnergies.energy(of: element)
      #expect(abs(change - shift) <= 1e-4)
    }
    // Nothing changes where nothing has to.
    let same = try ElementEnergies.refit(potential, frames)
    for element in shifts.keys {
      let change = same.energy(of: element) - potential.elementEnergies.energy(of: element)
      #expect(abs(change) <= 1e-6)
    }
  }

  @Test func elementsThatTheDataLackAreKept() throws {
    var hydrogen = train[0]
    (hydrogen.atomicNumbers, hydrogen.positions) = ([1, 1], [0, 0, 0, 0, 0, 0.8])
    (hydrogen.energy, hydrogen.forces) = (-30, [0, 0, -1, 0, 0, 1])
    let trainer = try Trainer(
      from: potential, options: CommitteeTests.options(), train: [hydrogen], valid: train)
    let (new, old) = (trainer.elementEnergies, potential.elementEnergies)
    #expect(new.energy(of: 6) == old.energy(of: 6) && new.energy(of: 8) == old.energy(of: 8))
    #expect(new.energy(of: 1) != old.energy(of: 1))
    let prediction = try trainer.bestPotential().predict([hydrogen])[0]
    #expect(abs(prediction.energy + 30) <= 1e-4)
    // Isolated atoms say what they say.
    let known = try ElementEnergies.refit(potential, [hydrogen], known: [1: -13.6, 7: -1])
    #expect(known.energy(of: 1) == -13.6 && known.energies[7] == nil)
  }

  @Test func newElementsGetAnEnergy() throws {
    var sulfur = train[0]
    for atom in sulfur.atomicNumbers.indices where sulfur.atomicNumbers[atom] == 8 {
      sulfur.atomicNumbers[atom] = 16
    }
    #expect(throws: ArgumentError.self) { try potential.predict([sulfur]) }
    var trainer = try Trainer(
      from: potential, options: CommitteeTests.options(), train: [sulfur] + train, valid: [])
    let start = try #require(trainer.elementEnergies.energies[16])
    #expect(abs(start) > 1)
    try trainer.advance()
    #expect(try trainer.bestPotential().predict([sulfur])[0].energy.isFinite)
  }

  private static let patterns = [
    ["embed"], ["dense_0", "energy/0+/kernel"], ["attention_0/query"],
  ]

  @Test(arguments: patterns, [("adam", 1), ("adam", 2), ("muon", 1)])
  func frozenParametersDoNotMoveByABit(patterns: [String], training: (String, Int)) throws {
    let members = training.1
    var options = CommitteeTests.options()
    options.optimizer = try #require(TrainingOptions.OptimizerName(rawValue: training.0))
    let path = folder.path("checkpoint.safetensors")
    var trainer = try Trainer(
      from: potential, options: options, train: train, valid: valid, members: members,
      freezing: patterns)
    for _ in 0..<5 { try trainer.advance() }
    try trainer.writeCheckpoint(to: path)
    var resumed = try Trainer(resuming: path, train: train, valid: valid)
    #expect(resumed.frozen == patterns)
    while !resumed.isDone { try resumed.advance() }
    let before = try Self.numbers(potential.parameters)
    // The only layer has a filter of degree 1 that nothing uses.
    let unused = "attention_0/filter/1-/kernel"
    var free = try Trainer(
      from: potential, options: CommitteeTests.options(), train: train, valid: [])
    try free.advance()
    let moved = try Self.numbers(free.bestPotential().parameters)
    #expect(before.keys.filter { moved[$0] == before[$0] } == [unused])
    let best = try resumed.bestPotential()
    for member in 0..<members {
      let after = try Self.numbers(best.parameters(ofMember: member))
      #expect(Set(after.keys) == Set(before.keys))
      for (path, numbers) in before {
        let isFrozen = patterns.contains { path == $0 || path.hasPrefix($0 + "/") }
        #expect((after[path] == numbers) == (isFrozen || path == unused), "\(path)")
      }
    }
  }

  /// A part of a name is none: `dense` is not the beginning of `dense_0`.
  @Test(arguments: ["dense", "embed/", "member_0", "", "energy/0+/kernel/x"])
  func patternsThatMatchNothing(pattern: String) throws {
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(
        from: potential, options: CommitteeTests.options(), train: train, valid: [],
        freezing: ["embed", pattern])
    }
    #expect(error?.argument == "freeze")
    #expect(error?.reason.contains("dense_0/0+/kernel") == true)
  }

  @Test func somethingMustMove() throws {
    let names = Set(potential.parameters.map { String($0.path.split(separator: "/")[0]) })
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(
        from: potential, options: CommitteeTests.options(), train: train, valid: [],
        freezing: names.sorted())
    }
    #expect(error?.argument == "freeze")
  }

  @Test func committeesGoOnAsCommittees() throws {
    var trainer = try Trainer(
      from: potential, options: CommitteeTests.options(), train: train, valid: [], members: 2)
    while !trainer.isDone { try trainer.advance() }
    let committee = try trainer.bestPotential()
    // They began alike, and saw the frames in other orders.
    #expect(
      try Self.numbers(committee.parameters(ofMember: 0))
        != Self.numbers(committee.parameters(ofMember: 1)))
    let again = try Trainer(
      from: committee, options: CommitteeTests.options(), train: train, valid: [])
    #expect(again.members == 2)
    #expect(
      try Self.numbers(again.bestPotential().parameters) == Self.numbers(committee.parameters))
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(
        from: committee, options: CommitteeTests.options(), train: train, valid: [], members: 3)
    }
    #expect(error?.argument == "committee")
  }
}
