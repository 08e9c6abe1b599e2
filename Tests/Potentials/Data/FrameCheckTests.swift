import E3xEngine
import E3xFiles
import E3xPotentials
import Testing

@Suite struct FrameCheckTests {
  private let check = FrameCheck(elements: [1, 6, 8], knower: "the potential")
  private static let good = LabelledFrame(atomicNumbers: [8, 1], positions: [0, 0, 0, 0, 0, 1])

  @Test func moleculesOfKnownElementsPass() throws {
    #expect(check.problem(Self.good) == nil)
    try check.check([Self.good], file: "f")
    try check.check([Self.good], function: "g", argument: "train")
  }

  static let bad: [(String, @Sendable (inout LabelledFrame) -> Void)] = [
    (
      "atom 2 is of the element Og, which the potential does not know (it knows H, C, O)",
      { $0.atomicNumbers[1] = 118 }
    ),
    ("atom 1 is of the element X,", { $0.atomicNumbers[0] = 0 }),
    ("atomic number -5,", { $0.atomicNumbers[0] = -5 }),
    ("atomic number 2147483647,", { $0.atomicNumbers[0] = .max }),
    ("is periodic", { $0.pbc = [false, true, false] }),
    (
      "atom 1 and an image of it coincide",
      { ($0.cell, $0.pbc) = ([4, 0, 0, 0, 1e-6, 0, 0, 0, 4], [true, true, true]) }
    ),
    (
      "atom 1 and an image of it coincide",
      { ($0.cell, $0.pbc) = ([1e-6, 0, 0, 0, 4, 0, 0, 0, 4], [true, false, false]) }
    ),
    (
      "atom 1 and an image of it coincide",
      { ($0.cell, $0.pbc) = ([4, 0, 0, 4, 1e-6, 0, 0, 0, 4], [true, true, false]) }
    ),
    ("has 3 coordinates for 2 atoms", { $0.positions = [0, 0, 0] }),
    ("has 1 components of forces for 2 atoms", { $0.forces = [0] }),
    ("position of atom 2 is not finite", { $0.positions[4] = .nan }),
    ("position of atom 1 is not finite", { $0.positions[0] = .infinity }),
  ]

  @Test(arguments: bad.indices) func namesFrameAndProblem(index: Int) throws {
    var frame = Self.good
    Self.bad[index].1(&frame)
    let frames = [Self.good, Self.good, frame]
    let file = #expect(throws: FileError.self) {
      try check.check(frames, file: "valid.xyz", first: 11)
    }
    #expect(file?.description.hasPrefix("valid.xyz: frame 13: ") == true)
    #expect(file?.reason.contains(Self.bad[index].0) == true, "\(file?.reason ?? "")")
    let argument = #expect(throws: ArgumentError.self) {
      try check.check(frames, function: "train", argument: "valid")
    }
    #expect(argument?.description.hasPrefix("train: valid: frame 3: ") == true)
    // And a potential does not trap on it.
    #expect(throws: ArgumentError.self) { try TinyPotential.make().predict(frames) }
  }
}
