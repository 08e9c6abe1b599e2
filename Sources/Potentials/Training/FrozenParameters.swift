internal import E3xEngine
internal import E3xNN

/// The parameters that patterns name: those at a path or below it, `dense_0` or `dense_0/0+`.
struct FrozenParameters {
  /// In the order of the model.
  let paths: Set<String>
  /// How many numbers they are.
  let count: Int

  /// - Throws: `ArgumentError` naming `freeze` for a pattern that no path has, with the paths, and
  ///   where nothing is left to train.
  init(_ patterns: [String], of layout: ParameterLayout) throws(ArgumentError) {
    var (paths, count): (Set<String>, Int) = ([], 0)
    for pattern in patterns {
      let found = layout.entries.filter { $0.path == pattern || $0.path.hasPrefix(pattern + "/") }
      guard !pattern.isEmpty, !found.isEmpty else {
        throw ArgumentError(
          "train", "freeze",
          "no parameter is at or below '\(pattern)'; there are "
            + layout.entries.map(\.path).joined(separator: ", "))
      }
      for entry in found where paths.insert(entry.path).inserted { count += entry.range.count }
    }
    guard paths.count < layout.entries.count else {
      throw ArgumentError("train", "freeze", "all parameters are frozen: nothing is left to train")
    }
    (self.paths, self.count) = (paths, count)
  }
}
