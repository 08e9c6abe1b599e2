import E3xEngine
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Where the energies of elements come from.
@Suite struct TrainingEnergyTests {
  private static let atoms: [(element: Int32, energy: Double)] = [(1, -13.6), (8, -430)]

  private static func water(_ energy: Double, key: String = "energy") -> XYZFrame {
    var frame = XYZFrame(
      numbers: [8, 1, 1], positions: [0, 0, 0, 0.96, 0, 0, 0, 0.96, energy * 1e-5])
    frame.info[key] = .real(energy)
    return frame
  }

  private static func atom(_ element: Int32, _ energy: Double) -> XYZFrame {
    var frame = XYZFrame(numbers: [element], positions: [0, 0, 0])
    frame.info["energy"] = .real(energy)
    return frame
  }

  private static func data(
    _ frames: [XYZFrame], keys: LabelKeys = LabelKeys(required: []),
    preparing change: (inout DataPreparation) -> Void = { $0.takesIsolatedAtoms = true }
  ) throws -> TrainingData {
    let folder = try TemporaryFolder()
    try XYZWriter.write(frames, to: folder.path("a.xyz"))
    var data = TrainingData()
    try data.train.add(folder.path("a.xyz"), keys: keys)
    var preparation = DataPreparation()
    change(&preparation)
    try data.prepare(preparation, AttentionPotential())
    return data
  }

  private static let molecules = [water(-467), water(-467.5)]

