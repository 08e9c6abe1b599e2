public import E3xEngine
internal import E3xLimits

extension PotentialConfiguration {
  /// What the numbers of a configuration may be. Beyond these limits a network takes minutes to
  /// prepare or does not fit in memory.
  package enum Limits {
    package static let features = 1...65_536
    package static let maxDegree = 0...12
    package static let numLayers = 1...64
    package static let numHeads = 1...65_536
    package static let numBasis = 1...10_000
    package static let correlation = 1...8
    package static let radialFeatures = 0...65_536
    package static let numEmbeddings = 1...1000
    /// Å
    package static let cutoff = 0.01...1000.0
    package static let messageScale = 1e-6...1e6
    /// eV
    package static let energyScale = 1e-12...1e12
    /// Parameters of the network; 1 GB in single precision.
    package static let parameters = 1 << 28
  }

  /// Checks that every number is in its range, and that the network they make together has a size
  /// that can be had.
  ///
  /// Ranges: `features` and `num_heads` 1 to 65536, `max_degree` 0 to 12, `num_layers` 1 to 64,
  /// `num_basis` 1 to 10000, `correlation` 1 to 8, `radial_features` 0 to 65536, `num_embeddings` 1
  /// to 1000, `cutoff` 0.01 to 1000 Å, `message_scale` 1e-6 to 1e6, `energy_scale` 1e-12 to 1e12 eV; all together at most 2²⁸
  /// parameters.
  /// - Throws: `ArgumentError` naming the argument, under the name that files have for it.
  public func check() throws(ArgumentError) {
    let check = RangeCheck(function: "PotentialConfiguration")
    try check("features", features, Limits.features)
    try check("max_degree", maxDegree, Limits.maxDegree)
    try check("num_layers", numLayers, Limits.numLayers)
    try check("num_heads", numHeads, Limits.numHeads)
    try check("num_basis", numBasis, Limits.numBasis)
    try check("correlation", correlation, Limits.correlation)
    try check("radial_features", radialFeatures, Limits.radialFeatures)
    try check("num_embeddings", numEmbeddings, Limits.numEmbeddings)
    try check("cutoff", cutoff, Limits.cutoff, unit: " Å")
    try check("message_scale", messageScale, Limits.messageScale)
    try check("energy_scale", energyScale, Limits.energyScale, unit: " eV")
    guard features % numHeads == 0 else {
      throw check.refusal(
        "num_heads", "features (\(features)) must be divisible by num_heads (\(numHeads))")
    }
    guard let count = approximateParameterCount, count <= Limits.parameters else {
      let size = approximateParameterCount.map {
        "about \($0) parameters (\(Size.text(bytes: 4 * Double($0))))"
      }
      throw check.refusal(
        "features",
        "\(features) features of degree \(maxDegree) in \(numLayers) layers take "
          + "\(size ?? "more parameters than can be counted"), at most \(Limits.parameters) "
          + "(\(Size.text(bytes: 4 * Double(Limits.parameters)))) are allowed")
    }
  }

  /// An upper bound of the number of parameters that is right but for a factor of a few; nil
  /// beyond `Int`.
  private var approximateParameterCount: Int? {
    let (parities, degrees) = (pseudotensors ? 2 : 1, maxDegree + 1)
    // Query, key, value, out and the refinement map features to features, for each degree and
    // parity; the filters map basis functions to features.
    let dense = Size.product(5 + correlation, parities, degrees, features, features)
    // Radial networks map basis functions and both atoms' features to radial features, and filters
    // these or the basis functions to features.
    let networks = Size.sum(numBasis, features, features).flatMap {
      Size.product($0, radialFeatures)
    }
    let filters = Size.product(degrees, max(numBasis, radialFeatures), features)
    let paths = Size.product(
      correlation, parities, parities, degrees, degrees, degrees, features)
    let embedding = Size.product(numEmbeddings, features)
    guard let dense, let networks, let filters, let paths, let embedding,
      let layer = Size.sum(dense, networks, filters, paths),
      let layers = Size.product(numLayers, layer)
    else { return nil }
    return Size.sum(layers, embedding)
  }
}
