import E3x

/// The eight shapes that four cubes can be glued to, as the centres of their cubes on a grid. The
/// two screws are mirror images of one another; every other shape can be turned into its own.
enum Tetracube: Int, CaseIterable {
  case line, square, zigzag, hook, tee, corner, rightScrew, leftScrew

  var cubes: [[Float]] {
    switch self {
    case .line: [[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]]
    case .square: [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
    case .zigzag: [[0, 0, 0], [1, 0, 0], [1, 1, 0], [2, 1, 0]]
    case .hook: [[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0]]
    case .tee: [[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0]]
    case .corner: [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .rightScrew: [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]
    case .leftScrew: [[0, 0, 1], [0, 0, 0], [1, 0, 0], [1, 1, 0]]
    }
  }
}

/// Shapes with noise, all in the position above: the network never sees a turned one in training.
struct ShapeData {
  /// [shapes, 4, 3]
  let cubes: Tensor
  /// 1 at the shape's class, else 0: [shapes, 8]
  let classes: Tensor
  /// The class of each shape.
  let labels: [Int32]

  /// Draws shapes and noise with a standard deviation of 0.05.
  init(count: Int, key: RandomKey) throws {
    let keys = key.split()
    let all = Tetracube.allCases
    labels = try keys[0].integers(count: count, in: 0..<Int32(all.count))
    let noise = try keys[1].normal(Float.self, count: count * 12)
    let exact = labels.flatMap { all[Int($0)].cubes.flatMap { $0 } }
    cubes = try Tensor(zip(exact, noise).map { $0 + 0.05 * $1 }, shape: [count, 4, 3])
    classes = try Tensor(
      labels.flatMap { label in all.map { Float($0.rawValue == label ? 1 : 0) } },
      shape: [count, all.count])
  }

  /// What the loss is computed from, for these shapes.
  func batch(_ indices: [Int32]) throws -> [Tensor] {
    try [cubes, classes].map { try gatherSrc($0, srcIdx: Tensor(indices)) }
  }
}
