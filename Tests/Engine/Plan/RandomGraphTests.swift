import E3xEngine
import E3xInterpreter
import TestSupport
import Testing

/// Dense enough that couplings run by runs of rows.
private let table: CouplingTable = {
  var terms: [CouplingTable.Term] = []
  for i in 0..<3 {
    for j in 0..<3 where !(i == 1 && j == 1) {
      let value = Double(i - 2 * j) + 0.5
      terms.append(CouplingTable.Term([(i + j) % 4, i, j, (2 * i + j) % 3], value))
      terms.append(CouplingTable.Term([(i + 2 * j) % 4, i, j, j], 0.25 * value))
    }
  }
  return CouplingTable(name: "random graphs", sizes: [4, 3, 3, 3], terms: terms)
}()

/// Sums of products, with weights for blocks of components and without.
private let dotTable = CouplingTable(
  name: "dot", sizes: [3, 3, 2, 1],
  terms: [.init([0, 1, 0, 0], 1), .init([1, 0, 1, 0], 0.5), .init([2, 2, 1, 0], -1)])
private let plainDotTable = CouplingTable(
  name: "plain dot", sizes: [3, 3, 1], terms: (0..<3).map { .init([$0, $0, 0], 1) })
private let weightedHarmonics = PolynomialTable(
  name: "weighted harmonics",
  harmonics: HarmonicCombinations(
    maxDegree: 2,
    combinations: (0..<60).map { position in
      (0..<(position % 3)).map { .init((position * 5 + $0 * 4) % 9, 0.3 - Double($0)) }
    }), weights: 5)
private let weightedMonomials = PolynomialTable(
  name: "weighted monomials",
  polynomials: (0..<60).map { position in
    (0..<(position % 3)).map { .init((position % 2, $0, position % 3), 0.4 - Double($0)) }
  }, weights: 5)

/// A random function of atoms [a, 3, 4], pairs [p, 3, 4], weights and index lists: several values of
/// both spaces, from random operations on random earlier ones.
private func randomFunction(_ arguments: [Tensor], seed: Int) throws -> [Tensor] {
  var dice = Dice(seed: seed)
  var (atoms, pairs) = ([arguments[0]], [arguments[1]])
  // A list may be given as a column.
  let (dst, src) = (arguments[4], try arguments[5].reshaped(to: [arguments[5].shape[0]]))
  let count = arguments[0].shape[0]
  func unary(_ x: Tensor, _ choice: Int) throws -> Tensor {
    switch choice {
    case 0: return try x.tanh()
    case 1: return try (x * 0.5).sin() + 0.25
    case 2: return try .select(x.isGreater(than: 0.1), x, x * 0.5)
    case 3: return try x.linear(arguments[2], blocks: [1, 0, 1])
    case 4:
      return try .concatenate(
        [x.sliced(1..<3, axis: 1), x.sliced(0..<1, axis: 1).square()], axis: 1)
    case 5: return try x.sliced(1..<3, axis: 2).padded(before: 1, after: 1, axis: 2)
    case 6: return try x - x.sum([1], keepDimensions: true) * 0.25
    case 7: return try x.max([2], keepDimensions: true) * x
    case 8: return try x.permuted([0, 2, 1]).tanh().permuted([0, 2, 1])
    case 9, 10:
      let flat = try x.reshaped(to: [x.shape[0], 12])
      let points = try flat.sliced(2..<5, axis: 1).tanh()
      return try points.polynomials(
        choice == 9 ? weightedHarmonics : weightedMonomials, weights: flat.sliced(3..<8, axis: 1)
      ).reshaped(to: [x.shape[0], 3, 4])
    default: return try x.reshaped(to: [x.shape[0], 12]).reshaped(to: [x.shape[0], 3, 4]) * 0.7
    }
  }
  for _ in 0..<9 {
    let (a, b) = (atoms[dice.roll(atoms.count)], atoms[dice.roll(atoms.count)])
    let (p, q) = (pairs[dice.roll(pairs.count)], pairs[dice.roll(pairs.count)])
    switch dice.roll(14) {
    case 0: atoms.append(try unary(a, dice.roll(12)))
    case 1, 2: pairs.append(try unary(p, dice.roll(12)))
    case 3: atoms.append(try (a + b).tanh())
    case 4: pairs.append(try p * q)
    case 5: pairs.append(try a.gathered(dice.roll(2) == 0 ? dst : src))
    case 6: atoms.append(try p.segmentSum(dice.roll(2) == 0 ? dst : src, count: count).tanh())
    case 7:
      let highest = try p.segmentMax(dst, count: count)
      atoms.append(try .select(highest.isGreater(than: -1e9), highest, 0) * a)
    case 8: pairs.append(try Tensor.couple(table, [arguments[3], p, q], output: 3) * 0.3)
    case 9, 10:
      let (x, y) = (try a.gathered(dst), try b.gathered(src))
      let dots = try Tensor.couple(dotTable, [x, y.tanh(), q.sliced(0..<2, axis: 1)], output: 3)
      let sums = try Tensor.couple(plainDotTable, [dice.roll(2) == 0 ? x : p, y], output: 2)
      pairs.append(try p * (dots.tanh() + sums.tanh()))
    case 11:
      let numbers = try q.sliced(0..<1, axis: 2).reshaped(to: [q.shape[0], 3])
      pairs.append(try numbers.spread(p.sliced(1..<3, axis: 1), blocks: [1, dice.roll(3) - 1, 0]))
    case 12:
      let vectors = try q.sliced(0..<1, axis: 2).reshaped(to: [q.shape[0], 3])
      let above = [0, 0.5][dice.roll(2)]
      pairs.append(
        try p * (vectors.direction(above: above) + vectors.length().tanh()).expanded(at: 2))
    default: atoms.append(try Tensor.couple(table, [arguments[3], a, b], output: 3) * 0.3)
    }
  }
  return [atoms.last!, pairs.last!, try atoms.last!.sum([0, 2]), try pairs.last!.mean([1])]
}

