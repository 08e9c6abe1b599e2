internal import E3xEngine
internal import E3xNN
package import E3xParallel

/// Training by several processes: each computes the gradient of its part of every batch, the sum of
/// all gradients is the same on all, and so are the steps that follow from it. Their trainers have
/// the same data, of which each keeps what it may in its own memory, and stay the same, to the bit, where the processors are of one kind.
extension Trainer {
  /// Shares each batch, and each validation, among processes from now on.
  /// - Throws: what tracing the step throws: nothing that it did not throw before.
  package mutating func share(among processes: any Communicator) throws {
    self.processes = processes
    guard processes.size > 1 else { return }
    let isFrozen = try FrozenParameters(frozen, of: layout).paths
    step = try Objective(potential: model, layout: layout, frozen: isFrozen)
      .step(options, hasStress: learnsStress, isSplit: true)
  }

  /// What a step gives whose batch is shared.
  func sharedOutcome(_ examples: [Example], of member: Int) throws -> Outcome {
    // All processes know all frames: what the means are of is not to be communicated.
    let factors = options.factors(at: stepsDone)
    let counts = BatchLabels.counts(examples, factors)
    let part = examples[processes.part(of: examples.count)]
    var sums = [Float](repeating: 0, count: layout.count + (learnsStress ? 4 : 3))
    if !part.isEmpty {
      let batch = try Batch(part)
      let labels = try BatchLabels(
        part, energyIsPerAtom: options.energyPerAtom, factors: factors, of: counts)
      let results = try step.derivatives(
        states[member][0], batch.structure + labels.tensors(hasStress: learnsStress))
      sums = try results[0].scalars(as: Float.self)
      for result in results.dropFirst() { sums.append(Float(try result.item())) }
    }
    processes.sum(&sums)
    let rest = sums[layout.count...].map(Double.init)
    let next = try step.update(
      states[member], options.numbers(step, stepsDone, rateFactor: rateFactor),
      gradient: Tensor(Array(sums[..<layout.count]), shape: [layout.count]))
    return (next, rest[0], Array(rest[1...]), counts)
  }

  /// The errors on the validation set, of which each process predicts a part.
  func sharedErrors(_ potential: Potential) throws -> PredictionErrors {
    var sums = ErrorSums()
    try potential.predict(validSet, in: processes.part(of: validSet.count)) { sums.add($0, $1) }
    var numbers = sums.numbers
    processes.sum(&numbers)
    sums.numbers = numbers
    return sums.errors
  }
}
