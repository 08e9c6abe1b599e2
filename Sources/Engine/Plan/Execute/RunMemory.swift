internal import E3xCKernels
internal import E3xLocks

/// The memory of one run: the addresses of all values, and what sweeps need beside.
final class RunMemory {
  let plan: BoundPlan
  let pool: ThreadPool
  /// The address of each entry of the plan.
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The first bad index that a part of a sweep met, and the part.
  let failure = Guarded<(part: Int, found: FoundIndex)?>(nil)

  private let arguments: [Value]
  private let arena: Storage
  private let outputs: [Storage]
  /// Accumulators and buffers of the present sweep.
  private var lanes: Storage?
  /// Of lists that are made in the run.
  private var segmentIndices: [Int: SegmentIndex] = [:]
  private var orders: [OrderedList: Storage] = [:]

  init(_ plan: BoundPlan, _ arguments: [Value], _ pool: ThreadPool) {
    self.plan = plan
    self.arguments = arguments
    self.pool = pool
    arena = Storage(byteCount: plan.valueBytes + plan.threadBytes * pool.threadCount)
    outputs = plan.outputs.map { Storage(byteCount: $0) }
    addresses = .allocate(capacity: max(1, plan.entries.count))
    for index in plan.entries.indices {
      let address = plan.entries[index].map { entry in
        storage(entry).pointer + offset(entry) * entry.value.dtype.byteCount
      }
      (addresses + index).initialize(to: address ?? arena.pointer)
    }
  }

  deinit { addresses.deallocate() }

  private func storage(_ entry: BoundPlan.Entry) -> Storage {
    switch entry.block {
    case .fixed: entry.value.storage
    case .arena: arena
    case .argument(let number): arguments[number].storage
    case .output(let number): outputs[number]
    }
  }

  private func offset(_ entry: BoundPlan.Entry) -> Int {
    guard case .argument(let number) = entry.block else { return entry.value.offset }
    return entry.value.offset + arguments[number].offset
  }

  /// A value of the run with its elements.
  func value(_ index: Int) -> Value {
    let entry = plan.entries[index]!
    var value = entry.value
    value.storage = storage(entry)
    value.offset = offset(entry)
    return value
  }

  /// The memory of the tiles of a thread.
  func tileMemory(thread: Int) -> UnsafeMutableRawPointer {
    arena.pointer + plan.valueBytes + thread * plan.threadBytes
  }

  /// Memory for the accumulators of a sweep, until the next one asks.
  func laneMemory(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if byteCount == 0 { return arena.pointer }
    if let lanes, lanes.byteCount >= byteCount { return lanes.pointer }
    let made = Storage(byteCount: byteCount)
    lanes = made
    return made.pointer
  }

  /// The segments of an index list, if it is sorted.
  func sortedSegments(_ list: Int, _ segments: Int) -> SegmentIndex? {
    guard let index = self.segments(list, segments) else { return nil }
    return index.order == nil ? index : nil
  }

  /// The segments of an index list, if its indices are in range.
  func segments(_ list: Int, _ segments: Int) -> SegmentIndex? {
    let value = value(list)
    guard value.isContiguous else { return nil }
    let index: SegmentIndex
    if belongsToStorage(list, value) {
      guard isInRange(value, segments) else { return nil }
      index = value.storage.segmentIndex(count: value.count, segments: segments)
    } else if let known = segmentIndices[list], known.segments == segments {
      index = known
    } else {
      guard isInRange(value, segments) else { return nil }
      index = SegmentIndex(
        value.pointer.assumingMemoryBound(to: Int32.self), count: value.count, segments: segments)
      segmentIndices[list] = index
    }
    return index
  }

  // MARK: Rows in the order of a list

  /// Numbers the rows in the order of a list, those of padding last.
  func setOrder(_ list: Int, _ index: SegmentIndex) {
    guard orders[OrderedList(by: list)] == nil else { return }
    let (count, sorted) = (value(list).count, Int(index.offsets[index.segments]))
    let storage = Storage(byteCount: count * 4)
    let numbers = storage.pointer.assumingMemoryBound(to: Int32.self)
    if let order = index.order {
      numbers.update(from: order, count: sorted)
      let segments = addresses[list].assumingMemoryBound(to: Int32.self)
      var end = sorted
      for row in 0..<count where Int(segments[row]) == index.segments {
        numbers[end] = Int32(row)
        end += 1
      }
    } else {
      for row in 0..<count { numbers[row] = Int32(row) }
    }
    orders[OrderedList(by: list)] = storage
  }

  /// Puts another list in that order.
  func setOrdered(_ other: Int, by list: Int, count: Int) {
    guard orders[OrderedList(list: other, by: list)] == nil else { return }
    let storage = Storage(byteCount: count * 4)
    let to = Elements(storage.pointer.assumingMemoryBound(to: Int32.self))
    let from = Elements(addresses[other].assumingMemoryBound(to: Int32.self))
    let numbers = Elements(order(list))
    pool.run(count: count, grain: Loop.grain) { range in
      for row in range { to.base[row] = from.base[Int(numbers.base[row])] }
    }
    orders[OrderedList(list: other, by: list)] = storage
  }

  /// The numbers of the rows in the order of a list.
  func order(_ list: Int) -> UnsafeMutablePointer<Int32> {
    orders[OrderedList(by: list)]!.pointer.assumingMemoryBound(to: Int32.self)
  }

  /// Another list in that order.
  func ordered(_ other: Int, by list: Int) -> UnsafeMutableRawPointer {
    orders[OrderedList(list: other, by: list)]!.pointer
  }

  private struct OrderedList: Hashable {
    /// nil: the numbers of the rows.
    var list: Int?
    var by: Int
  }

  private struct Elements: @unchecked Sendable {
    let base: UnsafeMutablePointer<Int32>
    init(_ base: UnsafeMutablePointer<Int32>) { self.base = base }
  }

  // MARK: Segments

  /// Whether a list is all that its storage ever holds, so that the storage may keep its segments.
  private func belongsToStorage(_ list: Int, _ value: Value) -> Bool {
    switch plan.entries[list]!.block {
    case .fixed, .argument: value.offset == 0 && value.storage.byteCount == value.count * 4
    case .arena, .output: false
    }
  }

  private func isInRange(_ value: Value, _ segments: Int) -> Bool {
    let list = UnsafePointer(value.pointer.assumingMemoryBound(to: Int32.self))
    return e3x_first_bad_index(list, Int64(value.count), 0, Int32(segments)) < 0
  }
}
