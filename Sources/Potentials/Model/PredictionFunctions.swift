internal import E3xEngine
internal import E3xNN
internal import Synchronization

/// The compiled functions of a potential; the rarer one is compiled when it is first asked for.
final class PredictionFunctions: Sendable {
  private let objective: Objective
  private let parameters: Parameters
  private let plain: CompiledFunction
  private let straining = Mutex<CompiledFunction?>(nil)

  /// - Throws: `ArgumentError` naming `params` for parameters that do not fit.
  init(_ objective: Objective, _ parameters: Parameters) throws {
    self.objective = objective
    self.parameters = parameters
    plain = try objective.prediction(parameters)
  }

  /// The function that gives energies and forces, and strain derivatives if they are asked for.
  func function(strains: Bool) throws -> CompiledFunction {
    guard strains else { return plain }
    return try straining.withLock { function in
      if let function { return function }
      let made = try objective.prediction(parameters, strains: true)
      function = made
      return made
    }
  }
}
