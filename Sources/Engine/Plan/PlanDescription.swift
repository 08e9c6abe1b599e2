extension PlannedExecutor: CustomStringConvertible {
  /// The plan: sweeps with their instructions, and what runs operation by operation.
  var description: String {
    items.indices.map { describe($0) }.joined(separator: "\n")
  }

  /// One item in words; sweeps with a line for each instruction.
  /// - Parameter sweeps: The sweeps that it ran as, with the time of each instruction over all
  ///   threads, to be shown with it.
  func describe(_ index: Int, _ sweeps: [InstructionTimes.Sweep] = []) -> String {
    switch items[index] {
    case .operation(let position):
      let operation = graph.operations[position]
      return "%\(position) = \(operation.primitive) \(operation.shape)"
    case .stage(let stage):
      return describe([stage], sweeps)
    case .chain(let chain):
      return "one pass over blocks of rows:\n" + describe(chain.stages, sweeps)
    }
  }

  private func describe(_ stages: [Stage], _ sweeps: [InstructionTimes.Sweep]) -> String {
    let lines =
      sweeps.isEmpty
      ? stages.map { describe($0, []) } : sweeps.map { describe($0.stage, $0.seconds) }
    return lines.joined(separator: "\n")
  }

  private func describe(_ stage: Stage, _ seconds: [Double]) -> String {
    var lines = [title(stage)]
    for (index, instruction) in stage.instructions.enumerated() {
      let time = index < seconds.count ? InstructionTimes.column(seconds[index]) : ""
      lines.append("  " + time + instruction.summary)
    }
    let passes = stage.passCounts.filter { $0.count > 0 }
    if !passes.isEmpty {
      lines.append("  passes: " + passes.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
    }
    for sink in stage.sinks {
      let operation = graph.operations[sink.value]
      lines.append("  gives %\(sink.value) = \(operation.primitive) \(operation.shape)")
    }
    for value in stage.results {
      lines.append("  writes %\(value) \(graph.operations[value].shape)")
    }
    // Times are those of what ran.
    for list in seconds.isEmpty ? stage.splits.lists : [] {
      lines.append("  or, where sums over %\(list) are worth a sweep in the order of that list:")
      let split = stage.splits[list]
      let sweeps =
        split.isOrderedFirst ? [split.ordered, split.rest] : [split.rest, split.ordered]
      for sweep in sweeps.compactMap({ $0 }) {
        lines += describe(sweep, []).split(separator: "\n").map { "    " + $0 }
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A sweep in one line.
  func title(_ stage: Stage) -> String {
    var (read, written) = (0, 0)
    for slot in stage.slots {
      switch slot.kind {
      case .rows(_, let bytes): read += bytes
      case .result(_, let bytes): written += bytes
      default: break
      }
    }
    for instruction in stage.instructions {
      if case .scatter(let scatter) = instruction.operation { written += scatter.rowBytes }
    }
    let order = stage.order.map { ", in the order of %\($0)" } ?? ""
    return "sweep over \(stage.space)\(order) (level \(stage.level)): \(stage.instructions.count) "
      + "instructions, tiles of \(stage.tileRows) rows (\(stage.tileBytes) bytes a row, "
      + "\(stage.inPlaceBytes) elsewhere), "
      + "a row reads \(read) and writes \(written) bytes, \(stage.sinks.count) sinks"
  }
}
