import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// MD17 and revised MD17 as data.
@Suite struct MoleculeArchiveTests {
  static let positions: [Double] = (0..<18).map { Double($0 * $0 % 7) + 0.25 * Double($0) }
  static let energies = [-100.0, 1 / 0.0433641042418009]
  static let forces: [Double] = (0..<18).map { 0.5 - Double($0) }

  /// Two frames of three atoms under the names of a data set.
  static func arrays(revised: Bool, column: Bool = false) -> OrderedDictionary<
    String, SafetensorsTensor
  > {
    let names =
      revised
      ? ["nuclear_charges", "coords", "energies", "forces"] : ["z", "R", "E", "F"]
    return [
      names[0]: SafetensorsTensor([8, 1, 1] as [Int32], shape: [3]),
      names[1]: SafetensorsTensor(positions, shape: [2, 3, 3]),
      names[2]: SafetensorsTensor(energies, shape: column ? [2, 1] : [2]),
      names[3]: SafetensorsTensor(forces, shape: [2, 3, 3]),
      "old_indices": SafetensorsTensor([4, 2] as [Int32], shape: [2]),
    ]
  }

  @Test(arguments: [(false, false), (false, true), (true, false)])
  func frames(revised: Bool, column: Bool) throws {
    let folder = try TemporaryFolder()
    // What it is its bytes say, and not its name.
    let path = folder.path("data.xyz")
    try NumPyArchive.write(Self.arrays(revised: revised, column: column), to: path)
    let frames = try LabelledFrame.read(path, keys: LabelKeys())
    #expect(frames.count == 2)
    #expect(
      frames.allSatisfy { $0.atomicNumbers == [8, 1, 1] && $0.pbc == [false, false, false] })
    #expect(frames.flatMap(\.positions) == Self.positions)
    #expect(abs(try #require(frames[1].energy) - 1) <= 1e-14)
    #expect(abs(try #require(frames[0].energy) + 4.33641042418009) <= 1e-14)
    for (force, expected) in matched(frames.flatMap { $0.forces ?? [] }, Self.forces) {
      #expect(abs(force - expected * 0.0433641042418009) <= 1e-14)
    }
    // Close to what the constants of the SI give.
    let exact = 4184 / (6.02214076e23 * 1.602176634e-19)
    #expect(abs(try #require(frames[0].energy) / (-100 * exact) - 1) < 3e-7)
    // Other keys are those of other files; no keys are no labels.
    let other = try LabelledFrame.read(path, keys: LabelKeys(energy: "E_dft", forces: "F"))
    #expect(other == frames)
    let none = try LabelledFrame.read(path, keys: LabelKeys(energy: nil, forces: nil, stress: nil))
    #expect(none.allSatisfy { $0.energy == nil && $0.forces == nil })
  }

  @Test func labelsMayBeMissing() throws {
    let folder = try TemporaryFolder()
    var arrays = Self.arrays(revised: false)
    arrays["E"] = nil
    try NumPyArchive.write(arrays, to: folder.path("a"))
    let frames = try LabelledFrame.read(folder.path("a"), keys: LabelKeys(required: []))
    #expect(frames.allSatisfy { $0.energy == nil && $0.forces != nil })
    let error = #expect(throws: FileError.self) { try LabelledFrame.read(folder.path("a")) }
    #expect(error?.description.hasPrefix("\(folder.path("a")): frame 1: has no energy") == true)
  }

  static let bad: [(String, String, SafetensorsTensor?)] = [
    ("found R, E, F, old_indices", "z", nil), ("found z, E, F, old_indices", "R", nil),
    (
      "array \"z\": has shape [1, 3]", "z", SafetensorsTensor([8, 1, 1] as [Int32], shape: [1, 3])
    ),
    ("array \"z\": holds no atoms", "z", SafetensorsTensor([] as [Int32], shape: [0])),
    ("atomic number 119", "z", SafetensorsTensor([8, 119, 1] as [Int32], shape: [3])),
    ("tensor \"z\": ", "z", SafetensorsTensor([8, 1, 1] as [Float], shape: [3])),
    ("array \"R\": has shape [2, 9]", "R", SafetensorsTensor(positions, shape: [2, 9])),
    ("expected [frames, 2, 3]", "z", SafetensorsTensor([8, 1] as [Int32], shape: [2])),
    ("array \"E\": has shape [1, 2]", "E", SafetensorsTensor(energies, shape: [1, 2])),
    ("array \"F\": has shape [3, 2, 3]", "F", SafetensorsTensor(forces, shape: [3, 2, 3])),
    (
      "frame 2: positions of atom 1",
      "R", SafetensorsTensor(positions[..<9] + [.nan] + positions[10...], shape: [2, 3, 3])
    ),
    ("holds no frames", "R", SafetensorsTensor([] as [Double], shape: [0, 3, 3])),
  ]

  @Test(arguments: bad.indices) func namesFileAndArray(index: Int) throws {
    let folder = try TemporaryFolder()
    var arrays = Self.arrays(revised: false)
    let (text, name, array) = Self.bad[index]
    arrays[name] = array
    if array?.shape == [0, 3, 3] { (arrays["E"], arrays["F"]) = (nil, nil) }
    try NumPyArchive.write(arrays, to: folder.path("a"))
    let error = #expect(throws: FileError.self) { try LabelledFrame.read(folder.path("a")) }
    #expect(error?.description.hasPrefix(folder.path("a")) == true)
    #expect(error?.description.contains(text) == true, "\(error!)")
  }
}
