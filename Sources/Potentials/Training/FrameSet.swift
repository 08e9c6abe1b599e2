public import E3xFiles
internal import E3xSystem

/// A file of frames as a run remembers it: where it was, and what tells it from any other.
public struct DataFile: Codable, Hashable, Sendable {
  /// The path as it was given.
  public var path: String
  /// The same from the root of the file system; nil for what is no file that can be read again, as
  /// a pipe.
  public var absolutePath: String?
  /// The size in bytes.
  public var bytes: Int
  /// The digest SHA-256, in hexadecimal digits.
  public var sha256: String
  /// The number of frames.
  public var frames: Int
  /// For data that come with the program: which.
  public var bundled: String?

  private enum CodingKeys: String, CodingKey {
    case path, bytes, sha256, frames, bundled
    case absolutePath = "absolute_path"
  }

  /// Whether two files have the same bytes, wherever they are.
  public func hasSameContents(as other: DataFile) -> Bool {
    (bytes, sha256) == (other.bytes, other.sha256)
  }
}

/// The frames of one or more files, in their order, that know where they come from. Memory need not
/// hold them all, see ``StoredFrames``.
public struct FrameSet: Sendable {
  /// What the set is for: `training set`.
  public let name: String
  /// The files, in the order in which they were given. A set that was split off from another has
  /// none of its own.
  public private(set) var files: [DataFile] = []
  /// The frames of all files, without those that were left out.
  public private(set) var frames: StoredFrames
  /// The frames of files that cannot be used and were passed over.
  package private(set) var bad = BadFrames()
  /// How many frames have atoms closer than 0.1 Å, and the first of them.
  package private(set) var close: (count: Int, first: FileError)?

  /// Where each frame is.
  private var places: [Place] = []
  /// What the first frame has.
  private var firstLabels: LabelSource?

  /// What places call the files.
  private var paths: [String] = []

  /// Small, as there is one for each frame.
  private struct Place: Sendable {
    /// The index of its file in ``paths``.
    var path: Int32
    /// In its file, from 1.
    var frame: Int32
    /// The line that it begins with, from 1; 0 where there are no lines.
    var line: Int
  }

  /// An empty set.
  /// - Parameter memory: what its frames may take of memory, in bytes.
  public init(name: String, memory: Int = StoredFrames.usualMemory) {
    (self.name, frames) = (name, StoredFrames(memory: memory))
  }

  /// An empty set of a store that other sets have frames in.
  init(name: String, in store: FrameStore) {
    (self.name, frames) = (name, StoredFrames(in: store))
  }

  /// Whether there are no frames.
  public var isEmpty: Bool { frames.isEmpty }

  /// Adds the frames of a file, of which each byte is read once.
  ///
  /// - Parameters:
  ///   - bundled: for data that come with the program: which.
  ///   - keys: where labels are, and which of them every frame must have.
  ///   - skipsBadFrames: whether frames that cannot be used are passed over.
  /// - Throws: `FileError` for a file that cannot be read, for labels that are missing, for frames
  ///   that cannot be used, and for a temporary file that cannot be written.
  public mutating func add(
    _ path: String, bundled: String? = nil, keys: LabelKeys, skipsBadFrames: Bool = false
  ) throws(FileError) {
    var reader = try LabelledFrameReader(path, keys: keys, digests: true)
    reader.skipsBadFrames = skipsBadFrames
    let name = index(ofPath: reader.file)
    while let frame = try reader.next() {
      try frames.append(frame)
      places.append(
        Place(path: name, frame: Int32(clamping: reader.count), line: reader.line ?? 0))
    }
    try reader.finish()
    let contents = try reader.contents()
    bad.add(reader.bad)
    if let found = reader.close {
      close = ((close?.count ?? 0) + found.count, close?.first ?? found.first)
    }
    firstLabels = firstLabels ?? reader.firstLabels
    files.append(
      DataFile(
        path: path, absolutePath: Self.absolutePath(path), bytes: contents.bytes,
        sha256: contents.sha256 ?? "", frames: reader.count, bundled: bundled))
  }

  private mutating func index(ofPath path: String) -> Int32 {
    if let index = paths.firstIndex(of: path) { return Int32(index) }
    paths.append(path)
    return Int32(paths.count - 1)
  }

  private static func absolutePath(_ path: String) -> String? {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    return URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// How many frames have a label.
  package func count(of label: Label) -> Int { frames.count(of: label) }

  /// Requires that some frame has one of these labels, if there are frames.
  /// - Throws: `FileError` that lists the keys of the first frame.
  func require(_ labels: [Label]) throws(FileError) {
    guard labels.allSatisfy({ count(of: $0) == 0 }), let firstLabels else { return }
    throw firstLabels.noFrameHas(labels)
  }

  /// The first frame of the first file as the file has it, with labels that nobody asked for.
  var firstFrame: XYZFrame? { firstLabels?.frame }

  /// An error about a frame.
  /// - Parameter index: of the frame in the set, from 0.
  package func failure(frame index: Int, _ reason: String) -> FileError {
    guard places.indices.contains(index) else { return FileError(file: name, reason: reason) }
    let place = places[index]
    return FileError(
      file: paths[Int(place.path)],
      place: "frame \(place.frame) of the \(name)"
        + (place.line > 0 ? " (line \(place.line))" : ""),
      reason: reason)
  }

  // MARK: Parts

  /// Appends some frames to another set.
  /// - Parameter indices: of frames of this set, from 0.
  func copy(_ indices: Set<Int>, to other: inout FrameSet) throws(FileError) {
    let indices = indices.sorted()
    try other.frames.append(indices, of: frames)
    for index in indices {
      var place = places[index]
      place.path = other.index(ofPath: paths[Int(place.path)])
      other.places.append(place)
    }
    other.firstLabels = other.firstLabels ?? firstLabels
  }

  /// Leaves frames out.
  mutating func remove(_ indices: Set<Int>) throws(FileError) {
    if indices.isEmpty { return }
    let kept = frames.indices.filter { !indices.contains($0) }
    try frames.remove(indices)
    places = kept.map { places[$0] }
  }

  /// Leaves frames out that do not pass a check, as bad ones.
  mutating func skip(_ check: FrameCheck) throws(FileError) {
    var indices: Set<Int> = []
    for index in frames.indices {
      guard let flaw = check.flaw(try frames[index]) else { continue }
      bad.add(flaw.kind, failure(frame: index, flaw.reason))
      indices.insert(index)
    }
    try remove(indices)
  }
}
