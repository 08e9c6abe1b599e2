import E3xEngine
import E3xSO3
import TestSupport
import Testing

/// Legendre polynomials P_0(x) … P_degree(x).
private func legendre(_ x: Double, degree: Int) -> [Double] {
  var values = [1, x]
  for l in 1..<max(degree, 2) {
    values.append((Double(2 * l + 1) * x * values[l] - Double(l) * values[l - 1]) / Double(l + 1))
  }
  return values
}

/// The weighted means of the Legendre polynomials of r · t, by degree.
private func means(_ rule: SphericalQuadrature, _ t: [Double], degree: Int) throws -> [Double] {
  let points = try rule.points.scalars(as: Double.self)
  let weights = try rule.weights.scalars(as: Double.self)
  var sums = [Double](repeating: 0, count: degree + 1)
  for (k, weight) in weights.enumerated() {
    let x = (0..<3).reduce(0) { $0 + points[3 * k + $1] * t[$1] }
    for (l, value) in legendre(x, degree: degree).prefix(degree + 1).enumerated() {
      sums[l] += weight * value
    }
  }
  return sums
}

@Suite struct QuadratureTests {
  static let lebedev =
    Array(stride(from: 3, through: 31, by: 2))
    + Array(stride(from: 35, through: 131, by: 6))
  static let delley = [5, 7] + Array(stride(from: 11, through: 101, by: 6))

  /// A direction that no symmetry of the rules leaves in its place.
  private let direction = [0.28, 0.576, 0.768]

  private func expectExact(_ rule: SphericalQuadrature, _ precision: Int) throws {
    #expect(rule.precision == precision)
    let degree = precision + 1
    let means = try means(rule, direction, degree: degree)
    #expect(abs(means[0] - 1) <= 1e-13)
    for l in 1...precision { #expect(abs(means[l]) <= 1e-12, "degree \(l)") }
    // Not by accident: the next degree is not integrated.
    #expect(abs(means[degree]) > 1e-6)
    for norm in try rule.points.norm([-1]).scalars(as: Double.self) {
      #expect(abs(norm - 1) <= 1e-15)
    }
  }

  @Test(arguments: lebedev) func lebedevRulesAreExact(_ precision: Int) throws {
    try expectExact(lebedevQuadrature(precision: precision), precision)
  }

  @Test(arguments: delley) func delleyRulesAreExact(_ precision: Int) throws {
    try expectExact(delleyQuadrature(precision: precision), precision)
  }

  @Test func theSmallestAndTheLargestRulesAreFound() throws {
    #expect(try lebedevQuadrature(precision: 32).precision == 35)
    #expect(try lebedevQuadrature(precision: -1).precision == 3)
    #expect(try lebedevQuadrature(num: 5810).precision == 131)
    #expect(try lebedevQuadrature(num: 5809).precision == 125)
    #expect(try delleyQuadrature(precision: 8).precision == 11)
    #expect(try delleyQuadrature(num: 0).precision == 5)
    #expect(try lebedevQuadrature(precision: 3, dtype: .float32).points.dtype == .float32)
  }

  @Test func whatThereIsNotIsRefused() {
    func expectRefused(_ argument: String, _ call: () throws -> SphericalQuadrature) {
      let error = #expect(throws: ArgumentError.self) { _ = try call() }
      #expect(error?.argument == argument)
    }
    expectRefused("precision") { try lebedevQuadrature(precision: 132) }
    expectRefused("precision") { try delleyQuadrature(precision: 102) }
    expectRefused("precision") { try lebedevQuadrature() }
    expectRefused("num") { try delleyQuadrature(precision: 5, num: 50) }
    expectRefused("dtype") { try delleyQuadrature(precision: 5, dtype: .int32) }
  }
}
