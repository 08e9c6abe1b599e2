import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Options of a training in a file.
@Suite struct TrainingConfigTests {
  /// The keys that `e3x config` prints, with the comment above each.
  private func keys(_ text: String) -> [(key: String, comment: String)] {
    var keys: [(String, String)] = []
    var comment: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") {
        comment.append(line.dropFirst(2))
      } else if let colon = line.firstIndex(of: ":") {
        keys.append((String(line[..<colon]), comment.joined(separator: " ")))
        comment = []
      } else {
        comment = []
      }
    }
    return keys
  }

  /// All options of `e3x train`, as the program describes itself.
  private func options() throws -> [String] {
    let outcome = try Program.e3x.run(["--experimental-dump-help"])
    let root = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let command = root?["command"] as? [String: Any]
    let commands = command?["subcommands"] as? [[String: Any]] ?? []
    let train = try #require(commands.first { $0["commandName"] as? String == "train" })
    return (train["arguments"] as? [[String: Any]] ?? []).compactMap { argument in
      let names = argument["names"] as? [[String: Any]] ?? []
      return names.first { $0["kind"] as? String == "long" }?["name"] as? String
    }
  }

  /// An option that is not in the file is one that was forgotten.
  @Test func everyOptionIsThereWithAComment() throws {
    let outcome = try Program.e3x.run(["config"])
    #expect(outcome.code == 0, "\(outcome)")
    let keys = keys(outcome.output)
    for (key, comment) in keys { #expect(comment.count > 10, "\(key): \(comment)") }
    let others = [
      "layers": "num_layers", "heads": "num_heads", "basis": "num_basis",
      "smooth": "smooth_at_cutoff", "stage": "stages",
    ]
    // What is done with a run, and what every command has.
    let acts: Set = ["config", "resume", "overwrite", "accept-changed-data", "version", "help"]
    let expected = try options().filter { !acts.contains($0) && !$0.hasPrefix("no-") }
      .map { others[$0] ?? $0.replacing("-", with: "_") }
    #expect(expected.count > 30)
    #expect(keys.map(\.key).sorted() == expected.sorted())
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  /// What is printed means the same as no file at all, for molecules and for crystals.
  @Test(arguments: PotentialPreset.allCases.map(\.rawValue) + ["periodic"])
  func theWholeFileMeansTheSameAsNone(preset: String) throws {
    let folder = try TrainingFolder()
    let isPeriodic = preset == "periodic"
    let preset = isPeriodic ? "fast" : preset
    if isPeriodic {
      let frames = (0..<4).map { index in
        """
        2
        Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3 energy=-\(index + 1) \
        stress="0.1 0 0 0 0.1 0 0 0 0.1" pbc="T T T"
        Cu 0 0 0 0.1 0 0
        Cu \(1.9 + 0.05 * Double(index)) 2 2 -0.1 0 0

        """
      }
      try folder.write("train.xyz", frames.joined())
    }
    let file = try Program.e3x.run(["config", "--preset", preset])
    #expect(file.code == 0, "\(file)")
    try folder.write("all.yaml", file.output)
    let rest = ["--train", "train.xyz", "--steps", "1"]
    let with = try Program.e3x.run(
      ["train", "--config", "all.yaml", "-o", "with"] + rest, in: folder.path)
    let without = try Program.e3x.run(
      ["train", "--preset", preset, "-o", "without"] + rest, in: folder.path)
    #expect(with.code == 0, "\(with)")
    #expect(without.code == 0, "\(without)")
    let (a, b) = (
      try TrainingCheckpoint(contentsOf: folder.path("with/checkpoint.safetensors")),
      try TrainingCheckpoint(contentsOf: folder.path("without/checkpoint.safetensors"))
    )
    let models = [a, b].map { ($0.model as? AttentionPotential)?.configuration }
    #expect(models[0] == models[1] && models[0] != nil && a.options == b.options)
    #expect(a.options.energyPerAtom == isPeriodic)
    #expect(
      try folder.tensors("with/checkpoint.safetensors")
        == folder.tensors("without/checkpoint.safetensors"))
  }

  private static let tiny = """
    features: 4
    num_heads: 1
    num_layers: 1
    max_degree: 1
    num_basis: 4
    batch_size: 2
    """

  /// The file's values hold, paths begin at its folder, and the command line wins.
  @Test func theFileIsFollowedAndTheCommandLineWins() throws {
    let folder = try TrainingFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("recipes"), withIntermediateDirectories: false)
    try folder.write(
      "recipes/a.yaml",
      Self.tiny + """

        train: ../train.xyz
        valid: [../valid.xyz]
        output: ../run
        steps: 3
        seed: 7
        learning_rate: 2e-3
        validation_interval: 2
        element_energies: {H: -13, C: -1030, O: -2040}
        stages: ["0.5:energy=3", "0.75:forces=1,energy=4"]
        """)
    let outcome = try folder.train("--config", "recipes/a.yaml", "--seed", "9")
    #expect(outcome.code == 0, "\(outcome)")
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.path("run/checkpoint.safetensors"))
    let network = (checkpoint.model as? AttentionPotential)?.configuration
    #expect(network?.features == 4 && network?.numLayers == 1)
    #expect(checkpoint.options.steps == 3 && checkpoint.options.learningRate == 2e-3)
    #expect(checkpoint.options.seed == 9 && checkpoint.options.batchSize == 2)
    #expect(checkpoint.elementEnergies?.energies[6] == -1030)
    #expect(
      checkpoint.options.stages.map(\.description)
        == ["0.5:energy=3.0", "0.75:energy=4.0,forces=1.0"])
    // The model's file says what it was trained with.
    let model = try SafetensorsFile(contentsOf: folder.path("run/model.safetensors"))
    #expect(model.metadata["options"]?.contains("\"seed\":9") == true)
    #expect(model.metadata["config"]?.contains("\"features\":4") == true)
  }

  /// A run from a file goes on to the same bits, with the file and without it.
  @Test func aRunFromAFileGoesOn() throws {
    let folder = try TrainingFolder()
    try folder.write(
      "a.yaml",
      Self.tiny + """

        preset: fast
        train: train.xyz
        valid: valid.xyz
        output: whole
        steps: 8
        validation_interval: 3
        """)
    let whole = try folder.train("--config", "a.yaml")
    #expect(whole.code == 0, "\(whole)")
    for (name, last) in [("one", ["--config", "a.yaml"]), ("two", [])] {
      let first = try folder.train(
        "--config", "a.yaml", "-o", name, "--steps", "4")
      #expect(first.code == 0, "\(first)")
      let second = try Program.e3x.run(
        ["train", "--resume", "-o", name] + last + (last.isEmpty ? ["--steps", "8"] : []),
        in: folder.path)
      #expect(second.code == 0, "\(second)")
      #expect(second.output.contains("going on after step 4"), "\(second)")
      #expect(try folder.stepsDone(name) == 8)
    }
    #expect(
      try folder.tensors("one/checkpoint.safetensors")
        == folder.tensors("two/checkpoint.safetensors"))
    // What may not change is refused with its line, the network of another preset too.
    try folder.write("b.yaml", "seed: 0\nfeatures: 8\n")
    let refused = try folder.train("--config", "b.yaml", "--resume", "-o", "one")
    #expect(refused.code == 1, "\(refused)")
    #expect(
      refused.errors == """
        Error: b.yaml: line 2: "features": cannot change in a run that goes on: it has 4, received 8

        """)
    try folder.write("c.yaml", Self.tiny + "\npreset: attention")
    let other = try folder.train("--config", "c.yaml", "--resume", "-o", "one")
    #expect(other.code == 1, "\(other)")
    #expect(other.errors.hasPrefix("Error: c.yaml: line 7: \"preset\": cannot change"), "\(other)")
  }

  /// A time in a file is that of the whole run.
  @Test func aTimeInAFileIsKeptOverAResume() throws {
    let folder = try TrainingFolder()
    try folder.write(
      "a.yaml", Self.tiny + "\ntrain: train.xyz\nvalid: valid.xyz\noutput: run\nminutes: 0.05\n")
    let program = try Program.e3x.start(["train", "--config", "a.yaml"], in: folder.path)
    #expect(program.waitFor("    step"), "\(program.errors)")
    program.signal(SIGKILL)
    _ = try program.wait()
    for _ in 0..<2 {
      let resumed = try folder.train("--config", "a.yaml", "--resume")
      #expect(resumed.code == 0 && resumed.seconds < 10, "\(resumed)")
    }
    let record =
      try JSONSerialization.jsonObject(with: Data(folder.read("run/run.json").utf8))
      as? [String: Any]
    #expect(record?["minutes"] as? Double == 0.05)
    // The command line's steps stand for the file's time.
    let steps = try folder.train("--config", "a.yaml", "--overwrite", "--steps", "2")
    #expect(steps.code == 0, "\(steps)")
    #expect(try folder.stepsDone() == 2)
  }

  /// What is wrong is said with the file, the line, the key and what was expected.
  @Test(arguments: [
    (
      "batchsize: 5",
      "line 1: \"batchsize\": is no key that is known here; did you mean \"batch_size\"?"
    ),
    ("layers: 5", "line 1: \"layers\": is no key here: its name in files is \"num_layers\""),
    ("overwrite: true", "stands on the command line (--overwrite)"),
    (
      "\nsteps: many",
      "line 2: \"steps\": expected a whole number of 64 bits, found the text \"many\""
    ),
    ("steps: 0", "line 1: \"steps\": must be at least 1, received 0"),
    ("seed: 1\nlearning_rate: -1", "line 2: \"learning_rate\": must be positive, received -1"),
    ("cutoff: 1e9", "line 1: \"cutoff\": must be between 0.01 and 1000.0"),
    ("features: 30\nnum_heads: 4", "line 2: \"num_heads\": features (30) must be divisible"),
    ("minutes: 0", "line 1: \"minutes\": must be positive"),
    ("minutes: 1\nsteps: 5", "line 1: \"minutes\" and \"steps\" both say when to end"),
    ("valid_fraction: 1", "line 1: \"valid_fraction\": must be at least 0 and below 1"),
    ("checkpoint_interval: -1", "line 1: \"checkpoint_interval\": must be between"),
    ("valid: valid.xyz", "line 1: \"valid\" needs --train"),
    ("preset: quick", "expected one of fast, default, accurate, attention"),
    ("split_by: atom", "line 1: \"split_by\": is \"atom\", expected one of frame, group"),
    ("element_energies: {Xx: 1}", "line 1: \"element_energies\": \"Xx\" is not the symbol"),
    ("steps: 1\nsteps: 2", "the key \"steps\" occurs twice"),
    ("[1, 2]", "expected a mapping"), ("steps: 1\n---\nsteps: 2", "a second document"),
    ("seed: 1\nstages: [late]", "line 2: \"stages\": has \"late\", expected START:LABEL=WEIGHT"),
    ("stages: [\"2:energy=1\"]", "line 1: \"stages\": must begin one after the other"),
    ("train: [a.xyz, 5]", "line 1: \"train\": expected a text, found 5"),
  ])
  func mistakes(text: String, reason: String) throws {
    let folder = try TrainingFolder()
    try folder.write("a.yaml", text + "\n")
    let outcome = try folder.train("--config", "a.yaml", "-o", "run")
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.hasPrefix("Error: a.yaml: "), "\(outcome)")
    #expect(outcome.errors.contains(reason), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    #expect(!folder.has("run"))
  }

  @Test func standardInputAndNoFile() throws {
    let folder = try TrainingFolder()
    let text = Self.tiny + "\ntrain: train.xyz\nsteps: 1\noutput: run\n"
    let outcome = try Program.e3x.run(
      ["train", "--config", "-"], input: Data(text.utf8), in: folder.path)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(folder.has("run/model.safetensors"))
    let twice = try Program.e3x.run(
      ["train", "--config", "-", "--train", "-"], input: Data(text.utf8), in: folder.path)
    #expect(twice.code == 1 && twice.errors.contains("named twice"), "\(twice)")
    let missing = try folder.train("--config", "none.yaml")
    #expect(missing.code == 1 && missing.errors.contains("none.yaml"), "\(missing)")
  }
}
