internal import E3xFiles
internal import Foundation
internal import Yams

/// The text of a YAML file (YAML 1.2, as settings need it) as its values.
///
/// Anchors and aliases are refused, as a few lines of them can stand for more than memory holds, and
/// tags, as values have no types but those of the settings.
struct YAMLDocument {
  /// The greatest file that is read, in bytes.
  static let limit = 1 << 20

  /// More words that could be aliases than this are refused before the text is parsed: the parser
  /// follows them, and what so few can repeat is small.
  private static let fewAliases = 16

  private let file: String

  /// The members of the mapping that a text is; none of an empty text.
  static func members(
    of data: Data, file: String
  ) throws(FileError) -> [YAMLValue.Member] {
    let document = YAMLDocument(file: file)
    guard data.count <= limit else {
      throw document.failure("holds more than \(limit) bytes, the limit of such files")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw document.failure("is not text in UTF-8")
    }
    guard aliases(in: data) <= fewAliases else {
      throw document.failure("aliases (*name) are not allowed here: write the values out")
    }
    return try document.members(text)
  }

  private func members(_ text: String) throws(FileError) -> [YAMLValue.Member] {
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      // Nodes know their anchors for as long as the parser is there.
      return try withExtendedLifetime(parser) {
        guard let root = try parser.nextRoot() else { return [] }
        if let other = try parser.nextRoot() {
          throw failure("a second document begins: expected one", other.mark?.line)
        }
        switch try value(root, depth: 0) {
        case .mapping(let members): return members
        case .null: return []
        case let value:
          throw failure("expected a mapping, KEY: VALUE on each line, found \(value.kind)")
        }
      }
    } catch let error as FileError {
      throw error
    } catch let error as YamlError {
      throw failure(error)
    } catch {
      throw failure("is not YAML")
    }
  }

  // MARK: Values

  private func value(_ node: Node, depth: Int) throws -> YAMLValue {
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      try check(node, depth: depth, tags: isQuoted ? Self.ofTexts : Self.ofOthers)
      let nulls = ["", "~", "null", "Null", "NULL"]
      return !isQuoted && nulls.contains(scalar.string)
        ? .null : .scalar(scalar.string, isQuoted: isQuoted)
    case .sequence(let sequence):
      try check(node, depth: depth)
      return .list(try sequence.map { try value($0, depth: depth + 1) })
    case .mapping(let mapping):
      try check(node, depth: depth)
      return .mapping(
        try mapping.map { key, value in
          guard case .scalar(let name) = key else {
            throw failure("a key must be a name", key.mark?.line)
          }
          try check(key, depth: depth, tags: Self.ofTexts)
          return YAMLValue.Member(
            key: name.string, line: key.mark?.line ?? 1,
            value: try self.value(value, depth: depth + 1))
        })
    case .alias: throw failure(Self.noAliases, node.mark?.line)
    }
  }

  private static let noAliases =
    "anchors and aliases (&name, *name) are not allowed here: write the value out, and put quotes "
    + "around a text that begins so"

  /// The tags that are there without being written: the parser gives texts in quotes theirs, and so
  /// it does keys that it compares.
  private static let ofOthers: [Tag.Name] = [.implicit, .nonSpecific]
  private static let ofTexts = ofOthers + [.str]

  private func check(
    _ node: Node, depth: Int, tags: [Tag.Name] = ofOthers
  ) throws(FileError) {
    if node.anchor != nil { throw failure(Self.noAliases, node.mark?.line) }
    let tag =
      switch node {
      case .scalar(let node): node.tag
      case .sequence(let node): node.tag
      case .mapping(let node): node.tag
      case .alias(let node): node.tag
      }
    guard tags.contains(where: { $0.rawValue == tag.rawValue }) else {
      throw failure(
        "the tag \(quoted(tag.rawValue)) is not allowed here: a value is what the key expects",
        node.mark?.line)
    }
    guard depth < 8 else { throw failure("nested deeper than 8 levels", node.mark?.line) }
  }

  /// How many words of a text could be aliases, wherever they stand.
  private static func aliases(in data: Data) -> Int {
    var count = 0
    var before: UInt8 = 32
    var isStar = false
    for byte in data {
      let isName =
        (48..<58).contains(byte) || (65..<91).contains(byte) || (97..<123).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
      if isStar && isName { count += 1 }
      isStar =
        byte == UInt8(ascii: "*")
        && (before <= 32 || before > 127 || ":-?,[]{}".utf8.contains(before))
      before = byte
    }
    return count
  }

  // MARK: Errors

  private func failure(_ reason: String, _ line: Int? = nil) -> FileError {
    FileError(file: file, place: line.map { "line \($0)" } ?? "", reason: reason)
  }

  private func failure(_ error: YamlError) -> FileError {
    switch error {
    case .reader(let problem, let offset, _, let text):
      let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
      return failure("is not YAML: \(problem)", line)
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return failure(
        "is not YAML: \(context.map { "\($0.text), " } ?? "")\(problem)", mark.line)
    case .duplicatedKeysInMapping(let names, let context):
      return failure(
        "the key \(names.first.map { quoted($0) } ?? "") occurs twice", context.mark.line)
    case .memory: return failure("does not fit in memory")
    default: return failure("is not YAML")
    }
  }
}
