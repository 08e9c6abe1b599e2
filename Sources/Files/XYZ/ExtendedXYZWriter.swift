internal import E3xSystem
import OrderedCollections

/// Writes extended XYZ files that ``XYZReader`` and `ase.io.read` read back exactly: every number
/// in the shortest form that gives the same bits.
///
/// Symbolic links are followed; devices, FIFOs, `/dev/stdout` and `-` (standard output) are written
/// through. What a path ending in `.gz` leads to is compressed.
public struct XYZWriter {
  private let output: OutputFile
  private let progress = Progress()
  /// Whether frames can be read as soon as they are written.
  private let isInPlace: Bool

  private final class Progress {
    /// The number of frames, for error messages.
    var frames = 0
    /// Nil for what is not compressed.
    var gzip: GzipWriter?
  }

  private static func isCompressed(_ path: String) -> Bool { path.lowercased().hasSuffix(".gz") }

  /// Creates a file, or empties the one that is there, to append frames to it one by one, as of a
  /// trajectory: others see the frames written so far.
  /// - Throws: ``FileError`` for what the system reports.
  public init(path: String) throws(FileError) {
    output = try OutputFile(path, method: .inPlace)
    isInPlace = true
    if Self.isCompressed(path) { progress.gzip = GzipWriter() }
  }

  /// Begins a file that takes the place of the one that is there when ``finish()`` is called, and
  /// not at all if it is never called: others see the old frames or all of the new ones.
  /// - Throws: ``FileError`` for what the system reports.
  public init(replacing path: String) throws(FileError) {
    output = try OutputFile(path)
    isInPlace = false
    if Self.isCompressed(path) { progress.gzip = GzipWriter() }
  }

  /// Appends a frame.
  /// - Throws: ``FileError`` for a frame that cannot be written and for what the system reports.
  public func append(_ frame: XYZFrame) throws(FileError) {
    progress.frames += 1
    let text = try Self.text([frame], name: output.name, first: progress.frames)
    guard var bytes = progress.gzip?.append([UInt8](text.utf8)) else {
      return try output.write(text)
    }
    if isInPlace { bytes += progress.gzip?.finish() ?? [] }
    if !bytes.isEmpty { try output.write(Data(bytes)) }
  }

  /// Ends the file; no frame can be appended to it any more.
  /// - Throws: ``FileError`` for what the system reports.
  public func finish() throws(FileError) {
    // In place, every frame has ended a member of its own.
    if let bytes = progress.gzip?.finish(), !isInPlace || progress.frames == 0 {
      try output.write(Data(bytes))
    }
    try output.commit()
  }

  /// Writes a whole file at once; a regular file is replaced.
  /// - Throws: ``FileError`` for a frame that cannot be written and for what the system reports.
  public static func write(_ frames: [XYZFrame], to path: String) throws(FileError) {
    let text = try text(frames, name: OutputFile.name(path))
    guard isCompressed(path) else { return try FileBytes.write(text, to: path) }
    var gzip = GzipWriter()
    try FileBytes.write(Data(gzip.append([UInt8](text.utf8)) + gzip.finish()), to: path)
  }

  /// The text of a file with these frames.
  /// - Parameter file: What error messages call it.
  /// - Throws: ``FileError`` with the number of the frame, from 1, that cannot be written: arrays
  ///   of the wrong length, names that are the format's own, words with blanks.
  public static func text(
    _ frames: [XYZFrame], name file: String = "data"
  ) throws(FileError) -> String {
    try text(frames, name: file, first: 1)
  }

  private static func text(
    _ frames: [XYZFrame], name file: String, first: Int
  ) throws(FileError) -> String {
    var result = ""
    for (index, frame) in frames.enumerated() {
      do {
        try XYZFormat(frame).append(to: &result)
      } catch {
        throw FileError(file: file, place: "frame \(first + index)", reason: error.reason)
      }
    }
    return result
  }
}

/// One frame as text.
private struct XYZFormat {
  struct Failure: Error {
    var reason: String
  }

  let frame: XYZFrame
  let columns: OrderedDictionary<String, XYZColumn>

