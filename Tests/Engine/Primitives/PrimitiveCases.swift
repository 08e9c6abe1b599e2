import E3xEngine

/// A function made of one primitive, for checks of values and derivatives.
struct PrimitiveCase: Sendable, CustomStringConvertible {
  let name: String
  /// Shapes of the arguments that it is differentiated to.
  let shapes: [[Int]]
  /// Moves arguments where the function is smooth: elementwise, from about -2 ... 2.
  var domain: @Sendable (Double) -> Double = { $0 }
  let function: @Sendable ([Tensor]) throws -> Tensor
  var description: String { name }
}

private let positive: @Sendable (Double) -> Double = { 0.5 + abs($0) }
private let away: @Sendable (Double) -> Double = { $0 < 0 ? $0 - 0.3 : $0 + 0.3 }

private let tensorTable = CouplingTable(
  name: "test tensor", sizes: [2, 3, 2, 4],
  terms: [
    .init([0, 0, 0, 0], 1.5), .init([1, 0, 1, 0], -0.5), .init([0, 2, 1, 1], 2),
    .init([1, 1, 0, 3], 0.25), .init([1, 2, 0, 3], -1), .init([0, 1, 1, 3], 0.75),
  ])
private let productTable = CouplingTable(
  name: "test product", sizes: [3, 2, 4],
  terms: [
    .init([0, 0, 0], 1), .init([1, 1, 0], -2), .init([2, 0, 2], 0.5), .init([2, 1, 3], 1.25),
  ])
private let mapTable = CouplingTable(
  name: "test map", sizes: [3, 2],
  terms: [.init([0, 0], 2), .init([1, 1], -1), .init([2, 0], 0.5)])
private let polynomials: [[PolynomialTable.Monomial]] = [
  [.init((0, 0, 0), 2)], [.init((2, 1, 0), 1), .init((0, 0, 3), -0.5)],
  [.init((1, 1, 1), 3), .init((0, 4, 0), 0.25), .init((1, 0, 0), -1)], [],
]
private let polynomialTable = PolynomialTable(name: "test", polynomials: polynomials)
private let weightedPolynomialTable = PolynomialTable(
  name: "test with weights", polynomials: polynomials + polynomials.reversed().dropLast(2),
  weights: 2)

private func indices(_ list: [Int32], _ shape: [Int]? = nil) throws -> Tensor {
  try Tensor(list, shape: shape ?? [list.count])
}

