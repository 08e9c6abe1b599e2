import E3xLimits

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
  /// Properties that repeat another under its second name (`Z` and `numbers`), which must agree.
  let repetitions: [(Int, of: Int)]

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

    func find(_ names: (String, String), _ kind: Kind, _ width: Int) throws(ParseError) -> [Int] {
      let found = properties.indices.filter {
        properties[$0].name == names.0 || properties[$0].name == names.1
      }
      for property in found.map({ properties[$0] })
      where property.kind != kind || property.width != width {
        throw ParseError(
          reason: "property \(quoted(property.name)) is \(property.kind.rawValue):"
            + "\(property.width); expected \(kind.rawValue):\(width)")
      }
      return found
    }
    let species = try find(("species", "symbols"), .string, 1)
    let numbers = try find(("Z", "numbers"), .integer, 1)
    // Whole numbers are as good as others.
    for index in properties.indices
    where ["pos", "positions"].contains(properties[index].name)
      && properties[index].kind == .integer
    {
      properties[index].kind = .real
    }
    let positions = try find(("pos", "positions"), .real, 3)
    guard let first = positions.first else {
      throw ParseError(reason: "Properties \(quoted(text)) have no pos:R:3")
    }
    guard !species.isEmpty || !numbers.isEmpty else {
      throw ParseError(reason: "Properties \(quoted(text)) have neither species:S:1 nor Z:I:1")
    }
    (self.species, self.numbers, self.positions) = (species.first, numbers.first, first)
    repetitions = [species, numbers, positions].flatMap { indices in
      indices.dropFirst().map { ($0, of: indices[0]) }
    }
    self.properties = properties
    guard let width = Size.sum(properties.lazy.map(\.width)) else {
      throw ParseError(reason: "Properties \(quoted(text)) have too many columns")
    }
    self.width = width
  }
}
