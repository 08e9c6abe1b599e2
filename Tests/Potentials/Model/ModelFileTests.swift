import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Models that do not fit are refused: by the name of the tensor, the key of the metadata.
@Suite struct ModelFileTests {
  private let folder: TemporaryFolder
  private let tensors: [String: SafetensorsTensor]
  private let metadata: [String: String]

  init() throws {
    folder = try TemporaryFolder()
    let path = folder.path("model.safetensors")
    try TinyPotential.make().write(to: path)
    let file = try SafetensorsFile(contentsOf: path)
    tensors = try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
    metadata = file.metadata
  }

  private func error(
    _ tensors: [String: SafetensorsTensor], _ metadata: [String: String]? = nil
  ) throws -> String {
    let path = folder.path("changed.safetensors")
    try SafetensorsFile.write(tensors, metadata: metadata ?? self.metadata, to: path)
    let error = #expect(throws: FileError.self) { try Potential(contentsOf: path) }
    #expect(error?.file == path)
    let text = error?.description ?? ""
    #expect(!text.contains("\n"))
    return text
  }

  @Test func whatWasWrittenIsRead() throws {
    let path = folder.path("again.safetensors")
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    _ = try Potential(contentsOf: path)
  }

  @Test(arguments: [
    ("params.attention_7/garbage/kernel", "'attention_7/garbage/kernel'"),
    ("params.dense_0/0+/kernel2", "'dense_0/0+/kernel2'"), ("params.", "uses ''"),
    ("garbage", "tensor \"garbage\""),
  ])
  func tensorsThatNothingUses(name: String, expected: String) throws {
    var changed = tensors
    changed[name] = SafetensorsTensor([1] as [Float], shape: [1])
    let text = try error(changed)
    #expect(text.contains(expected), "\(text)")
  }

  @Test func everyTensorIsNeeded() throws {
    for name in tensors.keys.sorted() {
      var changed = tensors
      changed[name] = nil
      #expect(try error(changed).contains(name.dropFirst(7)))
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func parametersThatAreNoNumbers(value: Float) throws {
    let name = "params.embed/embedding"
    let stored = try #require(tensors[name])
    var numbers = try stored.floats()
    let features = try #require(stored.shape.last)
    numbers[2 * features + 1] = value
    var changed = tensors
    changed[name] = SafetensorsTensor(numbers, shape: stored.shape)
    let text = try error(changed)
    #expect(text.contains(name) && text.contains("[2, 0, 0, 1]") && text.contains("\(value)"))
  }

  /// Finite in double precision, but not in the network's.
  @Test func parametersBeyondTheNetworksPrecision() throws {
    let name = "params.embed/embedding"
    let stored = try #require(tensors[name])
    var numbers = try stored.doubles()
    numbers[0] = 1e300
    var changed = tensors
    changed[name] = SafetensorsTensor(numbers, shape: stored.shape)
    #expect(try error(changed).contains("[0, 0, 0, 0]"))
  }

  @Test func integersAreNoParameters() throws {
    let name = "params.embed/embedding"
    let stored = try #require(tensors[name])
    var changed = tensors
    changed[name] = SafetensorsTensor(
      [Int32](repeating: 0, count: stored.shape.reduce(1, *)), shape: stored.shape)
    #expect(try error(changed).contains("I32"))
  }

  @Test(arguments: [
    (#"{"0.5": 1}"#, "0.5"), (#"{"-1": 1}"#, "-1"), (#"{"119": 1}"#, "119"),
    (#"{"99999999999": 1}"#, "99999999999"), (#"{"08": 1}"#, "08"), (#"{"C": 1}"#, "C"),
    (#"{"8": "x"}"#, "\"8\""), (#"{"8": null}"#, "\"8\""), (#"{"8": 1e999}"#, "\"8\""),
    (#"{"8": 1, "8": 2}"#, "occurs twice"), ("{}", "no element"), ("3", "object"),
    ("", "not JSON"),
  ])
  func elementEnergies(text: String, expected: String) throws {
    var changed = metadata
    changed["element_energies"] = text
    let description = try error(tensors, changed)
    #expect(description.contains("metadata 'element_energies'") && description.contains(expected))
  }

  @Test(arguments: ["config", "element_energies", "format"])
  func metadataThatAreNotThere(key: String) throws {
    var changed = metadata
    changed[key] = nil
    #expect(try error(tensors, changed).contains("'\(key)'"))
  }

  @Test(arguments: [
    ("num_basis", "9223372036854775807"), ("num_layers", "-1"),
    ("max_degree", "1000000000"), ("num_embeddings", "0"), ("features", "\"32\""),
  ])
  func configurations(key: String, value: String) throws {
    let config = try #require(metadata["config"])
    var changed = metadata
    changed["config"] = config.replacing(
      try Regex("\"\(key)\":[^,}]*"), with: "\"\(key)\":\(value)")
    #expect(changed["config"] != config)
    #expect(try error(tensors, changed).contains("metadata 'config': \"\(key)\": "))
  }
}

/// Small potentials with drawn parameters, of the elements hydrogen, carbon and oxygen.
enum TinyPotential {
  static func make(seed: Int = 3, cutoff: Double = 4) throws -> Potential {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numBasis) = (8, 2, 4)
    (configuration.numLayers, configuration.maxDegree) = (2, 1)
    configuration.cutoff = cutoff
    let network = AttentionPotential(configuration)
    let parameters = try Parameters.initialize(seed: seed) { scope in
      try network.atomicEnergies(
        scope, positions: .zeros([2, 3]), species: Tensor([1, 1] as [Int32]),
        dstIdx: Tensor([0, 1] as [Int32]), srcIdx: Tensor([1, 0] as [Int32]))
    }
    return try Potential(
      configuration: configuration, parameters: parameters,
      elementEnergies: ElementEnergies([1: -13.5, 6: -1000, 8: -2040.25]))
  }
}
