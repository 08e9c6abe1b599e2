internal import E3xEngine
internal import E3xPotentials

/// A potential on a batch of random molecules: prediction and a training step.
struct PotentialBenchmark {
  private let workbench: PotentialWorkbench

  init(_ workload: Workload) throws {
    var configuration = PotentialConfiguration()
    configuration.features = workload.features
    configuration.maxDegree = workload.maxDegree
    configuration.numLayers = workload.numLayers
    configuration.numHeads = workload.numHeads
    configuration.numBasis = workload.numBasis
    configuration.cutoff = workload.cutoff
    configuration.pseudotensors = workload.pseudotensors
    configuration.smoothAtCutoff = false
    let batch = workload.batch
    let species: [Int32] = Array([8, 6, 6, 1, 1, 1, 1, 1, 1].prefix(workload.atoms))
    let keys = try RandomKey(seed: 0).split(3)
    let count = 3 * species.count * batch
    workbench = try PotentialWorkbench(
      configuration: configuration, species: species, molecules: batch,
      positions: keys[0].normal(Float.self, count: count).map { 1.5 * $0 },
      energies: keys[1].normal(Float.self, count: batch),
      forces: keys[2].normal(Float.self, count: count))
  }

  /// The parts of the plan with their times.
  func profile(training: Bool, calls: Int) throws -> [(part: String, seconds: Double)] {
    try workbench.profile(training: training, calls: calls)
  }

  /// Reports predict, train and first.
  func run(_ report: (String, Double?, () throws -> Void) throws -> Void) throws {
    let predict = try workbench.prediction()
    try report("predict", nil) { try predict() }
    var train: (() throws -> Void)?
    let first = try timed {
      let step = try workbench.trainingStep()
      try step()
      train = step
    }
    try report("train", nil) { try train!() }
    try report("first", first) {}
  }
}
