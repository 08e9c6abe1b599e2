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
      // `Lattice:"1 0 0 …"` is a key without a value.
      if value == nil { try check(plain: key, source) }
      let value = value ?? ""
      let name = key.lowercased()
      let near = NearestName.of(key, among: ["Lattice", "Properties"])
      let meant: String?
      if near == "Lattice" && numbers(value) > 0 || cells.contains(name) && numbers(value) == 9 {
        meant = "Lattice"
      } else if near == "Properties" && value.contains(":") {
        meant = "Properties"
      } else {
        meant = name == "pbc" ? "pbc" : nil
      }
      if let meant, key != meant, info[meant] == nil {
        throw source.failure("the key \(quoted(key)) is unknown; did you mean \(quoted(meant))?")
      }
    }
  }

  /// Refuses text that begins like a lattice and goes on with its nine numbers, but has no `=`.
  static func check(plain text: String, _ source: LineSource) throws(FileError) {
    let words = text.split { $0.isWhitespace || ":\"'[](){},".contains($0) }
    guard let first = words.first, words.count == 10,
      NearestName.of(String(first), among: ["Lattice"]) != nil || first == "Lattice",
      words.dropFirst().allSatisfy({ DecimalParsing.real($0) != nil })
    else { return }
    throw source.failure("\(quoted(first)) has no value: write Lattice=\"…\"")
  }

  /// How many numbers a value holds, whatever brackets are around them; 0 if it holds anything
  /// else.
  private static func numbers(_ value: String) -> Int {
    let start = value.hasPrefix(XYZComment.jsonPrefix) ? XYZComment.jsonPrefix.count : 0
    let words = value.dropFirst(start).split { $0.isWhitespace || "[](){},;".contains($0) }
    return words.allSatisfy { DecimalParsing.real($0) != nil } ? words.count : 0
  }
}
