internal import E3xCKernels

extension Instruction {
  /// About how many nanoseconds the instruction takes for a row of a tile, on a core with vectors
  /// of 512 bits: what is worth being split between threads depends on it, nothing else.
  var nanosecondsPerRow: Double {
    let bytes = Double(dtype.byteCount)
    switch code {
    case .unary, .binary, .compare, .logical, .select, .cast:
      return Double(elements) * bytes / 40 + 0.1
    case .reduce, .reduceRows:
      return Double(elements) * Double(loopCount(reduced)) * bytes / 80 + 0.2
    case .linear, .linearWeights:
      return Double(sizes.0 * sizes.1 * sizes.2) * bytes / 180
    case .blockProduct: return Double(sizes.0 * sizes.2) * bytes / 60 + 1
    case .couple, .coupleRows:
      return Double(coupling!.pointee.termCount * coupling!.pointee.features) * bytes / 40
    case .dotDerivatives:
      return Double(dot!.pointee.termCount * dot!.pointee.features) * bytes / 40
    case .runSum, .runOperand, .runWeights:
      let run = run!.pointee
      if run.isJoined { return Double(coupling!.pointee.termCount * run.features) * bytes / 800 }
      return Double(run.sizes.0 * run.sizes.1 * run.features) * bytes / 120
    case .length, .direction: return bytes + 0.2
    case .polynomial: return Double(polynomials!.pointee.work) * bytes / 40
    case .gather: return Double(sizes.0) / 40
    // From memory and back.
    case .scatter: return Double(sizes.0) / 8
    case .gatherRows, .sinkRows: return 2
    case .segmentAdd, .segmentRaise: return Double(sizes.0) * bytes / 30
    }
  }

  /// The elements of a row.
  var elements: Int { loopCount(nest) }

  func loopCount(_ nest: e3x_nest) -> Int {
    Int(nest.count.0 * nest.count.1 * nest.count.2 * nest.count.3)
  }
}
