public import E3xEngine
public import E3xPotentials

/// How often atoms of two elements are how far apart, over the frames of a trajectory.
public struct RadialDistribution: Sendable {
  /// Two elements, the lighter one first.
  public struct Elements: Hashable, Sendable, Comparable {
    /// Atomic numbers.
    public let first, second: Int32

    /// In either order.
    public init(_ a: Int32, _ b: Int32) { (first, second) = (min(a, b), max(a, b)) }

    /// By the first element, then by the second.
    public static func < (a: Self, b: Self) -> Bool {
      (a.first, a.second) < (b.first, b.second)
    }
  }

  /// The largest distance, Å.
  public let range: Double
  /// The number of intervals.
  public let bins: Int
  /// How many frames it is of.
  public private(set) var frames = 0
  private var counts: [Elements: [Double]] = [:]
  private var isPeriodic = true

  /// Of no frames yet.
  /// - Throws: `ArgumentError` naming `range` that is not positive and finite, or `bins` out of
  ///   1 ... 100000.
  public init(range: Double = 6, bins: Int = 200) throws(ArgumentError) {
    try checkPositive("RadialDistribution", "range", range)
    guard (1...100_000).contains(bins) else {
      throw ArgumentError("RadialDistribution", "bins", "expected 1 to 100000, received \(bins)")
    }
    (self.range, self.bins) = (range, bins)
  }

  /// Adds a frame.
  /// - Throws: `ArgumentError` naming positions or a cell that cannot be.
  public mutating func add(_ frame: LabelledFrame) throws(ArgumentError) {
    let cell = try frame.periodicCell()
    let neighbors = try Neighbors(positions: frame.positions, cell: cell, cutoff: range)
    let whole = frame.pbc == [true, true, true] ? cell?.volume : nil
    isPeriodic = isPeriodic && whole != nil
    var numbers: [Int32: Double] = [:]
    for number in frame.atomicNumbers { numbers[number, default: 0] += 1 }
    let width = range / Double(bins)
    var found: [Elements: [Double]] = [:]
    for a in numbers.keys {
      for b in numbers.keys where a <= b {
        found[Elements(a, b)] = [Double](repeating: 0, count: bins)
      }
    }
    for pair in 0..<neighbors.sources.count {
      let d = neighbors.displacements[(3 * pair)..<(3 * pair + 3)]
      let bin = Int(d.reduce(0) { $0 + $1 * $1 }.squareRoot() / width)
      let elements = Elements(
        frame.atomicNumbers[Int(neighbors.destinations[pair])],
        frame.atomicNumbers[Int(neighbors.sources[pair])])
      if bin < bins { found[elements]?[bin] += 1 }
    }
    for (elements, counted) in found {
      // Each pair is there from both sides.
      var scale = 0.5
      if let whole {
        let (a, b) = (numbers[elements.first] ?? 0, numbers[elements.second] ?? 0)
        scale = elements.first == elements.second ? whole / (a * a) : whole / (2 * a * b)
      }
      var sum = counts[elements] ?? [Double](repeating: 0, count: bins)
      for (bin, count) in counted.enumerated() {
        let (low, high) = (Double(bin) * width, Double(bin + 1) * width)
        let shell =
          whole == nil ? width : 4 / 3 * Double.pi * (high * high * high - low * low * low)
        sum[bin] += scale * count / shell
      }
      counts[elements] = sum
    }
    frames += 1
  }

  /// The elements that there are.
  public var pairs: [Elements] { counts.keys.sorted() }

  /// Whether ``values(_:)`` are relative to a gas of the same density, as of frames that all repeat along
  /// three vectors.
  public var isNormalised: Bool { isPeriodic }

  /// The middle of each interval, Å.
  public var distances: [Double] {
    (0..<bins).map { (Double($0) + 0.5) * range / Double(bins) }
  }

  /// The mean over the frames: g(r), which is 1 for a gas, of what repeats; pairs per Å of molecules.
  /// Empty for elements that are not there.
  public func values(_ elements: Elements) -> [Double] {
    (counts[elements] ?? []).map { $0 / Double(max(1, frames)) }
  }
}
