import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Dense lists and batches take the way of sparse lists: the same numbers, in the same sweeps.
@Suite struct PairRowsTests {
  private let layer = SelfAttention(
    MultiHeadAttention(numHeads: 2, maxDegree: 1, useBasisBias: true))
  private let features = 4
  private let size = 4
  private let numBasis = 3

  /// [x, basis, cutoff, list, mask] of a dense list with padding, of so many batches (nil: no axis).
  private func arguments(batches: Int?, atoms: Int, width: Int, seed: Int) throws -> [Tensor] {
    let leading = batches.map { [$0] } ?? []
    let count = (batches ?? 1) * atoms * width
    let numbers: [Double] = try testValues([count], seed: seed).scalars()
    let list = numbers.map {
      Int32(min(Double(atoms), abs($0) * 1e4.truncatingRemainder(dividingBy: Double(atoms + 1))))
    }
    return [
      try testValues(leading + [atoms, 2, size, features], seed: seed + 1),
      try testValues(leading + [atoms, width, 1, size, numBasis], seed: seed + 2),
      try testValues(leading + [atoms, width], seed: seed + 3).square().materialized(),
      try Tensor(list, shape: leading + [atoms, width]),
      try Tensor(numbers.map { $0 > -0.5 }, shape: leading + [atoms, width]),
    ]
  }

  private func call(
    _ scope: Scope, _ arguments: [Tensor], isMasked: Bool
  ) throws -> Tensor {
    var mask = try arguments[3].isLess(
      than: Tensor.size(arguments[0].shape.dropLast(axes: 3).last!))
    if isMasked { mask = try mask.and(arguments[4]) }
    return try layer(
      scope, arguments[0], basis: arguments[1], cutoffValue: arguments[2], adjIdx: arguments[3],
      where: isMasked ? mask : nil)
  }

  /// The result and gradients by x, basis, cutoff and all parameters.
  private func derivatives(
    _ parameters: Parameters, _ arguments: [Tensor], isMasked: Bool
  ) throws -> [Tensor] {
    let paths = parameters.map(\.path)
    var given = Parameters()
    for (path, tensor) in matched(paths, arguments[5...]) { given[path] = tensor }
    let result = try call(given.scope, arguments, isMasked: isMasked)
    let loss = try (result.sin() * result).sum()
    return try [result]
      + gradient(of: loss, withRespectTo: Array(arguments[..<3]) + Array(arguments[5...]))
  }

  private func parameters(_ arguments: [Tensor]) throws -> Parameters {
    try testParameters { scope in try call(scope, arguments, isMasked: false) }
  }

  private func compiled(
    _ parameters: Parameters, batches: Bool, isMasked: Bool, _ choice: ExecutorChoice
  ) throws -> CompiledFunction {
    let (batch, atoms, width) = (
      Dimension.rows("batch"), Dimension.rows("atoms"), Dimension.rows("width")
    )
    let leading = Shape(batches ? [batch] : [])
    let (f, s, k) = (Dimension(features), Dimension(size), Dimension(numBasis))
    let specifications =
      [
        TensorSpecification(leading + [atoms, 2, s, f], dtype: .float64),
        TensorSpecification(leading + [atoms, width, 1, s, k], dtype: .float64),
        TensorSpecification(leading + [atoms, width], dtype: .float64),
        TensorSpecification(leading + [atoms, width], dtype: .int32),
        TensorSpecification(leading + [atoms, width], dtype: .bool),
      ] + parameters.map { TensorSpecification($0.tensor.shape, dtype: $0.tensor.dtype) }
    return try ExecutorChoice.$override.withValue(choice) {
      try CompiledFunction(specifications) { arguments in
        try derivatives(parameters, arguments, isMasked: isMasked)
      }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func oneFunctionForAllSizes(batches: Bool, isMasked: Bool) throws {
    let first = try arguments(batches: batches ? 2 : nil, atoms: 3, width: 2, seed: 1)
    let parameters = try parameters(first)
    let function = try compiled(parameters, batches: batches, isMasked: isMasked, .planned)
    for (batch, atoms, width) in [(2, 3, 2), (1, 5, 4), (3, 1, 1), (2, 4, 0), (0, 2, 2)] {
      var arguments = try arguments(
        batches: batches ? batch : nil, atoms: atoms, width: width, seed: 7 + atoms)
      arguments += parameters.map(\.tensor)
      let expected = try derivatives(parameters, arguments, isMasked: isMasked)
      for (index, (a, b)) in try matched(function(arguments), expected).enumerated() {
        // Gradients may be zero but for rounding: where one pair is all that a destination has.
        try expectAgreement(
          a + 1, with: b + 1, tolerance: 1e-11, "\(batch) \(atoms) \(width): \(index)")
      }
    }
  }

  /// A batch is what its parts are: no pair reads another batch.
  @Test(arguments: [false, true]) func batchesAreApart(isMasked: Bool) throws {
    let all = try arguments(batches: 3, atoms: 4, width: 3, seed: 20)
    let parameters = try parameters(all)
    let together = try call(parameters.scope, all, isMasked: isMasked)
    for batch in 0..<3 {
      let part = try all.map { try $0.sliced(batch..<(batch + 1), axis: 0).squeezed(axis: 0) }
      try expectAgreement(
        together.sliced(batch..<(batch + 1), axis: 0).squeezed(axis: 0),
        with: call(parameters.scope, part, isMasked: isMasked), tolerance: 1e-12, "batch \(batch)")
    }
  }

  /// Whatever has a row for each pair is made in sweeps, index lists aside.
  @Test(arguments: [false, true]) func pairsGoThroughSweeps(batches: Bool) throws {
    let first = try arguments(batches: batches ? 2 : nil, atoms: 3, width: 2, seed: 1)
    let plan = try compiled(
      parameters(first), batches: batches, isMasked: false, .automatic
    ).plan
    let lines = plan.split(separator: "\n")
    #expect(lines.contains { $0.contains("groupedSum") }, "sums before couplings")
    let views = ["input", "reshape", "broadcast"]
    for line in lines where line.hasPrefix("%") && line.contains("width") {
      // Operations on their own: index lists, which have no features.
      let isView = views.contains { line.contains(" = \($0)") }
      #expect(isView || !line.contains(/, \d+\]$/), "\(line)")
    }
  }
}
