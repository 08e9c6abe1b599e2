internal import Dispatch

/// Runs the instructions of a sweep on tiles of rows, in one thread.
struct TileRunner {
  private let calls: UnsafePointer<KernelCall>
  private let count: Int
  /// The address of each slot, for the first row of the tile.
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The sweep; nil for operations on whole values.
  private let sweepRun: SweepRun?
  /// The nanoseconds of each instruction so far, if they are wanted.
  private let clock: UnsafeMutablePointer<UInt64>?
  /// Rows that another sweep of a chain needs next, to be fetched meanwhile.
  let others: UnsafeMutablePointer<BlockRowsAhead>?

  /// Runs a sweep.
  init(
    _ run: SweepRun, _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>,
    clock: UnsafeMutablePointer<UInt64>?, others: UnsafeMutablePointer<BlockRowsAhead>? = nil
  ) {
    calls = run.sweep.calls
    self.others = others
    count = run.sweep.instructions.count
    self.bases = bases
    sweepRun = run
    self.clock = clock
  }

  /// Runs operations on whole values (``PlainInstructions``).
  init(
    plain calls: UnsafeBufferPointer<KernelCall>,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  ) {
    self.calls = calls.baseAddress!
    count = calls.count
    self.bases = bases
    sweepRun = nil
    clock = nil
    others = nil
  }

  /// For gathers the number of source rows, for segments their number.
  private func limit(_ instruction: Int) -> Int { sweepRun!.bound.limits[instruction] }

  /// Whether the rows of a slot in memory, or those whose addresses it holds, are likely outside
  /// of the second-level cache.
  func isFar(_ slot: Int) -> Bool { sweepRun?.bound.isFar[slot] ?? false }

  /// Whether a slot's rows are in memory, the next tile's behind this one's.
  func isInMemory(_ slot: Int) -> Bool { sweepRun?.sweep.slots[slot].kind.isInMemory ?? false }

  /// Whether a slot leads to the rows of the tile in a buffer, not to segments.
  func isBuffered(_ slot: Int) -> Bool {
    guard let sweepRun, sweepRun.parts.hasBuffers,
      case .sink(let sink) = sweepRun.sweep.slots[slot].kind
    else { return false }
    return sweepRun.parts.isBuffered(sink)
  }

  func address(_ operand: Operand) -> UnsafeMutableRawPointer {
    bases[operand.slot] + operand.byteOffset
  }

  func address(_ operand: Operand?) -> UnsafeMutableRawPointer? { operand.map { address($0) } }

  /// Works out what tiles share.
  /// - Parameters:
  ///   - prepared: instructions with couplings.
  ///   - again: whether it was before, with other values of shared operands.
  func prepare(_ prepared: [Int], again: Bool) {
    for index in prepared { prepare(calls[index], again: again) }
  }

  private func prepare(_ call: KernelCall, again: Bool) {
    let dtype = call.dtype
    switch call.operation {
    case .couple(let couple):
      let (form, operands) = (couple.pointee.form, couple.pointee.operands)
      prepare(form, operands, in: couple.pointee.prepared, dtype, summing: false, again)
    case .coupleRows(let couple):
      let (form, operands) = (couple.pointee.form, couple.pointee.operands)
      prepare(form, operands, in: couple.pointee.scratch, dtype, summing: true, again)
    case .groupedSum(let sum): prepare(sum.pointee.coupling, dtype, summing: false, again)
    case .groupedOperand(let opened):
      prepare(opened.pointee.coupling, dtype, summing: false, again)
    case .groupedWeights(let opened):
      prepare(opened.pointee.coupling, dtype, summing: true, again)
    default: preconditionFailure("only couplings are prepared")
    }
  }

  /// Runs a tile.
  /// - Parameters:
  ///   - first: the number of the tile's first row.
  ///   - following: how many rows follow the tile's.
  /// - Returns: what is wrong with an index, if anything.
  func run(rows: Int, first: Int, following: Int) -> FoundIndex? {
    for index in 0..<count {
      let start = clock == nil ? 0 : nanoseconds()
      if let found = run(index, rows, first, following) { return found }
      if let clock { clock[index] += nanoseconds() - start }
    }
    return nil
  }

  private func run(
    _ index: Int, _ rows: Int, _ first: Int, _ following: Int
  ) -> FoundIndex? {
    // Threads share the payloads: what depends on the rows goes into copies.
    let dtype = calls[index].dtype
    switch calls[index].operation {
    case .elementwise(let elementwise): run(elementwise, dtype.kernel, rows)
    case .reduce(let reduce): run(reduce, dtype.kernel, rows)
    case .reduceRows(let reduce): run(reduce, dtype.kernel, rows)
    case .linear(let linear): run(linear, dtype.kernel, rows)
    case .linearWeights(let weights): run(weights, dtype.kernel, rows)
    case .blockProduct(let product): run(product, dtype.kernel, rows)
    case .polynomial(let polynomial): run(polynomial, dtype, rows)
    case .vectors(let vectors): run(vectors, dtype.kernel, rows)
    case .couple(let couple): run(couple, dtype, rows)
    case .coupleRows(let couple): run(couple, dtype, rows)
    case .dotDerivatives(let derivatives): run(derivatives, dtype, rows)
    case .groupedSum(let sum):
      let shares = sum.pointee.sharesProducts
      return run(
        sum, dtype, limit(index), sharing: shares ? calls[index + 1] : nil,
        limit: shares ? limit(index + 1) : 0, rows, first)
    case .groupedOperand(let operand): return run(operand, dtype, limit(index), rows, first)
    case .groupedWeights(let weights): return run(weights, dtype, limit(index), rows, first)
    case .gather(let gather): return run(gather, limit(index), rows, first)
    case .scatter(let scatter): run(scatter, dtype, rows)
    case .gatherAddresses(let gather): return run(gather, limit(index), rows, first, following)
    case .sinkAddresses(let sink): return run(sink, limit(index), rows, first, following)
    case .reduceSegments(let reduce):
      return run(reduce, dtype.kernel, limit(index), rows, first)
    }
    return nil
  }
}

/// Nanoseconds since some fixed moment.
private func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
