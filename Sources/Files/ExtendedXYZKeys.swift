import OrderedCollections

/// The keys that the format itself uses, and what is probably meant to be one of them.
enum XYZKeys {
  /// Names under which programs keep nine numbers that are a cell.
  private static let cells: Set<String> = [
    "cell", "unit_cell", "unitcell", "cell_vectors", "lattice_vectors", "lattice_matrix", "box",
  ]

  /// Refuses keys that are the format's own but for case or a letter or two: reading on without
  /// them would take a crystal for a molecule, or leave columns out.
  static func check(
    _ info: OrderedDictionary<String, String?>, _ source: LineSource
  ) throws(FileError) {
    for (key, value) in info {
      let value = value ?? ""
      let name = key.lowercased()
      let meant: String?
      if info["Lattice"] == nil, key != "Lattice", isLike(name, "lattice"), numbers(value) > 0 {
        meant = "Lattice"
      } else if info["Lattice"] == nil, cells.contains(name), numbers(value) == 9 {
        meant = "Lattice"
      } else if info["Properties"] == nil, isLike(name, "properties"), value.contains(":") {
        meant = "Properties"
      } else if info["pbc"] == nil, name == "pbc" {
        meant = "pbc"
      } else {
        meant = nil
      }
      if let meant {
        throw source.failure("the key \(quoted(key)) has no meaning here: \(meant) is the name")
      }
    }
  }

  /// How many numbers a value holds, whatever brackets are around them; 0 if it holds anything
  /// else.
  private static func numbers(_ value: String) -> Int {
    let start = value.hasPrefix(XYZComment.jsonPrefix) ? XYZComment.jsonPrefix.count : 0
    let words = value.dropFirst(start).split { $0.isWhitespace || "[](){},;".contains($0) }
    return words.allSatisfy { DecimalParsing.real($0) != nil } ? words.count : 0
  }

  /// Whether at most two letters have to be changed, added or left out.
  private static func isLike(_ word: String, _ other: String) -> Bool {
    let (a, b) = (Array(word.utf8), Array(other.utf8))
    guard abs(a.count - b.count) <= 2 else { return false }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let change = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count] <= 2
  }
}
