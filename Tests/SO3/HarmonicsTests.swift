internal import E3xCKernels
internal import E3xEngine
internal import E3xExact
internal import E3xSO3
internal import TestSupport
internal import Testing

/// Harmonics by recurrence against their polynomials, whose coefficients are exact.
@Suite struct HarmonicsTests {
  /// Terms, values of whose derivatives of any order are sums of monomials.
  private typealias Polynomial = [Monomial]

  private static let isas: [e3x_isa] = [
    E3X_ISA_BASELINE, E3X_ISA_AVX2, E3X_ISA_AVX512, E3X_ISA_NEON,
  ]

  /// - Parameters:
  ///   - table: A table of these polynomials: each an output, or summed with weights.
  private func check(
    _ table: PolynomialTable, _ polynomials: [Polynomial], rows: Int, _ dtype: DType,
    tolerance: Double, _ what: String
  ) throws {
    let count = table.weights ?? 1
    #expect(table.count * count == polynomials.count, "\(what)")
    func draw(_ seed: UInt64, _ width: Int) throws -> (numbers: [Double], tensor: Tensor) {
      let numbers = try RandomKey(seed: seed).uniform(
        Double.self, count: rows * width, lower: -1.2, upper: 1.2
      ).map { dtype == .float32 ? Double(Float($0)) : $0 }
      return (numbers, try Tensor(numbers, shape: [rows, width]).cast(to: dtype))
    }
    let (points, x) = try draw(5, 3)
    let (factors, weights) = try draw(6, count)
    let expected = (0..<rows).flatMap { row in
      let r = SIMD3(points[3 * row], points[3 * row + 1], points[3 * row + 2])
      return (0..<table.count).map { output in
        (0..<count).reduce(0.0) {
          $0 + polynomials[output * count + $1](r)
            * (table.weights == nil ? 1 : factors[row * count + $1])
        }
      }
    }
    // Of high degrees an entry is what is left of larger terms.
    try expectAgreement(
      x.polynomials(table, weights: table.weights == nil ? nil : weights).cast(to: .float64),
      with: Tensor(expected, shape: [rows, table.count]), tolerance: tolerance, floor: 1, what)
  }

  /// Polynomials of outputs and weights in the order of the transposed table.
  private func transposed(_ polynomials: [Polynomial], _ table: PolynomialTable) -> [Polynomial] {
    (0..<table.weights!).flatMap { weight in
      (0..<table.count).map { polynomials[$0 * table.weights! + weight] }
    }
  }

  @Test(arguments: [0, 1, 2, 3, 5, 8, 12, 16], [true, false])
  func valuesAndDerivativesAreThoseOfThePolynomials(_ maxDegree: Int, _ cartesianOrder: Bool) throws
  {
    var polynomials = SolidHarmonics.polynomials(
      maxDegree: maxDegree, cartesianOrder: cartesianOrder)
    var table = solidHarmonicsTable(maxDegree: maxDegree, cartesianOrder: cartesianOrder)
    let isas = Self.isas.filter { isa in
      let current = e3x_current_isa()
      defer { _ = e3x_force_isa(current) }
      return e3x_force_isa(isa) == 0
    }
    let current = e3x_current_isa()
    defer { _ = e3x_force_isa(current) }
    for order in 0...3 {
      for isa in isas {
        #expect(e3x_force_isa(isa) == 0)
        let rows = [0, 1, 3, 7, 8, 17, 32, 45][(maxDegree + order) % 8] + Int(isa.rawValue)
        let what = "degree \(maxDegree), derivative \(order), \(rows) rows, set \(isa.rawValue)"
        // The polynomials are summed in double precision themselves, with coefficients that grow.
        try check(table, polynomials, rows: rows, .float64, tolerance: 1e-13, what)
        try check(table, polynomials, rows: rows, .float32, tolerance: 2e-6, what)
        guard table.weights != nil else { continue }
        let turned = transposed(polynomials, table)
        try check(table.transposed, turned, rows: rows, .float64, tolerance: 1e-13, what)
        try check(table.transposed, turned, rows: rows, .float32, tolerance: 2e-6, what)
      }
      if order < 3 {
        polynomials = CartesianAxis.allCases.flatMap { axis in
          polynomials.map { $0.derivative(axis) }
        }
        table = table.gradient
      }
    }
  }

  /// One harmonic in each output, in any order and with any coefficients, also such that the
  /// recurrence cannot take up.
  @Test(arguments: [1, 2, 3, 4])
  func oneHarmonicInEachOutput(_ maxDegree: Int) throws {
    let all = SolidHarmonics.polynomials(maxDegree: maxDegree, cartesianOrder: false)
    let degrees = (0...maxDegree).flatMap { [Int](repeating: $0, count: 2 * $0 + 1) }
    let orders = (0...maxDegree).flatMap { Array(-$0...$0) }
    let order = all.indices.sorted { ($0 * 7) % 23 < ($1 * 7) % 23 }
    let coefficients: [(String, [Double])] = [
      ("of the degree", degrees.map { 0.7 + Double($0) }),
      ("of the order", orders.map { 0.5 + Double(abs($0)) }),
      ("of the sign", orders.map { $0 < 0 ? -0.5 : 1.25 }),
      ("of the number", all.indices.map { 0.3 * Double($0 % 3) }),
    ]
    for (what, coefficients) in coefficients {
      for harmonics in [order, Array(all.indices), order.map { max($0, 1) }] {
        let table = PolynomialTable(
          name: "test",
          harmonics: HarmonicCombinations(
            maxDegree: maxDegree,
            combinations: harmonics.map { [.init($0, coefficients[$0])] }))
        let polynomials = harmonics.map { harmonic in
          all[harmonic].map {
            var scaled = $0
            scaled.coefficient *= coefficients[harmonic]
            return scaled
          }
        }
        for rows in [5, 33, 64] {
          try check(table, polynomials, rows: rows, .float64, tolerance: 1e-13, what)
          try check(table, polynomials, rows: rows, .float32, tolerance: 2e-6, what)
        }
      }
    }
  }

  /// Far from the reach of tables: r^l P_l(z / r) at a point of the z axis is z^l, and the sum
  /// over m of squares of spherical harmonics of degree l in Racah's normalisation is 1.
  @Test(arguments: [20, 40])
  func highDegreesKeepTheirSum(_ maxDegree: Int) throws {
    let rows = 37
    let r = try Tensor(
      RandomKey(seed: 2).normal(Double.self, count: 3 * rows), shape: [rows, 3])
    let y = try sphericalHarmonics(r, maxDegree: maxDegree, normalization: .racah)
    for degree in [0, 1, maxDegree / 2, maxDegree] {
      let sums = try y.sliced((degree * degree)..<((degree + 1) * (degree + 1)), axis: -1).square()
        .sum([-1])
      try expectAgreement(
        sums, with: .ones([Dimension(rows)], dtype: .float64), tolerance: 1e-12, "degree \(degree)")
    }
  }

  /// Rows need not be next to each other.
  @Test func rowsMayBeApart() throws {
    let wide = try Tensor(
      RandomKey(seed: 3).normal(Double.self, count: 5 * 21), shape: [21, 5])
    let slice = try wide.sliced(1..<4, axis: 1)
    try expectAgreement(
      solidHarmonics(slice, maxDegree: 4),
      with: solidHarmonics(slice.materialized(), maxDegree: 4), tolerance: 0)
  }
}
