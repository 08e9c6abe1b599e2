public import E3xFiles
internal import E3xLimits

/// Frames of which memory need not hold all: what is more than it may take is in a file without a
/// name in the folder for temporary files (`TMPDIR`, or `/tmp`).
///
///     var frames = StoredFrames()
///     while let frame = try next() { try frames.append(frame) }
///     for index in frames.indices { print(try frames[index].count) }
///
/// Getting a frame may fail, as reading a file may: that is why this is no `Collection`, whose
/// elements are always there. Copies share what is stored.
public struct StoredFrames: Sendable {
  private let store: FrameStore
  /// Of each frame in its store.
  private var numbers: [Int]
  /// What there is in all frames.
  private(set) var counts = FrameCounts()

  /// What frames take of memory if nothing is said, in bytes: an eighth of what there is.
  public static let usualMemory = MemoryLimit.machine / 8

  /// No frames yet.
  /// - Parameter memory: what frames may take of memory, in bytes. A ``Trainer`` takes as much again
  ///   for pairs of atoms that it need not look for at every step.
  public init(memory: Int = StoredFrames.usualMemory) {
    self.init(in: FrameStore(memory: max(memory, 0)))
  }

  /// Frames that are in memory, and stay there.
  public init(_ frames: [LabelledFrame]) {
    store = FrameStore(holding: frames, memory: Self.usualMemory)
    numbers = Array(frames.indices)
    for frame in frames { counts.add(frame) }
  }

  /// No frames yet, of a store that others have frames in.
  init(in store: FrameStore) {
    self.store = store
    numbers = []
  }

  /// The number of frames.
  public var count: Int { numbers.count }
  /// Whether there are none.
  public var isEmpty: Bool { numbers.isEmpty }
  /// From 0.
  public var indices: Range<Int> { numbers.indices }
  /// The atomic numbers of all atoms.
  public var elements: Set<Int32> { counts.elements }
  /// The number of atoms in all frames.
  public var atomCount: Int { counts.atoms }
  /// The number of frames that repeat.
  public var periodicCount: Int { counts.periodic }
  /// How many frames have a label.
  public func count(of label: Label) -> Int { counts.frames(with: label) }
  /// What frames may take of memory, in bytes.
  var memory: Int { store.memory }

  /// A frame.
  /// - Throws: `FileError` if it is in a file that cannot be read.
  public subscript(index: Int) -> LabelledFrame {
    get throws(FileError) { try store.frame(numbers[index]) }
  }

  /// Adds a frame.
  /// - Throws: `FileError` if it does not fit into memory, and not on the disk.
  public mutating func append(_ frame: LabelledFrame) throws(FileError) {
    numbers.append(try store.append(frame))
    counts.add(frame)
  }

  /// All frames, in memory.
  /// - Throws: `FileError` if one is in a file that cannot be read.
  public func all() throws(FileError) -> [LabelledFrame] {
    var frames: [LabelledFrame] = []
    frames.reserveCapacity(count)
    for index in indices { frames.append(try self[index]) }
    return frames
  }

  /// Adds some frames of others, which are not stored again where both have one store.
  mutating func append(_ indices: [Int], of others: StoredFrames) throws(FileError) {
    for index in indices {
      let frame = try others[index]
      numbers.append(
        others.store === store ? others.numbers[index] : try store.append(frame))
      counts.add(frame)
    }
  }

  /// Leaves frames out.
  mutating func remove(_ indices: Set<Int>) throws(FileError) {
    for index in indices { counts.remove(try self[index]) }
    numbers = numbers.indices.filter { !indices.contains($0) }.map { numbers[$0] }
  }
}
