internal import OrderedCollections

/// The members of a JSON object in a file. Each is asked for by its key and kind; what nobody asked
/// for is a mistake that ``finish()`` reports.
package struct JSONMembers {
  /// For error messages: the file, and where in it the object is.
  package let file: String
  package let place: String
  private let members: OrderedDictionary<String, JSON>
  private var asked: OrderedSet<String> = []

  /// The members of the object that a text holds.
  /// - Throws: ``FileError`` for a text that is not JSON or no object, and for a key that occurs
  ///   twice.
  package init(parsing text: String, file: String, place: String) throws(FileError) {
    let json: JSON
    do {
      json = try JSON(parsing: Array(text.utf8))
    } catch {
      throw FileError(
        file: file, place: place, reason: "is not JSON: byte \(error.offset): \(error.reason)")
    }
    try self.init(json, file: file, place: place)
  }

  /// The members of an object.
  /// - Throws: ``FileError`` for another kind of value.
  package init(_ json: JSON, file: String, place: String) throws(FileError) {
    self.file = file
    self.place = place
    guard case .object(let members) = json else {
      throw FileError(file: file, place: place, reason: "expected an object, found \(json.kind)")
    }
    self.members = members
  }

  /// The keys that are there, in the order of the file.
  package var keys: [String] { Array(members.keys) }

  /// An error about the value of a key.
  package func failure(_ key: String, _ reason: String) -> FileError {
    FileError(file: file, place: place, reason: "\(quoted(key)): \(reason)")
  }

  /// The value of a key, of any kind; nil if it is not there.
  package mutating func value(_ key: String) -> JSON? {
    asked.append(key)
    return members[key]
  }

  /// A whole number that fits `Int`, written with or without a fraction; nil if it is not there.
  package mutating func integer(_ key: String) throws(FileError) -> Int? {
    guard let value = value(key) else { return nil }
    switch value {
    case .integer(let number): return number
    case .real(let number):
      guard let whole = Int(exactly: number) else {
        throw failure(key, "expected a whole number of 64 bits, found \(number)")
      }
      return whole
    default: throw failure(key, "expected a whole number, found \(value.kind)")
    }
  }

  /// A finite number; nil if it is not there.
  package mutating func real(_ key: String) throws(FileError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.number else {
      throw failure(key, "expected a number, found \(value.kind)")
    }
    guard number.isFinite else { throw failure(key, "is beyond the range of numbers") }
    return number
  }

  /// A truth value; nil if it is not there.
  package mutating func bool(_ key: String) throws(FileError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let flag) = value else {
      throw failure(key, "expected true or false, found \(value.kind)")
    }
    return flag
  }

  /// A text; nil if it is not there.
  package mutating func string(_ key: String) throws(FileError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else {
      throw failure(key, "expected a text, found \(value.kind)")
    }
    return text
  }

  /// Several texts; nil if they are not there.
  package mutating func strings(_ key: String) throws(FileError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else {
      throw failure(key, "expected an array of texts, found \(value.kind)")
    }
    return try elements.map { element throws(FileError) in
      guard case .string(let text) = element else {
        throw failure(key, "expected texts, found \(element.kind)")
      }
      return text
    }
  }

  /// One of the cases of an enumeration, by its raw value; nil if it is not there.
  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(FileError) -> Choice? {
    guard let text = try string(key) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue)
      throw failure(
        key,
        "is \(quoted(text)), expected one of \(names.joined(separator: ", "))"
          + NearestName.hint(text, among: names))
    }
    return choice
  }

  /// Requires that every key was asked for.
  /// - Throws: ``FileError`` naming the first that was not, and the key that was probably meant.
  package func finish() throws(FileError) {
    guard let unknown = members.keys.first(where: { !asked.contains($0) }) else { return }
    let candidates = asked.filter { members[$0] == nil }
    throw failure(
      unknown, "is no key that is known here\(NearestName.hint(unknown, among: candidates))")
  }
}

extension JSON {
  /// What a value is, for error messages: `the text "32"`, `null`, `an array`.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .string(let text): "the text \(quoted(text))"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The number, if this is one; infinite beyond the range of `Double`.
  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .real(let number): number
    default: nil
    }
  }
}
