internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation
internal import OrderedCollections

/// The frames of a file on their way to minima: as many at once as the batch has room for, written in
/// their order.
struct RelaxationSession {
  private let command: RelaxCommand
  private var reader: LabelledFrameReader
  private var field: BatchedPotential
  private let writer: XYZWriter
  private var batch = RelaxationBatch()
  private var sources: [Int: XYZFrame] = [:]
  private var done: [Int: Relaxation] = [:]
  private var isAtEnd = false
  private var (read, written, converged) = (0, 0, 0)
  private let labels = PredictedLabels(prefix: "", keepsReference: false)

  init(_ command: RelaxCommand, _ potential: Potential) throws {
    self.command = command
    reader = try LabelledFrameReader(command.frames, keys: .none)
    reader.check = potential.frameCheck
    field = BatchedPotential(potential, batchSize: command.batchSize)
    writer = try XYZWriter(replacing: command.output)
  }

  mutating func run() throws {
    let progress = ProgressLine(total: nil, unit: "structures")
    defer { progress.finish() }
    say(Self.heading, progress)
    while true {
      try Interruption.check()
      try fill()
      guard !batch.elements.isEmpty else { break }
      for element in try batch.advance(&field) { done[element.number] = element.relaxation }
      progress.advance(to: written + done.count, note: note)
      try writeDone(progress)
    }
    try reader.finish()
    try writer.finish()
    progress.finish()
    say(
      "wrote \(written) \(written == 1 ? "frame" : "frames") to \(OutputFile.name(command.output))",
      progress)
    guard converged == written else {
      throw PlainError(
        "\(written - converged) of \(written) did not converge; all are in "
          + OutputFile.name(command.output))
    }
  }

  /// Beside frames on standard output there is nothing else.
  private func say(_ line: String, _ progress: ProgressLine) {
    if OutputFile.isStandardOutput(command.output) {
      StandardError.print(line)
    } else {
      progress.print(line)
    }
  }

  private var note: String {
    let forces = batch.elements.map(\.relaxation.largestForce).filter(\.isFinite)
    return forces.max().map { "largest force \(String(format: "%.3f", $0)) eV/Å" } ?? ""
  }

  /// Takes frames as long as there is room.
  private mutating func fill() throws {
    while !isAtEnd, batch.elements.count < command.batchSize {
      guard let frame = try reader.next(), let source = reader.frame else {
        isAtEnd = true
        return
      }
      let fixed = try AtomSelection.fixedCoordinates(
        command.fix, source, file: reader.file, place: reader.place)
      do {
        let relaxation = try Relaxation(
          frame, command.optimizer.minimizer, options: command.options, fixed: fixed)
        batch.add(relaxation, number: read)
      } catch let error as ArgumentError {
        throw FileError(file: reader.file, place: reader.place, reason: error.reason)
      }
      sources[read] = source
      read += 1
    }
  }

  /// Writes those before which none is missing.
  private mutating func writeDone(_ progress: ProgressLine) throws {
    while let relaxation = done.removeValue(forKey: written),
      let source = sources.removeValue(forKey: written), let prediction = relaxation.prediction
    {
      written += 1
      if relaxation.isConverged { converged += 1 }
      var frame = source
      frame.positions = relaxation.frame.positions
      frame.lattice = relaxation.frame.cell
      frame = labels.labelled(frame, prediction)
      frame.info["relaxed"] = .bool(relaxation.isConverged)
      frame.info["relax_steps"] = .integer(relaxation.steps)
      try writer.append(frame)
      say(Self.row(written, relaxation, prediction), progress)
    }
  }

  private static let heading =
    "   frame   atoms   steps        energy (eV)   force (eV/Å)   stress (GPa)"

  private static func row(
    _ number: Int, _ relaxation: Relaxation, _ prediction: Potential.Prediction
  ) -> String {
    let stress =
      relaxation.options.cell == nil
      ? "-" : String(format: "%.4f", relaxation.largestStress * Units.gigapascal)
    let line = String(
      format: "%8d%8d%8d%19.6f%15.5f", number, relaxation.frame.count, relaxation.steps,
      prediction.energy, relaxation.largestForce)
    let state =
      relaxation.failure ?? (relaxation.isConverged ? "" : "not converged")
    return line + String(repeating: " ", count: max(1, 15 - stress.count)) + stress
      + (state.isEmpty ? "" : "   " + state)
  }
}
