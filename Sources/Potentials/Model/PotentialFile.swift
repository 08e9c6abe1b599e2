internal import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import E3xSystem
internal import OrderedCollections

extension Potential {
  private static let format = "swift-e3x potential 1"
  private static let prefix = "params."

  /// Writes the potential as safetensors: `params.PATH` and, in the metadata, its configuration.
  /// - Parameter options: how it was trained, for those who ask the file; nothing depends on it.
  /// - Throws: `FileError` for what the system reports, and for element energies that are no
  ///   numbers.
  public func write(to path: String, options: TrainingOptions? = nil) throws {
    var tensors: [String: SafetensorsTensor] = [:]
    for (name, tensor) in parameters {
      tensors[Self.prefix + name] = SafetensorsTensor(
        try tensor.scalars(as: Float.self), shape: tensor.shape.known!)
    }
    if let (number, energy) = elementEnergies.energies.first(where: { !$1.isFinite }) {
      throw FileError(
        file: path,
        reason: "cannot hold \(energy) as the energy of \(ChemicalElements.name(of: number))")
    }
    var metadata = [
      "format": Self.format, "model": type(of: model).kind, "config": try json(model),
      "element_energies": try json(
        Dictionary(
          uniqueKeysWithValues: elementEnergies.energies.map { (String($0.key), $0.value) })),
    ]
    if members > 1 { metadata["members"] = "\(members)" }
    metadata["options"] = try options.map(json)
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
  }

  /// Reads a potential.
  /// - Parameter models: the kinds of models that it may be of, beside ``PotentialModels/builtIn``.
  /// - Throws: `FileError` if the file is none: naming a kind of model that is not known, the key of a configuration or of element
  ///   energies that is wrong, the tensor that is missing, of another shape or of no use, and the
  ///   place of a parameter that is no number. `ArgumentError` naming `models` for two of one name.
  public init(contentsOf path: String, models: [any PotentialModel.Type] = []) throws {
    let models = try PotentialModels(models)
    let file = try SafetensorsFile(contentsOf: path)
    guard file.metadata["format"] == Self.format else {
      throw FileError(
        file: path, place: "metadata",
        reason: "not a potential: 'format' must be '\(Self.format)', found "
          + (file.metadata["format"].map { "'\($0)'" } ?? "nothing"))
    }
    let model = try models.model(file)
    let energies = try ElementEnergies(
      file.members("element_energies"), numEmbeddings: model.numEmbeddings)
    let parameters = try Self.parameters(file)
    do {
      try self.init(
        model: model, parameters: parameters, elementEnergies: energies,
        members: file.committeeMembers())
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(file: path, reason: "\(error)")
    }
  }

  private static func parameters(_ file: SafetensorsFile) throws -> Parameters {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for name in file.names.sorted() {
      func failure(_ reason: String) -> FileError {
        FileError(file: file.file, place: "tensor \(quoted(name))", reason: reason)
      }
      guard name.hasPrefix(prefix) else {
        throw failure("is no parameter: its name does not begin with \(quoted(prefix))")
      }
      let stored = try file.tensor(name)
      guard stored.dtype.isFloatingPoint else {
        throw failure("is \(stored.dtype.rawValue), expected floating-point numbers")
      }
      let numbers = try stored.floats()
      if let index = numbers.firstIndex(where: { !$0.isFinite }) {
        let place = position(index, in: stored.shape)
        throw failure("is \(numbers[index]) at \(place), expected finite numbers")
      }
      tensors[String(name.dropFirst(prefix.count))] = try Tensor(numbers, shape: stored.shape)
    }
    return Parameters(tensors)
  }

  /// The index along each axis of an entry in row-major order.
  private static func position(_ index: Int, in shape: [Int]) -> [Int] {
    var (rest, position) = (index, [Int](repeating: 0, count: shape.count))
    for axis in shape.indices.reversed() {
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
    }
    return position
  }
}

extension ElementEnergies {
  /// Reads energies in eV by atomic number.
  /// - Throws: `FileError` for a key that is no atomic number below `numEmbeddings`, and for a value
  ///   that is no finite number.
  init(_ members: JSONMembers, numEmbeddings: Int) throws(FileError) {
    var members = members
    var byNumber: [Int32: Double] = [:]
    for key in members.keys {
      // Written as the number is: "08" would be a second name of oxygen.
      guard let number = Int32(key), "\(number)" == key,
        ChemicalElements.symbol(of: number) != nil, number < numEmbeddings
      else {
        throw members.failure(
          key, "is no atomic number from 0 to \(min(118, numEmbeddings - 1))")
      }
      byNumber[number] = try members.real(key)
    }
    guard !byNumber.isEmpty else {
      throw FileError(file: members.file, place: members.place, reason: "names no element")
    }
    self.init(byNumber)
  }
}

extension SafetensorsFile {
  /// How many members a committee has; 1 where nothing is said.
  /// - Throws: `FileError` for what is no such number.
  func committeeMembers() throws(FileError) -> Int {
    guard let text = metadata["members"] else { return 1 }
    guard let members = Int(text), (2...Committee.greatest).contains(members) else {
      throw FileError(
        file: file, place: "metadata 'members'",
        reason: "expected a number from 2 to \(Committee.greatest), found \(quoted(text))")
    }
    return members
  }

  /// The object in JSON under a key of the metadata.
  /// - Throws: `FileError` if it is not there, or no object.
  func members(_ key: String) throws(FileError) -> JSONMembers {
    guard let text = metadata[key] else {
      throw FileError(file: file, place: "metadata", reason: "there is no '\(key)'")
    }
    return try JSONMembers(parsing: text, file: file, place: "metadata '\(key)'")
  }
}

/// The JSON value in a file's metadata.
func decode<Value: Decodable>(_ file: SafetensorsFile, _ key: String) throws -> Value {
  // What is no object, or has a key twice, is said here.
  let members = try file.members(key)
  do {
    return try JSONDecoder().decode(Value.self, from: Data((file.metadata[key] ?? "").utf8))
  } catch let error as DecodingError {
    let (path, reason) = error.placeAndReason
    throw path.isEmpty
      ? FileError(file: file.file, place: members.place, reason: reason)
      : members.failure(path, reason)
  }
}

extension DecodingError {
  /// Where in a value something is wrong, and what, on one line and without names of Swift types.
  package var placeAndReason: (path: String, reason: String) {
    func join(_ path: [any CodingKey]) -> String {
      path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    return switch self {
    case .keyNotFound(let key, let context): (join(context.codingPath + [key]), "is not there")
    case .valueNotFound(_, let context): (join(context.codingPath), "is null, expected a value")
    case .typeMismatch(_, let context): (join(context.codingPath), "is of another kind")
    case .dataCorrupted(let context): (join(context.codingPath), "is out of range or malformed")
    @unknown default: ("", "cannot be read")
    }
  }
}
