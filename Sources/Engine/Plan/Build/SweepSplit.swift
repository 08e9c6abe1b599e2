internal import E3xLocks

/// A sweep over pairs in two: one in the order of an index list, for the sums over its segments,
/// and one for the rest.
///
/// Pairs lie in the order of their destinations. What is summed over their sources is added to rows
/// that lie anywhere: in a large system each is read from memory and written back for each pair. In
/// the order of the sources a pair reads one such row instead, that of its destination, and sums
/// stay in cache.
///
/// What both need is computed again, from rows that are taken in that order, or all that can be is
/// computed in that order and written where it belongs: all but the sums over the segments of other
/// lists. Which costs less depends on what they share.
final class SweepSplit: Sendable {
  /// As rows lie; nil if nothing is left.
  let rest: Sweep?
  let ordered: Sweep
  /// Whether the rest needs what the other writes; the other may need what the rest writes if not.
  let isOrderedFirst: Bool

  init(rest: Sweep?, ordered: Sweep, isOrderedFirst: Bool) {
    self.rest = rest
    self.ordered = ordered
    self.isOrderedFirst = isOrderedFirst
  }

  private var nanosecondsPerRow: Double {
    (rest?.nanosecondsPerRow ?? 0) + ordered.nanosecondsPerRow
  }

  /// The one that costs less arithmetic.
  static func cheaper(_ a: SweepSplit, _ b: SweepSplit) -> SweepSplit {
    a.nanosecondsPerRow <= b.nanosecondsPerRow ? a : b
  }

  /// Whether the split costs less arithmetic than it saves in bytes moved.
  /// - Parameter rowBytes: of the rows that are summed in the order of the list.
  func pays(_ whole: Sweep, rowBytes: Int) -> Bool {
    let more = nanosecondsPerRow - whole.nanosecondsPerRow
    return more < Double(rowBytes) * whole.options.nanosecondsPerScatteredByte
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
    _ analysis: RowAnalysis, space: Dimension, level: Int, targets: [Int], options: PlanOptions
  ) {
    /// The list of segments that rows go to, if it is in memory before.
    @Sendable func segments(_ target: Int) -> Int? {
      let operation = analysis.graph.operations[target]
      switch operation.primitive {
      case .segmentSum, .segmentMax:
        let list = operation.inputs[1]
        let isMade =
          analysis.kinds[list] == .row && analysis.spaces[list] == space
          && (!analysis.isWrittenOut[list] || analysis.levels[list] == level)
        return isMade ? nil : list
      default: return nil
      }
    }
    /// The list of a sum whose rows are worth an order of their own.
    @Sendable func list(_ target: Int) -> Int? {
      let operation = analysis.graph.operations[target]
      guard case .segmentSum = operation.primitive, let list = segments(target) else { return nil }
      let rows = analysis.graph.operations[operation.inputs[0]].shape
      let width = RowAnalysis.rowShape(rows)!.reduce(1, *)
      return width * operation.dtype.byteCount < options.shortestRow ? nil : list
    }
    self.init(Set(targets.compactMap { list($0) }).sorted()) { chosen in
      func split(_ isOrdered: (Int) -> Bool, first isOrderedFirst: Bool) -> SweepSplit {
        let (ordered, rest) = (targets.filter(isOrdered), targets.filter { !isOrdered($0) })
        func sweep(_ targets: [Int], given: [Int], order: Int?) -> Sweep {
          SweepBuilder.sweep(
            analysis, space: space, level: level, targets: targets, options: options, order: order,
            given: Set(given.filter { analysis.kinds[$0] == .row }))
        }
        return SweepSplit(
          rest: rest.isEmpty
            ? nil : sweep(rest, given: isOrderedFirst ? ordered : [], order: nil),
          ordered: sweep(ordered, given: isOrderedFirst ? [] : rest, order: chosen),
          isOrderedFirst: isOrderedFirst)
      }
      let sums = split({ list($0) == chosen }, first: false)
      let all = split({ segments($0) == nil || segments($0) == chosen }, first: true)
      return options.ordersAll.map { $0 ? all : sums } ?? .cheaper(sums, all)
    }
  }
}
