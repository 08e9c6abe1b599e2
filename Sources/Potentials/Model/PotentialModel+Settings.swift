internal import E3xEngine
package import E3xFiles
package import OrderedCollections

/// The configuration of a model as values by key, as files have it: what the command line changes
/// of any model.
extension PotentialModel {
  /// What is written of the model.
  /// - Throws: `FileError` naming the kind of a model that is no object in JSON.
  package func settings() throws(FileError) -> OrderedDictionary<String, JSON> {
    let file = "model \(Self.kind)"
    let text: String
    do {
      text = try TrainingJSON.text(self)
    } catch {
      throw FileError(file: file, reason: "its configuration cannot be written as JSON")
    }
    var members = try JSONMembers(parsing: text, file: file, place: "configuration")
    return members.keys.reduce(into: [:]) { $0[$1] = members.value($1) }
  }

  /// The model with other values, which are not checked.
  /// - Throws: `ArgumentError` naming a key that the model does not have, or whose value is of another
  ///   type.
  package func changing(
    _ values: OrderedDictionary<String, JSON>
  ) throws -> Self {
    if values.isEmpty { return self }
    var settings = try settings()
    for (key, value) in values {
      guard let old = settings[key] else {
        throw ArgumentError(
          "train", key,
          "has no meaning for the model \(Self.kind), which has \(settings.keys.joined(separator: ", "))"
            + NearestName.hint(key, among: settings.keys))
      }
      settings[key] = value
      // One at a time: what is wrong is named.
      do {
        let text = try TrainingJSON.text(JSON.object(settings))
        let _: Self = try TrainingJSON.value(of: text, file: "", place: "")
      } catch {
        throw ArgumentError("train", key, "\(value.kind) cannot take the place of \(old.kind)")
      }
    }
    return try TrainingJSON.value(
      of: TrainingJSON.text(JSON.object(settings)), file: "model \(Self.kind)",
      place: "configuration")
  }

  /// What differs from another model of the same kind.
  package func changes(from old: Self) throws(FileError) -> [OptionChange] {
    let (before, after) = (try old.settings(), try settings())
    return after.keys.compactMap { key in
      guard let value = after[key], value != before[key] else { return nil }
      return OptionChange(
        name: key, old: before[key]?.text ?? "none", new: value.text, isAllowed: false)
    }
  }
}

extension JSON {
  /// A value in words: `5` for 5.0.
  var text: String {
    switch self {
    case .string(let text): text
    case .real(let number): OptionNumber.Value.real(number).description
    default: kind
    }
  }
}
