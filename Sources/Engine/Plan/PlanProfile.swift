extension PlannedExecutor {
  var explanation: String { plan.description }

  func profile(
    _ arguments: [Tensor], _ bindings: Bindings, calls: Int
  ) throws -> [(part: String, seconds: Double)] {
    let (values, pool) = (try arguments.map { try $0.value() }, ThreadPool.shared)
    var seconds = [Double](repeating: .infinity, count: plan.items.count)
    for _ in 0..<max(1, calls) {
      _ = try run(values, bindings, pool) { index, run in
        let time = try ContinuousClock().measure { try run(nil) }
        let parts = time.components
        seconds[index] = min(
          seconds[index], Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
      }
    }
    // Measured apart: reading the clock takes time too.
    var times: [InstructionTimes] = []
    for call in 0...max(1, calls) {
      if call <= 1 { times = plan.items.map { _ in InstructionTimes() } }
      _ = try run(values, bindings, pool) { index, run in try run(times[index]) }
    }
    return seconds.indices.map { (plan.describe($0, times[$0].entries(calls: calls)), seconds[$0]) }
  }
}

extension CompiledFunction {
  /// The sweeps of its plan, in order, but for those that they may be split into; none if it has no
  /// plan.
  package var sweeps: [Sweep] { (executor as? PlannedExecutor)?.plan.sweeps ?? [] }
}
