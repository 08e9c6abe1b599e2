import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

@Suite struct EvaluateTests {
  private let model: TrainedModel

  init() throws { model = try TrainedModel() }

  private func json(_ arguments: [String], input: Data = Data()) throws -> [String: Any] {
    let outcome = try Program.e3x.run(["evaluate", model.path, "--json"] + arguments, input: input)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(object as? [String: Any])
  }

  /// Whichever labels the frames have are measured; what none has is null, and a dash.
  @Test(
    arguments: [[true, true], [true, false], [false, false]],
    [[true, true], [false, true], [false, false]])
  func labelsThatThereAre(energies: [Bool], forces: [Bool]) throws {
    let path = try model.write(
      matched(energies, forces).map {
        TrainedModel.frame(energy: $0 ? "energy" : nil, forces: $1 ? "forces" : nil)
      })
    let (energyCount, forcesCount) = (energies.filter(\.self).count, forces.filter(\.self).count)
    guard energyCount + forcesCount > 0 else {
      let outcome = try Program.e3x.run(["evaluate", model.path, path])
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.contains("--energy-key") && outcome.errors.contains("--forces-key"))
      return
    }
    let values = try json([path])
    #expect(values["frames"] as? Int == 2 && values["atoms"] as? Int == 6)
    #expect(values["energy_frames"] as? Int == energyCount)
    #expect(values["forces_frames"] as? Int == forcesCount)
    for key in ["energy_mae_meV", "energy_rmse_meV", "energy_per_atom_mae_meV"] {
      #expect((values[key] is NSNull) == (energyCount == 0), "\(key)")
    }
    for key in ["forces_mae_meV_A", "forces_rmse_meV_A"] {
      #expect((values[key] is NSNull) == (forcesCount == 0), "\(key)")
    }
    let outcome = try Program.e3x.run(["evaluate", model.path, path])
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4, "\(outcome)")
    #expect(lines[1].contains("-  ") == (energyCount == 0), "\(outcome)")
    #expect(lines[3].contains("-  ") == (forcesCount == 0), "\(outcome)")
  }

  /// Frames from a pipe and from standard input are as good as those of a file, and so is a model.
  @Test func pipes() throws {
    let path = try model.write([TrainedModel.frame(energy: "energy", forces: "forces")])
    let expected = try json([path]) as NSDictionary
    let frames = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(try json(["-"], input: frames) as NSDictionary == expected)
    #expect(try json(["/dev/stdin"], input: frames) as NSDictionary == expected)
    let outcome = try Program.e3x.run(
      ["evaluate", "-", path, "--json"], input: Data(contentsOf: URL(fileURLWithPath: model.path)))
    #expect(outcome.code == 0, "\(outcome)")
    #expect(try Program.e3x.run(["evaluate", "-", "-"]).code == 1)
  }

  /// A page with the frames' numbers in the file; standard output stays what it is without.
  @Test func pages() throws {
    var bad = TrainedModel.frame(energy: "energy", forces: "forces")
    bad.numbers[1] = 118
    let good = TrainedModel.frame(energy: "energy", forces: "forces")
    let path = try model.write([good, bad, good])
    let page = model.folder.path("page.html")
    let arguments = ["evaluate", model.path, path, "--json", "--skip-bad-frames"]
    let expected = try Program.e3x.run(arguments)
    let outcome = try Program.e3x.run(arguments + ["--report", page])
    #expect(outcome.code == 0 && outcome.output == expected.output, "\(outcome)")
    #expect(outcome.errors.contains("wrote \(page)"), "\(outcome)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    for text in [
      "errors on 2 frames", "passed over 1 frame", "data-viewer=\"worst\"", "number 3, greatest",
      "H₂O", "Forces by element",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    for (report, text) in [
      ("-", "--report must be a file"), (path, "is the input"),
      (model.folder.path("nowhere/page.html"), "nowhere"),
    ] {
      let outcome = try Program.e3x.run(["evaluate", model.path, path, "--report", report])
      #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.contains(text), "\(outcome)")
    }
  }

  /// Errors name the file, the frame, and what is wrong with it, on one line.
  @Test func framesThatCannotBe() throws {
    let good = TrainedModel.frame(energy: "energy", forces: "forces")
    var unknown = good
    unknown.numbers[1] = 118
    var periodic = good
    (periodic.lattice, periodic.pbc) = ([9, 0, 0, 0, 9, 0, 9, 9, 0], [true, true, true])
    var empty = good
    empty = XYZFrame(numbers: [], positions: [])
    var wrong = good
    wrong.info["energy"] = .string("low")
    for (frame, text) in [
      (unknown, "atom 2 is of the element Og, which the potential does not know (it knows H, O)"),
      (periodic, "cell: the vectors along which the structure repeats must be independent"),
      (empty, "no atoms"), (wrong, "energy \"energy\" is no number"),
    ] {
      let path = try model.write([good, good, frame])
      for arguments in [[path], ["-"]] {
        let input = try Data(contentsOf: URL(fileURLWithPath: path))
        let outcome = try Program.e3x.run(["evaluate", model.path] + arguments, input: input)
        #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
        let file = arguments == ["-"] ? "standard input" : path
        #expect(outcome.errors.hasPrefix("Error: \(file): frame 3 (line 11): "), "\(outcome)")
        #expect(outcome.errors.contains(text), "\(outcome)")
        #expect(outcome.errors.filter(\.isNewline).count == 1, "\(outcome)")
      }
    }
  }

  /// Models of hostile configurations end at once, with the key.
  @Test(arguments: [
    "features", "max_degree", "num_layers", "num_heads", "num_basis", "num_embeddings", "cutoff",
    "energy_scale", "message_scale",
  ])
  func hostileConfigurations(key: String) throws {
    let frames = try model.write([TrainedModel.frame(energy: "energy")])
    let file = try SafetensorsFile(contentsOf: model.path)
    let tensors = try Dictionary(
      uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
    for value in ["-1", "4611686018427387903", "9223372036854775807", "1e308", "\"1\"", "null"] {
      var metadata = file.metadata
      let config = try #require(metadata["config"])
      metadata["config"] = config.replacing(
        try Regex("\"\(key)\":[^,}]*"), with: "\"\(key)\":\(value)")
      #expect(metadata["config"] != config)
      try SafetensorsFile.write(
        tensors, metadata: metadata, to: model.folder.path("bad.safetensors"))
      let outcome = try Program.e3x.run(
        ["evaluate", model.folder.path("bad.safetensors"), frames], seconds: 20)
      #expect(outcome.code == 1, "\(value): \(outcome)")
      #expect(outcome.errors.contains("\"\(key)\": "), "\(outcome)")
      #expect(outcome.peakBytes < 1 << 30)
    }
  }
}
