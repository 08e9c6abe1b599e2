internal import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import E3xOperations
internal import Foundation

/// Checks that a call which e3x refuses is refused, with an error that names the argument.
struct RefusalVerification {
  let refused: Case
  /// The arguments that the error may name.
  private let arguments: [String]

  init(_ refused: Case) throws {
    self.refused = refused
    var arguments = [refused.file.metadata["argument"] ?? ""]
    arguments += try Options.list(refused.file, "also")
    self.arguments = arguments
  }

  func run(name: String) -> CaseResult {
    func result(_ outcome: CaseResult.Outcome) -> CaseResult {
      CaseResult(name: name, operation: refused.operation, outcome: outcome)
    }
    do {
      try call()
    } catch let error as ArgumentError {
      guard arguments.contains(error.argument) else {
        return result(.failed("the error names '\(error.argument)', not \(arguments): \(error)"))
      }
      return result(.passed)
    } catch {
      return result(.failed("\(type(of: error)): \(error)"))
    }
    return result(.failed("was accepted, but \(refused.file.metadata["why"] ?? "e3x refuses it")"))
  }

  private func call() throws {
    var tensors: [String: Tensor] = [:]
    for name in refused.names("arg.") {
      tensors[name] = try refused.tensor("arg." + name, exact: true)
    }
    func run(_ scope: Scope) throws -> [Tensor] {
      try Operations.run(
        Call(
          operation: refused.operation, config: refused.config,
          staticArguments: refused.staticArguments, arguments: tensors, scope: scope,
          dtype: refused.dtype))
    }
    if refused.file.metadata["with_params"] == "true" {
      try evaluate(run(refused.parameters().scope))
    } else {
      let parameters = try Parameters.initialize(seed: 0, run)
      try evaluate(run(parameters.scope))
    }
  }
}
