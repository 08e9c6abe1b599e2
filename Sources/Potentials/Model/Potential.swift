internal import E3xEngine
internal import E3xFiles
public import E3xNN
internal import E3xSystem
internal import OrderedCollections

/// A trained potential: what predicts energies and forces, and what files hold.
public struct Potential: Sendable {
  /// What makes energies of structures.
  public let model: any PotentialModel
  /// The model's parameters; those of a committee under `member_0/`, `member_1/`, ….
  public let parameters: Parameters
  /// How many models it is the mean of: 1, or more for a committee, whose predictions have a spread.
  public let members: Int
  /// The energies of the elements, added to the network's.
  public let elementEnergies: ElementEnergies

  /// Compiled for energies and forces, and for strain derivatives too.
  let functions: PredictionFunctions

  /// A potential of these parts.
  /// - Parameter members: how many models the parameters are of, 1 to 1000; those of several have the
  ///   paths of one after `member_0/`, `member_1/`, ….
  /// - Throws: `ArgumentError` if the configuration is out of range, or if parameters are missing,
  ///   do not fit it or are of no use to it.
  public init(
    model: any PotentialModel, parameters: Parameters, elementEnergies: ElementEnergies,
    members: Int = 1
  ) throws {
    try model.check()
    guard (1...Committee.greatest).contains(members) else {
      throw ArgumentError(
        "Potential", "members",
        "must be between 1 and \(Committee.greatest), received \(members)")
    }
    self.members = members
    self.model = model
    self.parameters = parameters
    self.elementEnergies = elementEnergies
    // First of all, what is missing must be named.
    functions = try PredictionFunctions(
      Objective(
        potential: model, layout: try ParameterLayout(parameters), members: members), parameters)
  }

  /// An attention potential of these parts.
  /// - Throws: As ``init(model:parameters:elementEnergies:members:)``.
  public init(
    configuration: PotentialConfiguration, parameters: Parameters,
    elementEnergies: ElementEnergies
  ) throws {
    try self.init(
      model: AttentionPotential(configuration), parameters: parameters,
      elementEnergies: elementEnergies)
  }

  /// The kind of model and its configuration, as JSON: `{"config":{…},"kind":"attention"}`.
  /// - Throws: what a model throws that cannot be encoded.
  package func modelDescription() throws -> String {
    "{\"config\":\(try json(model)),\"kind\":\"\(type(of: model).kind)\"}"
  }

  /// What the potential can be asked about: the elements that it has energies for.
  public var frameCheck: FrameCheck {
    FrameCheck(elements: Set(elementEnergies.energies.keys), knower: "the potential")
  }
}

/// JSON with sorted keys on one line.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
