package import E3xEngine
package import Testing

/// Numbers between -2 and 2 (float64) that are the same in every run, and others for every seed.
package func testValues(_ shape: [Int], seed: Int) throws -> Tensor {
  var dice = Dice(seed: seed)
  return try Tensor(dice.uniform(shape.reduce(1, *), -2, 2), shape: shape)
}

/// Expects, at x (float64), that derivatives along a direction of orders 1 ... `order` are those
/// that central differences of the order below give.
///
/// - Parameter step: of the differences, whose error goes with its square.
package func expectDerivatives(
  at x: Tensor, order: Int = 2, step: Double = 1e-4, tolerance: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation, of function: (Tensor) throws -> Tensor
) throws {
  let direction = try testValues(x.shape.known!, seed: 11)
  let weights = try testValues(function(x).shape.known!, seed: 12)
  /// The derivative of an order along the direction, of the weighted sum of the function.
  func derivative(_ order: Int, _ x: Tensor) throws -> Tensor {
    if order == 0 { return try (function(x) * weights).sum() }
    let below = try derivative(order - 1, x)
    return try (gradient(of: below, withRespectTo: [x])[0] * direction).sum()
  }
  for order in 1...order {
    let up = try derivative(order - 1, (x + direction * step).materialized()).item()
    let down = try derivative(order - 1, (x - direction * step).materialized()).item()
    let value = try derivative(order, x).item()
    let expected = (up - down) / (2 * step)
    let isClose = abs(value - expected) <= tolerance * max(1, abs(expected))
    #expect(
      isClose, "order \(order): \(value), differences give \(expected)",
      sourceLocation: sourceLocation)
  }
}

/// Expects that the function and its derivatives of orders 1 ... `order` are finite numbers at x.
package func expectFiniteDerivatives(
  at x: Tensor, order: Int = 3, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation, of function: (Tensor) throws -> Tensor
) throws {
  let output = try function(x)
  try expectFinite(output, "\(what): value", sourceLocation: sourceLocation)
  let weights = try testValues(output.shape.known!, seed: 13).cast(to: x.dtype)
  let direction = try testValues(x.shape.known!, seed: 14).cast(to: x.dtype)
  var scalar = try (output * weights).sum()
  for order in 1...order {
    let slope = try gradient(of: scalar, withRespectTo: [x])[0]
    try expectFinite(slope, "\(what): derivative \(order)", sourceLocation: sourceLocation)
    scalar = try (slope * direction).sum()
  }
}

/// As `expectDerivatives(at:order:step:tolerance:of:)`, along a direction in all variables at once.
package func expectDerivatives(
  at variables: [Tensor], order: Int = 2, step: Double = 2e-5, tolerance: Double = 1e-6,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation,
  of function: ([Tensor]) throws -> Tensor
) throws {
  let directions = try variables.enumerated().map { index, variable in
    try testValues(variable.shape.known!, seed: 31 + index)
  }
  let weights = try testValues(function(variables).shape.known!, seed: 30)
  func derivative(_ order: Int, _ x: [Tensor]) throws -> Tensor {
    if order == 0 { return try (function(x) * weights).sum() }
    let slopes = try gradient(of: derivative(order - 1, x), withRespectTo: x)
    var sum = Tensor(0, dtype: .float64)
    for (slope, direction) in matched(slopes, directions) {
      sum = try sum + (slope * direction).sum()
    }
    return sum
  }
  func moved(_ distance: Double) throws -> [Tensor] {
    try matched(variables, directions).map { try ($0 + $1 * distance).materialized() }
  }
  for order in 1...order {
    let (up, down) = (
      try derivative(order - 1, moved(step)).item(), try derivative(order - 1, moved(-step)).item()
    )
    let (value, expected) = (try derivative(order, variables).item(), (up - down) / (2 * step))
    let isClose = abs(value - expected) <= tolerance * max(1, abs(expected))
    #expect(
      isClose, "\(what): order \(order): \(value), differences give \(expected)",
      sourceLocation: sourceLocation)
  }
}
