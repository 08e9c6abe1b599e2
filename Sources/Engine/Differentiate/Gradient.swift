// Reverse-mode differentiation of the graph: graph in, graph out, so any order follows by itself.

/// The gradient of a scalar with respect to each of `variables`.
///
/// - Parameter value: a floating-point scalar (one element).
/// - Returns: tensors of the shapes of the variables; zeros where `value` does not depend on one.
/// - Throws: `ShapeError` if `value` is not a scalar.
public func gradient(
  of value: Tensor, withRespectTo variables: [Tensor]
) throws(ShapeError) -> [Tensor] {
  guard value.shape.elementCount == 1, value.dtype.isFloatingPoint else {
    throw ShapeError(
      "gradient", [value.shape], "only a floating-point scalar has a gradient; see pullback")
  }
  return try pullback(
    [value], cotangents: [.ones(value.shape, dtype: value.dtype)], to: variables)
}

/// The gradient of a scalar with respect to one variable, of its shape.
///
/// - Parameter value: a floating-point scalar (one element).
/// - Throws: `ShapeError` if `value` is not a scalar.
public func gradient(
  of value: Tensor, withRespectTo variable: Tensor
) throws(ShapeError) -> Tensor {
  try gradient(of: value, withRespectTo: [variable])[0]
}

/// Not there: a gradient is that of a value.
/// - Throws: whatever `function` throws.
@available(*, unavailable, message: "takes a value; for a function see valueAndGradient(at:of:)")
public func gradient(
  of function: ([Tensor]) throws -> Tensor, withRespectTo variables: [Tensor]
) throws -> [Tensor] {
  try valueAndGradient(at: variables, of: function).gradient
}

/// Not there: a gradient is that of a value.
/// - Throws: whatever `function` throws.
@available(*, unavailable, message: "takes a value; for a function see valueAndGradient(at:of:)")
@_disfavoredOverload
public func gradient(
  of function: (Tensor) throws -> Tensor, withRespectTo variables: [Tensor]
) throws -> [Tensor] {
  try variables.map { try valueAndGradient(at: $0, of: function).gradient }
}

/// Not there: a gradient is that of a value.
/// - Throws: whatever `function` throws.
@available(*, unavailable, message: "takes a value; for a function see valueAndGradient(at:of:)")
public func gradient(
  of function: (Tensor) throws -> Tensor, withRespectTo variable: Tensor
) throws -> Tensor {
  try valueAndGradient(at: variable, of: function).gradient
}

/// The vector-Jacobian product: the gradient of Σ <cotangent, output> to each of `variables`.
///
/// - Parameter cotangents: one for each output, of its shape and element type.
/// - Returns: tensors of the shapes of the variables; zeros where no output depends on one.
/// - Throws: `ShapeError` unless each output has one cotangent of its shape and element type.
public func pullback(
  _ outputs: [Tensor], cotangents: [Tensor], to variables: [Tensor]
) throws(ShapeError) -> [Tensor] {
  guard outputs.count == cotangents.count else {
    throw ShapeError(
      "pullback", outputs.map(\.shape),
      "needs one cotangent for each output, got "
        + "\(cotangents.count)")
  }
  for (output, cotangent) in zip(outputs, cotangents)
  where output.shape != cotangent.shape || output.dtype != cotangent.dtype {
    throw ShapeError(
      "pullback", [output.shape, cotangent.shape],
      "a cotangent must have the shape and element type of its output")
  }
  let order = dependents(of: variables, within: outputs)
  var cotangentOf: [UInt64: Tensor] = [:]
  func accumulate(_ node: Node, _ cotangent: Tensor) throws(ShapeError) {
    if let sum = cotangentOf[node.id] {
      cotangentOf[node.id] = try sum + cotangent
    } else {
      cotangentOf[node.id] = cotangent
    }
  }
  for (output, cotangent) in zip(outputs, cotangents) where output.dtype.isFloatingPoint {
    try accumulate(output.node, cotangent)
  }
  let wanted = Set(variables.map(\.node.id))
  for node in order.reversed() {
    guard let cotangent = cotangentOf[node.id] else { continue }
    if !wanted.contains(node.id) { cotangentOf[node.id] = nil }
    let inputs = node.inputs
    let needed = inputs.map { order.contains($0.id) }
    guard needed.contains(true) else { continue }
    let contributions = try node.pullback(cotangent, inputs: inputs.map { Tensor($0) }, needed)
    for (index, contribution) in contributions.enumerated() {
      guard needed[index], let contribution else { continue }
      try accumulate(inputs[index], contribution)
    }
  }
  return variables.map { cotangentOf[$0.node.id] ?? .zeros(like: $0) }
}

