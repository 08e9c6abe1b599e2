internal import E3xFiles

/// What a structure is made of, in words.
enum Composition {
  /// The formula in Hill's order: carbon and hydrogen first where there is carbon, the rest by name
  /// (J. Am. Chem. Soc. 1900, 22, 478).
  static func formula(_ atomicNumbers: [Int32]) -> String {
    var counts: [String: Int] = [:]
    for number in atomicNumbers {
      counts[ChemicalElements.symbol(of: number) ?? "X", default: 0] += 1
    }
    let first = counts["C"] == nil ? [] : ["C", "H"].filter { counts[$0] != nil }
    let names = first + counts.keys.filter { !first.contains($0) }.sorted()
    return names.map { name in
      let count = counts[name] ?? 0
      return count == 1 ? name : name + String(String(count).map { subscripts[$0] ?? $0 })
    }.joined()
  }

  private static let subscripts: [Character: Character] = [
    "0": "₀", "1": "₁", "2": "₂", "3": "₃", "4": "₄", "5": "₅", "6": "₆", "7": "₇", "8": "₈",
    "9": "₉",
  ]
}
