internal import E3xFiles
internal import E3xPotentials

/// The first structure of a file: what commands take that are about one.
struct FirstFrame {
  /// All that the file has of it.
  let source: XYZFrame
  /// Its atoms and cell.
  let frame: LabelledFrame
  /// The file, for error messages.
  let file: String

  /// - Throws: `FileError` for a file without frames, and for a first one that the potential does not
  ///   know.
  init(_ path: String, for potential: Potential) throws {
    var reader = try LabelledFrameReader(path, keys: .none)
    reader.check = potential.frameCheck
    guard let frame = try reader.next(), let source = reader.frame else {
      throw FileError(file: reader.file, reason: "holds no frame")
    }
    (self.frame, self.source, file) = (frame, source, reader.file)
  }

  /// Requires that it repeats along three vectors.
  /// - Throws: `FileError` if it does not.
  func checkCrystal() throws(FileError) {
    guard frame.pbc == [true, true, true] else {
      throw FileError(file: file, reason: "expected a structure that repeats along three vectors")
    }
  }

  /// The coordinates that stay: see ``AtomSelection``.
  func fixedCoordinates(_ selection: AtomSelection?) throws(FileError) -> [Bool]? {
    try AtomSelection.fixedCoordinates(selection, source, file: file, place: "frame 1")
  }
}
