/// The columns that a frame's `Properties` declare: `name:type:width` for each.
struct XYZProperties {
  enum Kind: String {
    case real = "R"
    case integer = "I"
    case string = "S"
    case bool = "L"
  }

  struct Property {
    var name: String
    var kind: Kind
    var width: Int
  }

  struct ParseError: Error {
    var reason: String
  }

  let properties: [Property]
  /// Columns in all.
  let width: Int
  /// Which property holds the chemical symbols, the atomic numbers, the positions.
  let species: Int?
  let numbers: Int?
  let positions: Int

  /// What a file without `Properties` holds.
  static let plain = "species:S:1:pos:R:3"

  init(_ text: String) throws(ParseError) {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard fields.count % 3 == 0 else {
      throw ParseError(reason: "Properties \(quoted(text)) are not triples name:type:columns")
    }
    var properties: [Property] = []
    var names: [String: Int] = [:]
    for start in stride(from: 0, to: fields.count, by: 3) {
      let name = fields[start]
      guard let kind = Kind(rawValue: fields[start + 1]) else {
        throw ParseError(
          reason: "property \(quoted(name)): the type \(quoted(fields[start + 1])) is none of "
            + "R, I, S, L")
      }
      guard let width = Int(fields[start + 2]), (1...1_000_000).contains(width) else {
        throw ParseError(
          reason: "property \(quoted(name)): \(quoted(fields[start + 2])) is no number of columns")
      }
      guard !name.isEmpty, names.updateValue(properties.count, forKey: name) == nil else {
        throw ParseError(reason: "property \(quoted(name)): the name is empty or occurs twice")
      }
      properties.append(Property(name: name, kind: kind, width: width))
    }

    func find(_ name: String, or other: String, kind: Kind, width: Int) throws(ParseError) -> Int? {
      guard let index = names[name] ?? names[other] else { return nil }
      let property = properties[index]
      guard property.kind == kind, property.width == width else {
        throw ParseError(
          reason: "property \(quoted(property.name)) is \(property.kind.rawValue):"
            + "\(property.width); expected \(kind.rawValue):\(width)")
      }
      return index
    }
    species = try find("species", or: "symbols", kind: .string, width: 1)
    numbers = try find("Z", or: "numbers", kind: .integer, width: 1)
    guard let positions = try find("pos", or: "positions", kind: .real, width: 3) else {
      throw ParseError(reason: "Properties \(quoted(text)) have no pos:R:3")
    }
    guard species != nil || numbers != nil else {
      throw ParseError(reason: "Properties \(quoted(text)) have neither species:S:1 nor Z:I:1")
    }
    self.positions = positions
    self.properties = properties
    width = properties.reduce(0) { $0 + $1.width }
  }
}
