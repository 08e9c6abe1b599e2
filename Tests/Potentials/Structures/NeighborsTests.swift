import E3xEngine
import E3xPotentials
import Testing

@Suite struct NeighborsTests {
  @Test(arguments: [1, 2, 4, 7])
  func coordinatesComeInThrees(count: Int) throws {
    let error = #expect(throws: ArgumentError.self) {
      try Neighbors(positions: [Double](repeating: 0, count: count), cutoff: 1)
    }
    #expect(error?.argument == "positions")
  }

  @Test func noAtomsHaveNoPairs() throws {
    #expect(try Neighbors(positions: [], cutoff: 1).count == 0)
    #expect(try Neighbors(positions: [0, 0, 0, 0, 0, 0.5], cutoff: 1).count == 2)
  }
}
