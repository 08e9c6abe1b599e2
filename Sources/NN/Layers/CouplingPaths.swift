internal import E3xEngine
internal import E3xExact

/// The paths of a tensor product: which degrees and parities couple to which.
struct CouplingPaths: Hashable {
  let shape: [Int]

  /// One path: degrees and parity channels, and its place in the kernel.
  struct Path: Hashable {
    let block: (FeatureBlock, FeatureBlock, FeatureBlock)
    /// The position in the kernel [P1, L1+1, P2, L2+1, P3, L3+1].
    let index: Int

    static func == (a: Path, b: Path) -> Bool { a.index == b.index }
    func hash(into hasher: inout Hasher) { hasher.combine(index) }
  }

  init(parities: (Int, Int, Int), maxDegrees: (Int, Int, Int)) {
    shape = [
      parities.0, maxDegrees.0 + 1, parities.1, maxDegrees.1 + 1, parities.2, maxDegrees.2 + 1,
    ]
  }

  init(_ shapes: ProductShapes) {
    let (first, second, result) = (shapes.first, shapes.second, shapes.result)
    self.init(
      parities: (first.parities, second.parities, result.parities),
      maxDegrees: (first.maxDegree, second.maxDegree, result.maxDegree))
  }

  /// The most kernel entries of a feature: more paths than any table of couplings has.
  static let countLimit = 1 << 22

  /// The number of kernel entries, allowed or not.
  var count: Int { shape.reduce(1, *) }

  /// The features of slot 0, 1 or 2.
  func features(_ slot: Int) -> FeatureShape {
    FeatureShape(
      batch: [], parities: shape[2 * slot], maxDegree: shape[2 * slot + 1] - 1, features: 1)
  }

  /// The paths that conserve parity and obey the triangle inequality.
  var allowed: [Path] {
    var paths: [Path] = []
    let (first, second, third) = (features(0).blocks, features(1).blocks, features(2).blocks)
    for (i, a) in first.enumerated() {
      for (j, b) in second.enumerated() {
        for (k, c) in third.enumerated()
        where (a.isOdd != b.isOdd) == c.isOdd && abs(a.degree - b.degree) <= c.degree
          && c.degree <= a.degree + b.degree
        {
          // Blocks are ordered by channel, then degree, as the kernel's axes are.
          let index = (i * second.count + j) * third.count + k
          paths.append(Path(block: (a, b, c), index: index))
        }
      }
    }
    return paths
  }

  /// The work to compute the coefficients of all paths, as `ClebschGordan.work`: paths of other
  /// parities share them.
  var work: Double {
    ClebschGordan.work(
      maxDegree1: shape[1] - 1, maxDegree2: shape[3] - 1, maxDegree3: shape[5] - 1)
  }

  /// Names the output of a path.
  func output(of path: Path) -> Int { path.index % (shape[4] * shape[5]) }
  /// Names the pair of inputs of a path.
  func input(of path: Path) -> Int { path.index / (shape[4] * shape[5]) }
}