/// One or more cases for every primitive that has a derivative.
let primitiveCases: [PrimitiveCase] = {
  func unary(
    _ name: String, _ domain: @escaping @Sendable (Double) -> Double = { $0 },
    _ function: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> PrimitiveCase {
    PrimitiveCase(name: name, shapes: [[3, 4]], domain: domain) {
      try function($0[0])
    }
  }
  func binary(
    _ name: String, _ shapes: [[Int]], _ domain: @escaping @Sendable (Double) -> Double = { $0 },
    _ function: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> PrimitiveCase {
    PrimitiveCase(
      name: "\(name) \(shapes)", shapes: shapes, domain: domain
    ) { try function($0[0], $0[1]) }
  }
  var cases = [
    unary("negate") { try -$0 },
    unary("absolute", away) { try $0.absolute() },
    unary("sign", away) { try $0.sign() * $0 },
    unary("floor", { 0.3 + ($0 * 4).rounded() + 0.2 * $0 / 4 }) { try $0.floor() * $0 },
    unary("reciprocal", away) { try $0.reciprocal() },
    unary("squareRoot", positive) { try $0.squareRoot() },
    unary("exp") { try $0.exp() },
    unary("expMinusOne") { try $0.expMinusOne() },
    unary("log", positive) { try $0.log() },
    unary("logOnePlus", positive) { try $0.logOnePlus() },
    unary("sin") { try $0.sin() },
    unary("cos") { try $0.cos() },
    unary("tanh") { try $0.tanh() },
    unary("erf") { try $0.erf() },
    unary("stopGradient") { try ($0 * $0.stoppingGradient()) - $0 * $0.stoppingGradient() + $0 },
    unary("reshape") { try $0.reshaped(to: [2, 6]).square() },
    unary("permute") { try $0.permuted([1, 0]).square() },
    unary("broadcast") { try $0.expanded(at: 1).broadcast(to: [2, 3, 5, 4]).square() },
    unary("slice") { try $0.sliced(1..<3, axis: 1).square() },
    unary("pad") { try $0.padded(before: 2, after: 1, axis: 0).square() },
    unary("reduce sum") { try $0.sum([0]).square() },
    unary("reduce max") { try $0.max([1]).square() },
    unary("reduce min") { try $0.min([0], keepDimensions: true).square() },
    unary("power of an integer") { try $0.power(5) },
    unary("check", positive) { try $0.square().checked(.notNegative, "square", "x") * $0 },
    unary("softplus") { try $0.softplus() },
    unary("sigmoid") { try $0.sigmoid() },
  ]
  let broadcasts = [[[3, 4], [3, 4]], [[3, 4], [4]], [[2, 1, 4], [3, 1]], [[1], [2, 3]]]
  for shapes in broadcasts {
    cases += [
      binary("add", shapes) { try ($0 + $1).square() },
      binary("subtract", shapes) { try ($0 - $1).square() },
      binary("multiply", shapes) { try $0 * $1 },
      binary("divide", shapes, positive) { try $0 / $1 },
      binary("power", shapes, positive) { try $0.power($1) },
      binary("minimum", shapes) { try Tensor.minimum($0, $1).square() },
      binary("maximum", shapes) { try Tensor.maximum($0, $1).square() },
      binary("atan2", shapes, positive) { try Tensor.atan2(y: $0, x: $1) },
      binary("select", shapes) {
        try Tensor.select($0.isGreater(than: $1), $0.square(), $1.sin())
      },
    ]
  }
  cases += [
    binary("concatenate", [[2, 3], [2, 1]]) { try Tensor.concatenate([$0, $1], axis: 1).square() },
    binary("matmul", [[3, 4], [4, 2]]) { try $0.matmul($1) },
    binary("matmul", [[2, 1, 3, 4], [5, 4, 2]]) { try $0.matmul($1) },
    binary("linear", [[5, 4, 3], [2, 3, 2]]) { try $0.linear($1, blocks: [0, 1, -1, 1]) },
    binary("linear", [[2, 2, 1, 3], [1, 3, 4]]) { try $0.linear($1, blocks: [0]) },
    PrimitiveCase(
      name: "linearWeights", shapes: [[5, 2, 3], [2, 3, 2]]
    ) {
      // The derivative of a linear map to its weights, with the map as cotangent.
      let y = try $0[0].linear($0[1], blocks: [1, 0])
      return try pullback([y], cotangents: [y.square()], to: [$0[1]])[0]
    },
    PrimitiveCase(name: "gather", shapes: [[3, 2]]) {
      try $0[0].gathered(indices([2, 0, 0, 1, 2], [5, 1])).square()
    },
    PrimitiveCase(name: "gather with zero padding", shapes: [[3, 2]]) {
      try $0[0].gathered(indices([2, 3, 0]), padding: .zero).square()
    },
    PrimitiveCase(name: "segmentSum", shapes: [[5, 2]]) {
      try $0[0].segmentSum(indices([2, 0, 0, 4, 2]), count: 4).square()
    },
    PrimitiveCase(name: "segmentSum sorted", shapes: [[5, 2]]) {
      try $0[0].segmentSum(indices([0, 0, 1, 3, 3]), count: 4).square()
    },
    PrimitiveCase(name: "segmentMax", shapes: [[5, 2]]) {
      try $0[0].segmentMax(indices([2, 0, 0, 1, 2]), count: 3).square()
    },
    PrimitiveCase(name: "polynomial", shapes: [[4, 3]]) {
      try $0[0].polynomials(polynomialTable)
    },
    PrimitiveCase(name: "polynomial with weights", shapes: [[4, 3], [4, 2]]) {
      try $0[0].polynomials(weightedPolynomialTable, weights: $0[1])
    },
    PrimitiveCase(name: "length", shapes: [[4, 3]], domain: away) { try $0[0].length().square() },
    PrimitiveCase(name: "direction", shapes: [[2, 2, 3]], domain: away) {
      try $0[0].direction(above: 1).square() + $0[0].direction(above: 0)
    },
    PrimitiveCase(name: "override", shapes: [[4]]) { x in
      // The derivative given is the true one.
      try x[0].power(3).withDerivative(to: [x[0]]) { g throws(ShapeError) in
        [try g * 3 * x[0].square()]
      }
    },
  ]
  let blocks = [1, 1, 0, -1, 2, 1]
  cases += [
    binary("blockProduct", [[4, 6], [4, 3, 5]]) { try $0.spread($1, blocks: blocks) },
    // Its derivatives to either operand, with itself as cotangent.
    binary("blockProduct", [[4, 6], [4, 3, 5]]) {
      let rows = try $0.spread($1, blocks: blocks)
      let derivatives = try pullback([rows], cotangents: [rows.square()], to: [$0, $1])
      return try derivatives[0].square().sum([1]) + derivatives[1].sum([1, 2])
    },
  ]
  for output in 0..<4 {
    let sizes = [2, 3, 2, 4]
    let shapes = (0..<4).filter { $0 != output }.map { $0 == 0 ? [2, 5] : [6, sizes[$0], 5] }
    cases.append(
      PrimitiveCase(
        name: "couple of four, slot \(output)", shapes: shapes
      ) {
        try Tensor.couple(tensorTable, $0, output: output, reduce: output == 0)
      })
  }
  for output in 0..<3 {
    let sizes = [3, 2, 4]
    let shapes = (0..<3).filter { $0 != output }.map { [3, sizes[$0], 2] }
    cases.append(
      PrimitiveCase(
        name: "couple of three, slot \(output)", shapes: shapes
      ) { try Tensor.couple(productTable, $0, output: output) })
  }
  cases.append(
    PrimitiveCase(name: "couple of two", shapes: [[4, 3, 2]]) {
      try Tensor.couple(mapTable, $0, output: 1).square()
    })
  cases.append(
    PrimitiveCase(name: "couple without rows", shapes: [[3, 2], [2, 2]]) {
      try Tensor.couple(productTable, $0, output: 2)
    })
  return cases
}()
