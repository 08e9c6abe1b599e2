import E3xExact
import Foundation
import Testing

@Suite struct ClebschGordanTests {
  /// 1/sqrt(2), where the cross product and symmetric products have their coefficients.
  static let half = 0.5.squareRoot()

  /// Degrees (1, 1, 1) couple to the cross product over sqrt(2).
  @Test func vectorsCoupleToTheirCrossProduct() {
    let expected: [Double] = [
      0, 0, 0, 0, 0, Self.half, 0, -Self.half, 0,
      0, 0, -Self.half, 0, 0, 0, Self.half, 0, 0,
      0, Self.half, 0, -Self.half, 0, 0, 0, 0, 0,
    ]
    #expect(ClebschGordan.block(1, 1, 1) == expected)
  }

  /// e3x 1.0.2: `so3.clebsch_gordan_for_degrees(1, 1, 2)`.
  @Test func vectorsCoupleToDegree2() {
    let third = (1.0 / 6).squareRoot()
    let expected: [Double] = [
      Self.half, 0, 0, 0, -third, 0, Self.half, 0, 0, 0, 0, 0, Self.half, 0, 0,
      0, Self.half, 0, 0, 0, -Self.half, 0, 0, 0, -third, 0, 0, 0, Self.half, 0,
      0, 0, Self.half, 0, 0, 0, 0, 0, Self.half, 0, 0, 0, 0, 0, (2.0 / 3).squareRoot(),
    ]
    #expect(largestDifference(ClebschGordan.block(1, 1, 2), expected) <= 2e-16)
  }

  /// e3x 1.0.2, in float64: the coefficients of `so3.clebsch_gordan(2, 2, 2,
  /// cartesian_order=False)` contracted with w and w^2, where w[i] = cos(i).
  @Test func allDegreesInSphericalOrder() {
    let w = (0..<9).map { cos(Double($0)) }
    let tensor = ClebschGordan.tensor(
      maxDegree1: 2, maxDegree2: 2, maxDegree3: 2, cartesianOrder: false)
    let expected = [
      0.9607088098620337, -0.13371742466590444, -0.855934079539473, -0.10532530797174337,
      0.6779221649454803, 1.3538320229734888, 2.5852456227157727, 1.4997065169689907,
      -0.7310771750899667,
    ]
    #expect(largestDifference(contract(tensor, w, w.map { $0 * $0 }), expected) <= 1e-14)
  }

  /// e3x 1.0.2, in float64: the coefficients of `so3.clebsch_gordan(4, 3, 4)` contracted with
  /// cos(i) and sin(j).
  @Test func allDegreesInCartesianOrder() {
    let tensor = ClebschGordan.tensor(maxDegree1: 4, maxDegree2: 3, maxDegree3: 4)
    let expected = [
      -0.03352817431414809, 2.0853059376111465, -3.224547445573908, 1.9665542001808434,
      0.45387167503324066, -1.848058928111546, -1.1658538930911075, -0.6582767629178554,
      1.4370449669604894, 0.5564046641048503, -1.897725113705396, 0.8550919796221869,
      2.898952962301213, 0.04067448810618521, -0.25947739658189084, -0.49835423940828827,
      1.1774968143241609, -0.748319331368481, -1.2912993189026094, 0.35262925864518574,
      0.7815280727378757, 2.5606221036610313, 0.7058291607068605, -0.7929794881582357,
      -1.1640086383932586,
    ]
    let product = contract(
      tensor, (0..<25).map { cos(Double($0)) }, (0..<16).map { sin(Double($0)) })
    #expect(largestDifference(product, expected) <= 1e-13)
  }

  /// Coefficients of sympy's `clebsch_gordan(20, 20, 20, 7, -3, 4)` and (12, 12, 12, 3, -5, -2),
  /// evaluated with 40 digits: real coefficients of these orders are 1/sqrt(2) of them, up to sign.
  @Test(arguments: [(20, 7, 3, 4, 0.09317246724975078), (12, 3, 5, 2, 0.1185251997939629)])
  func highDegrees(l: Int, m1: Int, m2: Int, m3: Int, complex: Double) {
    let terms = ClebschGordan.terms(l, l, l, cartesianOrder: false)
    let value = terms.first { $0.first == l + m1 && $0.second == l + m2 && $0.third == l + m3 }
    #expect(abs(abs(value?.value ?? .nan) - complex * Self.half) <= 3e-17)
  }

  static let triples = [
    (0, 0, 0), (1, 0, 1), (2, 1, 2), (2, 2, 1), (3, 2, 4), (4, 4, 4), (5, 3, 6), (9, 8, 10),
    (12, 12, 12), (20, 14, 15),
  ]

  /// The columns of a block are orthonormal: sum over m1, m2 of C[m1, m2, a] C[m1, m2, b] is 1 for
  /// a = b and 0 otherwise.
  @Test(arguments: triples, [true, false])
  func columnsAreOrthonormal(degrees: (Int, Int, Int), cartesianOrder: Bool) {
    let (l1, l2, l3) = degrees
    let block = ClebschGordan.block(l1, l2, l3, cartesianOrder: cartesianOrder)
    let n3 = 2 * l3 + 1
    let gram = matrixProduct(transposed(block, columns: n3), block, inner: block.count / n3)
    #expect(largestDifference(gram, identityMatrix(n3)) <= 1e-14)
  }

  /// All products of two components together are a rotation of the tensor product.
  @Test(arguments: [(1, 1), (2, 3), (5, 4)])
  func blocksOfAllProductsAreComplete(l1: Int, l2: Int) {
    let n = (2 * l1 + 1) * (2 * l2 + 1)
    var sum = [Double](repeating: 0, count: n * n)
    for l3 in abs(l1 - l2)...(l1 + l2) {
      let block = ClebschGordan.block(l1, l2, l3)
      let part = matrixProduct(block, transposed(block, columns: 2 * l3 + 1), inner: 2 * l3 + 1)
      for i in sum.indices { sum[i] += part[i] }
    }
    #expect(largestDifference(sum, identityMatrix(n)) <= 1e-14)
  }

  /// Rotating both factors rotates the product.
  @Test(arguments: triples.dropLast(), [true, false])
  func couplingCommutesWithRotations(degrees: (Int, Int, Int), cartesianOrder: Bool) {
    let (l1, l2, l3) = degrees
    let n = (2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1)
    let block = ClebschGordan.block(l1, l2, l3, cartesianOrder: cartesianOrder)
    for rotation in someRotations {
      let d = WignerD.blocks(
        rotation: rotation, maxDegree: max(l1, l2, l3), cartesianOrder: cartesianOrder)
      // D1 (x) D2 C = C D3, one factor at a time.
      var rotated = matrixProduct(d[l1], block, inner: n.0)
      for i in 0..<n.0 {
        let slice = i * n.1 * n.2..<(i + 1) * n.1 * n.2
        rotated.replaceSubrange(
          slice, with: matrixProduct(d[l2], Array(rotated[slice]), inner: n.1))
      }
      let expected = matrixProduct(block, d[l3], inner: n.2)
      #expect(largestDifference(rotated, expected) <= 1e-13)
    }
  }

  @Test func forbiddenDegreesVanish() {
    #expect(ClebschGordan.terms(1, 1, 3).isEmpty)
    #expect(ClebschGordan.block(1, 1, 3) == [Double](repeating: 0, count: 63))
  }

  private func contract(_ tensor: [Double], _ x: [Double], _ y: [Double]) -> [Double] {
    matrixProduct(x.flatMap { value in y.map { value * $0 } }, tensor, inner: x.count * y.count)
  }
}
