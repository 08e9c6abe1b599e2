/// Finds what was probably meant by a name that is none.
package enum NearestName {
  /// The candidate that the fewest changes make of `name`; nil if none is near: more than a third
  /// of its letters would change, or there is another as near.
  ///
  /// A change is a letter more, a letter less, another letter, or two neighbours swapped; upper and
  /// lower case, `-` and `_` count as the same.
  package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
    // Longer texts are no slips of the pen, and would take time.
    guard name.utf8.count <= 64 else { return nil }
    let letters = plain(name)
    var (best, least, isUnique): (String?, Int, Bool) = (nil, .max, true)
    for candidate in candidates where candidate != name {
      let distance = distance(letters, plain(candidate))
      if distance < least {
        (best, least, isUnique) = (candidate, distance, true)
      } else if distance == least {
        isUnique = false
      }
    }
    guard isUnique, let best, least <= max(1, best.count / 3) else { return nil }
    return best
  }

  /// `; did you mean NAME?` for the end of a message; empty if no candidate is near.
  package static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
    of(name, among: candidates).map { "; did you mean \(quoted($0))?" } ?? ""
  }

  private static func plain(_ name: String) -> [Character] {
    name.lowercased().map { $0 == "-" ? "_" : $0 }
  }

  /// The number of changes between two words (the optimal alignment distance).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var earlier: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(row[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, earlier[j - 1] + 1) }
        row.append(cost)
      }
      (earlier, previous) = (previous, row)
    }
    return previous[b.count]
  }
}