  init(_ frame: XYZFrame) throws(Failure) {
    self.frame = frame
    var columns: OrderedDictionary<String, XYZColumn> = [:]
    for number in frame.numbers where ChemicalElements.symbol(of: number) == nil {
      throw Failure(reason: "no element has the atomic number \(number)")
    }
    if let labels = frame.arrays["species"] {
      guard case .strings = labels.values, labels.width == 1 else {
        throw Failure(reason: "the column \"species\" is not one word for each atom")
      }
      columns["species"] = labels
      columns["pos"] = XYZColumn(.reals(frame.positions), width: 3)
      columns["Z"] = XYZColumn(.integers(frame.numbers.map(Int.init)))
    } else {
      columns["species"] = XYZColumn(.strings(frame.symbols))
      columns["pos"] = XYZColumn(.reals(frame.positions), width: 3)
    }
    for (name, column) in frame.arrays where name != "species" {
      guard !["pos", "positions", "Z", "numbers", "symbols"].contains(name) else {
        throw Failure(reason: "the name \(quoted(name)) of a column is reserved")
      }
      guard !name.isEmpty, !name.utf8.contains(where: { ":\n\r".utf8.contains($0) }) else {
        throw Failure(reason: "\(quoted(name)) cannot be the name of a column")
      }
      columns[name] = column
    }
    for (name, column) in columns {
      let (expected, overflow) = frame.numbers.count.multipliedReportingOverflow(by: column.width)
      guard column.width > 0, !overflow, column.values.count == expected else {
        throw Failure(
          reason: "the column \(quoted(name)) has \(column.values.count) values, expected "
            + "\(frame.numbers.count) times \(column.width)")
      }
      if case .strings(let words) = column.values,
        let word = words.first(where: { $0.isEmpty || $0.utf8.contains(where: isSpace) })
      {
        throw Failure(reason: "the column \(quoted(name)) cannot hold the text \(quoted(word))")
      }
    }
    self.columns = columns
  }

  func append(to text: inout String) throws(Failure) {
    text += "\(frame.numbers.count)\n"
    text += try comment() + "\n"
    for atom in frame.numbers.indices {
      var isFirst = true
      for column in columns.values {
        for index in atom * column.width..<(atom + 1) * column.width {
          if !isFirst { text += " " }
          isFirst = false
          switch column.values {
          case .strings(let values): text += values[index]
          case .integers(let values): text += values[index].description
          case .reals(let values): text += values[index].description
          case .bools(let values): text += values[index] ? "T" : "F"
          }
        }
      }
      text += "\n"
    }
  }

  private func comment() throws(Failure) -> String {
    var pairs: [String] = []
    if let lattice = frame.lattice {
      guard lattice.count == 9 else {
        throw Failure(reason: "the lattice has \(lattice.count) values, expected 9")
      }
      pairs.append("Lattice=\"\(lattice.map(\.description).joined(separator: " "))\"")
    }
    let properties = columns.map { "\($0):\(kind($1)):\($1.width)" }.joined(separator: ":")
    pairs.append("Properties=\(Self.protect(properties))")
    for (key, value) in frame.info {
      guard !["Lattice", "Properties", "pbc"].contains(key) else {
        throw Failure(reason: "the key \(quoted(key)) is reserved")
      }
      guard !key.isEmpty, !key.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
        throw Failure(reason: "\(quoted(key)) cannot be a key")
      }
      pairs.append("\(Self.protect(key))=\(Self.protect(Self.text(value, key: key)))")
    }
    guard frame.pbc.count == 3 else {
      throw Failure(reason: "pbc has \(frame.pbc.count) values, expected 3")
    }
    pairs.append("pbc=\"\(frame.pbc.map { $0 ? "T" : "F" }.joined(separator: " "))\"")
    return pairs.joined(separator: " ")
  }

  private func kind(_ column: XYZColumn) -> String {
    switch column.values {
    case .strings: "S"
    case .integers: "I"
    case .reals: "R"
    case .bools: "L"
    }
  }

  /// The text that reads back as `value`; JSON where plain text would read back as another type.
  private static func text(_ value: XYZValue, key: String) -> String {
    switch value {
    case .integer(let value): value.description
    case .real(let value): value.description
    case .bool(let value): value ? "T" : "F"
    case .string(let text):
      if !text.isEmpty, !text.contains(where: \.isNewline),
        XYZComment.value(text, key: key) == value
      {
        text
      } else {
        XYZComment.jsonPrefix + JSON.quote(text)
      }
    case .integers(let values): array(values.map(\.description))
    case .reals(let values) where values.count == 1 && values[0].isInfinite:
      // JSON has no infinite numbers, but numbers beyond the greatest.
      XYZComment.jsonPrefix + (values[0] > 0 ? "[1e999]" : "[-1e999]")
    case .reals(let values) where values.count == 1 && values[0].isNaN:
      values[0].description  // JSON has no such number; it reads back as a scalar.
    case .reals(let values): array(values.map(\.description))
    case .bools(let values):
      values.count > 1 ? array(values.map { $0 ? "T" : "F" }) : array(values.map(\.description))
    case .strings(let values):
      XYZComment.jsonPrefix + "[\(values.map(JSON.quote).joined(separator: ", "))]"
    }
  }

  /// Arrays of fewer than two values would read back as scalars.
  private static func array(_ words: [String]) -> String {
    words.count > 1
      ? words.joined(separator: " ")
      : XYZComment.jsonPrefix + "[\(words.joined(separator: ", "))]"
  }

  /// `text` in quotes if it needs them.
  private static func protect(_ text: String) -> String {
    let special = text.contains { $0.isWhitespace || "\"'{}[]=\\".contains($0) }
    guard special || text.isEmpty else { return text }
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }
}