@Suite(.verifiedPlans) struct RandomGraphTests {
  /// Values, first and second derivatives of a random function.
  private func results(_ arguments: [Tensor], seed: Int) throws -> [Tensor] {
    let outputs = try randomFunction(arguments, seed: seed)
    let variables = Array(arguments[..<4])
    var sum = Tensor(0, dtype: .float64)
    for output in outputs { sum = try sum + output.tanh().sum() }
    let first = try gradient(of: sum, withRespectTo: variables)
    var square = Tensor(0, dtype: .float64)
    for part in first { square = try square + part.square().sum() }
    return outputs + first + (try gradient(of: square, withRespectTo: variables))
  }

  @Test(arguments: 0..<60)
  func executorsAgree(seed: Int) throws {
    let (a, p) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications = [
      TensorSpecification([a, 3, 4], dtype: .float64),
      TensorSpecification([p, 3, 4], dtype: .float64),
      TensorSpecification([2, 4, 4], dtype: .float64),
      TensorSpecification([4, 4], dtype: .float64),
      TensorSpecification([p], dtype: .int32), TensorSpecification([p, 1], dtype: .int32),
    ]
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications) { try results($0, seed: seed) }
      }
    }
    // As usual; cut into parts and through buffers wherever it can be; in the orders of lists;
    // operation by operation.
    let executors: [ExecutorChoice] = [.automatic, .planned, .ordered, .stepwise]
    let functions = try executors.map { (name: $0, function: try compiled($0)) }
    let plain = try compiled(.interpreter)
    // Ordinary, padded, one pair, all pairs on one atom, none; with empty segments. Large enough
    // for several parts.
    let lists: [(atoms: Int, dst: [Int], src: [Int])] = [
      (5, [0, 0, 1, 3, 3, 3, 4], [1, 4, 0, 4, 0, 1, 2]),
      (4, [1, 1, 2, 4, 4], [0, 4, 3, 4, 1]),
      (3, [2], [0]), (6, [Int](repeating: 3, count: 9), [0, 1, 2, 3, 4, 5, 0, 1, 2]), (2, [], []),
      (300, (0..<1500).map { $0 / 5 }, (0..<1500).map { ($0 * 7919) % 300 }),
      (40, (0..<700).map { ($0 * 37) % 40 }, (0..<700).map { ($0 * 11) % 41 }),
    ]
    for list in lists {
      let arguments = [
        try testValues([list.atoms, 3, 4], seed: seed + 1),
        try testValues([list.dst.count, 3, 4], seed: seed + 2),
        try testValues([2, 4, 4], seed: seed + 3) * 0.5,
        try testValues([4, 4], seed: seed + 4),
        Tensor(list.dst.map { Int32($0) }),
        try Tensor(list.src.map { Int32($0) }, shape: [list.src.count, 1]),
      ]
      let expected = try plain(arguments)
      for (name, function) in functions {
        for (index, (x, y)) in matched(try function(arguments), expected).enumerated() {
          try expectAgreement(
            x, with: y, tolerance: 1e-11,
            "\(name), seed \(seed), \(list.atoms) atoms, result \(index)")
        }
      }
    }
  }
}
