extension Plan: CustomStringConvertible {
  /// The plan: sweeps with their instructions, and what runs operation by operation.
  var description: String {
    items.indices.map { describe($0) }.joined(separator: "\n")
  }

  /// One item in words; sweeps with a line for each instruction.
  /// - Parameter times: The sweeps that it ran as, with the time of each instruction over all
  ///   threads, to be shown with it.
  func describe(_ index: Int, _ times: [InstructionTimes.Entry] = []) -> String {
    switch items[index] {
    case .operation(let position):
      let operation = graph.operations[position]
      return "%\(position) = \(operation.primitive) \(operation.shape)"
    case .sweep(let sweep):
      return describe([sweep], times)
    case .chain(let chain):
      return "one pass over blocks of rows:\n" + describe(chain.sweeps, times)
    }
  }

  private func describe(_ sweeps: [Sweep], _ times: [InstructionTimes.Entry]) -> String {
    let lines =
      times.isEmpty
      ? sweeps.map { describe($0, []) } : times.map { describe($0.sweep, $0.seconds) }
    return lines.joined(separator: "\n")
  }

  private func describe(_ sweep: Sweep, _ seconds: [Double]) -> String {
    var lines = [title(sweep)]
    for (index, instruction) in sweep.instructions.enumerated() {
      let time = index < seconds.count ? InstructionTimes.column(seconds[index]) : ""
      lines.append("  " + time + instruction.summary)
    }
    let passes = sweep.passCounts.filter { $0.count > 0 }
    if !passes.isEmpty {
      lines.append("  passes: " + passes.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
    }
    for sink in sweep.sinks {
      let operation = graph.operations[sink.value]
      lines.append("  gives %\(sink.value) = \(operation.primitive) \(operation.shape)")
    }
    for value in sweep.results {
      lines.append("  writes %\(value) \(graph.operations[value].shape)")
    }
    // Times are those of what ran.
    for list in seconds.isEmpty ? sweep.splits.lists : [] {
      lines.append("  or, where sums over %\(list) are worth a sweep in the order of that list:")
      let split = sweep.splits[list]
      let sweeps =
        split.isOrderedFirst ? [split.ordered, split.rest] : [split.rest, split.ordered]
      for sweep in sweeps.compactMap({ $0 }) {
        lines += describe(sweep, []).split(separator: "\n").map { "    " + $0 }
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A sweep in one line.
  func title(_ sweep: Sweep) -> String {
    var (read, written) = (0, 0)
    for slot in sweep.slots {
      switch slot.kind {
      case .rows(_, let bytes): read += bytes
      case .result(_, let bytes): written += bytes
      default: break
      }
    }
    for instruction in sweep.instructions {
      if case .scatter(let scatter) = instruction.operation { written += scatter.rowBytes }
    }
    let order = sweep.order.map { ", in the order of %\($0)" } ?? ""
    return "sweep over \(sweep.space)\(order) (level \(sweep.level)): \(sweep.instructions.count) "
      + "instructions, tiles of \(sweep.tileRows) rows (\(sweep.tileBytes) bytes a row, "
      + "\(sweep.inPlaceBytes) elsewhere), "
      + "a row reads \(read) and writes \(written) bytes, \(sweep.sinks.count) sinks"
  }
}
