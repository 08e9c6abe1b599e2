package import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import E3xOperations

/// The results of a case: outputs and, where the case has cotangents, gradients.
package struct CaseEvaluation {
  package let outputs: [Tensor]
  /// By "arg.NAME" and "params.PATH": the gradient of S = Σ <cotangent, output>.
  package private(set) var gradients: [String: Tensor] = [:]
  /// The gradient of H = ½ Σ |dS/darg|² over the arguments of second order.
  package private(set) var secondGradients: [String: Tensor] = [:]

  /// Calls the operation and differentiates it; nothing is computed before it is asked for.
  package init(_ golden: Case) throws {
    var arguments: [String: Tensor] = [:]
    for name in golden.names("arg.") { arguments[name] = try golden.tensor("arg." + name) }
    let parameters = try golden.parameters()
    let call = Call(
      operation: golden.operation, config: golden.config,
      staticArguments: golden.staticArguments, arguments: arguments, scope: parameters.scope,
      dtype: golden.dtype)
    outputs = try Operations.run(call)

    var cotangents: [Tensor] = []
    for (index, output) in outputs.enumerated() {
      guard let stored = try golden.tensor("cotangent.\(index)") else { return }
      // Where the operation was told to compute in another type.
      let cotangent = output.dtype.isFloatingPoint ? try stored.cast(to: output.dtype) : stored
      let isScalar = output.rank == 0 && cotangent.shape == [1]
      guard isScalar || cotangent.shape == output.shape, cotangent.dtype == output.dtype else {
        throw ArgumentError(
          golden.operation, "cotangent.\(index)",
          "expected \(output.dtype) of the shape of the result, \(output.shape), received "
            + "\(cotangent.dtype) of shape \(cotangent.shape)")
      }
      cotangents.append(isScalar ? try cotangent.squeezed(axis: 0) : cotangent)
    }
    if cotangents.isEmpty { return }
    var variables: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in arguments.sorted(by: { $0.key < $1.key })
    where tensor.dtype.isFloatingPoint {
      variables.append(("arg." + name, tensor))
    }
    for (path, tensor) in parameters { variables.append(("params." + path, tensor)) }
    let first = try pullback(outputs, cotangents: cotangents, to: variables.map(\.tensor))
    let wantsAll = golden.names("grad.").isEmpty
    for (variable, gradient) in zip(variables, first)
    where wantsAll || golden.file["grad." + variable.name] != nil {
      gradients[variable.name] = gradient
    }
    if golden.secondOrder.isEmpty { return }
    var energy: Tensor?
    for (variable, gradient) in zip(variables, first)
    where golden.secondOrder.contains(where: { "arg." + $0 == variable.name }) {
      let part = try (gradient * gradient).sum() * 0.5
      if let sum = energy { energy = try sum + part } else { energy = part }
    }
    guard let energy else { return }
    let second = try gradient(of: energy, withRespectTo: variables.map(\.tensor))
    for (variable, gradient) in zip(variables, second)
    where golden.file["grad2." + variable.name] != nil {
      secondGradients[variable.name] = gradient
    }
  }
}
