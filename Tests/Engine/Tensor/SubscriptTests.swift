import E3xEngine
import TestSupport
import Testing

/// Subscripts mean what they mean in NumPy.
@Suite struct SubscriptTests {
  private static let x = Result { try Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4]) }

  private func expect(
    _ tensor: Tensor, _ shape: Shape, _ values: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(tensor.shape == shape, sourceLocation: sourceLocation)
    #expect(try tensor.scalars() == values, sourceLocation: sourceLocation)
  }

  @Test func entriesAndRanges() throws {
    let x = try Self.x.get()
    try expect(x[0, 1], [4], [4, 5, 6, 7])
    try expect(x[1, -1, -4], [], [20])
    try expect(x[-1, 0, 1..<3], [2], [13, 14])
    try expect(x[0, 0, 1...2], [2], [1, 2])
    try expect(x[0, 0, 2...], [2], [2, 3])
    try expect(x[0, 0, ..<2], [2], [0, 1])
    try expect(x[0, 0, ...2], [3], [0, 1, 2])
    try expect(x[0, 0, (-2)...], [2], [2, 3])
    try expect(x[0, 0, -3..<(-1)], [2], [1, 2])
    try expect(x[0, 0, -3...(-1)], [3], [1, 2, 3])
    try expect(x[0, 0, ...(-2)], [3], [0, 1, 2])
    try expect(x[0, 0, .range(from: 1, to: -1)], [2], [1, 2])
    try expect(x[.range(to: -1), 0, 0], [1], [0])
    #expect(try x[1...].shape == [1, 3, 4])
  }

  @Test func ellipsesAndNewAxes() throws {
    let x = try Self.x.get()
    try expect(x[..., 0], [2, 3], [0, 4, 8, 12, 16, 20])
    try expect(x[..., 0, 1], [2], [1, 13])
    try expect(x[1, ..., -1], [3], [15, 19, 23])
    try expect(x[1, 2, ..., 3], [], [23])
    #expect(try x[...].shape == [2, 3, 4])
    #expect(try x[0, ...].shape == [3, 4])
    #expect(try x[.newAxis, 0].shape == [1, 3, 4])
    #expect(try x[..., .newAxis].shape == [2, 3, 4, 1])
    #expect(try x[0, .newAxis, ..., 1..<2, .newAxis].shape == [1, 3, 1, 1])
    #expect(try x[0, 0, 0, .newAxis].shape == [1])
    #expect(try x[0, 1, 2, ...].shape == [])
  }

  @Test func rangesAreCutAndEntriesRefused() throws {
    let x = try Self.x.get()
    #expect(try x[5...].shape == [0, 3, 4])
    #expect(try x[0..<100, -100..<2].shape == [2, 2, 4])
    #expect(try x[.range(from: 2, to: 1)].shape == [0, 3, 4])
    #expect(try x[.range(from: .min, to: .max)].shape == [2, 3, 4])
    #expect(try x[0...Int.max].shape == [2, 3, 4])
    for attempt: () throws -> Tensor in [
      { try x[2] }, { try x[-3] }, { try x[..., 4] }, { try x[0, 0, 0, 0] }, { try x[Int.max] },
      { try x[Int.min] }, { try x[0, 0, ..., 0, 0] }, { try Tensor(1)[0] }, { try x[0, 3, ...] },
    ] {
      #expect(throws: ShapeError.self) { try attempt() }
    }
  }

  /// One axis of a naive array by an index, as NumPy's reference describes it.
  private func taken(_ array: NaiveArray, _ index: AxisIndex, _ axis: inout Int) -> NaiveArray {
    func replaced(_ count: Int?, _ place: @escaping (Int) -> Int) -> NaiveArray {
      let position = axis
      var shape = array.shape
      if let count { shape[axis] = count } else { shape.remove(at: axis) }
      return NaiveArray(shape) { index in
        var source = index
        if count == nil { source.insert(0, at: position) }
        source[position] = place(source[position])
        return array[source]
      }
    }
    switch index {
    case .inserted:
      var result = array
      result.shape.insert(1, at: axis)
      axis += 1
      return result
    case .entry(let entry):
      let size = array.shape[axis]
      return replaced(nil) { _ in entry < 0 ? entry + size : entry }
    case .entries(let start, let end):
      let size = array.shape[axis]
      let chosen = (0..<size).filter { place in
        func isBefore(_ bound: Int) -> Bool { place < (bound < 0 ? bound + size : bound) }
        return !isBefore(start ?? 0) && (end.map(isBefore) ?? true)
      }
      defer { axis += 1 }
      return replaced(chosen.count) { chosen[$0] }
    }
  }

  @Test(arguments: 0..<60) func anyIndices(seed: Int) throws {
    var draw = Draw(400 + seed)
    let (array, x) = try draw.operand(
      draw.filledShape(rank: draw.integer(1..<5)).map { min($0, 5) },
      draw.element(DType.allCases))
    let rank = array.shape.count
    let used = draw.integer(0..<(rank + 1))
    let inFront = draw.integer(0..<(used + 1))
    func index(_ axis: Int) -> AxisIndex {
      let size = array.shape[axis]
      func bound() -> Int? { draw.bool() ? draw.integer(-size - 2..<size + 3) : nil }
      return draw.bool()
        ? .entry(draw.integer(-size..<size)) : .range(from: bound(), to: bound())
    }
    var first = (0..<inFront).map { index($0) }
    var last = (0..<(used - inFront)).map { index(rank - (used - inFront) + $0) }
    if draw.bool() { first.insert(.newAxis, at: draw.integer(0..<(first.count + 1))) }
    if draw.bool() { last.insert(.newAxis, at: draw.integer(0..<(last.count + 1))) }
    var (expected, axis) = (array, 0)
    for index in first { expected = taken(expected, index, &axis) }
    axis = expected.shape.count - (used - inFront)
    for index in last { expected = taken(expected, index, &axis) }
    try expectValues(x.taking(first, last), expected, "\(first) ... \(last) of \(array.shape)")
  }

  @Test(arguments: [ExecutorChoice.stepwise, .planned])
  func axesOfSymbolicSize(executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let rows = Dimension.rows("rows")
      let function = try CompiledFunction([TensorSpecification([2, rows, 3])]) { arguments in
        let x = arguments[0]
        return [
          try x[0, 1], try x[0, -1], try x[..., -2, 0], try x[0, 0..<2], try x[1, -3..<(-1), 0],
          try x[..., (-2)..., 1], try x[0, 0...], try x.entry(-3, axis: 1),
        ]
      }
      for size in 3..<6 {
        let x = try Tensor((0..<6 * size).map { Float($0) }, shape: [2, size, 3])
        let expected = [
          try x[0, 1], try x[0, -1], try x[..., -2, 0], try x[0, 0..<2], try x[1, -3..<(-1), 0],
          try x[..., (-2)..., 1], try x[0], try x[0..., size - 3],
        ]
        for (result, expected) in zip(try function([x]), expected) {
          try expectAgreement(result, with: expected, tolerance: 0)
        }
      }
      // No range of two rows, and no third row from the end.
      let error = #expect(throws: EvaluationError.self) { try function([.ones([2, 1, 3])]) }
      #expect(error?.description.contains("subscript: axis") == true)
    }
  }

  @Test func rangesWithoutASizeOfTheirOwn() throws {
    for range: AxisIndex in [
      .range(from: 1), .range(to: -1), .range(from: 1, to: -1), .range(from: -2, to: 3),
      .range(from: Int.min), .range(to: Int.max),
    ] {
      #expect(throws: ShapeError.self, "\(range)") {
        try CompiledFunction([TensorSpecification([.rows("rows")])]) { [try $0[0][range]] }
      }
    }
  }

  @Test func derivatives() throws {
    try expectDerivatives(at: testValues([3, 4, 2], seed: 1)) { x in
      try (x[1..., -1] * x[0, 1..<3] + x[.newAxis, 0, ..., 1].sum()).square()
    }
  }
}
