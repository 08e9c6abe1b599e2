import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Testing

/// Numbers of a configuration that no network can have are refused by name, wherever they come from,
/// before anything is made of them.
@Suite struct ConfigurationLimitsTests {
  private typealias Path<Number> = any WritableKeyPath<PotentialConfiguration, Number> & Sendable
  private static let integers: [(String, Path<Int>)] =
    [
      ("features", \.features), ("max_degree", \.maxDegree), ("num_layers", \.numLayers),
      ("num_heads", \.numHeads), ("num_basis", \.numBasis), ("num_embeddings", \.numEmbeddings),
      ("correlation", \.correlation), ("radial_features", \.radialFeatures),
    ]
  private static let reals: [(String, Path<Double>)] =
    [("cutoff", \.cutoff), ("energy_scale", \.energyScale)]

  @Test(arguments: integers.indices, [-1, Int.min, 1 << 31, 1 << 32 - 1, 1 << 62 - 1, .max])
  func integersOutOfRange(index: Int, value: Int) throws {
    let (name, path) = Self.integers[index]
    var configuration = PotentialConfiguration()
    configuration[keyPath: path] = value
    try refuses(configuration, name, "\(value)")
  }

  @Test(arguments: integers.indices) func zero(index: Int) throws {
    let (name, path) = Self.integers[index]
    var configuration = PotentialConfiguration()
    configuration[keyPath: path] = 0
    if ["max_degree", "radial_features"].contains(name) { return try configuration.check() }
    try refuses(configuration, name, "0")
  }

  @Test(
    arguments: reals.indices,
    [0, -1, .nan, .infinity, -.infinity, 1e308, .leastNonzeroMagnitude] as [Double])
  func realsOutOfRange(index: Int, value: Double) throws {
    let (name, path) = Self.reals[index]
    var configuration = PotentialConfiguration()
    configuration[keyPath: path] = value
    try refuses(configuration, name, nil)
  }

  /// Each is in range, but not all together.
  @Test func productsThatAreTooLarge() throws {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.maxDegree) = (65_536, 12)
    try refuses(configuration, "features", "GB")
    (configuration.numLayers, configuration.numBasis) = (64, 10_000)
    try refuses(configuration, "features", "TB")
  }

  @Test func headsDivideFeatures() throws {
    var configuration = PotentialConfiguration()
    configuration.numHeads = 5
    try refuses(configuration, "num_heads", "divisible")
  }

  /// By the configuration itself, by the network, and by the potential.
  private func refuses(
    _ configuration: PotentialConfiguration, _ argument: String, _ text: String?
  ) throws {
    let pair = Tensor([0, 1] as [Int32])
    for body in [
      { try configuration.check() },
      {
        _ = try Parameters.initialize(seed: 0) { scope in
          try AttentionPotential(configuration).atomicEnergies(
            scope, displacements: .ones([2, 3]), species: pair, dstIdx: pair, srcIdx: pair)
        }
      },
      {
        _ = try Potential(
          configuration: configuration, parameters: Parameters(),
          elementEnergies: ElementEnergies([1: 0]))
      },
    ] {
      let error = #expect(throws: ArgumentError.self) { try body() }
      #expect(error?.argument == argument)
      if let text { #expect(error?.reason.contains(text) == true, "\(error?.reason ?? "")") }
    }
  }

  /// What a file may not have, and what its error must name.
  @Test(arguments: [
    (#"{"features": "32"}"#, "\"features\": expected a whole number, found the text \"32\""),
    (#"{"features": 2.5}"#, "\"features\": "), (#"{"features": null}"#, "\"features\": "),
    (#"{"features": 9223372036854775808}"#, "\"features\": "),
    (#"{"num_layers": -1}"#, "\"num_layers\": must be between 1 and 64, received -1"),
    (#"{"num_basis": 9223372036854775807}"#, "\"num_basis\": must be between 1 and 10000"),
    (#"{"cutoff": 1e999}"#, "\"cutoff\": "), (#"{"cutoff": "NaN"}"#, "\"cutoff\": "),
    (#"{"cutoff": NaN}"#, "is not JSON"), (#"{"pseudotensors": 1}"#, "\"pseudotensors\": "),
    (#"{"attention": 1}"#, "\"attention\": "),
    (#"{"correlation": 9}"#, "\"correlation\": must be between 1 and 8, received 9"),
    (#"{"normalization": "rakah"}"#, "did you mean \"racah\"?"),
    (#"{"num_layer": 3}"#, "did you mean \"num_layers\"?"),
    (#"{"features": 32, "features": 16}"#, "the key \"features\" occurs twice"),
    (#"[]"#, "expected an object"), ("", "is not JSON"),
  ])
  func files(text: String, expected: String) {
    let error = #expect(throws: FileError.self) {
      try PotentialConfiguration(JSONMembers(parsing: text, file: "f", place: "metadata"))
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("f: metadata: ") && description.contains(expected))
    #expect(!description.contains("\n") && !description.contains("Decoding"), "\(description)")
  }
}
