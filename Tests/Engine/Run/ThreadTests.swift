import E3xEngine
import TestSupport
import Testing

private let pools = [1, 2, 5].map { ThreadPool(threads: $0) }

/// The same bits for any number of threads, with operands large enough to be cut into parts.
@Suite(.serialized, .verifiedPlans) struct ThreadTests {
  private func bits(
    _ arguments: [Tensor], _ choice: ExecutorChoice, _ pool: ThreadPool,
    _ function: ([Tensor]) throws -> [Tensor]
  ) throws -> [[UInt32]] {
    let specifications = arguments.map { TensorSpecification($0.shape, dtype: $0.dtype) }
    let compiled = try ExecutorChoice.$override.withValue(choice) {
      try CompiledFunction(specifications, function)
    }
    return try compiled.call(arguments, on: pool).map { result in
      try result.scalars(as: Float.self).map(\.bitPattern)
    }
  }

  /// The number of threads changes while others compute on them.
  @Test func sharedThreadsAreReplaced() async throws {
    let before = Threads.count
    let x = try floats([3000, 40], 1)
    func compute() throws -> [Float] {
      try x.sin().matmul(floats([40, 40], 2)).tanh().sum([0]).scalars()
    }
    let expected = try compute()
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<40 { group.addTask { try compute() } }
      for count in [3, 1, 4, 2, 2, 5] {
        try Threads.use(count)
        #expect(Threads.count == count)
        #expect(try compute() == expected)
      }
      for try await result in group { #expect(result == expected) }
    }
    for count in [0, -1, 1025] {
      #expect(throws: ArgumentError("Threads.use", "count", "is \(count), not 1 to 1024")) {
        try Threads.use(count)
      }
    }
    try Threads.use(before)
    #expect(Threads.count == before)
  }

  private func floats(_ shape: [Int], _ seed: Int) throws -> Tensor {
    try testValues(shape, seed: seed).cast(to: .float32).materialized()
  }

  private func expectSameBits(
    _ arguments: [Tensor], _ function: ([Tensor]) throws -> [Tensor],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for choice in [ExecutorChoice.stepwise, .automatic, .planned] {
      let one = try bits(arguments, choice, pools[0], function)
      for pool in pools[1...] {
        for round in 0..<3 {
          let many = try bits(arguments, choice, pool, function)
          for index in one.indices {
            let isSame = one[index] == many[index]
            #expect(
              isSame, "result \(index), \(choice), \(pool.threadCount) threads, round \(round)",
              sourceLocation: sourceLocation)
          }
        }
      }
    }
  }

  @Test func elementwiseAndReductions() throws {
    let x = try floats([300, 1100], 1)
    try expectSameBits([x, floats([1100], 2)]) { arguments in
      let (x, y) = (arguments[0], arguments[1])
      return [
        try x.exp() * y, try x.sum([0]), try x.sum([1]), try x.sum(),
        try x.permuted([1, 0]).sum([0]),
        try x.max([0]), try x.min([1]), try (x * y).sum(), try x.permuted([1, 0]).tanh(),
        try x.padded(before: 3, after: 1, axis: 0), try Tensor.concatenate([x, x], axis: 1),
      ]
    }
  }

  @Test func matricesAndForms() throws {
    let table = CouplingTable(
      name: "threads", sizes: [2, 4, 3],
      terms: (0..<9).map { .init([$0 % 2, $0 % 4, $0 % 3], Double($0) + 0.25) })
    let polynomial = PolynomialTable(
      name: "threads",
      polynomials: [[.init((2, 0, 1), 1.5)], [.init((0, 3, 0), 2), .init((1, 1, 1), 1)]])
    try expectSameBits([
      floats([3001, 4, 32], 1), floats([2, 32, 32], 2), floats([2, 32], 3),
      floats([3001, 3, 32], 4),
      floats([200_000, 3], 5), floats([700, 300], 6), floats([300, 500], 7),
    ]) { arguments in
      let (x, w, shared, z) = (arguments[0], arguments[1], arguments[2], arguments[3])
      let y = try x.linear(w, blocks: [0, 1, -1, 1])
      let coupled = try Tensor.couple(table, [shared, x], output: 2)
      return [
        y, try pullback([y], cotangents: [x], to: [w])[0], coupled,
        try Tensor.couple(table, [x, z], output: 0),
        try Tensor.couple(table, [x, z], output: 0, reduce: true),
        try arguments[4].polynomials(polynomial),
        try arguments[4].polynomials(
          polynomial.gradient, weights: arguments[4].sliced(1..<3, axis: 1)),
        try arguments[5].matmul(arguments[6]),
      ]
    }
  }

  @Test(arguments: [true, false])
  func segments(sorted: Bool) throws {
    let (count, entries) = (400, 30_000)
    let list = try RandomKey(seed: 5).integers(count: entries, in: 0..<Int32(count + 1))
    try expectSameBits([
      floats([entries, 9], 1), Tensor(sorted ? list.sorted() : list), floats([count, 9], 2),
    ]) { arguments in
      let (x, list, y) = (arguments[0], arguments[1], arguments[2])
      let gathered = try y.gathered(list)
      return [
        try x.segmentSum(list, count: Dimension(count)), gathered,
        try x.segmentMax(list, count: Dimension(count), empty: 0),
        try (gathered * x).exp().segmentSum(list, count: Dimension(count)),
        try gradient(of: (gathered * x).tanh().sum(), withRespectTo: [y])[0],
      ]
    }
  }
}
