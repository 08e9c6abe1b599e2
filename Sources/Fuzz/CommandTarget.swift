import Foundation
import Processes

/// Command lines of the program, each run as a process of its own.
struct CommandTarget: FuzzTarget {
  let name = "command"
  /// Processes are timed one by one.
  let secondsLimit = 45.0
  private let program: Program
  private let folder: ScratchFolder

  init(program: Program, samples: Samples) throws {
    self.program = program
    folder = try ScratchFolder()
    try samples.model.write(to: URL(fileURLWithPath: folder.path("model.safetensors")))
    try Data(Samples.extendedXYZ[0].utf8).write(to: URL(fileURLWithPath: folder.path("a.xyz")))
    try Data(Samples.water.utf8).write(to: URL(fileURLWithPath: folder.path("water.xyz")))
    try Data(Self.crystal.utf8).write(to: URL(fileURLWithPath: folder.path("crystal.xyz")))
    try Data(Self.settings.utf8).write(to: URL(fileURLWithPath: folder.path("settings.yaml")))
    try Data(Self.workloads.utf8).write(to: URL(fileURLWithPath: folder.path("workloads.json")))
    if let first = samples.cases.first {
      try first.write(to: URL(fileURLWithPath: folder.path("case.safetensors")))
    }
  }

  /// Good command lines, in the folder of the samples.
  private static let commands: [[String]] = [
    [
      "train", "--train", "water.xyz", "--valid", "water.xyz", "-o", "run", "--overwrite",
      "--steps", "2", "--batch-size", "1", "--learning-rate", "1e-3", "--energy-weight", "1",
      "--forces-weight", "10", "--validation-interval", "1", "--seed", "1", "--features", "4",
      "--max-degree", "1", "--layers", "1", "--heads", "2", "--basis", "3", "--cutoff", "4",
    ],
    [
      "train", "--train", "water.xyz", "-o", "run", "--overwrite", "--steps", "1", "--batch-size",
      "1", "--valid-fraction", "0.5", "--test-fraction", "0", "--split-by", "frame",
      "--element-energies", "H=-1,O=-3", "--skip-bad-frames", "--features", "4", "--heads", "2",
    ],
    [
      "train", "--config", "settings.yaml", "--overwrite", "--steps", "1", "--seed", "2",
      "--output", "run",
    ],
    ["config", "--preset", "fast"],
    ["evaluate", "model.safetensors", "water.xyz", "--energy-key", "energy", "--json"],
    ["predict", "model.safetensors", "water.xyz", "--output", "predicted.xyz"],
    ["convert", "model.safetensors", "copy.npz", "--dtype", "float16"],
    ["run", "case.safetensors", "--output", "result.safetensors", "--dtype", "float32"],
    ["bench", "--workloads", "workloads.json", "--repeats", "1", "--only", "tiny", "--json"],
    [
      "explain", "--workloads", "workloads.json", "--only", "tiny", "--metric", "forward",
      "--repeats", "1", "--brief",
    ],
    ["verify", "case.safetensors", "--dtype", "float64", "--quiet"],
    [
      "md", "model.safetensors", "water.xyz", "--output", "dynamics", "--overwrite", "--ensemble",
      "langevin", "--steps", "3", "--time-step", "0.5", "--temperature", "100:300",
      "--thermostat-time", "100", "--seed", "1", "--interval", "2", "--thermo-interval", "1",
      "--restart-interval", "2", "--max-force", "100", "--skin", "0.5",
    ],
    [
      "md", "model.safetensors", "crystal.xyz", "--output", "crystal", "--overwrite", "--ensemble",
      "npt", "--steps", "3", "--time-step", "0.1", "--pressure", "0.1", "--barostat-time", "1000",
      "--coupling", "full",
    ],
    [
      "relax", "model.safetensors", "water.xyz", "--output", "relaxed.xyz", "--steps", "3",
      "--fmax", "0.05", "--fix", "1",
    ],
    [
      "frequencies", "model.safetensors", "water.xyz", "--temperature", "300", "--max-force",
      "100", "--fix", "1",
    ],
    ["elastic", "model.safetensors", "crystal.xyz", "--strain", "0.01", "--no-relax-atoms"],
    ["eos", "model.safetensors", "crystal.xyz", "--points", "5", "--range", "0.05"],
    [
      "phonons", "model.safetensors", "crystal.xyz", "--output", "phonons", "--supercell", "1",
      "--path", "G 0 0 0, X 1/2 0 0", "--points", "3", "--mesh", "2", "--max-force", "100",
    ],
  ]

  private static let crystal = """
    3
    Lattice="4 0 0 0.5 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T"
    O 0 0 0
    H 0.95 0 0
    H 0 0.95 0

    """

  private static let settings = """
    train: water.xyz
    valid: water.xyz
    batch_size: 1
    features: 4
    num_heads: 2

    """

  private static let workloads = """
    {"workloads": [{"name": "tiny", "kind": "attention", "atoms": 4, "neighbors": 2, \
    "max_degree": 1, "features": 4, "num_heads": 2, "num_basis": 3, "pseudotensors": false}]}
    """

  func input(with dice: inout Dice) throws -> Data {
    var words = dice.pick(Self.commands)
    for _ in 0...dice.roll(2) {
      let at = 1 + dice.roll(words.count - 1)
      switch dice.roll(8) {
      case 0: words.remove(at: at)
      case 1: words.insert(words[1 + dice.roll(words.count - 1)], at: at)
      case 2: words[at] = dice.pick(["/dev/null", ".", "-", "no-such-file", "", "é", "a.xyz"])
      default:
        // A number in place of another.
        let numbers = words.indices.filter { $0 > 0 && Double(words[$0]) != nil }
        words[numbers.isEmpty ? at : dice.pick(numbers)] = dice.pick(WildNumbers.texts)
      }
      if words.count < 2 { break }
    }
    return Data(words.joined(separator: "\n").utf8)
  }

  func use(_ path: String) throws {
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let words = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let run = try program.start(words, in: folder.path(""))
    while try run.poll() == nil && run.elapsed < 5 { usleep(2000) }
    if try run.poll() == nil && Self.asksForMuch(words) {
      // What takes long because it was told to do much ends when it is asked to.
      run.signal(SIGTERM)
      let outcome = try run.wait(seconds: 30)
      if !outcome.timedOut && (outcome.code == 130 || outcome.signal == SIGTERM) { return }
    }
    let outcome = try run.wait(seconds: 0)
    let isGood = outcome.code.map { [0, 1, 64, 130].contains($0) } ?? false
    guard isGood, !outcome.timedOut, outcome.peakBytes < 2_000_000_000 else {
      throw Finding(description: "e3x \(words.joined(separator: " ")): \(outcome)")
    }
  }

  /// Whether a command line asks for many steps or calls, or for a large network: a step of 1000
  /// features takes seconds.
  private static func asksForMuch(_ words: [String]) -> Bool {
    zip(words, words.dropFirst()).contains { option, value in
      guard let most = Self.little[option], let number = Double(value) else { return false }
      return number > most
    }
  }

  /// What is done in no time, of options that can ask for much.
  private static let little: [String: Double] = [
    "--steps": 100, "--repeats": 100, "--features": 100, "--points": 100, "--supercell": 2,
    "--mesh": 10, "--skin": 10,
  ]
}
