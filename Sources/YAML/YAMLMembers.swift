package import E3xFiles
package import Foundation

/// The settings in a YAML file. Each is asked for by its key and kind; what nobody asked for is a
/// mistake that ``finish(others:)`` reports.
///
/// A key without a value, or with `null`, is as good as one that is not there.
package struct YAMLMembers {
  /// What error messages call the file.
  package let file: String
  private let members: [YAMLValue.Member]
  private var asked: Set<String> = []
  private let index: [String: Int]

  /// Reads a file; `-` is standard input.
  /// - Throws: `FileError` for what the system reports, for a text that is no YAML, for one that is
  ///   not one mapping, and for a key that occurs twice, with the line.
  package init(contentsOf path: String) throws(FileError) {
    let data = try FileBytes.read(path, limit: YAMLDocument.limit)
    try self.init(parsing: data, file: FileBytes.inputName(path))
  }

  /// Reads a text.
  /// - Throws: `FileError`, as ``init(contentsOf:)``.
  package init(parsing data: Data, file: String) throws(FileError) {
    self.file = file
    members = try YAMLDocument.members(of: data, file: file)
    var index: [String: Int] = [:]
    for (place, member) in members.enumerated() {
      // Keys that differ in quotes alone are the same.
      guard index.updateValue(place, forKey: member.key) == nil else {
        throw FileError(
          file: file, place: "line \(member.line)",
          reason: "the key \(quoted(member.key)) occurs twice")
      }
    }
    self.index = index
  }

  /// The line of a key, from 1; nil if it is not there or has no value.
  package func line(of key: String) -> Int? {
    guard let place = index[key], members[place].value != .null else { return nil }
    return members[place].line
  }

  /// An error about a key, with its line if it has one.
  package func failure(_ key: String, _ reason: String) -> FileError {
    FileError(
      file: file, place: index[key].map { "line \(members[$0].line)" } ?? "",
      reason: "\(quoted(key)): \(reason)")
  }

  private func failure(_ key: String, expected: String, _ value: YAMLValue) -> FileError {
    failure(key, "expected \(expected), found \(value.kind)")
  }

  private mutating func value(_ key: String) -> YAMLValue? {
    asked.insert(key)
    guard let value = index[key].map({ members[$0].value }), value != .null else { return nil }
    return value
  }

  /// A whole number of 64 bits; nil if it is not there.
  package mutating func integer(_ key: String) throws(FileError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.integer else {
      throw failure(key, expected: "a whole number of 64 bits", value)
    }
    return number
  }

  /// A finite number; nil if it is not there.
  package mutating func real(_ key: String) throws(FileError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.real else { throw failure(key, expected: "a finite number", value) }
    return number
  }

  /// A truth value; nil if it is not there.
  package mutating func bool(_ key: String) throws(FileError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let flag = value.bool else { throw failure(key, expected: "true or false", value) }
    return flag
  }

  /// A text; nil if it is not there.
  package mutating func string(_ key: String) throws(FileError) -> String? {
    guard let value = value(key) else { return nil }
    return try text(key, value)
  }

  private func text(_ key: String, _ value: YAMLValue) throws(FileError) -> String {
    guard let text = value.text else {
      var hint = ""
      if case .scalar(let text, _) = value { hint = "; in quotes, \(quoted(text)), it is one" }
      throw failure(key, "expected a text, found \(value.kind)\(hint)")
    }
    return text
  }

  /// Texts: a list of them, or one; nil if the key is not there.
  package mutating func strings(_ key: String) throws(FileError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .list(let values) = value else { return [try text(key, value)] }
    var texts: [String] = []
    for value in values { texts.append(try text(key, value)) }
    return texts
  }

  /// A text, or names with a finite number each; nil if the key is not there.
  package mutating func textOrNumbers(
    _ key: String
  ) throws(FileError) -> (text: String?, numbers: [(name: String, number: Double)])? {
    guard let value = value(key) else { return nil }
    guard case .mapping(let members) = value else {
      guard let text = value.text else {
        throw failure(key, expected: "a text, or names with a number each", value)
      }
      return (text, [])
    }
    var numbers: [(name: String, number: Double)] = []
    for member in members {
      guard let number = member.value.real else {
        throw FileError(
          file: file, place: "line \(member.line)",
          reason: "\(quoted(key)): \(quoted(member.key)): expected a finite number, found "
            + member.value.kind)
      }
      numbers.append((member.key, number))
    }
    return (nil, numbers)
  }

  /// One of the cases of an enumeration, by its raw value; nil if it is not there.
  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(FileError) -> Choice? {
    guard let value = value(key) else { return nil }
    let names = Choice.allCases.map(\.rawValue)
    let expected = "one of \(names.joined(separator: ", "))"
    guard case .scalar(let text, _) = value else { throw failure(key, expected: expected, value) }
    guard let choice = Choice(rawValue: text) else {
      throw failure(
        key, "is \(quoted(text)), expected \(expected)\(NearestName.hint(text, among: names))")
    }
    return choice
  }

  /// Requires that every key was asked for.
  /// - Parameter others: what is to be said of names that are no keys but may be taken for some.
  /// - Throws: `FileError` with the line of the first that was not, and the key that was probably
  ///   meant.
  package func finish(others: [String: String] = [:]) throws(FileError) {
    guard let unknown = members.first(where: { !asked.contains($0.key) }) else { return }
    let plain = unknown.key.replacing("-", with: "_")
    if let advice = others[plain] { throw failure(unknown.key, "is no key here: \(advice)") }
    throw failure(
      unknown.key,
      "is no key that is known here"
        + NearestName.hint(unknown.key, among: asked.sorted().filter { index[$0] == nil }))
  }
}
