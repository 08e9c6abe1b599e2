import E3x

/// Clouds of random points with their moments of inertia.
struct PointClouds {
  /// [clouds, points], uniformly distributed in 0 ..< 1
  let masses: Tensor
  /// [clouds, points, 3], normally distributed
  let positions: Tensor
  /// [clouds, 3, 3]
  let inertia: Tensor

  /// Draws clouds of ten points.
  init(count: Int, key: RandomKey) throws {
    let keys = key.split()
    let points = 10
    let masses = try Tensor(
      keys[0].uniform(Float.self, count: count * points), shape: [count, points])
    let positions = try Tensor(
      keys[1].normal(Float.self, count: count * points * 3), shape: [count, points, 3])
    try self.init(masses: masses, positions: positions)
  }

  /// I = Σ m (r · r 1 - r rᵀ), summed over the points of each cloud.
  init(masses: Tensor, positions: Tensor) throws {
    let rows = positions
    let weighted = try rows * masses.expanded(at: -1)
    let outer = try weighted.transposed().matmul(rows)  // Σ m r rᵀ
    let trace = try (weighted * rows).sum([-2, -1], keepDimensions: true)  // Σ m r · r
    let identity = try Tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    self.masses = masses
    self.positions = positions
    inertia = try (trace * identity - outer).materialized()
  }

  /// What the loss is computed from, for these clouds.
  func batch(_ indices: [Int32]) throws -> [Tensor] {
    try [masses, positions, inertia].map { try gatherSrc($0, srcIdx: Tensor(indices)) }
  }
}
