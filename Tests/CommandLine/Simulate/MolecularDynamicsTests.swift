import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

@Suite struct MolecularDynamicsTests {
  private let model: TrainedModel
  private let water: String

  init() throws {
    model = try TrainedModel()
    water = try model.write([TrainedModel.frame()], "water.xyz")
  }

  private func md(
    _ folder: String, _ options: String..., start: String? = nil
  ) throws -> Program.Outcome {
    try Program.e3x.run(
      ["md", model.path, start ?? water, "--output", model.folder.path(folder)] + options)
  }

  private func expectSuccess(
    _ outcome: Program.Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
  }

  private func expectRefusal(
    _ outcome: Program.Outcome, _ code: Int32, _ parts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.code == code, "\(outcome)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(outcome.errors.contains(part), "\(outcome)", sourceLocation: sourceLocation)
    }
  }

  private func bytes(_ folder: String, _ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: model.folder.path(folder + "/" + file)))
  }

  private func table(_ folder: String) throws -> (names: [String], rows: [[Double?]]) {
    let lines = try String(decoding: bytes(folder, "thermo.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    return (lines[0].map(String.init), lines.dropFirst().map { $0.map { Double($0) } })
  }

  @Test func whatIsWritten() throws {
    expectSuccess(
      try md("moved", "--steps", "40", "--interval", "20", "--thermo-interval", "10"))
    let (names, rows) = try table("moved")
    #expect(rows.count == 5)
    #expect(rows.allSatisfy { $0.count == names.count })
    #expect(rows.map { $0[0] } == [0, 10, 20, 30, 40])
    #expect(abs((rows[0][2] ?? 0) - 300) < 1e-6)
    for row in rows {
      let (potential, kinetic, total) = (row[3] ?? 0, row[4] ?? 0, row[5] ?? 0)
      #expect(abs(potential + kinetic - total) < 1e-9)
    }
    let frames = try XYZReader.read(model.folder.path("moved/trajectory.xyz"))
    #expect(frames.map { $0.info["step"] } == [.integer(0), .integer(20), .integer(40)])
    #expect(frames[0].positions == TrainedModel.water.positions)
    #expect(frames[2].info["energy"]?.double == rows[4][3])
    #expect(frames[2].arrays["momenta"]?.width == 3)
    #expect(frames[2].arrays["forces"]?.width == 3)
  }

  /// Runs that stop, are killed and go on write the same bytes as those that do not.
  @Test(arguments: ["nve", "langevin", "bussi", "nose-hoover"])
  func restarts(ensemble: String) throws {
    let options = [
      "--ensemble", ensemble, "--interval", "7", "--thermo-interval", "3", "--restart-interval",
      "20", "--seed", "4", "--skin", "0.2",
    ]
    func run(_ folder: String, _ steps: Int, _ more: String...) throws -> Program.Outcome {
      try Program.e3x.run(
        ["md", model.path, water, "--output", model.folder.path(folder), "--steps", "\(steps)"]
          + options + more)
    }
    expectSuccess(try run("whole", 60))
    expectSuccess(try run("half", 33))
    // As a process leaves them that was killed: with more than the restart knows of.
    for file in ["trajectory.xyz", "thermo.csv"] {
      let path = model.folder.path("half/" + file)
      try (bytes("half", file) + Data("3\nhalf a fra".utf8)).write(to: URL(fileURLWithPath: path))
    }
    expectSuccess(try run("half", 60, "--resume"))
    for file in ["trajectory.xyz", "thermo.csv", "restart.safetensors"] {
      #expect(try bytes("half", file) == bytes("whole", file), "\(file)")
    }
  }

  @Test func runsAreKept() throws {
    // The folder of a training has a report of its own.
    expectRefusal(try md("run", "--overwrite"), 1, "has a training (", "name another folder")
    expectSuccess(try md("moved", "--steps", "5"))
    expectRefusal(try md("moved", "--steps", "5"), 1, "--resume goes on, --overwrite begins anew")
    expectSuccess(try md("moved", "--steps", "6", "--overwrite"))
    expectRefusal(
      try md("moved", "--steps", "9", "--resume", "--time-step", "0.25"), 1,
      "was made with --time-step 0.5, not 0.25")
    expectSuccess(try md("moved", "--steps", "9", "--resume"))
    expectRefusal(try md("none", "--resume"), 1, "none/restart.safetensors")
  }

  /// What a restart does not say, or says wrong, ends a run before anything of the former one is lost.
  @Test func damagedRestarts() throws {
    expectSuccess(try md("moved", "--steps", "9", "--ensemble", "nose-hoover"))
    let path = model.folder.path("moved/restart.safetensors")
    let good = try SafetensorsFile(contentsOf: path)
    let table = try bytes("moved", "thermo.csv")
    func refusal(
      _ word: String, _ change: (inout [String: SafetensorsTensor], inout [String: String]) -> Void
    ) throws {
      var tensors: [String: SafetensorsTensor] = [:]
      for name in good.names { tensors[name] = try good.tensor(name) }
      var metadata = good.metadata
      change(&tensors, &metadata)
      try SafetensorsFile.write(tensors, metadata: metadata, to: path)
      let outcome = try md("moved", "--steps", "12", "--ensemble", "nose-hoover", "--resume")
      expectRefusal(outcome, 1, word)
      #expect(try bytes("moved", "thermo.csv") == table, "\(word)")
    }
    try refusal("remembers 4 numbers") { tensors, _ in
      tensors["memory"] = SafetensorsTensor([0, 0, 0, 0] as [Double], shape: [4])
    }
    try refusal("in step a number from 0") { tensors, _ in
      tensors["step"] = SafetensorsTensor([Int64.max], shape: [1])
    }
    try refusal("note_thermo_bytes") { _, metadata in metadata["note_thermo_bytes"] = nil }
    try refusal("note_trajectory_bytes") { _, metadata in
      metadata["note_trajectory_bytes"] = "-1"
    }
    try refusal("masses") { tensors, _ in
      tensors["masses"] = SafetensorsTensor([16, 1, 0] as [Double], shape: [3])
    }
  }

  /// A run that goes wrong stops with the frame that did it, and a structure that is wrong already
  /// does not begin.
  @Test func explosions() throws {
    expectRefusal(
      try md("none", "--max-force", "1e-3"), 1, "step 0: the force on atom", "beyond 0.001")
    expectSuccess(try md("calm", "--steps", "1", "--interval", "1"))
    let frames = try XYZReader.read(model.folder.path("calm/trajectory.xyz"))
    let forces = try #require(frames[0].arrays["forces"]?.doubles)
    let largest = (0..<3).map { atom in
      (0..<3).reduce(0) { $0 + forces[3 * atom + $1] * forces[3 * atom + $1] }.squareRoot()
    }.max()!
    let outcome = try md(
      "moved", "--max-force", "\(1.02 * largest)", "--temperature", "3000", "--interval", "1")
    expectRefusal(outcome, 1, "the force on atom", "beyond", "failed.xyz")
    let failed = try XYZReader.read(model.folder.path("moved/failed.xyz"))
    let last = try #require(XYZReader.read(model.folder.path("moved/trajectory.xyz")).last)
    guard case .integer(let step) = failed[0].info["step"],
      case .integer(let before) = last.info["step"]
    else {
      Issue.record("no steps")
      return
    }
    #expect(failed.count == 1 && step == before + 1 && step > 0)
  }

  @Test func momentaAreKept() throws {
    expectSuccess(try md("moved", "--steps", "10", "--interval", "10", "--ensemble", "nve"))
    let last = try XYZReader.read(model.folder.path("moved/trajectory.xyz"))[1]
    let start = try model.write([last], "last.xyz")
    let outcome = try Program.e3x.run([
      "md", model.path, start, "--output", model.folder.path("on"), "--steps", "1",
      "--keep-momenta", "--thermo-interval", "1", "--ensemble", "nve",
    ])
    expectSuccess(outcome)
    let (before, after) = (try table("moved").rows, try table("on").rows)
    #expect(abs((before[1][4] ?? 0) - (after[0][4] ?? 1)) < 1e-6)
    expectRefusal(try md("other", "--keep-momenta"), 1, "has no momenta")
  }

  @Test func ramps() throws {
    expectSuccess(
      try md(
        "moved", "--steps", "400", "--temperature", "10:400", "--thermostat-time", "10",
        "--thermo-interval", "1"))
    let rows = try table("moved").rows
    let late = rows.suffix(100).compactMap { $0[2] }.reduce(0, +) / 100
    #expect(late > 100, "\(late)")
    expectRefusal(
      try md("nve", "--ensemble", "nve", "--temperature", "10:400"), 64, "--temperature")
  }

  @Test(arguments: [
    (["--steps", "0"], "--steps"), (["--time-step", "0"], "--time-step"),
    (["--time-step", "nan"], "--time-step"), (["--temperature", "-3"], "temperature"),
    (["--temperature", "1:2:3"], "temperature"), (["--interval", "0"], "--interval"),
    (["--pressure", "1"], "without --ensemble npt"),
    (["--ensemble", "npt-scr", "--coupling", "full"], "without --ensemble npt"),
    (["--ensemble", "npt", "--compressibility", "1"], "without --ensemble npt-scr"),
    (["--ensemble", "npt-scr", "--compressibility", "0"], "--compressibility"),
    (["--ensemble", "nvt"], "nvt"),
    (["--max-force", "-1"], "--max-force"), (["--skin", "-1"], "--skin"),
    (["--resume", "--overwrite"], "--resume"),
    (["--ensemble", "nose-hoover", "--temperature", "0"], "--temperature"),
  ])
  func refusals(options: [String], word: String) throws {
    let outcome = try Program.e3x.run(
      ["md", model.path, water, "--output", model.folder.path("none")] + options)
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains(word), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: model.folder.path("none")))
  }

  @Test func pressureNeedsACell() throws {
    for ensemble in ["npt", "npt-scr"] {
      expectRefusal(try md("npt", "--ensemble", ensemble), 1, "three vectors")
    }
  }

  /// A crystal under a barostat: its volume changes, and a resumed run has the same bytes.
  @Test(arguments: [
    ["npt", "--coupling", "full"], ["npt-scr", "--compressibility", "0.5"],
  ])
  func crystals(barostat: [String]) throws {
    var crystal = XYZFrame(
      numbers: [8, 1, 1, 8], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0, 2, 2.1, 1.9])
    crystal.lattice = [4, 0, 0, 0.3, 4, 0, 0, 0, 4]
    crystal.pbc = [true, true, true]
    let start = try model.write([crystal], "crystal.xyz")
    let options = [
      "--pressure", "0.5", "--thermo-interval", "5", "--interval", "5", "--time-step", "0.02",
      "--barostat-time", "50", "--max-force", "1000", "--ensemble",
    ]
    func run(_ folder: String, _ steps: Int, _ more: String...) throws -> Program.Outcome {
      try Program.e3x.run(
        ["md", model.path, start, "--output", model.folder.path(folder), "--steps", "\(steps)"]
          + options + barostat + more)
    }
    expectSuccess(try run("whole", 40))
    expectSuccess(try run("half", 13))
    expectSuccess(try run("half", 40, "--resume"))
    for file in ["trajectory.xyz", "thermo.csv", "restart.safetensors"] {
      #expect(try bytes("half", file) == bytes("whole", file), "\(file)")
    }
    let (names, rows) = try table("whole")
    let column = try #require(names.firstIndex(of: "volume_A3"))
    #expect(rows.first?[column] == 64)
    #expect(rows.last?[column] != 64)
    #expect(rows.allSatisfy { $0[column - 1] != nil })
  }
}
