internal import E3xFiles
internal import E3xParallel
internal import E3xPotentials

/// What is said of a training before its first step and after its last.
extension TrainingSession {
  private var length: String {
    time.map { "\(errorText($0.budget.seconds / 60, digits: 2)) minutes in steps" }
      ?? "\(trainer.options.steps) steps"
  }

  private var parameterText: String {
    var text = "\(trainer.parameterCount) parameters"
    if trainer.members > 1 { text += " of a committee of \(trainer.members)" }
    if trainer.frozenCount > 0 {
      text += " (\(trainer.members * trainer.frozenCount) of them frozen)"
    }
    return text
  }

  private var endedEarly: String {
    "ended early, after step \(trainer.stepsDone) of \(trainer.options.steps): no better score in "
      + "\(trainer.options.patience) validations"
  }

  private var sharing: String {
    processes.size == 1 ? "" : " shared by \(processes.size) processes"
  }

  func announce() {
    for line in warnings { StandardError.print("warning: \(line)") }
    StandardOutput.print(
      """
      training \(parameterText) on \(data.train.frames.count) frames \
      (\(data.valid.frames.count) for validation, \(data.test.frames.count) for the test), \
      \(length) of \(trainer.options.batchSize) frames\(sharing), results in \(folder.path)/
      """)
    StandardOutput.print(DataTable(data, record.labels).text)
    for set in [data.train, data.valid, data.test] {
      if let summary = set.bad.summary {
        StandardOutput.print("\(set.name): skipped \(summary)")
      }
    }
    if let origin = record.origin, record.resumes == 0 {
      StandardOutput.print("beginning with \(origin.path)")
      if !newElements.isEmpty {
        StandardOutput.print(
          "elements that it does not know, with random parameters: "
            + newElements.sorted().map { ChemicalElements.symbol(of: $0) ?? "\($0)" }
            .joined(separator: ", "))
      }
    }
    for line in [data.isolatedAtomsText, data.splitText].compactMap(\.self) {
      StandardOutput.print(line)
    }
    let energies = trainer.elementEnergies.energies.sorted { $0.key < $1.key }
    if data.train.count(of: .energy) > 0 {
      let texts = energies.map {
        "\(ChemicalElements.symbol(of: $0.key) ?? "\($0.key)"): \(errorText($0.value, digits: 4))"
      }
      let source = record.elementEnergySource.map { $0 == "fitted" ? "" : ", \($0)" } ?? ""
      StandardOutput.print("element energies (eV\(source)): " + texts.joined(separator: ", "))
    }
    if record.resumes > 0 {
      StandardOutput.print(
        "going on after step \(trainer.stepsDone), \(ProgressLine.duration(record.seconds)) of "
          + "training so far")
      for change in record.changes where change.step == trainer.stepsDone {
        StandardOutput.print("changed: \(change.name): \(change.old) -> \(change.new)")
      }
    }
    if trainer.endedEarly {
      StandardOutput.print("\(endedEarly): --patience 0 goes on")
    } else if trainer.isDone {
      StandardOutput.print("all \(trainer.stepsDone) steps are done already: --steps N does more")
    } else {
      StandardOutput.print(table.legend)
    }
  }

  func sayWhatIsSaved() {
    let line: (String) -> Void =
      StandardOutput.failure == nil ? { StandardOutput.print($0) } : { StandardError.print($0) }
    let time = ProgressLine.duration(record.seconds)
    if let modelStep {
      let choice =
        trainer.best == nil || data.valid.isEmpty
        ? "the last" : "the best of \(trainer.history.records.count) validations"
      line("wrote \(folder.model): step \(modelStep), \(choice)")
    }
    if !trainer.isDone, let checkpointStep {
      line(
        "stopped after \(trainer.stepsDone) of \(trainer.options.steps) steps (\(time) of "
          + "training); the checkpoint of step \(checkpointStep) is saved: go on with "
          + "e3x train --resume -o \(folder.path)")
    } else if trainer.endedEarly {
      line("\(endedEarly), in \(time) of training")
    } else if trainer.isDone {
      line("done: \(trainer.stepsDone) steps in \(time) of training")
    }
  }
}
