import E3xEngine
import E3xNN
import TestSupport

/// A layer or function whose result turns with its arguments, with options drawn at random.
struct SymmetryCase: Sendable, CustomStringConvertible {
  /// The names of e3x that it covers.
  let names: [String]
  /// Draws options and arguments.
  let draw: @Sendable (inout Dice) throws -> SymmetryCall
  var description: String { names.joined(separator: ", ") }

  init(_ names: String..., draw: @escaping @Sendable (inout Dice) throws -> SymmetryCall) {
    self.names = names
    self.draw = draw
  }
}

/// A call with its arguments: a function of features and of the positions of a scene that gives
/// features.
struct SymmetryCall {
  /// Says which options were drawn.
  let options: String
  let scene: Scene
  /// Features [..., P, (L+1)², F], float64.
  let inputs: [Tensor]
  let function: (Scope, Scene, [Tensor]) throws -> Tensor

  init(
    _ options: String, scene: Scene? = nil, inputs: [Tensor] = [],
    _ function: @escaping (Scope, Scene, [Tensor]) throws -> Tensor
  ) throws {
    self.options = options
    self.scene = try scene ?? Scene()
    self.inputs = inputs
    self.function = function
  }

  /// Parameters drawn at random, float64.
  func parameters() throws -> Parameters { try testParameters { try function($0, scene, inputs) } }

  /// The result for arguments rounded to an element type.
  func result(
    _ parameters: Parameters, _ scene: Scene, _ inputs: [Tensor], _ dtype: DType
  ) throws -> Tensor {
    func rounded(_ x: Tensor) throws -> Tensor { try x.cast(to: dtype).materialized() }
    var scene = scene
    scene.positions = try rounded(scene.positions)
    let output = try function(
      parameters.mapTensors(rounded).scope, scene, inputs.map(rounded))
    return try output.cast(to: .float64)
  }
}

/// How the pairs of a scene are listed.
enum PairKind: CaseIterable {
  case sparse, padded, dense
}

extension Scene {
  /// An index list; a dense one if `adjacency` is there.
  struct Pairs {
    var adjacency: Tensor?
    var destinations: Tensor?
    var sources: Tensor?
  }

  /// All pairs of different atoms, with two entries of padding (or one for each row).
  func pairs(_ kind: PairKind) throws -> Pairs {
    let n = Int32(atoms)
    switch kind {
    case .sparse: return Pairs(destinations: dst, sources: src)
    case .padded:
      let end = Tensor([n, n])
      return Pairs(
        destinations: try .concatenate([dst, end], axis: 0),
        sources: try .concatenate([src, end], axis: 0))
    case .dense:
      let rows = (0..<n).flatMap { row in (0..<n).filter { $0 != row } + [n] }
      return Pairs(adjacency: try Tensor(rows, shape: [atoms, atoms]))
    }
  }

  /// The vectors from destinations to sources; 0 for padding.
  func displacements(_ pairs: Pairs) throws -> Tensor {
    let r =
      try gatherSrc(positions, adjIdx: pairs.adjacency, srcIdx: pairs.sources)
      - gatherDst(positions, adjIdx: pairs.adjacency, dstIdx: pairs.destinations)
    guard let list = pairs.adjacency else { return r }
    return try .select(list.isLess(than: Double(atoms)).expanded(at: -1), r, 0)
  }
}
