public import Foundation
import OrderedCollections

/// Reads extended XYZ and plain XYZ files, frame after frame, as `ase.io.extxyz` does.
///
/// Beyond ASE it tolerates carriage returns, blank lines between frames and Fortran's exponents
/// (`1.0D-03`). A comment line without any `=` is kept as the text `comment`. Everything else that
/// is odd is an error with its line: a file is never guessed at.
public struct XYZReader {
  private var source: LineSource
  private var words: [Range<Int>] = []

  /// Opens a file; frames are read when asked for.
  public init(contentsOf path: String) throws(FileError) {
    source = try LineSource(path: path)
  }

  /// Reads bytes in memory.
  /// - Parameter name: What error messages call them.
  public init(data: Data, name: String = "data") {
    source = LineSource(bytes: [UInt8](data), file: name)
  }

  /// All frames of a file.
  /// - Throws: ``FileError`` with the line that is wrong.
  public static func read(_ path: String) throws(FileError) -> [XYZFrame] {
    var reader = try XYZReader(contentsOf: path)
    return try reader.frames()
  }

  /// All frames that are left.
  public mutating func frames() throws(FileError) -> [XYZFrame] {
    var result: [XYZFrame] = []
    while let frame = try next() { result.append(frame) }
    return result
  }

  /// The next frame, or nil after the last.
  /// - Throws: ``FileError`` with the line that is wrong.
  public mutating func next() throws(FileError) -> XYZFrame? {
    guard let count = try atomCount() else { return nil }
    guard let line = try source.next() else {
      throw source.failure("the file ends where the comment line was expected")
    }
    var info = try comment(line)
    let properties: XYZProperties
    let isPlain = info["Properties"] == nil
    do {
      let text = info.removeValue(forKey: "Properties") ?? nil
      properties = try XYZProperties(text ?? XYZProperties.plain)
    } catch {
      throw source.failure(error.reason)
    }
    var frame = XYZFrame(numbers: [], positions: [])
    frame.lattice = try lattice(&info)
    frame.pbc = try pbc(&info, hasLattice: frame.lattice != nil)
    for (key, text) in info {
      guard let text else {
        frame.info[key] = .bool(true)
        continue
      }
      frame.info[key] = XYZComment.value(text, key: key)
    }

    var table = XYZTable(properties: properties)
    for atom in 0..<count {
      guard let line = try source.next() else {
        throw source.failure("the file ends after \(atom) of \(count) atoms")
      }
      source.words(line, limit: properties.width + 1, into: &words)
      guard words.count == properties.width || (isPlain && words.count > properties.width) else {
        let found = words.count > properties.width ? "more" : "\(words.count)"
        throw source.failure(
          "atom \(atom + 1) of \(count): expected \(properties.width) columns, found \(found)")
      }
      try table.append(words, source)
    }
    table.move(to: &frame)
    return frame
  }

  private mutating func atomCount() throws(FileError) -> Int? {
    while let line = try source.next() {
      source.words(line, limit: 2, into: &words)
      guard let first = words.first else { continue }
      let text = try source.text(first)
      guard words.count == 1, let count = Int(text), count >= 0 else {
        throw source.failure(
          "expected the number of atoms, found \(quoted(try source.text(line)))")
      }
      return count
    }
    return nil
  }

  private func comment(
    _ line: Range<Int>
  ) throws(FileError) -> OrderedDictionary<String, String?> {
    let text = try source.text(line)
    if !text.utf8.contains(UInt8(ascii: "=")) {
      let trimmed = text.trimmingCharacters(in: .whitespaces)
      return trimmed.isEmpty ? [:] : ["comment": trimmed]
    }
    do {
      return try XYZComment.split(source.buffer[line])
    } catch {
      if text.contains("Properties") || text.contains("Lattice") {
        throw source.failure("bad comment line: \(error.reason)")
      }
      return ["comment": text.trimmingCharacters(in: .whitespaces)]
    }
  }

  private func lattice(
    _ info: inout OrderedDictionary<String, String?>
  ) throws(FileError) -> [Double]? {
    guard let entry = info.removeValue(forKey: "Lattice") else { return nil }
    let words = (entry ?? "").split { $0.isWhitespace || $0 == "," }
    let values = words.compactMap { DecimalParsing.real($0) }
    guard words.count == 9, values.count == 9 else {
      throw source.failure("Lattice \(quoted(entry ?? "")) is not nine numbers")
    }
    return values
  }

  private func pbc(
    _ info: inout OrderedDictionary<String, String?>, hasLattice: Bool
  ) throws(FileError) -> [Bool] {
    guard let entry = info.removeValue(forKey: "pbc") else {
      return [Bool](repeating: hasLattice, count: 3)
    }
    switch XYZComment.value(entry ?? "T") {
    case .bool(let value): return [value, value, value]
    case .bools(let values) where values.count == 3: return values
    case .integers(let values) where values.count == 3 && values.allSatisfy { $0 == 0 || $0 == 1 }:
      return values.map { $0 == 1 }
    default: throw source.failure("pbc \(quoted(entry ?? "")) is not three of T and F")
    }
  }
}
