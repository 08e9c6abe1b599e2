package import E3xFiles
package import Foundation

/// Reads labelled frames of an extended XYZ file one after the other.
package struct LabelledFrameReader {
  /// The path, or what error messages call standard input (`-`).
  package let file: String
  private let keys: LabelKeys
  private var reader: XYZReader
  private var firstFrame: XYZFrame?
  private var hasLabels = false
  /// The frame that the last one was made from.
  package private(set) var source: XYZFrame?
  /// The number of frames read so far.
  package private(set) var count = 0

  /// Opens a file.
  package init(_ path: String, keys: LabelKeys) throws(FileError) {
    file = path == "-" ? "standard input" : path
    self.keys = keys
    reader = try XYZReader(contentsOf: path)
  }

  /// Reads bytes in memory.
  /// - Parameter file: What error messages call them.
  package init(data: Data, file: String, keys: LabelKeys) {
    self.file = file
    self.keys = keys
    reader = XYZReader(data: data, name: file)
  }

  /// The next frame, or nil after the last.
  /// - Throws: `FileError` as ``LabelledFrame/read(_:keys:)``.
  package mutating func next() throws(FileError) -> LabelledFrame? {
    source = try reader.next()
    guard let frame = source else { return nil }
    count += 1
    if firstFrame == nil { firstFrame = frame }
    let labelled = try LabelledFrame(frame, keys: keys, file: file, frameNumber: count)
    hasLabels = hasLabels || Label.allCases.contains { labelled.has($0) }
    return labelled
  }

  /// Requires, after the last frame, that there were frames and, if labels have a key, that some
  /// frame has one of them.
  /// - Throws: `FileError` that lists the keys of the first frame.
  package func finish() throws(FileError) {
    guard let labels = firstLabels else { throw FileError(file: file, reason: "holds no frames") }
    let asked = Label.allCases.filter { keys[$0] != nil }
    guard !hasLabels, !asked.isEmpty else { return }
    throw labels.noFrameHas(asked)
  }

  /// What the first frame has.
  var firstLabels: LabelSource? {
    firstFrame.map { LabelSource(frame: $0, keys: keys, file: file, place: "") }
  }
}
