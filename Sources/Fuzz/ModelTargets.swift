import E3xConformance
import E3xEngine
import E3xFiles
import E3xPotentials
import Foundation

/// Models, as `e3x predict` takes them.
struct ModelTarget: FuzzTarget {
  let name = "model"
  let samples: Samples

  func input(with dice: inout Dice) throws -> Data {
    let data = try SafetensorsMutation.mutate(dice.pick(samples.models), with: &dice)
    return dice.once(in: 8) ? ByteMutation.mutate(data, with: &dice) : data
  }

  func use(_ path: String) throws {
    let potential = try Potential(contentsOf: path)
    _ = try potential.errors(on: Samples.frames)
    try potential.write(to: path + ".copy")
    _ = try Potential(contentsOf: path + ".copy")
  }
}

/// Checkpoints of trainings, as `e3x train --resume` takes them.
struct CheckpointTarget: FuzzTarget {
  let name = "checkpoint"
  let samples: Samples

  func input(with dice: inout Dice) throws -> Data {
    let data = try SafetensorsMutation.mutate(samples.checkpoint, with: &dice)
    return dice.once(in: 8) ? ByteMutation.mutate(data, with: &dice) : data
  }

  func use(_ path: String) throws {
    var trainer = try Trainer(resuming: path, train: Samples.frames, valid: [])
    if !trainer.isDone { try trainer.advance() }
    try trainer.writeCheckpoint(to: path + ".copy")
  }
}

/// Single operations, as `e3x run` takes them.
struct CaseTarget: FuzzTarget {
  let name = "case"
  let samples: Samples

  func input(with dice: inout Dice) throws -> Data {
    try SafetensorsMutation.mutate(dice.pick(samples.cases), with: &dice)
  }

  func use(_ path: String) throws {
    let evaluation = try CaseEvaluation(Case(path, dtype: .float64))
    try evaluate(evaluation.outputs + evaluation.gradients.values)
  }
}