/// The nodes between variables and outputs, in an order of evaluation.
private struct DependentNodes {
  var nodes: [Node] = []
  var ids: Set<UInt64> = []
  func contains(_ id: UInt64) -> Bool { ids.contains(id) }
  func reversed() -> ReversedCollection<[Node]> { nodes.reversed() }
}

private func dependents(of variables: [Tensor], within outputs: [Tensor]) -> DependentNodes {
  let reachable = Node.reachable(from: outputs.map(\.node)) {
    // Numbers carry derivatives, indices and masks do not.
    $0.dtype.isFloatingPoint
  }
  let wanted = Set(variables.map(\.node.id))
  var result = DependentNodes()
  for node in reachable {
    guard node.dtype.isFloatingPoint else { continue }
    if case .stopGradient = node.primitive, !wanted.contains(node.id) { continue }
    if wanted.contains(node.id) || node.inputs.contains(where: { result.contains($0.id) }) {
      result.ids.insert(node.id)
      result.nodes.append(node)
    }
  }
  return result
}

extension Node {
  /// All nodes that `roots` are computed from, themselves included, in an order of evaluation.
  /// Nodes that `enter` refuses, and what lies behind them, are left out.
  static func reachable(from roots: [Node], enter: (Node) -> Bool = { _ in true }) -> [Node] {
    var seen: Set<UInt64> = []
    var found: [Node] = []
    var stack = roots
    while let node = stack.popLast() {
      guard enter(node), seen.insert(node.id).inserted else { continue }
      found.append(node)
      stack += node.inputs
    }
    return found.sorted { $0.id < $1.id }
  }
}

extension Tensor {
  /// The gradient of this scalar with respect to each of `variables`: as
  /// ``gradient(of:withRespectTo:)-(_,[Tensor])``, where a variable has the name of that function.
  /// - Throws: `ShapeError` if this is not a floating-point scalar.
  public func gradient(withRespectTo variables: [Tensor]) throws(ShapeError) -> [Tensor] {
    try E3xEngine.gradient(of: self, withRespectTo: variables)
  }

  /// The gradient of this scalar with respect to one variable, of its shape.
  /// - Throws: `ShapeError` if this is not a floating-point scalar.
  public func gradient(withRespectTo variable: Tensor) throws(ShapeError) -> Tensor {
    try gradient(withRespectTo: [variable])[0]
  }

  /// The vector-Jacobian product: the gradient of Σ <cotangent, self> to each of `variables`.
  /// - Throws: `ShapeError` unless the cotangent has the shape and element type of this tensor.
  public func pullback(
    _ cotangent: Tensor, to variables: [Tensor]
  ) throws(ShapeError) -> [Tensor] {
    try E3xEngine.pullback([self], cotangents: [cotangent], to: variables)
  }

  /// The same values, without a derivative.
  public func stoppingGradient() -> Tensor {
    Tensor(unchecked: .stopGradient, [self], shape: shape, dtype: dtype)
  }

  /// The same values with another derivative: `pullback` gives, from a cotangent of `self`, those
  /// of `variables` (nil for none), each of the shape of its variable. Derivatives of higher order
  /// are those of what it returns.
  public func withDerivative(
    to variables: [Tensor],
    _ pullback: @escaping @Sendable (Tensor) throws(ShapeError) -> [Tensor?]
  ) -> Tensor {
    Tensor(
      unchecked: .override(GradientOverride(pullback)), [stoppingGradient()] + variables,
      shape: shape, dtype: dtype)
  }
}

/// The value of a function and its gradient.
///
/// - Parameter variables: what the function is differentiated to.
/// - Parameter function: gives a scalar.
/// - Returns: the scalar, and tensors of the shapes of the variables.
/// - Throws: `ShapeError` unless the function gives a floating-point scalar; whatever it throws.
public func valueAndGradient(
  at variables: [Tensor], of function: ([Tensor]) throws -> Tensor
) throws -> (value: Tensor, gradient: [Tensor]) {
  let value = try function(variables)
  return (value, try gradient(of: value, withRespectTo: variables))
}

/// The value of a function of one variable and its gradient.
///
/// - Parameter variable: what the function is differentiated to.
/// - Parameter function: gives a scalar.
/// - Returns: the scalar, and a tensor of the shape of the variable.
/// - Throws: `ShapeError` unless the function gives a floating-point scalar; whatever it throws.
public func valueAndGradient(
  at variable: Tensor, of function: (Tensor) throws -> Tensor
) throws -> (value: Tensor, gradient: Tensor) {
  let value = try function(variable)
  return (value, try value.gradient(withRespectTo: variable))
}
