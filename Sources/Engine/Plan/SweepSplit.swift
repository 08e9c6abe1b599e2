internal import E3xLocks

/// A sweep over pairs in two: one in the order of an index list, for the sums over its segments,
/// and one for the rest.
///
/// Pairs lie in the order of their destinations. What is summed over their sources is added to rows
/// that lie anywhere: in a large system each is read from memory and written back for each pair. In
/// the order of the sources a pair reads one such row instead, that of its destination, and sums
/// stay in cache; what is narrow is computed again, from rows that are taken in that order.
final class SweepSplit: Sendable {
  /// Without the sums; nil if nothing is left.
  let rest: Stage?
  let ordered: Stage

  init(rest: Stage?, ordered: Stage) {
    self.rest = rest
    self.ordered = ordered
  }

  /// Whether the split costs less arithmetic than it saves in bytes moved.
  /// - Parameter rowBytes: of the rows that are summed in the order of the list.
  func pays(_ whole: Stage, rowBytes: Int) -> Bool {
    let more = (rest?.nanosecondsPerRow ?? 0) + ordered.nanosecondsPerRow - whole.nanosecondsPerRow
    return more < Double(rowBytes) * whole.grain.nanosecondsPerScatteredByte
  }
}

/// The splits of a sweep, made when a run is large enough for one.
final class SweepSplits: Sendable {
  /// The index lists with sums over segments that another order could help.
  let lists: [Int]
  private let make: @Sendable (Int) -> SweepSplit
  private let known = Guarded<[Int: SweepSplit]>([:])

  init(_ lists: [Int], _ make: @escaping @Sendable (Int) -> SweepSplit) {
    self.lists = lists
    self.make = make
  }

  /// No split at all.
  static let none = SweepSplits([]) { _ in preconditionFailure("there are no lists") }

  subscript(_ list: Int) -> SweepSplit {
    known.withLock { known in
      if let split = known[list] { return split }
      let split = make(list)
      known[list] = split
      return split
    }
  }
}

extension SweepSplits {
  /// The splits of the sweep with these targets.
  convenience init(
    _ analysis: RowAnalysis, space: Dimension, level: Int, targets: [Int], grain: StageGrain
  ) {
    /// The list of a sum whose rows are worth an order of their own, if it is in memory before.
    @Sendable func list(_ target: Int) -> Int? {
      let operation = analysis.graph.operations[target]
      guard case .segmentSum = operation.primitive else { return nil }
      let (rows, list) = (operation.inputs[0], operation.inputs[1])
      let isMade =
        analysis.kinds[list] == .row && analysis.spaces[list] == space
        && (!analysis.isMaterialized[list] || analysis.levels[list] == level)
      let width = RowAnalysis.rowShape(analysis.graph.operations[rows].shape)!.reduce(1, *)
      return isMade || width * operation.dtype.byteCount < grain.shortestRow ? nil : list
    }
    self.init(Set(targets.compactMap { list($0) }).sorted()) { chosen in
      let rest = targets.filter { list($0) != chosen }
      return SweepSplit(
        rest: rest.isEmpty
          ? nil
          : StageBuilder.stage(
            analysis, space: space, level: level, targets: rest, grain: grain),
        ordered: StageBuilder.stage(
          analysis, space: space, level: level, targets: targets.filter { list($0) == chosen },
          grain: grain, order: chosen))
    }
  }
}
