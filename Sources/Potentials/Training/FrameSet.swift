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
  /// The files, in the order in which they were given.
  public private(set) var files: [DataFile] = []
  /// The frames of all files.
  public private(set) var frames: [LabelledFrame] = []

  /// What the first frame has.
  private var firstLabels: LabelSource?

  /// An empty set.
  public init(name: String) { self.name = name }

  /// Whether there are no frames.
  public var isEmpty: Bool { frames.isEmpty }

  /// Adds the frames of a file, of which each byte is read once.
  ///
  /// - Parameters:
  ///   - bundled: for data that come with the program: which.
  ///   - keys: where labels are, and which of them every frame must have.
  /// - Throws: `FileError` for a file that cannot be read and for labels that are missing.
  public mutating func add(
    _ path: String, bundled: String? = nil, keys: LabelKeys
  ) throws(FileError) {
    let data = try FileBytes.read(path)
    var file = DataFile(
      path: path, absolutePath: Self.absolutePath(path), bytes: data.count,
      sha256: SHA256.hexadecimal(data), frames: 0, bundled: bundled)
    var reader = LabelledFrameReader(data: data, file: path, keys: keys)
    while let frame = try reader.next() { frames.append(frame) }
    try reader.finish()
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

  /// An error about a frame.
  /// - Parameter index: of the frame in the set, from 0.
  package func failure(frame index: Int, _ reason: String) -> FileError {
    let place = place(ofFrame: index)
    return FileError(
      file: place.path, place: "frame \(place.number) of the \(name)", reason: reason)
  }

  /// The file of a frame and its number there, from 1.
  package func place(ofFrame index: Int) -> (path: String, number: Int) {
    var rest = index
    for file in files {
      if rest < file.frames { return (file.path, rest + 1) }
      rest -= file.frames
    }
    return (name, index + 1)
  }
}
