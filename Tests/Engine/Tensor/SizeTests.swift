import E3xEngine
import TestSupport
import Testing

/// Sizes that no tensor can have are errors, of whatever makes a tensor of them.
@Suite(.verifiedPlans) struct SizeTests {
  /// Negative, too large, and such that products of them overflow.
  static let impossible: [Shape] = [
    [-1], [3, -2], [-2, -3], [0, -1], Shape([.min]), Shape([.max]), Shape([1 << 62, 4, 0]),
    Shape([0, 1 << 45]), Shape([1 << 32, 1 << 32]),
  ]

  @Test(arguments: impossible)
  func shapesThatNoTensorHas(shape: Shape) throws {
    let one = Tensor([1] as [Float])
    #expect(throws: ShapeError.self) { try one.broadcast(to: shape) }
    #expect(throws: ShapeError.self) { try one.reshaped(to: shape) }
    #expect(throws: ShapeError.self) { try Tensor.iota(shape) }
    // One number in every element costs nothing until elements are asked for.
    #expect(throws: ShapeError.self) { try Tensor.zeros(shape).scalars(as: Float.self) }
    #expect(throws: ShapeError.self) { try (Tensor.zeros(shape) + 1).exp().item() }
    #expect(throws: ShapeError.self) {
      try CompiledFunction([TensorSpecification([.rows("n")])]) { [try $0[0].sum() + .ones(shape)] }
    }
    #expect(throws: ShapeError.self) {
      try CompiledFunction([TensorSpecification(shape)]) { [$0[0]] }
    }
  }

  @Test func signsDoNotCancel() throws {
    let error = #expect(throws: ShapeError.self) {
      try Tensor([Float](repeating: 0, count: 6)).reshaped(to: [-2, -3])
    }
    #expect(error?.rule == "has a negative size")
  }

  @Test(arguments: [-1, Int.min, 1 << 45, Int.max])
  func segmentsThatCannotBeCounted(count: Int) throws {
    let (x, indices) = (Tensor([1, 2] as [Float]), Tensor([0, 0] as [Int32]))
    #expect(throws: ShapeError.self) { try x.segmentSum(indices, count: Dimension(count)) }
    #expect(throws: ShapeError.self) { try x.segmentMax(indices, count: Dimension(count)) }
  }

  @Test(arguments: [-3, 2, Int.min, Int.max])
  func axesThatThereAreNot(axis: Int) throws {
    let x = Tensor.zeros([2, 3])
    #expect(throws: ShapeError.self) { try Tensor.iota([2, 3], axis: axis) }
    #expect(throws: ShapeError.self) { try x.sum([axis]) }
    #expect(throws: ShapeError.self) { try x.sliced(0..<1, axis: axis) }
    #expect(throws: ShapeError.self) { try x.entry(0, axis: axis) }
    #expect(throws: ShapeError.self) { try x.padded(after: 1, axis: axis) }
    #expect(throws: ShapeError.self) { try Tensor.concatenate([x, x], axis: axis) }
    #expect(throws: ShapeError.self) { try x.squeezed(axis: axis) }
  }

  @Test func axesCountedFromTheEnd() throws {
    #expect(try Tensor.iota([2, 3], axis: -1).scalars() == [0, 1, 2, 0, 1, 2] as [Int32])
  }

  @Test(arguments: [-4, 3, Int.min, Int.max])
  func entriesThatThereAreNot(index: Int) throws {
    #expect(throws: ShapeError.self) { try Tensor.zeros([2, 3]).entry(index, axis: 1) }
  }

  @Test func marginsThatOverflow() throws {
    let x = Tensor([1] as [Float])
    for (before, after) in [(Int.max, 0), (1, .max), (1 << 45, 0), (-1, 0)] {
      #expect(throws: ShapeError.self) { try x.padded(before: before, after: after, axis: 0) }
    }
  }

  @Test func powersOfAnyExponent() throws {
    let x = Tensor([1, -1, 2] as [Double])
    #expect(try x.power(.min).scalars() == [1, 1, 0])
    #expect(try x.power(.max).scalars() == [1, -1, .infinity])
  }

  /// More than the machine has, but no more than arrays may take: refused before it is written.
  @Test func memoryIsAskedForBeforeItIsTaken() throws {
    let column = Tensor.zeros(Shape([1 << 20, 1]))
    let outer = try (column + 1).exp() * (column.transposed() + 1).exp()
    let error = #expect(throws: ShapeError.self) { try outer.scalars(as: Float.self) }
    #expect(error?.rule.contains("of memory that there is") == true)
    // Where it need not be written out, it is no obstacle.
    let rows = Dimension.rows("rows")
    let function = try CompiledFunction([TensorSpecification([rows])]) {
      [try ($0[0].expanded(at: -1) * Tensor.ones(Shape([1 << 20]))).sum([-1])]
    }
    #expect(try function([Tensor([1, 2] as [Float])])[0].scalars() == [0x1p20, 0x1p21] as [Float])
  }

  /// Sizes that a call gives to symbols are multiplied, too.
  @Test func productsOfRowsThatNoMemoryHolds() throws {
    let (rows, other) = (Dimension.rows("rows"), Dimension.rows("other"))
    let function = try CompiledFunction([TensorSpecification([rows]), TensorSpecification([other])])
    { [try ($0[0].expanded(at: -1) * $0[1]).exp()] }
    let x = try Tensor.ones(Shape([1 << 21])).materialized()
    #expect(throws: ShapeError.self) { try function([x, x]) }
    #expect(try function([Tensor([0] as [Float]), x])[0].shape == Shape([1, 1 << 21]))
  }

  /// Nothing is done as often as the other axes are long.
  @Test(.timeLimit(.minutes(1)), arguments: ExecutorChoice.all)
  func emptyTensorsAreFree(executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let x = Tensor.zeros(Shape([1 << 16, 0, 1 << 8]))
      let y = try ((x + 1).exp() * x).padded(after: 1, axis: 0).permuted([2, 0, 1])
      #expect(try y.scalars(as: Float.self) == [])
      #expect(try x.sum().item() == 0)
    }
  }
}

extension ExecutorChoice {
  fileprivate static let all: [ExecutorChoice] = [.automatic, .stepwise, .planned, .ordered]
}
