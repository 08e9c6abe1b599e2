public import E3xEngine
internal import E3xLimits

extension MessagePassingPotential {
  private typealias Limits = PotentialConfiguration.Limits

  /// Checks that every number is in its range, and that the network they make together has a size
  /// that can be had: the ranges of ``PotentialConfiguration/check()``.
  /// - Throws: `ArgumentError` naming the argument, under the name that files have for it.
  public func check() throws(ArgumentError) {
    let check = RangeCheck(function: "MessagePassingPotential")
    try check("features", features, Limits.features)
    try check("max_degree", maxDegree, Limits.maxDegree)
    try check("num_layers", numLayers, Limits.numLayers)
    try check("num_basis", numBasis, Limits.numBasis)
    try check("num_embeddings", numEmbeddings, Limits.numEmbeddings)
    try check("cutoff", cutoff, Limits.cutoff, unit: " Å")
    try check("energy_scale", energyScale, Limits.energyScale, unit: " eV")
    guard let count = approximateParameterCount, count <= Limits.parameters else {
      throw check.refusal(
        "features",
        "\(features) features of degree \(maxDegree) in \(numLayers) layers take "
          + (approximateParameterCount.map {
            "about \($0) parameters (\(Size.text(bytes: 4 * Double($0))))"
          } ?? "more parameters than can be counted")
          + ", at most \(Limits.parameters) are allowed")
    }
  }

  /// An upper bound of the number of parameters that is right but for a factor of a few; nil
  /// beyond `Int`.
  private var approximateParameterCount: Int? {
    let degrees = maxDegree + 1
    let dense = Size.product(4, degrees, features, features)
    let filters = Size.product(degrees, numBasis, features)
    let paths = Size.product(4, degrees, degrees, degrees, features)
    guard let dense, let filters, let paths, let layer = Size.sum(dense, filters, paths),
      let layers = Size.product(numLayers, layer),
      let embedding = Size.product(numEmbeddings, features + 1)
    else { return nil }
    return Size.sum(layers, embedding)
  }
}

extension MessagePassingPotential: SizedModel {
  var numbersPerRow: Double {
    let degrees = Double(maxDegree + 1)
    return 4 * degrees * degrees * Double(features) * Double(numLayers)
  }

  var widestOption: (name: String, value: Int) { ("features", features) }
}
