import E3xLimits
import Testing

@Suite struct MemoryLimitTests {
  @Test(arguments: [[], [0], [3, 4], [0, 1 << 20], [1_000_000_000_000, 0]])
  func arraysThatThereAre(extents: [Int]) {
    #expect(MemoryLimit.refusal(extents, bytesEach: 8) == nil)
  }

  /// Also beside an empty axis, and where products do not fit `Int`.
  @Test(arguments: [
    ([1_000_000_000_000, 3], "24 TB"), ([0, 1_000_000_000_000, 3], "24 TB"),
    ([.max, .max, .max], "more than 1000 EB"), ([1 << 62, 4, 0], "148 EB"),
  ])
  func arraysThatAreTooLarge(extents: [Int], amount: String) {
    #expect(
      MemoryLimit.refusal(extents, bytesEach: 8)
        == "takes \(amount), more than the 16 TB that an array may take")
  }

  @Test(arguments: [[-1], [0, -1], [.min, 0], [-2, -3]])
  func negativeSizes(extents: [Int]) {
    #expect(MemoryLimit.refusal(extents, bytesEach: 4) == "has a negative size")
  }

  @Test func theMachineHasSomeMemory() {
    #expect((1 << 28...MemoryLimit.array).contains(MemoryLimit.machine))
    let reason = MemoryLimit.refusal(
      [MemoryLimit.machine / 8 + 1], bytesEach: 8, limit: MemoryLimit.machine)
    #expect(reason?.hasSuffix("of memory that there is") == true)
  }
}
