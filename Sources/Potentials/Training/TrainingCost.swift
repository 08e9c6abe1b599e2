internal import E3xEngine
internal import E3xLimits
internal import E3xSystem

/// What the steps of a training need of memory, to the order of magnitude: enough to refuse what
/// cannot be. Frames and their pairs are not among it: of them memory holds no more than it may.
struct TrainingCost {
  /// The number of parameters.
  let parameters: Int
  /// The mean number of atoms and of pairs of a frame, together.
  let rows: Double

  /// Bytes for all parameters: they, both moments, their average, the same after the step, the
  /// gradient and what the step makes of it.
  var parameterBytes: Double { 40 * Double(parameters) }

  /// Bytes for what a step computes of the atoms and pairs of a batch; of a model that does not know
  /// what it takes, at least a number for each.
  func batchBytes(_ model: any PotentialModel, batchSize: Int) -> Double {
    4 * Double(batchSize) * rows * ((model as? any SizedModel)?.numbersPerRow ?? 1)
  }

  /// Requires that all fits into the memory of this machine.
  /// - Throws: `ArgumentError` naming what takes most.
  func check(
    _ model: any PotentialModel, _ options: TrainingOptions,
    memory: Double = Double(ProcessInfo.processInfo.physicalMemory)
  ) throws(ArgumentError) {
    let last = options.batchSize(at: options.steps)
    let size = max(options.batchSize, last)
    let batch = batchBytes(model, batchSize: size)
    let total = parameterBytes + batch
    guard total > memory else { return }
    let amounts =
      "about \(Size.text(bytes: total)) of memory, and this machine has "
      + Size.text(bytes: memory)
    if batch > parameterBytes {
      throw ArgumentError(
        "train", last > options.batchSize ? "batch_growth" : "batch_size",
        "a step of \(size) frames takes \(amounts)")
    }
    let option = (model as? any SizedModel)?.widestOption
    throw ArgumentError(
      "train", option?.name ?? "model",
      (option.map { "\($0.value) \($0.name), " } ?? "")
        + "\(parameters) parameters, take \(amounts)")
  }
}
