import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import Testing

private let base = XYZFrame(
  numbers: [1, 8], positions: [0, 0, 0, 1, 2, 3], lattice: [4, 0, 0, 0, 5, 0, 0, 0, 6],
  pbc: [true, true, false],
  info: ["energy": .real(-1.5), "E_dft": .integer(-2), "stress": .integers([1, 2, 3, 4, 5, 6])],
  arrays: ["forces": XYZColumn(.reals([1, 2, 3, 4, 5, 6]), width: 3)])

@Suite struct LabelledFrameTests {
  @Test func takesTheLabels() throws {
    let frame = try LabelledFrame(base)
    #expect(frame.atomicNumbers == [1, 8])
    #expect(frame.positions == [0, 0, 0, 1, 2, 3])
    #expect(frame.energy == -1.5)
    #expect(frame.forces == [1, 2, 3, 4, 5, 6])
    #expect(frame.cell == [4, 0, 0, 0, 5, 0, 0, 0, 6])
    #expect(frame.pbc == [true, true, false])
    #expect(frame.stress == [1, 6, 5, 6, 2, 4, 5, 4, 3])
    let other = try LabelledFrame(base, keys: LabelKeys(energy: "E_dft", forces: nil, stress: nil))
    #expect(other.energy == -2)
    #expect(other.forces == nil)
    #expect(other.stress == nil)
  }

  @Test func listsTheKeysThatAreThere() {
    for keys in [LabelKeys(energy: "absent"), LabelKeys(forces: "absent")] {
      let error = #expect(throws: FileError.self) {
        try LabelledFrame(base, keys: keys, file: "x.xyz", frameNumber: 7)
      }
      let text = error?.description ?? ""
      #expect(text.hasPrefix("x.xyz: frame 7: "))
      #expect(text.contains("\"absent\""))
      #expect(text.contains("energy, E_dft, stress"))
      #expect(text.contains("columns of the atoms: forces"))
    }
  }

  static let bad: [(String, @Sendable (inout XYZFrame) -> Void)] = [
    ("atom 2", { $0.positions[4] = .nan }), ("Lattice", { $0.lattice?[0] = .infinity }),
    ("no Lattice", { $0.lattice = nil }),
    ("no atoms", { $0 = XYZFrame(numbers: [], positions: []) }),
    ("energy", { $0.info["energy"] = .real(.nan) }),
    ("no number", { $0.info["energy"] = .string("x") }),
    ("atom 1", { $0.arrays["forces"] = XYZColumn(.reals([0, 0, .nan, 0, 0, 0]), width: 3) }),
    ("three columns", { $0.arrays["forces"] = XYZColumn(.reals([0, 0]), width: 1) }),
    ("three columns", { $0.arrays["forces"] = XYZColumn(.strings(["a", "b"]), width: 1) }),
    ("nine nor six", { $0.info["stress"] = .reals([1, 2]) }),
    ("stress", { $0.info["stress"] = .reals([1, 2, 3, 4, 5, .nan]) }),
  ]

  @Test(arguments: bad.indices) func refuses(index: Int) {
    var frame = base
    Self.bad[index].1(&frame)
    let error = #expect(throws: FileError.self) { try LabelledFrame(frame) }
    #expect(error?.reason.contains(Self.bad[index].0) == true, "\(String(describing: error))")
  }

  @Test(arguments: [(BundledData.Split.train, 1000), (.valid, 200), (.test, 1000)])
  func readsTheBundledData(split: BundledData.Split, count: Int) throws {
    let frames = try LabelledFrame.read(BundledData.ethanol(split))
    #expect(frames.count == count)
    for frame in frames {
      #expect(frame.atomicNumbers == [6, 6, 8, 1, 1, 1, 1, 1, 1])
      #expect(frame.positions.count == 27 && frame.forces?.count == 27)
      // The method conserves momentum: forces add up to zero.
      let forces = try #require(frame.forces)
      for axis in 0..<3 {
        let sum = stride(from: axis, to: 27, by: 3).reduce(0) { $0 + forces[$1] }
        #expect(abs(sum) <= 1e-5)
      }
    }
  }

  @Test func refusesAnEmptyFile() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).xyz").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try XYZWriter.write([], to: path)
    let error = #expect(throws: FileError.self) { try LabelledFrame.read(path) }
    #expect(error?.reason == "holds no frames")
  }
}
