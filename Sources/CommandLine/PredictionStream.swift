internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// The frames of a file with what a potential says of them, in memory that does not grow with
/// their number.
struct PredictionStream {
  /// A frame, its labels, and the prediction.
  struct Element {
    /// The number of the frame in the file, from 1.
    let number: Int
    var source: XYZFrame
    let labelled: LabelledFrame
    let prediction: Potential.Prediction
  }

  /// Frames and atoms that are computed at once, unless one frame has more.
  private static let (frameLimit, atomLimit) = (32, 4096)

  let potential: Potential
  /// The file, or `-`.
  let path: String
  let keys: LabelKeys
  /// Whether frames that cannot be used are passed over.
  let skipsBadFrames: Bool

  /// How many frames have atoms that are too close, and the first of them.
  typealias Close = (count: Int, first: FileError)

  private func reader() throws(FileError) -> LabelledFrameReader {
    var reader = try LabelledFrameReader(path, keys: keys)
    reader.skipsBadFrames = skipsBadFrames
    reader.check = potential.frameCheck
    return reader
  }

  /// Reads all frames of a file that can be read again, and checks that the potential knows them:
  /// what is wrong is found before the first prediction.
  ///
  /// - Parameter body: A further check of each frame, with its number from 1.
  /// - Returns: The number of frames; nil for what can be read once, which was left unread.
  /// - Throws: `FileError` with the number of the frame.
  func check(_ body: (XYZFrame, Int) throws -> Void = { _, _ in }) throws -> Int? {
    guard FileIdentity(path)?.isRegularFile == true, path != "-" else { return nil }
    var reader = try reader()
    while try reader.next() != nil {
      if let frame = reader.frame { try body(frame, reader.count) }
    }
    try reader.finish()
    return reader.count - reader.bad.total
  }

  /// Predicts all frames in their order.
  /// - Parameter body: What is done with each.
  /// - Returns: What was passed over, and which frames have atoms that are too close.
  /// - Throws: `FileError` with the number of the frame; whatever `body` throws.
  func forEach(
    _ body: (Element) throws -> Void
  ) throws -> (bad: BadFrames, close: Close?) {
    var reader = try reader()
    var (sources, frames, numbers): ([XYZFrame], [LabelledFrame], [Int]) = ([], [], [])
    var atoms = 0
    func predict() throws {
      for (index, prediction) in try potential.predict(frames).enumerated() {
        try body(
          Element(
            number: numbers[index], source: sources[index], labelled: frames[index],
            prediction: prediction))
      }
      (sources, frames, numbers, atoms) = ([], [], [], 0)
    }
    while let frame = try reader.next() {
      if frames.count == Self.frameLimit
        || !frames.isEmpty && atoms + frame.count > Self.atomLimit
      {
        try predict()
      }
      sources.append(reader.frame ?? XYZFrame(numbers: [], positions: []))
      frames.append(frame)
      numbers.append(reader.count)
      atoms += frame.count
    }
    try predict()
    try reader.finish()
    return (reader.bad, reader.close)
  }
}
