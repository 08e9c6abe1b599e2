public import E3xEngine
internal import E3xExact

/// Refuses degrees whose coefficients would take too long to be computed.
/// - Parameter work: as of `ClebschGordan.work`.
package func checkWork(
  _ function: String, _ argument: String, _ degrees: [Int], _ work: Double
) throws(ArgumentError) {
  guard work <= ClebschGordan.workLimit else {
    throw ArgumentError(
      function, argument,
      "the coefficients of degrees \(degrees.map(String.init).joined(separator: ", ")) would take "
        + "about \(ClebschGordan.seconds(work)) s to compute, more than the "
        + "\(ClebschGordan.seconds(ClebschGordan.workLimit)) s that are allowed")
  }
}

/// The Clebsch-Gordan coefficients that couple all degrees up to the given ones. Matches
/// `e3x.so3.clebsch_gordan`.
///
/// z[m3] = Σ x[m1] y[m2] C[m1, m2, m3]. Computed exactly and rounded once.
///
/// - Parameter cartesianOrder: Whether components are in Cartesian order.
/// - Returns: float64, [(maxDegree1+1)², (maxDegree2+1)², (maxDegree3+1)²].
/// - Throws: `ArgumentError` naming `max_degree1`, `max_degree2` or `max_degree3`, also for degrees
///   whose coefficients would take minutes.
public func clebschGordan(
  maxDegree1: Int, maxDegree2: Int, maxDegree3: Int,
  cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> Tensor {
  let degrees = [maxDegree1, maxDegree2, maxDegree3]
  for (index, degree) in degrees.enumerated() {
    try checkDegree("clebsch_gordan", "max_degree\(index + 1)", degree)
  }
  let work = ClebschGordan.work(
    maxDegree1: maxDegree1, maxDegree2: maxDegree2, maxDegree3: maxDegree3)
  try checkWork("clebsch_gordan", "max_degree1", degrees, work)
  try checkMemory(
    "clebsch_gordan", "max_degree1", received: degrees, degrees.map { ($0 + 1) * ($0 + 1) })
  return try Tensor(
    ClebschGordan.tensor(
      maxDegree1: maxDegree1, maxDegree2: maxDegree2, maxDegree3: maxDegree3,
      cartesianOrder: cartesianOrder),
    shape: degrees.map { ($0 + 1) * ($0 + 1) })
}

/// The Clebsch-Gordan coefficients that couple two degrees to a third. Matches
/// `e3x.so3.clebsch_gordan_for_degrees`.
///
/// - Parameter cartesianOrder: Whether components are in Cartesian order.
/// - Returns: float64, [2 degree1 + 1, 2 degree2 + 1, 2 degree3 + 1]; zeros unless
///   |degree1 - degree2| <= degree3 <= degree1 + degree2.
/// - Throws: `ArgumentError` naming `degree1`, `degree2` or `degree3`, also for degrees whose
///   coefficients would take minutes.
public func clebschGordanForDegrees(
  _ degree1: Int, _ degree2: Int, _ degree3: Int,
  cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> Tensor {
  let degrees = [degree1, degree2, degree3]
  for (index, degree) in degrees.enumerated() {
    try checkDegree("clebsch_gordan_for_degrees", "degree\(index + 1)", degree)
  }
  try checkWork(
    "clebsch_gordan_for_degrees", "degree1", degrees,
    ClebschGordan.work(degree1, degree2, degree3))
  return try Tensor(
    ClebschGordan.block(degree1, degree2, degree3, cartesianOrder: cartesianOrder),
    shape: degrees.map { 2 * $0 + 1 })
}
