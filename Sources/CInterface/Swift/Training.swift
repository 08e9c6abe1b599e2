package import CE3x
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials

extension LabelledFrame {
  /// A structure of a caller with its labels.
  /// - Throws: `ArgumentError` naming the member that cannot be.
  fileprivate init(
    example pointer: UnsafePointer<e3x_example>?, _ argument: String
  ) throws(ArgumentError) {
    var example = e3x_example()
    try versioned(pointer, argument, into: &example)
    try self.init(example.structure, "\(argument).structure")
    func label(
      _ pointer: UnsafePointer<Double>?, _ count: Int, _ member: String
    ) throws(ArgumentError) -> [Double]? {
      guard pointer != nil else { return nil }
      let name = "\(argument).\(member)"
      let numbers = try array(pointer, count: count, name)
      if let bad = numbers.first(where: { !$0.isFinite }) {
        throw ArgumentError("", name, "expected finite numbers, received \(bad)")
      }
      return numbers
    }
    energy = try label(example.energy, 1, "energy")?[0]
    forces = try label(example.forces, 3 * count, "forces")
    stress = try label(example.stress, 9, "stress")
    guard example.weight > 0, example.weight.isFinite else {
      throw ArgumentError(
        "", "\(argument).weight", "expected a positive number, received \(example.weight)")
    }
    weight = example.weight
  }
}

/// The frames of a caller.
private func frames(
  _ pointer: UnsafePointer<e3x_example>?, _ count: Int64, _ argument: String
) throws -> [LabelledFrame] {
  let count = try checked(count, "\(argument)_count")
  if count == 0 { return [] }
  return try elements(pointer, count, argument).map { pointer, name in
    try LabelledFrame(example: pointer, name)
  }
}

/// Trains and writes the best potential.
@_cdecl("e3x_train")
package func e3x_train(
  _ options: UnsafePointer<CChar>?, _ trainCount: Int64, _ train: UnsafePointer<e3x_example>?,
  _ validCount: Int64, _ valid: UnsafePointer<e3x_example>?, _ path: UnsafePointer<CChar>?,
  _ observer: e3x_training_observer?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  status("e3x_train") {
    let path = String(cString: try present(path, "path"))
    let request = try request(String(cString: try present(options, "options")))
    let (train, valid) = (
      try frames(train, trainCount, "train"), try frames(valid, validCount, "valid")
    )
    try request.run(train: train, valid: valid) { observation in
      guard let observer else { return true }
      var progress = e3x_training_progress(observation)
      return observer(context, &progress) == 0
    } keep: { potential, options in
      try potential.write(to: path, options: options)
    }
  }
}

/// What is asked for.
/// - Throws: `ArgumentError` naming what of the options cannot be; `FileError` for the file of a
///   potential to begin with.
private func request(_ text: String) throws -> TrainingRequest {
  do {
    return try TrainingRequest(text)
  } catch let error as FileError where error.file == TrainingRequest.name {
    throw ArgumentError("", error.file, error.reason)
  }
}

extension e3x_training_progress {
  fileprivate init(_ observation: TrainingObservation) {
    self.init()
    // Errors are in thousandths.
    func value(_ error: Double?) -> Double { error.map { $0 / 1000 } ?? .nan }
    size = MemoryLayout<e3x_training_progress>.size
    step = Int64(observation.step)
    steps = Int64(observation.steps)
    seconds = observation.seconds
    loss = observation.recent.loss
    train_energy_mae = value(observation.recent.energyMAE)
    train_forces_mae = value(observation.recent.forcesMAE)
    train_stress_mae = value(observation.recent.stressMAE)
    validated = observation.record == nil ? 0 : 1
    best = observation.record?.isBest == true ? 1 : 0
    energy_mae = value(observation.record?.validation?.energyMAE)
    forces_mae = value(observation.record?.validation?.forcesMAE)
    stress_mae = value(observation.record?.validation?.stressMAE)
  }
}
