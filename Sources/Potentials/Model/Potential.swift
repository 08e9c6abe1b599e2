internal import E3xEngine
internal import E3xFiles
public import E3xNN
internal import Foundation
internal import OrderedCollections

/// A trained potential: what predicts energies and forces, and what files hold.
public struct Potential: Sendable {
  /// The network's configuration.
  public let configuration: PotentialConfiguration
  /// The network's parameters.
  public let parameters: Parameters
  /// The energies of the elements, added to the network's.
  public let elementEnergies: ElementEnergies

  private let prediction: CompiledFunction

  /// A potential of these parts.
  /// - Throws: `ArgumentError` if parameters are missing or do not fit the configuration.
  public init(
    configuration: PotentialConfiguration, parameters: Parameters,
    elementEnergies: ElementEnergies
  ) throws {
    self.configuration = configuration
    self.parameters = parameters
    self.elementEnergies = elementEnergies
    let layout = try ParameterLayout(parameters)
    let objective = Objective(potential: AttentionPotential(configuration), layout: layout)
    // First of all, what is missing must be named.
    self.prediction = try objective.prediction(parameters)
  }

  /// What a potential says of one structure.
  public struct Prediction: Sendable {
    /// eV
    public var energy: Double
    /// eV/Å, [N, 3] in row-major order
    public var forces: [Double]
  }

  /// Energies and forces of structures, in their order.
  ///
  /// - Parameter batchSize: structures computed at once; does not change the results beyond
  ///   rounding.
  /// - Throws: `ArgumentError` for an atomic number that the potential does not know.
  public func predict(_ frames: [LabelledFrame], batchSize: Int = 32) throws -> [Prediction] {
    try check(frames)
    var predictions: [Prediction] = []
    predictions.reserveCapacity(frames.count)
    for start in stride(from: 0, to: frames.count, by: batchSize) {
      let part = frames[start..<min(start + batchSize, frames.count)]
      let examples = part.map {
        Example($0, elementEnergies: elementEnergies, cutoff: configuration.cutoff)
      }
      let results = try prediction(Batch(examples).structure)
      let energies: [Double] = try results[0].scalars()
      let forces: [Double] = try results[1].scalars()
      var atom = 0
      for (frame, energy) in zip(part, energies) {
        predictions.append(
          Prediction(
            energy: energy + elementEnergies.total(frame.atomicNumbers),
            forces: Array(forces[(3 * atom)..<(3 * (atom + frame.count))])))
        atom += frame.count
      }
    }
    return predictions
  }

  private func check(_ frames: [LabelledFrame]) throws {
    for (index, frame) in frames.enumerated() {
      if frame.pbc.contains(true) {
        throw ArgumentError(
          "Potential", "frames",
          "frame \(index + 1) is periodic; only molecules (pbc F F F) are supported")
      }
      for number in frame.atomicNumbers
      where elementEnergies.energies[number] == nil {
        let known = elementEnergies.energies.keys.sorted().map(String.init)
        throw ArgumentError(
          "Potential", "frames",
          "frame \(index + 1) has an atom of atomic number \(number), which the potential was not "
            + "trained on; it knows \(known.joined(separator: ", "))")
      }
    }
  }
}

extension Potential {
  private static let format = "swift-e3x potential 1"

  /// Writes the potential as safetensors: `params.PATH` and, in the metadata, its configuration.
  /// - Throws: `FileError`
  public func write(to path: String) throws {
    var tensors: [String: SafetensorsTensor] = [:]
    for (name, tensor) in parameters {
      tensors["params." + name] = SafetensorsTensor(
        try tensor.scalars(as: Float.self), shape: tensor.shape.known!)
    }
    try SafetensorsFile.write(
      tensors,
      metadata: [
        "format": Self.format, "config": try json(configuration),
        "element_energies": try json(
          Dictionary(
            uniqueKeysWithValues: elementEnergies.energies.map { (String($0.key), $0.value) })),
      ], to: path)
  }

  /// Reads a potential.
  /// - Throws: `FileError` if the file is none.
  public init(contentsOf path: String) throws {
    let file = try SafetensorsFile(contentsOf: path)
    guard file.metadata["format"] == Self.format else {
      throw FileError(
        file: path, place: "metadata",
        reason: "not a potential: 'format' must be '\(Self.format)', found "
          + (file.metadata["format"].map { "'\($0)'" } ?? "nothing"))
    }
    let configuration: PotentialConfiguration = try decode(file, "config")
    let energies: [String: Double] = try decode(file, "element_energies")
    var byNumber: [Int32: Double] = [:]
    for (name, energy) in energies {
      guard let number = Int32(name), energy.isFinite else {
        throw FileError(
          file: path, place: "metadata 'element_energies'", reason: "bad entry '\(name)'")
      }
      byNumber[number] = energy
    }
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for name in file.names.sorted() where name.hasPrefix("params.") {
      let stored = try file.tensor(name)
      tensors[String(name.dropFirst(7))] = try Tensor(try stored.floats(), shape: stored.shape)
    }
    do {
      try self.init(
        configuration: configuration, parameters: Parameters(tensors),
        elementEnergies: ElementEnergies(byNumber))
    } catch let error as ArgumentError {
      throw FileError(file: path, reason: "\(error)")
    }
  }
}

/// JSON with sorted keys on one line.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// The JSON value in a file's metadata.
func decode<Value: Decodable>(_ file: SafetensorsFile, _ key: String) throws -> Value {
  guard let text = file.metadata[key] else {
    throw FileError(file: file.file, place: "metadata", reason: "there is no '\(key)'")
  }
  do {
    return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  } catch {
    throw FileError(file: file.file, place: "metadata '\(key)'", reason: "\(error)")
  }
}
