public import E3xFiles
internal import Foundation

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

/// The frames of one or more files, in their order, that know where they come from.
public struct FrameSet: Sendable {
  /// What the set is for: `training set`.
  public let name: String
  /// The files, in the order in which they were given. A set that was split off from another has
  /// none of its own.
  public private(set) var files: [DataFile] = []
  /// The frames of all files, without those that were left out.
  public private(set) var frames: [LabelledFrame] = []
  /// The frames of files that cannot be used and were passed over.
  package private(set) var bad = BadFrames()
  /// How many frames have atoms closer than 0.1 Å, and the first of them.
  package private(set) var close: (count: Int, first: FileError)?

  /// Where each frame is.
  private var places: [Place] = []
  /// What the first frame has.
  private var firstLabels: LabelSource?

  private struct Place: Sendable {
    var path: String
    /// In its file, from 1.
    var frame: Int
    /// The line that it begins with, from 1.
    var line: Int?
  }

  /// An empty set.
  public init(name: String) { self.name = name }

  /// Whether there are no frames.
  public var isEmpty: Bool { frames.isEmpty }

  /// Adds the frames of a file, of which each byte is read once.
  ///
  /// - Parameters:
  ///   - bundled: for data that come with the program: which.
  ///   - keys: where labels are, and which of them every frame must have.
  ///   - skipsBadFrames: whether frames that cannot be used are passed over.
  /// - Throws: `FileError` for a file that cannot be read, for labels that are missing, and for
  ///   frames that cannot be used.
  public mutating func add(
    _ path: String, bundled: String? = nil, keys: LabelKeys, skipsBadFrames: Bool = false
  ) throws(FileError) {
    let data = try FileBytes.read(path)
    var file = DataFile(
      path: path, absolutePath: Self.absolutePath(path), bytes: data.count,
      sha256: SHA256.hexadecimal(data), frames: 0, bundled: bundled)
    var reader = try LabelledFrameReader(data: data, file: path, keys: keys)
    reader.skipsBadFrames = skipsBadFrames
    while let frame = try reader.next() {
      frames.append(frame)
      places.append(Place(path: path, frame: reader.count, line: reader.line))
    }
    try reader.finish()
    bad.add(reader.bad)
    if let found = reader.close {
      close = ((close?.count ?? 0) + found.count, close?.first ?? found.first)
    }
    firstLabels = firstLabels ?? reader.firstLabels
    file.frames = reader.count
    files.append(file)
  }

  private static func absolutePath(_ path: String) -> String? {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    return URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// How many frames have a label.
  package func count(of label: Label) -> Int { frames.count { $0.has(label) } }

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
      file: place.path,
      place: "frame \(place.frame) of the \(name)" + (place.line.map { " (line \($0))" } ?? ""),
      reason: reason)
  }

  // MARK: Parts

  /// Appends some frames to another set.
  /// - Parameter indices: of frames of this set, from 0.
  func copy(_ indices: Set<Int>, to other: inout FrameSet) {
    for index in indices.sorted() {
      other.frames.append(frames[index])
      other.places.append(places[index])
    }
    other.firstLabels = other.firstLabels ?? firstLabels
  }

  /// Leaves frames out.
  mutating func remove(_ indices: Set<Int>) {
    if indices.isEmpty { return }
    let kept = frames.indices.filter { !indices.contains($0) }
    (frames, places) = (kept.map { frames[$0] }, kept.map { places[$0] })
  }

  /// Leaves frames out that do not pass a check, as bad ones.
  mutating func skip(_ check: FrameCheck) {
    var indices: Set<Int> = []
    for (index, frame) in frames.enumerated() {
      guard let flaw = check.flaw(frame) else { continue }
      bad.add(flaw.kind, failure(frame: index, flaw.reason))
      indices.insert(index)
    }
    remove(indices)
  }
}
