import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import OrderedCollections

/// Good inputs that mutations start from.
struct Samples {
  /// A tiny potential, as the program writes it.
  let model: Data
  /// The same, one of another kind, and a committee.
  let models: [Data]
  /// The checkpoint of the first one's training.
  let checkpoint: Data
  /// Golden cases of operations.
  let cases: [Data]

  /// - Parameter cases: a folder with golden cases at any depth; nil for none.
  init(cases folder: String?) throws {
    let scratch = try ScratchFolder()
    var trainer = try Trainer(
      configuration: Self.configuration, options: Self.options, train: Self.frames, valid: [])
    try trainer.advance()
    try trainer.bestPotential().write(to: scratch.path("model"))
    try trainer.writeCheckpoint(to: scratch.path("checkpoint"))
    model = try FileBytes.read(scratch.path("model"))
    var network = MessagePassingPotential()
    (network.features, network.maxDegree, network.numLayers) = (4, 1, 2)
    (network.numBasis, network.numEmbeddings) = (3, 10)
    let others: [(any PotentialModel, Int)] = [
      (network, 1), (AttentionPotential(Self.configuration), 2),
    ]
    models =
      [model]
      + (try others.map { kind, members in
        let other = try Trainer(
          model: kind, options: Self.options, train: Self.frames, valid: [], members: members)
        try other.bestPotential().write(to: scratch.path("other"))
        return try FileBytes.read(scratch.path("other"))
      })
    checkpoint = try FileBytes.read(scratch.path("checkpoint"))
    let files = folder.flatMap { FileManager.default.enumerator(atPath: $0)?.allObjects } ?? []
    let paths = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }.sorted()
    cases = try paths.map { try FileBytes.read(folder! + "/" + $0) }
  }

  static var configuration: PotentialConfiguration {
    var configuration = PotentialConfiguration()
    configuration.features = 4
    configuration.maxDegree = 1
    configuration.numLayers = 1
    configuration.numHeads = 2
    configuration.numBasis = 3
    configuration.numEmbeddings = 10
    return configuration
  }

  static var options: TrainingOptions {
    var options = TrainingOptions()
    options.steps = 2
    options.batchSize = 1
    options.validationInterval = 1
    return options
  }

  /// Two molecules with labels.
  static let frames = [0.95, 1.05].map { length in
    LabelledFrame(
      atomicNumbers: [8, 1, 1], positions: [0, 0, 0, length, 0, 0, 0, length, 0],
      energy: -5 + length, forces: [0.1, 0.1, 0, -0.1, 0, 0, 0, -0.1, 0])
  }

  /// Two frames of water as a file.
  static let water = """
    3
    Properties=species:S:1:pos:R:3:forces:R:3 energy=-5.05 pbc="F F F"
    O 0.0 0.0 0.0 0.1 0.1 0.0
    H 0.95 0.0 0.0 -0.1 0.0 0.0
    H 0.0 0.95 0.0 0.0 -0.1 0.0
    3
    Properties=species:S:1:pos:R:3:forces:R:3 energy=-5.0 pbc="F F F"
    O 0.0 0.0 0.0 0.1 0.2 0.0
    H 0.97 0.0 0.0 -0.1 0.0 0.0
    H 0.0 0.99 0.0 0.0 -0.2 0.0

    """

  /// Parameters of every element type that the formats share, some below a root.
  static let parameters: OrderedDictionary<String, SafetensorsTensor> = [
    "params/dense/kernel": SafetensorsTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]),
    "params/dense/bias": SafetensorsTensor([0.5, -0.25] as [Double], shape: [2]),
    "params/gamma": SafetensorsTensor([1.5] as [Float], shape: []),
    "step": SafetensorsTensor([7] as [Int32], shape: [1]),
    "params/empty": SafetensorsTensor([] as [Float], shape: [0, 4]),
  ]

  static let extendedXYZ = [
    """
    3
    Properties=species:S:1:pos:R:3:forces:R:3 energy=-5.05 pbc="F F F" config_type=water
    O 0.0 0.0 0.0 0.1 0.1 0.0
    H 0.95 0.0 0.0 -0.1 0.0 0.0
    H 0.0 0.95 0.0 0.0 -0.1 0.0
    2
    Properties=species:S:1:pos:R:3 energy=-2
    H 0 0 0
    H 0 0 0.74

    """,
    """
    2
    Lattice="3.6 0.0 0.0 0.0 3.6 0.0 0.0 0.0 3.6" Properties=Z:I:1:pos:R:3:tags:I:1:fixed:L:1 \
    energy=1.5e0 stress="1 2 3 4 5 6 7 8 9" pbc=[T, T, F] free=_JSON [1, 2.5] name='a b' flag
    29 0.0 0.0 0.0 1 T
    29 1.8 1.8 0.0 2 F

    """,
    "1\nplain\nHe 1.0D0 2 3\n1\n\nX 0 0 0 7 extra\n",
  ]
}

/// A folder for files on the way, removed with its owner; in memory where the system has such a
/// place, since whole files are written through to the disk.
final class ScratchFolder {
  private let folder: URL

  init() throws {
    let memory = URL(fileURLWithPath: "/dev/shm")
    let place =
      FileManager.default.isWritableFile(atPath: memory.path)
      ? memory : FileManager.default.temporaryDirectory
    folder = place.appending(path: "e3x-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }
}
