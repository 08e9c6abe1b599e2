package import E3xEngine
package import Testing

/// Expects that a tensor has the element type, the shape and the values of another.
///
/// Every entry must agree by itself: its error is at most `tolerance` times the greater of its own
/// absolute value and `floor` times the largest one. So entries are compared relatively, down to
/// those that are what is left of a cancellation of larger ones, which are compared absolutely. Not
/// a number never agrees.
/// - Parameter dtype: the element type, if it is not that of the reference.
/// - Parameter floor: below which part of the largest entry entries count as left of a cancellation.
package func expectAgreement(
  _ tensor: Tensor, with reference: Tensor, tolerance: Double, floor: Double = 0.01,
  dtype: DType? = nil, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(
    tensor.dtype == dtype ?? reference.dtype, "\(what): element type",
    sourceLocation: sourceLocation)
  guard tensor.shape == reference.shape else {
    Issue.record(
      "\(what): shape \(tensor.shape), expected \(reference.shape)",
      sourceLocation: sourceLocation)
    return
  }
  try expectAgreement(
    tensor.scalars(as: Double.self), with: reference.scalars(as: Double.self),
    tolerance: tolerance, floor: floor, "\(what) \(tensor.shape)", sourceLocation: sourceLocation)
}

/// Expects that numbers are as many as others and agree with them, as entries of tensors do.
package func expectAgreement(
  _ values: [Double], with expected: [Double], tolerance: Double, floor: Double = 0.01,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard values.count == expected.count else {
    Issue.record(
      "\(what): \(values.count) numbers, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  let largest = expected.reduce(0) { max($0, abs($1)) }
  let least = largest > 0 ? floor * largest : 1
  /// The error in units of what is allowed; an infinite one for what cannot be compared.
  func excess(_ index: Int) -> Double {
    if values[index] == expected[index] { return 0 }
    let error = abs(values[index] - expected[index])
    let part = error / (tolerance * max(abs(expected[index]), least))
    return part.isNaN ? .infinity : part
  }
  guard let worst = values.indices.max(by: { excess($0) < excess($1) }) else { return }
  #expect(
    excess(worst) <= 1,
    "\(what): element \(worst) is \(values[worst]), expected \(expected[worst]), \(excess(worst)) times what is allowed",
    sourceLocation: sourceLocation)
}

/// The elements of two sequences, which must be as many.
package func matched<A: Sequence, B: Sequence>(
  _ a: A, _ b: B, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) -> Zip2Sequence<[A.Element], [B.Element]> {
  let (a, b) = (Array(a), Array(b))
  #expect(a.count == b.count, "\(what): as many", sourceLocation: sourceLocation)
  return zip(a, b)
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
