internal import E3xEngine
internal import E3xFiles
internal import E3xLimits
internal import Foundation

/// One entry of a file of workloads, its sizes checked.
struct Workload {
  /// What is timed.
  enum Kind: String, CaseIterable { case attention, potential }

  /// What tables and files call it.
  let name: String
  let kind: Kind
  /// The number of atoms, of one molecule for a potential.
  let atoms: Int
  /// Of attention: the number of pairs of each atom.
  let neighbors: Int
  /// Of a potential: the number of molecules.
  let batch: Int
  /// The highest degree of features and basis functions.
  let maxDegree: Int
  let features: Int
  let numHeads: Int
  let numBasis: Int
  let numLayers: Int
  /// Å
  let cutoff: Double
  let pseudotensors: Bool
  let fusedTensor: Bool

  /// The workloads of a JSON file: an object with a list `workloads`.
  /// - Throws: `FileError` naming the workload and the key that is missing, of another type or out of
  ///   range.
  static func read(_ path: String) throws -> [Workload] {
    let json: JSON
    do {
      json = try JSON(parsing: [UInt8](try FileBytes.read(path)))
    } catch let error as JSON.ParseError {
      throw FileError(file: path, place: "byte \(error.offset)", reason: error.reason)
    }
    guard let root = json.fields, case .array(let list)? = root["workloads"] else {
      throw FileError(file: path, reason: "expected an object with a list 'workloads'")
    }
    return try list.enumerated().map { try Workload(WorkloadFields($1, number: $0, file: path)) }
  }

  private init(_ fields: WorkloadFields) throws {
    name = fields.name
    let kindName = try fields.text("kind")
    guard let kind = Kind(rawValue: kindName) else {
      throw fields.error("kind", "expected attention or potential, received '\(kindName)'")
    }
    self.kind = kind
    // Molecules are ethanol or its first atoms.
    atoms = try fields.count("atoms", to: kind == .potential ? 9 : countLimit)
    neighbors = try fields.count("neighbors", default: 20)
    batch = try fields.count("batch", default: 1)
    maxDegree = try fields.count("max_degree", from: 0, to: 16)
    features = try fields.count("features", to: 65_536)
    numHeads = try fields.count("num_heads", to: 65_536)
    numBasis = try fields.count("num_basis", to: 4096)
    numLayers = try fields.count("num_layers", default: 3, from: 1, to: 100)
    cutoff = try fields.positive("cutoff", default: 5)
    pseudotensors = try fields.flag("pseudotensors")
    fusedTensor = try fields.flag("fused_tensor", default: false)
    guard features % numHeads == 0 else {
      throw fields.error("num_heads", "\(numHeads) must divide features, \(features)")
    }
    // The largest arrays: what pairs carry, and the basis functions.
    let components = (pseudotensors ? 2 : 1) * (maxDegree + 1) * (maxDegree + 1)
    let (key, pairs) =
      kind == .potential ? ("batch", [batch, atoms * atoms]) : ("neighbors", [atoms, neighbors])
    try fields.checkMemory(key, pairs + [components, features])
    try fields.checkMemory(key, pairs + [components, numBasis])
    try fields.checkMemory("features", [3, features, features])
    guard let count = Size.product(pairs), count <= countLimit else {
      throw fields.error(key, "makes more pairs than int32 indices can tell apart")
    }
  }
}

/// The values of an entry, each under its key.
private struct WorkloadFields {
  let name: String
  private let values: [String: JSON]
  private let file: String

  init(_ json: JSON, number: Int, file: String) throws {
    guard let values = json.fields else {
      throw FileError(file: file, place: "workload \(number)", reason: "expected an object")
    }
    guard case .string(let name)? = values["name"] else {
      throw FileError(file: file, place: "workload \(number)", reason: "'name' must be a string")
    }
    (self.name, self.file, self.values) = (name, file, values)
  }

  func error(_ key: String, _ reason: String) -> FileError {
    FileError(file: file, place: "workload \(quoted(name))", reason: "'\(key)' \(reason)")
  }

  /// The value of a key; nil if it is missing or null.
  private func value(_ key: String) -> JSON? { values[key] == .null ? nil : values[key] }

  func text(_ key: String) throws -> String {
    guard case .string(let text)? = value(key) else { throw error(key, "must be a string") }
    return text
  }

  func flag(_ key: String, default fallback: Bool? = nil) throws -> Bool {
    if value(key) == nil, let fallback { return fallback }
    guard case .bool(let flag)? = value(key) else { throw error(key, "must be true or false") }
    return flag
  }

  func count(
    _ key: String, default fallback: Int? = nil, from least: Int = 1, to most: Int = countLimit
  ) throws -> Int {
    if value(key) == nil, let fallback { return fallback }
    guard case .integer(let count)? = value(key), (least...most).contains(count) else {
      throw error(key, "must be a whole number in \(least) ... \(most)")
    }
    return count
  }

  func positive(_ key: String, default fallback: Double) throws -> Double {
    let number: Double
    switch value(key) {
    case nil: return fallback
    case .integer(let value): number = Double(value)
    case .real(let value): number = value
    default: throw error(key, "must be a number")
    }
    guard number > 0, number.isFinite else { throw error(key, "must be positive and finite") }
    return number
  }

  /// Refuses float32 arrays that memory does not hold.
  func checkMemory(_ key: String, _ extents: [Int]) throws {
    if let reason = MemoryLimit.refusal(extents, bytesEach: 4, limit: MemoryLimit.machine) {
      throw error(key, "makes an array that \(reason)")
    }
  }
}

extension JSON {
  /// The values of an object by key; nil for anything else.
  fileprivate var fields: [String: JSON]? {
    guard case .object(let object) = self else { return nil }
    return Dictionary(uniqueKeysWithValues: object.map { ($0.key, $0.value) })
  }
}
