import E3xConformance
import E3xEngine
import E3xFiles
import Foundation
import Testing

@Suite struct ConcurrencyTests {
  /// A case may be evaluated from many threads at once: its options remember who asked for them.
  @Test func oneCaseOnManyThreads() async throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden")
    let path = folder.appendingPathComponent("nn_SelfAttention/m-basis-unused.safetensors").path
    let golden = try Case(path, dtype: .float64)
    let results = try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<64 {
        group.addTask { try CaseEvaluation(golden).outputs[0].scalars(as: Double.self) }
      }
      var results: Set<[Double]> = []
      for try await result in group { results.insert(result) }
      return results
    }
    #expect(results.count == 1)
  }
}
