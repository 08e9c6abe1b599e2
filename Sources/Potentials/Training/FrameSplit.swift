internal import E3xEngine

/// A random choice of frames for validation and test: the same for the same frames and seed.
struct FrameSplit {
  /// The frames of each, from 0.
  private(set) var valid: Set<Int> = []
  private(set) var test: Set<Int> = []

  /// Draws keys apart from those of parameters and epochs.
  private static let keyNumber: UInt32 = 0x5711_7000

  /// - Throws: `ArgumentError` naming the fraction that cannot be taken of these frames.
  init(_ frames: [LabelledFrame], _ preparation: DataPreparation) throws(ArgumentError) {
    let units = Self.units(frames, preparation.splitBy)
    let key = RandomKey(seed: preparation.seed).folding(in: Self.keyNumber)
    var left = try key.permutation(units.count).map { units[Int($0)] }
    let parts = [
      ("test_fraction", preparation.testFraction), ("valid_fraction", preparation.validFraction),
    ]
    for (name, fraction) in parts where fraction > 0 {
      // What is left is trained on.
      guard left.count > 1 else {
        let noun = preparation.splitBy == .group ? "group" : "frame"
        throw ArgumentError(
          "train", name,
          "\(fraction) of the training frames cannot be split off: there "
            + (units.count == 1 ? "is one \(noun)" : "are \(units.count) \(noun)s"))
      }
      let part = Self.take(Int((fraction * Double(frames.count)).rounded()), from: &left)
      if name == "test_fraction" { test = part } else { valid = part }
    }
  }

  /// What stays together, in the order of the frames.
  private static func units(
    _ frames: [LabelledFrame], _ unit: DataPreparation.Unit
  ) -> [[Int]] {
    guard unit == .group else { return frames.indices.map { [$0] } }
    var units: [[Int]] = []
    var places: [String: Int] = [:]
    for (index, frame) in frames.enumerated() {
      if let group = frame.group, let place = places[group] {
        units[place].append(index)
      } else {
        if let group = frame.group { places[group] = units.count }
        units.append([index])
      }
    }
    return units
  }

  /// Takes units, in their order, while they fit into `count` frames; the smallest if none does.
  private static func take(_ count: Int, from units: inout [[Int]]) -> Set<Int> {
    var taken: Set<Int> = []
    var left: [[Int]] = []
    for unit in units {
      if taken.count + unit.count <= count { taken.formUnion(unit) } else { left.append(unit) }
    }
    if taken.isEmpty, let smallest = left.indices.min(by: { left[$0].count < left[$1].count }) {
      taken.formUnion(left.remove(at: smallest))
    } else if left.isEmpty, let last = units.last {
      taken.subtract(last)
      left = [last]
    }
    units = left
    return taken
  }
}
