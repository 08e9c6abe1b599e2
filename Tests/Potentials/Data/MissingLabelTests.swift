import E3xEngine
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Labels that are not there are not counted, and are said to be missing where they are needed.
@Suite struct MissingLabelTests {
  private static func frame(energy: Double?, forces: Double?) -> XYZFrame {
    var frame = XYZFrame(numbers: [8, 1], positions: [0, 0, 0, 0, 0, 1])
    if let energy { frame.info["E"] = .real(energy) }
    if let forces {
      frame.arrays["F"] = XYZColumn(.reals([Double](repeating: forces, count: 6)), width: 3)
    }
    frame.info["other"] = .integer(1)
    return frame
  }

  private func write(_ frames: [XYZFrame], in folder: TemporaryFolder) throws -> String {
    try XYZWriter.write(frames, to: folder.path("frames.xyz"))
    return folder.path("frames.xyz")
  }

  /// Which of three frames have which label, and what is required.
  @Test(
    arguments: [[true, true, true], [true, false, true], [false, false, false]],
    [[true, true, true], [false, true, false], [false, false, false]])
  func readsTheLabelsThatThereAre(energies: [Bool], forces: [Bool]) throws {
    let folder = try TemporaryFolder()
    let path = try write(
      matched(energies, forces).map { Self.frame(energy: $0 ? -1 : nil, forces: $1 ? 0.5 : nil) },
      in: folder)
    for required in [[], [.energy], [.forces], [.energy, .forces]] as [Set<Label>] {
      let keys = LabelKeys(
        energy: "E", forces: "F", required: required, advice: [.energy: "say --energy-key"])
      let missing = energies.indices.first {
        required.contains(.energy) && !energies[$0] || required.contains(.forces) && !forces[$0]
      }
      guard missing == nil, energies.contains(true) || forces.contains(true) else {
        let error = #expect(throws: FileError.self) { try LabelledFrame.read(path, keys: keys) }
        let text = error?.description ?? ""
        #expect(text.contains("E, other") || text.contains("frame: other"), "\(text)")
        #expect(!text.contains("energy") || text.contains("say --energy-key"), "\(text)")
        if let missing {
          #expect(text.hasPrefix("\(path): frame \(missing + 1) (line "), "\(text)")
        }
        continue
      }
      let frames = try LabelledFrame.read(path, keys: keys)
      #expect(frames.map { $0.has(.energy) } == energies)
      #expect(frames.map { $0.has(.forces) } == forces)
    }
    // Without keys nothing is missing.
    let plain = LabelKeys(energy: nil, forces: nil, stress: nil)
    #expect(try LabelledFrame.read(path, keys: plain).count == 3)
  }

  /// Errors of each label are those of the frames that have it.
  @Test func errorsOfEachLabel() throws {
    let prediction = Potential.Prediction(energy: 1, forces: [0, 0, 0, 0, 0, 0])
    func labelled(_ energy: Double?, _ forces: Double?) throws -> LabelledFrame {
      try LabelledFrame(
        Self.frame(energy: energy, forces: forces),
        keys: LabelKeys(energy: "E", forces: "F", required: []))
    }
    func errors(_ frames: [LabelledFrame]) -> PredictionErrors {
      PredictionErrors(frames, frames.map { _ in prediction })
    }
    let some = errors([try labelled(3, nil), try labelled(nil, 2), try labelled(-1, nil)])
    #expect(some.energyMAE == 2000 && some.energyRMSE == 2000 && some.energyPerAtomMAE == 1000)
    #expect(some.forcesMAE == 2000 && some.forcesRMSE == 2000)
    #expect(some.frames == 3 && some.atoms == 6)
    #expect(some.energyFrames == 2 && some.forcesFrames == 1)
    let none = errors([try labelled(nil, nil)])
    for error in [
      none.energyMAE, none.energyRMSE, none.energyPerAtomMAE, none.forcesMAE, none.forcesRMSE,
    ] { #expect(error == nil) }
    #expect(errors([try labelled(nil, 1)]).energyMAE == nil)
    #expect(errors([try labelled(1, nil)]).forcesMAE == nil)
  }

  /// What is not there, and what is no number, is null; and it is read again as nothing.
  @Test func nullInJSON() throws {
    let prediction = Potential.Prediction(energy: .nan, forces: [])
    let frame = LabelledFrame(atomicNumbers: [8], positions: [0, 0, 0], energy: 1)
    let huge = LabelledFrame(atomicNumbers: [8], positions: [0, 0, 0], energy: 1e308)
    for errors in [
      PredictionErrors([frame], [prediction]),
      PredictionErrors([huge], [.init(energy: -1e308, forces: [])]),
      PredictionErrors([], []),
    ] {
      let data = try JSONEncoder().encode(errors)
      let values = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(
        Set(values.keys) == [
          "energy_mae_meV", "energy_rmse_meV", "energy_per_atom_mae_meV", "forces_mae_meV_A",
          "forces_rmse_meV_A", "frames", "atoms", "energy_frames", "forces_frames",
          "energy_per_atom_rmse_meV", "stress_mae_meV_A3", "stress_rmse_meV_A3", "stress_frames",
        ])
      #expect(values["energy_mae_meV"] is NSNull && values["forces_mae_meV_A"] is NSNull)
      let read = try JSONDecoder().decode(PredictionErrors.self, from: data)
      #expect(read.energyMAE == nil && read.frames == errors.frames)
    }
  }
}
