import E3xEngine
import TestSupport
import Testing

/// What callers may get wrong is an error that says so, never a crash or a wrong number.
@Suite(.verifiedPlans) struct MisuseTests {
  @Test(arguments: 0..<3)
  func cotangentsOfAnotherShapeAreRefused(choice: Int) throws {
    let x = Tensor([1, 2, 3] as [Double])
    let y = try x.square().withDerivative(to: [x]) { cotangent throws(ShapeError) in
      switch choice {
      case 0: return []
      case 1: return [cotangent, cotangent]
      default: return [try cotangent.sum()]
      }
    }
    let error = #expect(throws: ShapeError.self) {
      try gradient(of: y.sum(), withRespectTo: [x])
    }
    #expect(error?.operation == "withDerivative")
    #expect(error?.rule.contains("[3]") == true)
  }

  @Test func rowsThatNoArgumentHasAreRefused() throws {
    let (rows, other) = (Dimension.rows("rows"), Dimension.rows("other"))
    for make: () throws -> CompiledFunction in [
      // The size of nothing, only asked for.
      {
        try CompiledFunction([TensorSpecification([rows])]) {
          [try $0[0] * Tensor.size(other, dtype: .float32)]
        }
      },
      // Only as part of a product, in an argument that is not used.
      {
        try CompiledFunction([TensorSpecification([rows]), TensorSpecification([rows * other])]) {
          [$0[0]]
        }
      },
      {
        try CompiledFunction([
          TensorSpecification([rows]), TensorSpecification([rows], dtype: .int32),
        ]) {
          [try $0[0].segmentSum($0[1], count: other)]
        }
      },
    ] {
      let error = #expect(throws: ShapeError.self) { try make() }
      #expect(error?.rule.contains("'other'") == true)
    }
  }

  @Test func whatIsTracedHasNoElements() throws {
    let rows = Dimension.rows("rows")
    for ask: (Tensor) throws -> Void in [
      { _ = try $0.sum().item() }, { _ = try $0.sum().materialized() },
      { _ = try Tensor.size($0.shape[0]).item() },
      { _ = try Tensor.ones($0.shape).sum().scalars(as: Float.self) },
      { try evaluate([Tensor(1), $0.sum()]) },
    ] {
      let error = #expect(throws: ShapeError.self) {
        try CompiledFunction([TensorSpecification([rows])]) {
          try ask($0[0])
          return $0
        }
      }
      #expect(error?.rule.contains("being traced") == true)
    }
    #expect(throws: ShapeError.self) {
      try CompiledFunction([TensorSpecification([2])]) {
        [Tensor(try $0[0].scalars(as: Float.self))]
      }
    }
  }

  @Test func productsOfRowsAreChecked() throws {
    let (atoms, frames) = (Dimension.rows("atoms"), Dimension.rows("frames"))
    let function = try CompiledFunction([
      TensorSpecification([atoms]), TensorSpecification([frames]),
      TensorSpecification([atoms * frames * 2]),
    ]) { [try $0[2].reshaped(to: [frames * 2, atoms]).sum([0]) * $0[0]] }
    let (a, f) = (Tensor([1, 2] as [Float]), Tensor([0, 0, 0] as [Float]))
    #expect(
      try function([a, f, .ones([12])])[0].scalars() == [6, 12] as [Float])
    #expect(throws: ShapeError.self) { try function([a, f, .ones([6])]) }
  }

  @Test func axesOutOfRangeAreErrors() throws {
    let x = Tensor.zeros([2, 3])
    for attempt: () throws -> Tensor in [
      { try x.flattened(before: 3) }, { try x.flattened(before: -3) }, { try x.expanded(at: 4) },
      { try x.entry(2, axis: 0) }, { try x.entry(0, axis: 2) },
      { try x.padded(before: -1, axis: 0) },
      { try x.mean([2]) }, { try Tensor.stack([], axis: 0) }, { try x.permuted([0]) },
    ] {
      #expect(throws: ShapeError.self) { try attempt() }
    }
    #expect(try x.flattened(before: 2).shape == [6])
    #expect(try x.flattened(before: -1).shape == [2, 3])
  }

  @Test func longChainsHaveDerivativesAndAreFreed() throws {
    let x = Tensor([1.5] as [Double])
    func chain() throws -> Tensor {
      var y = x
      for _ in 0..<200_000 { y = try y.sin() }
      return y
    }
    let y = try chain()
    let slope = try gradient(of: y.sum(), withRespectTo: [x])[0]
    var (value, expected) = (1.5, 1.0)
    for _ in 0..<200_000 {
      expected *= cosine(value)
      value = sine(value)
    }
    #expect(abs(try y.item() - value) <= 1e-12)
    #expect(abs(try slope.item() - expected) <= 1e-9 * expected)
    #expect(slope.shape == [1])
  }

  private func sine(_ x: Double) -> Double {
    // Series, good for 0 ... 1.5.
    var (term, sum) = (x, x)
    for k in 1..<12 {
      term *= -x * x / Double(2 * k * (2 * k + 1))
      sum += term
    }
    return sum
  }

  private func cosine(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for k in 1..<12 {
      term *= -x * x / Double(2 * k * (2 * k - 1))
      sum += term
    }
    return sum
  }

  @Test func descriptionsListEveryOperation() throws {
    let rows = Dimension.rows("rows")
    let function = try CompiledFunction([
      TensorSpecification([rows, 3]), TensorSpecification([rows], dtype: .int32),
    ]) { [try $0[0].gathered($0[1]).exp().sum([0])] }
    let lines = function.description.split(separator: "\n")
    #expect(lines.count == function.operationCount + 1)
    #expect(lines.last == "return %\(function.operationCount - 1)")
    for part in [
      "gather(padding: lastRow) %0 %1 : float32 [rows, 3]  rows rows", "exp", "sum(axes: 0)",
    ] {
      #expect(function.description.contains(part), "\(part)")
    }
  }
}
