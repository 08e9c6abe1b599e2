public import E3xSystem
import OrderedCollections

/// Reads extended XYZ and plain XYZ files, frame after frame, as `ase.io.extxyz` does.
///
/// Beyond ASE it tolerates carriage returns, blank lines between frames and Fortran's exponents
/// (`1.0D-03`), and reads files and pipes piece by piece, decompressing what begins as gzip does. A comment line without any `=` is kept as the text
/// `comment`; so is every comment line of a frame whose cell is in lines `VEC1` to `VEC3` after
/// the atoms.
///
/// It is stricter than ASE on purpose where ASE would guess or drop something: columns that
/// `Properties` do not name; truth values other than `T`, `F` and the like; keys that are given
/// twice; properties under both of their names (`Z` and `numbers`) that disagree; the keys
/// `Lattice`, `Properties` and `pbc` in other letters or misspelt (ASE would take the frame for a
/// molecule); a cell both in the comment line and in lines `VEC`. Each is an error with its line:
/// a file is never guessed at.
public struct XYZReader {
  private var source: LineSource
  private var words: [Range<Int>] = []
  /// The line that the last frame began with, from 1; 0 before the first.
  package private(set) var line = 0
  /// Lines of atoms of the last frame that were not read, if one of its values could not be.
  private var unread: Int?
  /// Whether that value is an element that there is not.
  package private(set) var failedAtElement = false

  /// Opens a file; frames are read when asked for.
  public init(contentsOf path: String) throws(FileError) {
    self.init(try ByteInput(path))
  }

  /// Reads what comes in.
  package init(_ input: ByteInput) { source = LineSource(input) }

  /// Reads bytes in memory.
  /// - Parameter name: What error messages call them.
  public init(data: Data, name: String = "data") {
    self.init(ByteInput(data: data, name: name))
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
    unread = nil
    guard let count = try atomCount() else { return nil }
    self.line = source.number
    guard let line = try source.next() else {
      throw source.failure("the file ends where the comment line was expected")
    }
    let comment = try source.text(line)
    var info = try pairs(line)
    try XYZKeys.check(info, source)
    let isExtended = info["Properties"] != nil || info["Lattice"] != nil
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
      // A key without a value is true.
      frame.info[key] = XYZComment.value(text ?? "T", key: key)
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
      do throws(FileError) {
        try table.append(words, source)
      } catch {
        unread = count - atom - 1
        failedAtElement = table.failedAtElement
        throw error
      }
    }
    table.move(to: &frame)
    try readVectors(into: &frame, comment: comment, isExtended: isExtended)
    return frame
  }

  /// Passes over the rest of a frame, after ``next()`` has thrown for one value of an atom.
  /// - Returns: Whether that was the error: after any other nobody knows where the next frame
  ///   begins.
  /// - Throws: ``FileError`` for a file that ends before the frame.
  package mutating func skipFrame() throws(FileError) -> Bool {
    guard let left = unread else { return false }
    unread = nil
    for _ in 0..<left {
      guard try source.next() != nil else {
        throw source.failure("the file ends inside a frame")
      }
    }
    while let line = try source.next() {
      source.words(line, limit: 1, into: &words)
      guard let first = words.first, source.buffer[first].starts(with: "VEC".utf8) else {
        source.putBack(line)
        break
      }
    }
    return true
  }

  /// Reads the cell from lines `VEC1 x y z`, `VEC2 …` and `VEC3 …` after the atoms, if there are
  /// any: the frame repeats along those that are given.
  private mutating func readVectors(
    into frame: inout XYZFrame, comment: String, isExtended: Bool
  ) throws(FileError) {
    var cell: [Double] = []
    while let line = try source.next() {
      source.words(line, limit: 5, into: &words)
      guard let first = words.first, source.buffer[first].starts(with: "VEC".utf8) else {
        source.putBack(line)
        break
      }
      let place = cell.count / 3 + 1
      let name = "VEC\(place)"
      guard cell.count < 9, Int(try source.text(first).dropFirst(3)) == place else {
        let found = quoted(try source.text(first))
        throw source.failure(
          cell.count < 9 ? "expected \(name), found \(found)" : "a fourth vector, \(found)")
      }
      let vector = words.dropFirst().compactMap { word in
        source.buffer.withUnsafeBufferPointer {
          DecimalParsing.real(UnsafeBufferPointer(rebasing: $0[word]))
        }
      }
      guard words.count == 4, vector.count == 3 else {
        throw source.failure("\(name) is not followed by three numbers")
      }
      cell += vector
    }
    if cell.isEmpty { return }
    guard !isExtended else {
      throw source.failure("lines VEC where the comment line has Lattice or Properties already")
    }
    frame.pbc = (0..<3).map { 3 * $0 < cell.count }
    frame.lattice = cell + [Double](repeating: 0, count: 9 - cell.count)
    let text = comment.trimmed
    frame.info = text.isEmpty ? [:] : ["comment": .string(text)]
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

  /// The keys and values of a comment line.
  private func pairs(
    _ line: Range<Int>
  ) throws(FileError) -> OrderedDictionary<String, String?> {
    let text = try source.text(line)
    if !text.utf8.contains(UInt8(ascii: "=")) {
      try XYZKeys.check(plain: text, source)
      let trimmed = text.trimmed
      return trimmed.isEmpty ? [:] : ["comment": trimmed]
    }
    if text.utf8.contains(UInt8(ascii: "\r")) {
      throw source.failure("bad comment line: a carriage return inside it")
    }
    do {
      return try XYZComment.split(source.buffer[line])
    } catch {
      if text.contains("Properties") || text.contains("Lattice") {
        throw source.failure("bad comment line: \(error.reason)")
      }
      return ["comment": text.trimmed]
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
    let values: [Bool?] =
      switch XYZComment.value(entry ?? "T") {
      case .bool(let value): [value]
      case .bools(let values): values
      case let value: (value.doubles ?? []).map { $0.isNaN ? nil : $0 != 0 }
      }
    let flags = values.compactMap(\.self)
    guard flags.count == values.count, flags.count == 1 || flags.count == 3 else {
      throw source.failure("pbc \(quoted(entry ?? "")) is not one or three of T and F")
    }
    return flags.count == 1 ? [Bool](repeating: flags[0], count: 3) : flags
  }
}
