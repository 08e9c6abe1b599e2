package import E3xEngine
package import Testing

/// Expects that a tensor has the shape and the values of another, up to a tolerance relative to the
/// largest absolute value of the other. Not a number never agrees.
package func expectAgreement(
  _ tensor: Tensor, with reference: Tensor, tolerance: Double, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  guard tensor.shape == reference.shape else {
    Issue.record(
      "\(what): shape \(tensor.shape), expected \(reference.shape)",
      sourceLocation: sourceLocation)
    return
  }
  let values = try tensor.scalars(as: Double.self)
  let expected = try reference.scalars(as: Double.self)
  let scale = expected.reduce(0) { max($0, abs($1)) }
  var worst = 0
  var error = 0.0
  for index in values.indices {
    let difference = values[index] == expected[index] ? 0 : abs(values[index] - expected[index])
    if !(difference <= error) { (worst, error) = (index, difference) }
    if difference.isNaN { break }
  }
  let isClose = error <= tolerance * (scale > 0 ? scale : 1)
  let (value, other) = values.isEmpty ? (0, 0) : (values[worst], expected[worst])
  #expect(
    isClose, "\(what): element \(worst) of \(tensor.shape) is \(value), expected \(other)",
    sourceLocation: sourceLocation)
}

/// Expects that all elements are finite numbers.
package func expectFinite(
  _ tensor: Tensor, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let values = try tensor.scalars(as: Double.self)
  let bad = values.firstIndex { !$0.isFinite }
  #expect(
    bad == nil, "\(what): element \(bad ?? 0) of \(tensor.shape) is \(bad.map { values[$0] } ?? 0)",
    sourceLocation: sourceLocation)
}
