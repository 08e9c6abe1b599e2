import E3xEngine
import TestSupport
import Testing

/// Rows in unusual shapes: what sweeps over rows must give as plain evaluation does.
@Suite(.verifiedPlans) struct RowEdgeTests {
  /// Runs a function of rows [p, …] through both executors, for several numbers of rows.
  private func expectAgreement(
    _ arguments: (Int) throws -> [Tensor], symbolic: [Bool], rows: [Int] = [0, 1, 2, 5, 1000],
    _ function: @escaping ([Tensor]) throws -> [Tensor],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let p = Dimension.rows("rows")
    let specifications = try matched(arguments(1), symbolic).map { argument, symbolic in
      TensorSpecification(
        symbolic ? Shape([p] + argument.shape.dropFirst()) : argument.shape, dtype: argument.dtype)
    }
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications, function)
      }
    }
    let (planned, plain) = (try compiled(.automatic), try compiled(.stepwise))
    for rows in rows {
      let arguments = try arguments(rows)
      for (index, (a, b)) in matched(try planned(arguments), try plain(arguments)).enumerated() {
        try TestSupport.expectAgreement(
          a, with: b, tolerance: 1e-13, "\(rows) rows, result \(index)",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Pairs [rows, 2] of indices below 4, and padding.
  private func pairs(_ rows: Int) throws -> Tensor {
    try Tensor(
      RandomKey(seed: rows).integers(count: 2 * rows, in: 0..<5 as Range<Int32>),
      shape: [rows, 2])
  }

  @Test func indicesMayBeColumnsOfATable() throws {
    try expectAgreement(
      { [try testValues([4, 3], seed: 1), try pairs($0)] }, symbolic: [false, true]
    ) { arguments in
      let (x, pairs) = (arguments[0], arguments[1])
      let (dst, src) = (try pairs.entry(0, axis: 1), try pairs.entry(1, axis: 1))
      let messages = try x.gathered(src).tanh() * x.gathered(dst)
      let sums = try messages.segmentSum(dst, count: 4)
      let maxima = try messages.segmentMax(src, count: 4, empty: -.infinity)
      let slope = try gradient(of: sums.square().sum(), withRespectTo: [x])[0]
      return [sums, try Tensor.maximum(maxima, -1e3), slope]
    }
  }

  /// In one sweep a value may be read row by row, and as a whole that indices choose from.
  @Test func rowsMayBeChosenFromThemselves() throws {
    try expectAgreement(
      { rows in
        [
          try testValues([rows, 3], seed: 1),
          try Tensor(
            RandomKey(seed: rows).integers(count: rows, in: 0..<Int32(max(rows, 1))),
            shape: [rows]),
        ]
      }, symbolic: [true, true], rows: [0, 1, 5, 1000, 5000]
    ) { arguments in
      let (x, indices) = (arguments[0], arguments[1])
      let sum = try x * 2 + x.gathered(indices)
      return [sum, try sum.segmentSum(indices, count: x.shape[0]) + x]
    }
  }

  @Test func indicesMayBeOneNumber() throws {
    try expectAgreement(
      { [try testValues([4, 3], seed: 1), try testValues([$0, 3], seed: 2)] },
      symbolic: [false, true]
    ) { arguments in
      let (x, rows) = (arguments[0], arguments[1])
      let zeros = Tensor.zeros([rows.shape[0]], dtype: .int32)
      let twos = try Tensor([2] as [Int32]).broadcast(to: [rows.shape[0]])
      let gathered = try x.gathered(zeros) + x.gathered(twos) * rows
      return [
        gathered, try gathered.segmentSum(twos, count: 3), try gathered.segmentSum(zeros, count: 3),
      ]
    }
  }

  @Test func rowsMayHaveManyAxes() throws {
    try expectAgreement(
      {
        [
          try testValues([$0, 2, 3, 2, 2], seed: 1),
          try testValues([2, 1, 2, 2], seed: 2),
        ]
      }, symbolic: [true, false], rows: [0, 1, 3, 200]
    ) { arguments in
      let (x, y) = (arguments[0], arguments[1])
      let turned = try x.permuted([0, 4, 2, 3, 1])
      return [
        try turned.exp(), try turned + x.sin(), try turned * y, try turned.sum([1, 3]),
        try turned.sum([0, 2, 4]), try turned.max([0, 1, 3]),
        try turned.reshaped(to: [x.shape[0], 24]),
        try x.permuted([0, 3, 1, 4, 2]).square().permuted([0, 4, 3, 2, 1]).sum([0]),
        try Tensor.concatenate([turned, x], axis: 2),
        try turned.padded(before: 1, after: 2, axis: 3),
        try turned.isGreater(than: x).cast(to: .float64),
        try gradient(of: (turned * y).exp().sum(), withRespectTo: [y])[0],
      ]
    }
  }

  @Test func sumsOverRowsOfManyAxesWithThreads() throws {
    // Parts and tiles of different lengths.
    for rows in [1000, 2049, 5003] {
      let x = try testValues([rows, 3, 5], seed: rows)
      let p = Dimension.rows("rows")
      let function = try CompiledFunction([TensorSpecification([p, 3, 5], dtype: .float64)]) {
        [try $0[0].sin().sum([0]), try $0[0].sum([0, 2]), try $0[0].cos().max([0, 1])]
      }
      let expected = try ExecutorChoice.$override.withValue(.stepwise) {
        let tensors = [try x.sin().sum([0]), try x.sum([0, 2]), try x.cos().max([0, 1])]
        try evaluate(tensors)
        return tensors
      }
      for _ in 0..<20 {
        for (a, b) in matched(try function.call([x], on: fourThreads), expected) {
          try TestSupport.expectAgreement(a, with: b, tolerance: 1e-13, "\(rows) rows")
        }
      }
    }
  }

  @Test func segmentsWithoutEntriesGetWhatIsAskedFor() throws {
    let list = Tensor([0, 2, 2] as [Int32])
    for choice in [ExecutorChoice.stepwise, .planned] {
      try ExecutorChoice.$override.withValue(choice) {
        let whole = try Tensor([5, -7, -3] as [Int32]).segmentMax(list, count: 4, empty: -9)
        #expect(try whole.scalars() == [5, -9, -3, -9] as [Int32], "\(choice)")
        let lowest = try Tensor([5, -7, -3] as [Int32]).segmentMax(list, count: 4)
        #expect(try lowest.scalars() == [5, Int32.min, -3, Int32.min], "\(choice)")
        let real = try Tensor([5, -7, -3] as [Float]).segmentMax(list, count: 4, empty: -9)
        #expect(try real.scalars() == [5, -9, -3, -9] as [Float], "\(choice)")
      }
    }
  }

  @Test(arguments: [0, 1, 700])
  func valuesWithoutNumbersAreTheSame(rows: Int) throws {
    // Not-a-number and infinities pass through maxima and sums as in plain evaluation.
    let p = Dimension.rows("rows")
    let specifications = [
      TensorSpecification([p, 2], dtype: .float64), TensorSpecification([p], dtype: .int32),
    ]
    func function(_ arguments: [Tensor]) throws -> [Tensor] {
      let (x, list) = (arguments[0], arguments[1])
      return [
        try x.max([0]), try x.min([0]), try x.sum([0]), try x.max([1]),
        try x.segmentMax(list, count: 3), try x.segmentSum(list, count: 3),
        try x.cast(to: .int32).max([0]), try x.cast(to: .int32).min([0]),
        try x.cast(to: .int32).segmentMax(list, count: 3),
      ]
    }
    var values = [Double](repeating: 1, count: 2 * rows)
    if rows > 0 { values[0] = .nan }
    if rows > 300 { (values[300], values[401]) = (.infinity, -.infinity) }
    let arguments = [
      try Tensor(values, shape: [rows, 2]), Tensor((0..<rows).map { Int32($0 % 2) }),
    ]
    let results = try [ExecutorChoice.automatic, .stepwise].map { choice in
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications, function)(arguments)
      }
    }
    for (index, (a, b)) in matched(results[0], results[1]).enumerated() {
      let (a, b): ([Double], [Double]) = (try a.scalars(), try b.scalars())
      #expect(a.map(\.description) == b.map(\.description), "result \(index)")
    }
  }
}

private let fourThreads = ThreadPool(threads: 4)
