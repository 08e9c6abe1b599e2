package import E3xEngine
internal import E3xFiles
internal import OrderedCollections

/// The kinds of potentials that files are read as.
public struct PotentialModels: Sendable {
  /// The kinds that are always known.
  public static let builtIn: [any PotentialModel.Type] = [
    AttentionPotential.self, MessagePassingPotential.self,
  ]

  /// All kinds, those of the library first.
  package let kinds: [any PotentialModel.Type]

  /// The built-in kinds and others.
  /// - Throws: `ArgumentError` naming `models` for two of one name, and for one that is no name.
  package init(_ others: [any PotentialModel.Type] = []) throws(ArgumentError) {
    kinds = Self.builtIn + others
    var names: Set<String> = []
    for kind in kinds {
      let isName =
        !kind.kind.isEmpty
        && kind.kind.utf8.allSatisfy {
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
      guard isName else {
        throw ArgumentError(
          "Potential", "models",
          "\(kind): expected a kind of lower-case letters, digits and underscores, received "
            + quoted(kind.kind))
      }
      guard names.insert(kind.kind).inserted else {
        throw ArgumentError("Potential", "models", "two kinds are called \(quoted(kind.kind))")
      }
    }
  }

  /// The names of all kinds.
  package var names: [String] { kinds.map { $0.kind } }

  /// The kind of a name; nil if none has it.
  package func kind(_ name: String) -> (any PotentialModel.Type)? {
    kinds.first { $0.kind == name }
  }

  /// The model that a file holds; one that does not say which has an attention potential.
  /// - Throws: `FileError` for a kind that is not known, and for a configuration that is none.
  func model(_ file: SafetensorsFile) throws(FileError) -> any PotentialModel {
    let name = file.metadata["model"] ?? AttentionPotential.kind
    guard let kind = kind(name) else {
      throw FileError(
        file: file.file, place: "metadata 'model'",
        reason: "is of the kind \(quoted(name)), which is not known here (known: "
          + names.joined(separator: ", ") + ")" + NearestName.hint(name, among: names))
    }
    guard let text = file.metadata["config"] else {
      throw FileError(file: file.file, place: "metadata", reason: "there is no 'config'")
    }
    return try kind.init(reading: text, file: file.file, place: "metadata 'config'")
  }
}

extension PotentialModel {
  /// Reads a configuration from JSON in a file.
  /// - Throws: `FileError` naming the key whose value is not there, of another type or out of range,
  ///   or that is none.
  init(reading text: String, file: String, place: String) throws(FileError) {
    var members = try JSONMembers(parsing: text, file: file, place: place)
    if let kind = Self.self as? any StrictlyReadModel.Type {
      // The kind is this one, which Swift does not see.
      self = try kind.init(members) as! Self
      return
    }
    self = try TrainingJSON.value(of: text, file: file, place: place)
    // A key that the model does not write is none.
    for key in try settings().keys { _ = members.value(key) }
    try members.finish()
    do {
      try check()
    } catch {
      throw members.failure(error.argument, error.reason)
    }
  }
}
