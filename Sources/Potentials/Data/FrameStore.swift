internal import E3xFiles
internal import E3xLocks

/// The frames of one or more sets, which only ever become more: the first of them in memory, as many
/// as it may take, all others in a file without a name (``FrameRecord``), of which memory holds eight
/// bytes a frame.
final class FrameStore: Sendable {
  /// What frames in memory may take, in bytes.
  let memory: Int
  private let contents: Guarded<Contents>

  private struct Contents: Sendable {
    /// In memory.
    var frames: [LabelledFrame] = []
    /// What they take.
    var bytes = 0
    /// Where the others are, and where each of them begins.
    var file: ScratchFile?
    var starts: [Int] = []
    /// The end of what is in the file, and what is not there yet.
    var written = 0
    var pending: [UInt8] = []

    var count: Int { frames.count + starts.count }
    var end: Int { written + pending.count }
  }

  /// Where a frame is found.
  private enum Place: Sendable {
    case frame(LabelledFrame)
    case bytes([UInt8])
    case file(ScratchFile, start: Int, count: Int)
  }

  /// Bytes that are written at once.
  private static let pieceLength = 1 << 16

  init(memory: Int) {
    self.memory = memory
    contents = Guarded(Contents())
  }

  /// Frames that are in memory already, and stay there.
  init(holding frames: [LabelledFrame], memory: Int) {
    self.memory = memory
    var contents = Contents()
    contents.frames = frames
    // Whatever is added takes more than there is room for.
    contents.bytes = memory
    self.contents = Guarded(contents)
  }

  /// Adds a frame.
  /// - Returns: Its number, from 0.
  /// - Throws: `FileError` for what the system reports of the file.
  func append(_ frame: LabelledFrame) throws(FileError) -> Int {
    let memory = memory
    return try contents.withLock { (contents) throws(FileError) -> Int in
      let bytes = frame.memory
      if contents.file == nil, contents.bytes + bytes <= memory {
        contents.frames.append(frame)
        contents.bytes += bytes
      } else {
        try Self.write(frame, to: &contents)
      }
      return contents.count - 1
    }
  }

  private static func write(
    _ frame: LabelledFrame, to contents: inout Contents
  ) throws(FileError) {
    let file = if let file = contents.file { file } else { try ScratchFile() }
    contents.file = file
    contents.starts.append(contents.end)
    FrameRecord.append(frame, to: &contents.pending)
    guard contents.pending.count >= pieceLength else { return }
    try file.write(contents.pending, at: contents.written)
    contents.written = contents.end
    contents.pending.removeAll(keepingCapacity: true)
  }

  /// A frame by its number.
  /// - Throws: `FileError` for what the system reports of the file.
  func frame(_ number: Int) throws(FileError) -> LabelledFrame {
    let place = contents.withLock { Self.place(of: number, in: $0) }
    let (record, name): ([UInt8], String)
    switch place {
    case .frame(let frame): return frame
    case .bytes(let bytes): (record, name) = (bytes, "")
    case .file(let file, let start, let count):
      (record, name) = (try file.read(at: start, count: count), file.name)
    }
    guard let frame = FrameRecord.frame(record) else {
      throw FileError(file: name, reason: "holds other bytes than were written to it")
    }
    return frame
  }

  private static func place(of number: Int, in contents: Contents) -> Place {
    if number < contents.frames.count { return .frame(contents.frames[number]) }
    let index = number - contents.frames.count
    let start = contents.starts[index]
    let end = index + 1 < contents.starts.count ? contents.starts[index + 1] : contents.end
    guard start < contents.written, let file = contents.file else {
      return .bytes(Array(contents.pending[(start - contents.written)..<(end - contents.written)]))
    }
    return .file(file, start: start, count: end - start)
  }
}

extension LabelledFrame {
  /// About what it takes of memory, in bytes: its arrays, each with what the allocator adds, and
  /// itself.
  fileprivate var memory: Int {
    let reals = [positions, forces, cell, stress].compactMap(\.self)
    return MemoryLayout<LabelledFrame>.stride + reals.reduce(0) { $0 + 48 + 8 * $1.capacity }
      + 48 + 4 * atomicNumbers.capacity + 48 + pbc.capacity
  }
}
