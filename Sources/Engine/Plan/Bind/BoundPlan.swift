internal import E3xLimits
internal import E3xLocks

/// What runs with the same bindings have in common: the sizes of all values, where they lie, and
/// what is to be done. Values that only look at others (reshaped, sliced, permuted) and what depends
/// on sizes alone cost nothing in a run.
final class BoundPlan: @unchecked Sendable {
  /// A block of memory of a run.
  enum Block: Equatable {
    /// Memory that belongs to the plan or the graph.
    case fixed
    /// The memory that the run takes for itself.
    case arena
    case argument(Int)
    /// The storage of a result of the run, by number. Other values may lie there before it is made.
    case output(Int)
  }

  /// A value, but for the storage: that of the run's block.
  struct Entry {
    var value: Value
    var block: Block
  }

  /// Something to be done.
  enum Step {
    /// Small operations on whole values, as calls of kernels.
    case calls(Range<Int>)
    /// The operation at a position of the graph.
    case operation(Int)
    /// A sweep, after values that it wants contiguous were copied.
    case sweep(BoundSweep, copies: [(from: Int, to: Int)])
    /// Sweeps as one, and the list that they are sorted by.
    case chain([BoundSweep], list: Int, copies: [(from: Int, to: Int)])
  }

  /// By position in the graph; behind them contiguous copies.
  let entries: [Entry?]
  /// In order, each with the item of the plan that it belongs to.
  let steps: [(item: Int, step: Step)]
  private let calls: UnsafePointer<KernelCall>
  /// Keeps the calls.
  private let memory = KernelMemory()
  /// The sizes of the storages of results, in bytes.
  let outputs: [Int]
  /// The arena: values first, then the memory of each thread's tiles.
  let valueBytes: Int
  let threadBytes: Int
  private let resultBytes: Int

  init(_ plan: Plan, _ bindings: Bindings) {
    var builder = BoundPlanBuilder(plan.graph, bindings, itemCount: plan.items.count)
    for (index, item) in plan.items.enumerated() {
      switch item {
      case .operation(let position): builder.add(operation: position, item: index)
      case .sweep(let sweep): builder.add(sweep, item: index)
      case .chain(let chain): builder.add(chain, item: index)
      }
    }
    builder.place()
    entries = builder.entries
    steps = builder.steps
    let memory = self.memory
    calls = memory.copy(builder.instructions.map { KernelCall($0, in: memory) })
    outputs = builder.outputs
    valueBytes = builder.valueBytes
    threadBytes = builder.threadBytes
    resultBytes = outputs.reduce(0, +)
  }

  /// The calls of a step.
  func calls(_ range: Range<Int>) -> UnsafeBufferPointer<KernelCall> {
    UnsafeBufferPointer(start: calls + range.lowerBound, count: range.count)
  }

  /// - Throws: `ShapeError` if the memory of a run is more than there is.
  func checkMemory(threads: Int) throws(ShapeError) {
    let bytes = resultBytes + valueBytes + threadBytes * threads
    if bytes > MemoryLimit.machine {
      throw ShapeError("run", [], "takes \(MemoryLimit.excess(bytes: Double(bytes)))")
    }
  }
}

extension BoundPlan.Entry: @unchecked Sendable {}
extension BoundPlan.Step: @unchecked Sendable {}

/// Keeps the plans of the latest runs: molecules of a few sizes come again and again.
final class BoundPlanCache: Sendable {
  private static let limit = 32
  private let known = Guarded<[Bindings: BoundPlan]>([:])

  /// The plan for these bindings, made by `make` if they are new.
  func plan(
    _ bindings: Bindings, _ make: () throws(ShapeError) -> BoundPlan
  ) throws(ShapeError) -> BoundPlan {
    if let found = known.withLock({ $0[bindings] }) { return found }
    let made = try make()
    known.withLock { known in
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[bindings] = made
    }
    return made
  }
}