  @Test func isolatedAtomsGiveTheirEnergies() throws {
    let data = try Self.data(Self.atoms.map { Self.atom($0.element, $0.energy) } + Self.molecules)
    #expect(try data.train.frames.all().map(\.count) == [3, 3])
    let (energies, source) = try data.elementEnergies(given: nil)
    #expect(energies.energies == [1: -13.6, 8: -430] && source == "of isolated atoms")
    #expect(
      data.isolatedAtomsText
        == "isolated atoms: 2 frames give the energies of H, O, and are not trained on")
    #expect(try data.energyWarnings(energies, energyKey: "energy") == [])
    // Where they are not taken, they are frames as any other.
    let all = try Self.data([Self.atom(1, -13.6)] + Self.molecules) { _ in }
    #expect(try all.train.frames.all().map(\.count) == [1, 3, 3] && all.isolatedAtomsText == nil)
  }

  @Test func othersAreFitted() throws {
    let data = try Self.data([Self.atom(8, -430)] + Self.molecules)
    let (energies, source) = try data.elementEnergies(given: nil)
    #expect(energies.energies[8] == -430)
    #expect(abs(try #require(energies.energies[1]) + 18.625) <= 1e-9)
    #expect(source == "of isolated atoms (O), fitted (H)")
  }

  @Test func whatIsAnIsolatedAtom() throws {
    var boxed = Self.atom(1, -13.6)
    (boxed.lattice, boxed.pbc) = ([9, 0, 0, 0, 9, 0, 0, 0, 9], [true, true, true])
    var named = boxed
    named.info["config_type"] = .string("IsolatedAtom")
    var unlabelled = Self.atom(1, -13.6)
    unlabelled.info = [:]
    for (frame, isTaken) in [
      (Self.atom(1, -13.6), true), (boxed, false), (named, true), (unlabelled, false),
    ] {
      let data = try Self.data([frame] + Self.molecules)
      #expect(data.train.frames.count == (isTaken ? 2 : 3))
    }
    // Elements that nothing is learned of are not known.
    let neon = try Self.data([Self.atom(10, -3500)] + Self.molecules)
    #expect(Set(try neon.elementEnergies(given: nil).energies.energies.keys) == [1, 8])
    // A data set of atoms alone is one of frames.
    let only = try Self.data([Self.atom(1, -1), Self.atom(1, -2)])
    #expect(only.train.frames.count == 2)
  }

  @Test func theLowestOfSeveralAtoms() throws {
    let data = try Self.data([Self.atom(1, -13), Self.atom(1, -13.6)] + Self.molecules)
    let (energies, _) = try data.elementEnergies(given: nil)
    #expect(energies.energies[1] == -13.6)
    let warnings = try data.energyWarnings(energies, energyKey: "energy")
    #expect(warnings.count == 1 && warnings[0].contains("of H have energies that differ by 0.6 eV"))
  }

  @Test func givenEnergies() throws {
    let data = try Self.data([Self.atom(1, -1)] + Self.molecules)
    let given = ElementEnergies([1: -13.6, 8: -430, 6: -1000])
    let (energies, source) = try data.elementEnergies(given: given)
    #expect(energies.energies == [1: -13.6, 8: -430] && source == "given")
    let error = #expect(throws: ArgumentError.self) {
      _ = try data.elementEnergies(given: ElementEnergies([1: -13.6]))
    }
    #expect(error?.argument == "element_energies")
    #expect(error?.reason.hasPrefix("has no energy of O, which ") == true, "\(error!)")
    #expect(error?.reason.contains("frame 2 of the training set (line 4)") == true, "\(error!)")
  }

  @Test func parsesLists() throws {
    #expect(try ElementEnergies(list: "H=-13.6,O=-430").energies == [1: -13.6, 8: -430])
    #expect(try ElementEnergies(list: " 1 = 2e3, cl=0").energies == [1: 2000, 17: 0])
    for (text, reason) in [
      ("", "received \"\""), ("H", "received \"H\""), ("H=1,", "received \"\""),
      ("Q=1", "\"Q\" is not the symbol"), ("H=x", "\"x\" is not a finite number"),
      ("H=inf", "finite"), ("H=1=2", "received \"H=1=2\""), ("H=1,1=2", "H is named twice"),
    ] {
      let error = #expect(throws: ArgumentError.self) { try ElementEnergies(list: text) }
      #expect(error?.argument == "element_energies" && error?.reason.contains(reason) == true)
    }
    let folder = try TemporaryFolder()
    for (text, reason) in [
      (#"{"H": -13.6, "8": -430}"#, nil), ("[]", "expected an object"),
      (#"{"Q": 1}"#, "\"Q\": is not the symbol"), (#"{"H": "1"}"#, "expected a number"),
      (#"{"H": 1, "1": 1}"#, "named twice"),
    ] as [(String, String?)] {
      try Data(text.utf8).write(to: folder.url("e.json"))
      guard let reason else {
        let energies = try ElementEnergies(contentsOf: folder.path("e.json"))
        #expect(energies.energies == [1: -13.6, 8: -430])
        continue
      }
      let error = #expect(throws: FileError.self) {
        try ElementEnergies(contentsOf: folder.path("e.json"))
      }
      #expect(error?.reason.contains(reason) == true, "\(error!)")
    }
  }

  /// Energies in another unit, or under another key, than those of the elements.
  @Test func energiesThatCannotFit() throws {
    let elements = ElementEnergies([1: -13.6, 8: -430])
    for (unit, factor) in [
      ("hartree", 1 / 27.211386), ("rydberg", 1 / 13.605693), ("kcal/mol", 23.0605),
      ("kJ/mol", 96.485),
    ] {
      let data = try Self.data([Self.water(-467 * factor), Self.water(-468 * factor)])
      let warnings = try data.energyWarnings(elements, energyKey: "energy")
      #expect(
        warnings.count == 1 && warnings[0].contains("look like energies in \(unit)"), "\(warnings)")
      #expect(warnings.first?.contains("frame 2 of the training set (line 6)") == (factor > 1))
    }
    var binding = Self.water(-9.5)
    binding.info["E_total"] = .real(-467)
    let other = try Self.data([binding])
    let warning = try other.energyWarnings(elements, energyKey: "energy").first
    #expect(
      warning?.contains("\"E_total\" of the first frame would fit") == true, "\(warning ?? "")")
    let plain = try Self.data([Self.water(-9.5)])
    #expect(
      try plain.energyWarnings(elements, energyKey: "energy").first?.contains("total energy")
        == true)
    #expect(try Self.data(Self.molecules).energyWarnings(elements, energyKey: "energy") == [])
  }

  /// A trainer takes the energies as they are.
  @Test func trainersTakeThem() throws {
    let data = try Self.data(Self.molecules)
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.forcesWeight) = (1, 1, 0)
    func trainer(_ energies: ElementEnergies?) throws -> Trainer {
      try Trainer(
        configuration: tiny(), options: options, train: data.train.frames.all(), valid: [],
        elementEnergies: energies)
    }
    let given = ElementEnergies([1: -13.6, 8: -430])
    #expect(try trainer(given).elementEnergies == given)
    #expect(try trainer(nil).elementEnergies == .fit(data.train.frames))
    let error = #expect(throws: ArgumentError.self) { try trainer(ElementEnergies([1: -13.6])) }
    #expect(error?.argument == "train" && error?.reason.contains("element O") == true)
  }
}
