internal import E3xCKernels

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
      lines.append("  " + time + instruction.summary(stage))
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
    for instruction in stage.instructions where instruction.code == .scatter {
      written += instruction.sizes.0
    }
    let order = stage.order.map { ", in the order of %\($0)" } ?? ""
    return "sweep over \(stage.space)\(order) (level \(stage.level)): \(stage.instructions.count) "
      + "instructions, tiles of \(stage.tileRows) rows (\(stage.tileBytes) bytes a row, "
      + "\(stage.inPlaceBytes) elsewhere), "
      + "a row reads \(read) and writes \(written) bytes, \(stage.sinks.count) sinks"
  }
}

extension Instruction {
  /// The instruction and the size of its work a row.
  func summary(_ stage: Stage) -> String {
    let size: String =
      switch code {
      case .unary, .binary, .compare, .logical, .select, .cast, .reduce:
        "\(elements) elements, loops \(loops(nest))"
          + (code == .reduce ? " over \(loops(reduced))" : "")
      case .linear, .linearWeights:
        "\(sizes.0) components, \(sizes.1) x \(sizes.2)"
      case .blockProduct:
        "\(sizes.0) components of \(sizes.1) blocks, \(sizes.2) features"
      case .couple, .coupleRows:
        "\(coupling!.pointee.termCount) terms, \(coupling!.pointee.features) features, "
          + "slot \(coupling!.pointee.outSlot)" + (hasAddresses ? ", in place" : "")
          + (unitCount > 0 ? ", \(unitCount) units of straight-line code" : "")
      case .dotDerivatives:
        "\(dot!.pointee.termCount) terms in \(dot!.pointee.blocks) blocks, "
          + "\(dot!.pointee.features) features"
      case .polynomial:
        "\(polynomials!.pointee.count) polynomials"
          + (polynomials!.pointee.weights > 0 ? ", \(polynomials!.pointee.weights) weights" : "")
      case .length, .direction: "vectors of 3 components"
      case .gather, .scatter, .gatherRows, .sinkRows: "\(sizes.0) bytes"
      case .runSum, .runOperand, .runWeights:
        "\(run!.pointee.sizes.0) x \(run!.pointee.sizes.1) to \(run!.pointee.sizes.2), "
          + "\(coupling!.pointee.termCount) terms a run"
          + (run!.pointee.isJoined ? ", with the one before" : "")
      case .segmentAdd, .segmentRaise, .reduceRows: "\(sizes.0) elements"
      }
    let sums = results.count { $0.isSum }
    let added = sums == 0 ? "" : results.count == 1 ? ", added" : ", \(sums) added"
    return "\(code) \(operation): \(size)\(added)"
  }

  /// The units that a coupling is made of; 0 if its kernel goes through the terms one by one.
  private var unitCount: Int {
    let coupling = coupling!.pointee
    let largest = (0..<Int(coupling.slots)).map { coupling.sizes[$0] }.max() ?? 0
    let bytes = e3x_couple_scratch(
      dtype.kernel, Int64(coupling.features), Int64(coupling.termCount))
    return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
      // Which values shared operands have does not matter.
      let values = Storage([Double](repeating: 0, count: Int(largest) * coupling.features))
      let operand = UnsafeRawPointer?(values.pointer)
      var operands = (operand, operand, operand, operand)
      return withUnsafeBytes(of: &operands) { operands in
        _ = e3x_couple_prepare(
          dtype.kernel, Int64(coupling.features), coupling.slots, coupling.sizes, coupling.terms,
          Int64(coupling.termCount), coupling.outSlot, summing,
          operands.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
          coupling.rowStrides, nil, scratch.baseAddress!)
        return Int(e3x_couple_units(scratch.baseAddress!))
      }
    }
  }

  private func loops(_ nest: e3x_nest) -> String {
    "\(nest.count.0) \(nest.count.1) \(nest.count.2) \(nest.count.3)"
      + (rowFactor > 1 ? " x \(rowFactor)" : "")
  }
}
