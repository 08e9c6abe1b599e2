internal import E3xEngine
internal import E3xExact

/// The coupling tables between irreps and square matrices of 2l̃+1 rows.
struct MatrixBasis {
  /// l̃: matrices have 2l̃+1 rows and columns.
  let degree: Int
  let cartesianOrder: Bool

  private var size: Int { 2 * degree + 1 }
  private var suffix: String { "\(degree)\(cartesianOrder ? "" : " spherical")" }

  /// The work to make all tables, as `ClebschGordan.work`.
  var work: Double {
    let coefficients = (0...2 * degree).reduce(0) { $0 + ClebschGordan.work(degree, degree, $1) }
    return coefficients + Double(size) * Double(size) * Double(size)
  }

  /// Slots: left, right, product.
  var product: CouplingTable {
    let size = size
    return CouplingTables.shared.table("matrix product \(degree)") {
      var terms: [CouplingTable.Term] = []
      for i in 0..<size {
        for j in 0..<size {
          for k in 0..<size { terms.append(.init([i * size + k, k * size + j, i * size + j], 1)) }
        }
      }
      let count = size * size
      return CouplingTable(
        name: "matrix product \(degree)", sizes: [count, count, count], terms: terms)
    }
  }

  /// Slots: irreps, kernel, matrix; nil if there are no irreps of that parity.
  func fromIrreps(_ shape: FeatureShape, odd: Bool) -> CouplingTable? {
    let blocks = shape.blocks.filter { $0.isOdd == odd }
    if blocks.isEmpty { return nil }
    let name =
      "irreps to matrix \(suffix) (\(shape.parities) \(shape.maxDegree) \(odd ? "odd" : "even"))"
    return CouplingTables.shared.table(name) {
      CouplingTable(
        name: name, sizes: [shape.components, shape.maxDegree + 1, size * size],
        terms: blocks.flatMap { block in
          entries(block).map { .init([$0.irrep, block.degree, $0.matrix], $0.value) }
        })
    }
  }

  /// Slots: matrix, kernel, irreps; nil if the output has none of that parity.
  func toIrreps(_ shape: FeatureShape, odd: Bool) -> CouplingTable? {
    let blocks = shape.blocks.filter { $0.isOdd == odd }
    if blocks.isEmpty { return nil }
    let name =
      "matrix to irreps \(suffix) (\(shape.parities) \(shape.maxDegree) \(odd ? "odd" : "even"))"
    return CouplingTables.shared.table(name) {
      CouplingTable(
        name: name, sizes: [size * size, shape.maxDegree + 1, shape.components],
        terms: blocks.flatMap { block in
          entries(block).map { .init([$0.matrix, block.degree, $0.irrep], $0.value) }
        })
    }
  }

  private func entries(_ block: FeatureBlock) -> [(irrep: Int, matrix: Int, value: Double)] {
    ClebschGordan.terms(degree, degree, block.degree, cartesianOrder: cartesianOrder).map { term in
      (block.start + term.third, term.first * size + term.second, term.value)
    }
  }
  /// Slots: weights of the first factor (even, then odd), of the second, of the product (eee, ooe,
  /// eoo, oeo), and those of the paths of the tensor product that gives the same as the product of
  /// matrices.
  ///
  /// That product maps irreps bilinearly and equivariantly, so that each of its paths is a multiple
  /// of the coupling with Clebsch-Gordan coefficients (Wigner-Eckart theorem).
  func pathWeights(_ paths: CouplingPaths) -> CouplingTable {
    let name =
      "fused weights \(suffix) (\(paths.shape.map(String.init).joined(separator: " ")))"
    return CouplingTables.shared.table(name) {
      let counts = (0..<3).map { paths.features($0).maxDegree + 1 }
      let terms = paths.allowed.map { path in
        let (a, b, c) = path.block
        let kind = (a.isOdd ? 1 : 0, b.isOdd ? 1 : 0)
        // eee, ooe, eoo, oeo
        let product = kind.0 == kind.1 ? kind.0 : 2 + kind.0
        return CouplingTable.Term(
          [
            kind.0 * counts[0] + a.degree, kind.1 * counts[1] + b.degree,
            product * counts[2] + c.degree, path.index,
          ], recoupling(a.degree, b.degree, c.degree))
      }
      return CouplingTable(
        name: name, sizes: [2 * counts[0], 2 * counts[1], 4 * counts[2], paths.count],
        terms: terms)
    }
  }

  /// What irreps of degrees l1 and l2 give in degree l3 by way of matrices, as a multiple of what
  /// Clebsch-Gordan coefficients give.
  private func recoupling(_ l1: Int, _ l2: Int, _ l3: Int) -> Double {
    func matrices(_ l: Int) -> [ClebschGordanTerm] {
      ClebschGordan.terms(degree, degree, l, cartesianOrder: cartesianOrder)
    }
    // One component tells.
    guard
      let largest = ClebschGordan.terms(l1, l2, l3, cartesianOrder: cartesianOrder)
        .max(by: { abs($0.value) < abs($1.value) })
    else { return 0 }
    let left = matrices(l1).filter { $0.third == largest.first }
    let right = matrices(l2).filter { $0.third == largest.second }
    let result = matrices(l3).filter { $0.third == largest.third }
    var sum = 0.0
    for a in left {
      for b in right where b.first == a.second {
        for c in result where c.first == a.first && c.second == b.second {
          sum += a.value * b.value * c.value
        }
      }
    }
    return sum / largest.value
  }
}
