package import E3xFiles
package import E3xSystem

/// Reads labelled frames one after the other: of an extended XYZ file, or of an archive of MD17 or
/// rMD17 (``MoleculeArchive``); which of them it is, and whether it is compressed by gzip, its first
/// bytes say. Memory does not grow with the number of frames in an XYZ file.
package struct LabelledFrameReader {
  /// The path, or what error messages call standard input (`-`).
  package let file: String
  private let keys: LabelKeys
  private let input: ByteInput
  /// Of the two, the one that the file is.
  private var text: XYZReader?
  private let archive: MoleculeArchive?
  /// Under which keys the frames have their labels.
  private let frameKeys: LabelKeys
  private var firstFrame: XYZFrame?
  private var hasLabels = false
  /// The frame that the last one was made from.
  package private(set) var frame: XYZFrame?
  /// The number of frames read so far, those that were skipped included.
  package private(set) var count = 0

  /// Whether frames that cannot be used are passed over, and counted in ``bad``.
  package var skipsBadFrames = false
  /// What else frames must be, if anything.
  package var check: FrameCheck?
  /// The frames that were passed over.
  package private(set) var bad = BadFrames()
  /// What is probably wrong with frames, nevertheless: how many have atoms closer than 0.1 Å, and the
  /// first of them.
  package private(set) var close: (count: Int, first: FileError)?

  /// Opens a file.
  /// - Parameter digests: whether ``contents()`` has a digest.
  package init(_ path: String, keys: LabelKeys, digests: Bool = false) throws(FileError) {
    try self.init(
      ByteInput(path, digests: digests), file: path == "-" ? "standard input" : path, keys: keys)
  }

  /// Reads bytes in memory.
  /// - Parameter file: What error messages call them.
  package init(data: Data, file: String, keys: LabelKeys) throws(FileError) {
    try self.init(ByteInput(data: data, name: file), file: file, keys: keys)
  }

  private init(_ input: ByteInput, file: String, keys: LabelKeys) throws(FileError) {
    (self.file, self.keys, self.input) = (file, keys, input)
    guard try input.begins(with: MoleculeArchive.magic) else {
      (text, archive, frameKeys) = (XYZReader(input), nil, keys)
      return
    }
    // Labels have one name there.
    var names = LabelKeys.none
    names.energy = keys.energy.map { _ in "energy" }
    names.forces = keys.forces.map { _ in "forces" }
    names.required = keys.required
    names.advice = keys.advice
    (text, frameKeys) = (nil, names)
    archive = try MoleculeArchive(data: input.rest(), file: file)
  }

  /// Where the last frame is, for error messages: `frame 3 (line 34)`.
  package var place: String {
    "frame \(count)" + (line.map { " (line \($0))" } ?? "")
  }

  /// The line that the last frame begins with, from 1; nil for what has no lines.
  package var line: Int? { text?.line }

  /// The next frame, or nil after the last.
  /// - Throws: `FileError` as ``LabelledFrame/read(_:keys:)``.
  package mutating func next() throws(FileError) -> LabelledFrame? {
    while true {
      do throws(FrameFlaw) {
        return try read()
      } catch {
        guard skipsBadFrames, let kind = error.kind else { throw error.error }
        bad.add(kind, error.error)
      }
    }
  }

  private mutating func read() throws(FrameFlaw) -> LabelledFrame? {
    frame = try readFrame()
    guard let frame else { return nil }
    if firstFrame == nil { firstFrame = frame }
    let labelled: LabelledFrame
    do throws(FileError) {
      labelled = try LabelledFrame(frame, keys: frameKeys, file: file, place: place)
    } catch {
      throw FrameFlaw(kind: kind(of: frame, error), error: error)
    }
    if let flaw = check?.flaw(labelled) { throw self.flaw(flaw.kind, flaw.reason) }
    if let atoms = CloseAtoms(labelled) {
      if atoms.coincide { throw flaw(.coincident, atoms.text) }
      close = ((close?.count ?? 0) + 1, close?.first ?? flaw(.other, atoms.text).error)
    }
    hasLabels = hasLabels || Label.allCases.contains { labelled.has($0) }
    return labelled
  }

  private mutating func readFrame() throws(FrameFlaw) -> XYZFrame? {
    if let archive {
      guard count < archive.count else { return nil }
      count += 1
      return archive.frame(count - 1)
    }
    do throws(FileError) {
      let frame = try text?.next()
      if frame != nil { count += 1 }
      return frame
    } catch {
      guard skipsBadFrames else { throw FrameFlaw(kind: nil, error: error) }
      let kind: BadFrames.Kind = text?.failedAtElement == true ? .element : .unreadable
      do throws(FileError) {
        guard try text?.skipFrame() == true else { throw error }
      } catch {
        throw FrameFlaw(kind: nil, error: error)
      }
      count += 1
      var error = error
      error.place = "frame \(count), \(error.place)"
      throw FrameFlaw(kind: kind, error: error)
    }
  }

  private func flaw(_ kind: BadFrames.Kind, _ reason: String) -> FrameFlaw {
    FrameFlaw(kind: kind, error: FileError(file: file, place: place, reason: reason))
  }

  /// What is wrong with a frame that has no labels as they should be; nil for labels that are
  /// required and missing: nothing is wrong with the frame then.
  private func kind(of frame: XYZFrame, _ error: FileError) -> BadFrames.Kind? {
    if frame.numbers.isEmpty { return .noAtoms }
    if error.reason.hasSuffix("is not finite") { return .notFinite }
    return error.reason.hasPrefix("has no ") ? nil : .other
  }

  /// Requires, after the last frame, that there were frames and, if labels have a key, that some
  /// frame has one of them.
  /// - Throws: `FileError` that lists the keys of the first frame.
  package func finish() throws(FileError) {
    guard count > bad.total else {
      guard let first = bad.first else { throw FileError(file: file, reason: "holds no frames") }
      throw FileError(
        file: file, reason: "holds no frames but bad ones (\(bad.total)); the first: \(first)")
    }
    let asked = Label.allCases.filter { keys[$0] != nil }
    guard !hasLabels, !asked.isEmpty, let labels = firstLabels else { return }
    throw labels.noFrameHas(asked)
  }

  /// How many bytes the file has, before any decompression, and their SHA-256, if it was asked for.
  /// - Throws: `FileError` for what the system reports.
  package func contents() throws(FileError) -> (bytes: Int, sha256: String?) {
    try input.contents()
  }

  /// What the first frame has.
  var firstLabels: LabelSource? {
    firstFrame.map { LabelSource(frame: $0, keys: keys, file: file, place: "") }
  }
}
