internal import E3xEngine
internal import E3xNN
internal import Synchronization

/// The compiled functions of a potential; the rarer ones are compiled when they are first asked for.
final class PredictionFunctions: Sendable {
  private let objective: Objective
  private let parameters: Parameters
  private let plain: CompiledFunction
  private let straining = Mutex<CompiledFunction?>(nil)
  private let ofSome = Mutex<CompiledFunction?>(nil)
  private let strainingOfSome = Mutex<CompiledFunction?>(nil)
  private let hessian = Mutex<CompiledFunction?>(nil)
  private let layered = Mutex<[LayerFunctions]?>(nil)
  private let attention = Mutex<[Int: (names: [String], function: CompiledFunction)]>([:])

  /// - Throws: `ArgumentError` naming `params` for parameters that do not fit.
  init(_ objective: Objective, _ parameters: Parameters) throws {
    self.objective = objective
    self.parameters = parameters
    plain = try objective.prediction(parameters)
  }

  /// The function that gives energies and forces, and strain derivatives if they are asked for.
  func function(strains: Bool) throws -> CompiledFunction {
    guard strains else { return plain }
    return try Self.once(straining) { try objective.prediction(parameters, strains: true) }
  }

  /// The function of a structure in which only some atoms contribute.
  func functionOfSome(strains: Bool) throws -> CompiledFunction {
    func make() throws -> CompiledFunction {
      try objective.prediction(parameters, strains: strains, someContribute: true)
    }
    return strains ? try Self.once(strainingOfSome, make) : try Self.once(ofSome, make)
  }

  /// The function that multiplies the matrix of second derivatives, in double precision.
  func hessianProduct() throws -> CompiledFunction {
    try Self.once(hessian) {
      try objective.hessianProduct(
        parameters.mapTensors { try $0.cast(to: .float64).materialized() })
    }
  }

  /// The layers one by one, of each member.
  /// - Throws: `ArgumentError` naming `model` for one that has no layers.
  func layers() throws -> [LayerFunctions] {
    try Self.once(layered) {
      guard let model = objective.potential as? any LayeredModel else {
        let kind = type(of: objective.potential).kind
        throw ArgumentError(
          "Potential.predict", "model", "\(kind) cannot be computed layer by layer")
      }
      return try (0..<objective.members).map {
        try LayerFunctions(model, parameters, member: $0, of: objective.members)
      }
    }
  }

  /// The attention weights of a member's layers, and the paths of the layers.
  /// - Throws: `ArgumentError` naming `model` for one without attention.
  func attention(member: Int) throws -> (names: [String], function: CompiledFunction) {
    try attention.withLock { made in
      if let function = made[member] { return function }
      let function = try objective.attention(parameters, member: member)
      made[member] = function
      return function
    }
  }

  private static func once<Made>(
    _ kept: borrowing Mutex<Made?>, _ make: () throws -> Made
  ) throws -> Made {
    try kept.withLock { function in
      if let function { return function }
      let made = try make()
      function = made
      return made
    }
  }
}
