import E3xEngine
import TestSupport
import Testing

/// Runs of compiled functions: their memory, and what becomes of it afterwards.
@Suite(.serialized, .verifiedPlans) struct RunMemoryTests {
  @Test(arguments: 0..<50)
  func valuesNeededAtTheSameTimeLieApart(seed: Int) throws {
    let count = 1 + seed
    let random: [Double] = try testValues([count, 3], seed: seed).scalars().map(abs)
    let needs = (0..<count).map { index in
      let first = Int(random[3 * index] * 1e6) % 30
      return (
        steps: first...(first + Int(random[3 * index + 1] * 1e6) % 12),
        byteCount: Int(random[3 * index + 2] * 1e6) % 5000
      )
    }
    let all = needs.map { MemoryPlan.Need(steps: $0.steps, byteCount: $0.byteCount) }
    // Results that are made late have room for others before, those made at once have none.
    let results = (0..<seed % 4).map { (step: 15 * $0, byteCount: 4000 + 3000 * $0) }
    let plan = MemoryPlan(
      all, results: results.map { .init(step: $0.step, byteCount: $0.byteCount) })
    for a in 0..<count {
      let place = plan.places[a]
      #expect(place.offset % 64 == 0)
      let room = place.result.map { (results[$0].byteCount + 63) / 64 * 64 } ?? plan.byteCount
      #expect(place.offset + needs[a].byteCount <= room)
      if let result = place.result { #expect(needs[a].steps.upperBound < results[result].step) }
      for b in 0..<a where needs[a].steps.overlaps(needs[b].steps) {
        let other = plan.places[b]
        let areApart =
          place.result != other.result
          || place.offset + needs[a].byteCount <= other.offset
          || other.offset + needs[b].byteCount <= place.offset
        #expect(areApart, "values \(a) and \(b)")
      }
    }
    if results.count > 1, count > 20 { #expect(plan.places.contains { $0.result != nil }) }
    // Within a quarter of what is needed at the worst step, and of rounding to 64 bytes: no order of
    // placing blocks is promised more, and of these draws one needs 21 % more.
    let most = (0..<42).map { step in
      needs.reduce(0) { $0 + ($1.steps.contains(step) ? $1.byteCount : 0) }
    }.max()!
    #expect(MemoryPlan(all).byteCount <= most * 5 / 4 + 64 * count)
    #expect(plan.byteCount <= MemoryPlan(all).byteCount * 6 / 5)
  }

  @Test func valuesOfDifferentTimesShareMemory() {
    let chain = (0..<10).map { MemoryPlan.Need(steps: $0...($0 + 1), byteCount: 640) }
    #expect(MemoryPlan(chain).byteCount == 2 * 640)
  }

  private func compiled() throws -> CompiledFunction {
    let rows = Dimension.rows("rows")
    return try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction(
        [
          TensorSpecification([rows, 4], dtype: .float64),
          TensorSpecification([4, 4], dtype: .float64),
        ]
      ) { arguments in
        let (x, weights) = (arguments[0], arguments[1])
        let product = try x.matmul(weights.permuted([1, 0])).tanh()
        let sum = try product.sum([0])
        return [
          product, try product.reshaped(to: [rows, 2, 2]), sum, try sum.sliced(1..<3, axis: 0), x,
          try weights.reshaped(to: [16]), try weights.exp(), try weights.exp().permuted([1, 0]),
          Tensor(2.0, dtype: .float64),
        ]
      }
    }
  }

  /// Results belong to the caller: later runs, of any size, leave them as they are.
  @Test func resultsOutliveLaterRuns() throws {
    let function = try compiled()
    func arguments(_ rows: Int, _ seed: Int) throws -> [Tensor] {
      [try testValues([rows, 4], seed: seed), try testValues([4, 4], seed: seed + 1)]
    }
    let first = try function(arguments(5, 1))
    let before: [[Double]] = try first.map { try $0.scalars() }
    for (rows, seed) in [(5, 3), (900, 5), (1, 7), (0, 9), (5, 11)] {
      _ = try function(arguments(rows, seed))
    }
    let after: [[Double]] = try first.map { try $0.scalars() }
    #expect(before == after)
    let again: [[Double]] = try function(arguments(5, 1)).map { try $0.scalars() }
    #expect(before == again)
    // And they are right.
    let (x, weights) = (try arguments(5, 1)[0], try arguments(5, 1)[1])
    let product = try x.matmul(weights.permuted([1, 0])).tanh()
    try expectAgreement(first[1], with: product.reshaped(to: [5, 2, 2]), tolerance: 1e-14, "view")
    try expectAgreement(
      first[3], with: product.sum([0]).sliced(1..<3, axis: 0), tolerance: 1e-13, "slice")
    try expectAgreement(first[7], with: weights.exp().permuted([1, 0]), tolerance: 1e-14, "turned")
  }

  /// Index lists that a run makes itself: before a sweep that adds by them, or within it.
  @Test(arguments: [false, true])
  func indexListsMadeInTheRun(isSorted: Bool) throws {
    let rows = Dimension.rows("rows")
    let specifications = [
      TensorSpecification([rows, 3], dtype: .float64), TensorSpecification([rows], dtype: .int32),
      TensorSpecification([rows], dtype: .int32),
    ]
    func function(_ arguments: [Tensor]) throws -> [Tensor] {
      let (x, list, order) = (arguments[0], arguments[1], arguments[2])
      let chosen = try list.gathered(order)
      let doubled = try list + list
      return [
        try x.sin().segmentSum(chosen, count: 7), try x.cos().segmentSum(doubled, count: 13),
        try x.segmentMax(chosen, count: 7, empty: 0),
        try x.segmentSum(chosen, count: 7).gathered(chosen) * x,
      ]
    }
    for count in [1, 40, 900] {
      let list = (0..<count).map { Int32(isSorted ? $0 * 7 / count : $0 * 5 % 7) }
      let arguments = [
        try testValues([count, 3], seed: 4), Tensor(list), Tensor((0..<count).map { Int32($0) }),
      ]
      let results = try [ExecutorChoice.planned, .automatic, .stepwise].map { choice in
        try ExecutorChoice.$override.withValue(choice) {
          try CompiledFunction(specifications, function)(arguments)
        }
      }
      for index in results[0].indices {
        try expectAgreement(
          results[0][index], with: results[2][index], tolerance: 1e-12, "\(index)")
        try expectAgreement(
          results[1][index], with: results[2][index], tolerance: 1e-12, "\(index)")
      }
    }
  }
}
