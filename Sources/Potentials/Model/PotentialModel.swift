public import E3xEngine
internal import E3xFiles
public import E3xNN

/// A potential: a function from the vectors of pairs and the species of atoms to the energies of
/// atoms, in a scope.
///
/// Everything else (forces, stress, virials, Hessians, batches, training, files, the program) is
/// written once on top of that. A model is a value: its configuration. It is `Codable`, and what it
/// encodes is written to the files of its potentials, as JSON: an object, best with snake_case keys.
/// `init()` makes the default configuration.
///
///     struct PairModel: PotentialModel {
///       static let kind = "pair"
///       var cutoff = 5.0
///
///       func atomicEnergies(
///         _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
///       ) throws -> Tensor { … }
///     }
///
/// Files of other models than ``PotentialModels/builtIn`` are read where they are named:
/// `Potential(contentsOf: path, models: [PairModel.self])`.
public protocol PotentialModel: Codable, Sendable {
  /// The name of this kind of models in files and on the command line, such as `message_passing`:
  /// lower-case letters, digits and underscores.
  static var kind: String { get }

  /// The default configuration.
  init()

  /// Å; atoms farther apart do not see each other.
  var cutoff: Double { get }

  /// Over how many cutoffs an atom's energy depends on others: of a message-passing model the number
  /// of its layers. Where a structure is divided among processes, each must see atoms that far from
  /// its own. Nil, unless a model says otherwise: it cannot be divided.
  var hops: Int? { get }

  /// Atomic numbers below it are known; 119 unless a model says otherwise.
  var numEmbeddings: Int { get }

  /// eV; what ``atomicEnergies(_:displacements:species:dstIdx:srcIdx:)`` returns is multiplied by it,
  /// so that parameters are of order 1 whatever the energies are. 1 unless a model says otherwise.
  var energyScale: Double { get }

  /// Checks that the configuration can be.
  /// - Throws: `ArgumentError` naming the argument, under the name that files have for it.
  func check() throws(ArgumentError)

  /// Takes over what depends on the data, before a training begins; nothing unless a model does.
  mutating func adapt(to data: TrainingScales)

  /// The energies of atoms, in units of ``energyScale``, without element energies.
  ///
  /// An atom's energy depends on nothing farther away than ``hops`` times the cutoff. Energies must be
  /// differentiable twice with respect to `displacements`, and must not change where no pair is.
  /// - Parameter scope: has the parameters, or draws them.
  /// - Parameter displacements: [P, 3], from destination to source, Å; their element type is that of
  ///   the computation
  /// - Parameter species: int32 [N], atomic numbers
  /// - Parameter dstIdx, srcIdx: int32 [P], the pairs closer than the cutoff, both ways
  /// - Returns: [N]
  /// - Throws: `ArgumentError` naming what does not fit, or a parameter that is missing.
  func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor
}

/// What training data say of the scales of a model.
public struct TrainingScales: Sendable {
  /// The root mean square of the force components in eV/Å times 1 Å, eV: of the order of what a
  /// neighbour does to an energy. 1 without forces.
  public var energy: Double
  /// The mean number of neighbours of an atom within the cutoff.
  public var neighbors: Double

  /// Scales of these values.
  public init(energy: Double, neighbors: Double) {
    (self.energy, self.neighbors) = (energy, neighbors)
  }
}

extension PotentialModel {
  /// Unknown.
  public var hops: Int? { nil }
  /// All elements.
  public var numEmbeddings: Int { 119 }
  /// 1 eV.
  public var energyScale: Double { 1 }
  /// Accepts everything.
  public func check() {}
  /// Changes nothing.
  public mutating func adapt(to data: TrainingScales) {}

  /// The energies of atoms, in units of ``energyScale``, without element energies.
  ///
  /// - Parameter positions: [N, 3], Å
  /// - Parameter species: int32 [N], atomic numbers
  /// - Parameter dstIdx, srcIdx: int32 [P], the pairs closer than the cutoff, both ways (others
  ///   have no effect); an index N is padding
  /// - Returns: [N]
  /// - Throws: `ArgumentError` naming what does not fit, a number of the configuration that is out
  ///   of range, or a parameter that is missing.
  public func atomicEnergies(
    _ scope: Scope, positions: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    try check("species", species, .int32)
    try check("positions", positions, rows: species.shape[0])
    try check("dst_idx", dstIdx, .int32)
    try check("src_idx", srcIdx, .int32, rows: dstIdx.shape[0])
    let displacements =
      try gatherSrc(positions, srcIdx: srcIdx)
      - gatherDst(positions, dstIdx: dstIdx)
    return try atomicEnergies(
      scope, displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
  }

  /// Checks what ``atomicEnergies(_:displacements:species:dstIdx:srcIdx:)`` is given.
  func check(
    displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws(ArgumentError) {
    try check("species", species, .int32)
    try check("dst_idx", dstIdx, .int32)
    try check("src_idx", srcIdx, .int32, rows: dstIdx.shape[0])
    try check("displacements", displacements, rows: dstIdx.shape[0])
  }

  /// Checks an index list, or vectors if no element type is given.
  private func check(
    _ argument: String, _ tensor: Tensor, _ dtype: DType? = nil, rows: Dimension? = nil
  ) throws(ArgumentError) {
    let hasType = dtype.map { tensor.dtype == $0 } ?? tensor.dtype.isFloatingPoint
    let isVectors = dtype == nil
    guard hasType, tensor.rank == (isVectors ? 2 : 1), !isVectors || tensor.shape[1] == 3,
      rows == nil || tensor.shape[0] == rows
    else {
      let axes = [rows.map { "\($0)" } ?? "any number"] + (isVectors ? ["3"] : [])
      throw ArgumentError(
        "\(Self.self)", argument,
        "expected \(dtype.map { "\($0)" } ?? "floating-point") [\(axes.joined(separator: ", "))], "
          + "received \(tensor.dtype) \(tensor.shape)")
    }
  }

  /// Draws the parameters of a model.
  /// - Parameter seed: as `jax.random.PRNGKey(seed)`.
  /// - Throws: `ArgumentError` for a configuration that is out of range; whatever the model throws.
  public func initialParameters(seed: Int) throws -> Parameters {
    try Parameters.initialize(seed: seed) { scope in
      try atomicEnergies(
        scope, displacements: Tensor([1, 0, 0, -1, 0, 0] as [Float], shape: [2, 3]),
        species: Tensor([1, 1] as [Int32]), dstIdx: Tensor([0, 1] as [Int32]),
        srcIdx: Tensor([1, 0] as [Int32]))
    }
  }
}

/// A model whose files have been written by versions before, and whose keys have defaults.
protocol StrictlyReadModel: PotentialModel {
  /// Reads a configuration from JSON in a file.
  /// - Throws: `FileError` naming the key whose value is of another type or out of range, or that is
  ///   none.
  init(_ members: JSONMembers) throws(FileError)
}

/// A model that knows what it takes.
protocol SizedModel: PotentialModel {
  /// How many numbers live at a time for each atom and each pair in a step of training, to the order
  /// of magnitude.
  var numbersPerRow: Double { get }

  /// The option that decides most about the number of parameters, under its name in files.
  var widestOption: (name: String, value: Int) { get }
}
