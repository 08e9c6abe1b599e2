internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import OrderedCollections

/// What the command line says of the model: its kind, and values of its configuration. Options have
/// the meaning that the model's file gives to their keys; a model without such a key has none for
/// them.
extension TrainingNumbers {
  /// The model that a run begins with.
  /// - Throws: `ValidationError` and `ArgumentError` naming an option that the model has no use for,
  ///   or whose value is out of range.
  func newModel() throws -> any PotentialModel {
    let kind = try model.map(kind) ?? AttentionPotential.self
    if kind != AttentionPotential.self, preset != nil {
      throw ValidationError("--preset: presets are of the model attention, not of \(kind.kind)")
    }
    let model: any PotentialModel =
      kind == AttentionPotential.self
      ? AttentionPotential((preset ?? .default).configuration) : kind.init()
    return try Self.changed(model, modelValues())
  }

  /// Requires that everything that is said of the model is true of that of a run that goes on, or of
  /// that which a run begins with.
  /// - Parameter place: why it cannot change.
  /// - Throws: As ``newModel()``, and `PlainError` naming an option that says something else.
  func check(
    against old: some PotentialModel, place: String = "in a run that goes on"
  ) throws {
    if let model, try kind(model) != type(of: old) {
      throw PlainError(
        "--model: cannot change \(place): it has \(type(of: old).kind), received "
          + model)
    }
    let changed = try Self.changed(old, modelValues())
    if let change = try changed.changes(from: old).first {
      throw PlainError(
        "\(Self.option(change.name)): cannot change \(place): it has \(change.old), "
          + "received \(change.new)")
    }
  }

  private func kind(_ name: String) throws -> any PotentialModel.Type {
    do {
      return try CommandModels.kind(name)
    } catch let error as ValidationError {
      throw ValidationError(
        "The value '\(name)' is invalid for '--model <model>': \(error.message)")
    }
  }

  private static func changed<Model: PotentialModel>(
    _ model: Model, _ values: OrderedDictionary<String, JSON>
  ) throws -> Model {
    let model = try model.changing(values)
    do {
      try model.check()
    } catch {
      throw ArgumentError("train", error.argument, error.reason)
    }
    return model
  }

  /// The values that were given, by key.
  private func modelValues() throws -> OrderedDictionary<String, JSON> {
    var values: OrderedDictionary<String, JSON> = [:]
    func set(_ key: String, _ value: JSON?) { values[key] = value }
    set("features", features.map(JSON.integer))
    set("max_degree", maxDegree.map(JSON.integer))
    set("num_layers", layers.map(JSON.integer))
    set("num_heads", heads.map(JSON.integer))
    set("num_basis", basis.map(JSON.integer))
    set("correlation", correlation.map(JSON.integer))
    set("radial_features", radialFeatures.map(JSON.integer))
    set("repulsion", repulsion.map(JSON.bool))
    set("attention", attention.map(JSON.bool))
    set("pseudotensors", pseudotensors.map(JSON.bool))
    set("smooth_at_cutoff", smooth.map(JSON.bool))
    if let cutoff {
      guard cutoff.isFinite else {
        throw PlainError("--cutoff: expected a finite number, received \(cutoff)")
      }
      set("cutoff", .real(cutoff))
    }
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ValidationError("--set: expected KEY=VALUE, received '\(setting)'")
      }
      guard values[parts[0]] == nil else {
        throw ValidationError("--set: '\(parts[0])' is given twice")
      }
      // What is no JSON is a text.
      values[parts[0]] = (try? JSON(parsing: Array(parts[1].utf8))) ?? .string(parts[1])
    }
    return values
  }
}
