internal import E3xEngine
internal import E3xNN
internal import OrderedCollections

extension Potential {
  /// How much atoms attend to each other in a structure.
  public struct Attention: Sendable {
    /// The atom that attends, for each pair, [P].
    public let destinations: [Int32]
    /// The atom that is attended to, [P].
    public let sources: [Int32]
    /// From the one to the other, Å, [P, 3] in row-major order.
    public let displacements: [Double]
    /// One after the other.
    public let layers: [Layer]

    /// The weights of a layer.
    public struct Layer: Sendable {
      /// Its path among the parameters, such as `attention_0`.
      public let name: String
      /// The number of heads.
      public let heads: Int
      /// [P, heads] in row-major order: of each atom and head they add up to 1, or to less where an
      /// atom attends to nothing, too (`smooth_at_cutoff`).
      public let weights: [Double]
    }
  }

  /// Whether there is attention in the model.
  public var hasAttention: Bool { (try? functions.attention(member: 0)) != nil }

  /// How much atoms attend to each other in each layer and head.
  ///
  /// - Parameter member: of a committee, from 0.
  /// - Throws: `ArgumentError` naming `model` if it has no attention, `member` if there is none such,
  ///   or what of the structure cannot be, as ``predict(_:batchSize:virials:)``.
  public func attention(of frame: LabelledFrame, member: Int = 0) throws -> Attention {
    guard (0..<members).contains(member) else {
      throw ArgumentError(
        "Potential.attention", "member", "expected 0 to \(members - 1), received \(member)")
    }
    let (names, function) = try functions.attention(member: member)
    try frameCheck.check([frame], function: "Potential.attention", argument: "frame")
    let neighbors = try Neighbors(
      positions: frame.positions, cell: frame.periodicCell(), cutoff: model.cutoff)
    let batch = try Batch([Example(species: frame.atomicNumbers, neighbors: neighbors)])
    let results = try function(batch.structure)
    let layers = try zip(names, results).map { name, weights in
      Attention.Layer(
        name: name, heads: weights.shape.known?.last ?? 0,
        weights: try weights.scalars(as: Float.self).map(Double.init))
    }
    return Attention(
      destinations: Array(neighbors.destinations), sources: Array(neighbors.sources),
      displacements: Array(neighbors.displacements), layers: layers)
  }
}

extension Objective {
  /// The function that gives the attention weights of each layer, and the paths of the layers.
  /// - Throws: `ArgumentError` naming `model` if there is no attention.
  func attention(
    _ parameters: Parameters, member: Int
  ) throws -> (names: [String], function: CompiledFunction) {
    var names: [String] = []
    let root = members == 1 ? "" : Committee.name(member) + "/"
    let function = try CompiledFunction(Batch.specification) { arguments in
      let seen = Intermediates()
      let scope = Committee.scopes(
        Scope(parameters: parameters, intermediates: seen), members)[member]
      _ = try potential.atomicEnergies(
        scope, displacements: arguments[0], species: arguments[1], dstIdx: arguments[2],
        srcIdx: arguments[3])
      let ending = "/" + MultiHeadAttention.weightsName
      let found = seen.values.filter { $0.key.hasSuffix(ending) }
      guard !found.isEmpty else {
        throw ArgumentError(
          "Potential.attention", "model",
          "has no attention: its messages are sums (train with attention to see some)")
      }
      names = found.keys.map { String($0.dropFirst(root.count).dropLast(ending.count)) }
      return Array(found.values)
    }
    return (names, function)
  }
}
