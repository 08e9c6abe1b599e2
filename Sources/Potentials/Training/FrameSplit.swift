internal import E3xEngine
internal import E3xFiles

/// A random choice of frames for validation and test: the same for the same frames and seed.
struct FrameSplit {
  /// The frames of each, from 0.
  private(set) var valid: Set<Int> = []
  private(set) var test: Set<Int> = []

  /// Draws keys apart from those of parameters and epochs.
  private static let keyNumber: UInt32 = 0x5711_7000

  /// - Throws: `ArgumentError` naming the fraction that cannot be taken of these frames; `FileError`
  ///   for frames that cannot be read.
  init(_ frames: StoredFrames, _ preparation: DataPreparation) throws {
    let units = try Units(frames, preparation.splitBy)
    let key = RandomKey(seed: preparation.seed).folding(in: Self.keyNumber)
    var left = try key.permutation(units.count).map { Int($0) }
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
      let part = units.take(Int((fraction * Double(frames.count)).rounded()), from: &left)
      if name == "test_fraction" { test = part } else { valid = part }
    }
  }

  /// What stays together, numbered in the order of the frames.
  private struct Units {
    /// Of each frame its unit, and how many frames each unit has; nil where each is by itself.
    private var groups: (ofFrames: [Int], sizes: [Int])?
    private let frames: Int

    /// The number of units.
    var count: Int { groups?.sizes.count ?? frames }

    init(_ frames: StoredFrames, _ unit: DataPreparation.Unit) throws(FileError) {
      self.frames = frames.count
      guard unit == .group else { return }
      var (ofFrames, sizes): ([Int], [Int]) = ([], [])
      var numbers: [String: Int] = [:]
      for index in frames.indices {
        let group = try frames[index].group
        let number = group.flatMap { numbers[$0] } ?? sizes.count
        if number == sizes.count { sizes.append(0) }
        if let group { numbers[group] = number }
        sizes[number] += 1
        ofFrames.append(number)
      }
      groups = (ofFrames, sizes)
    }

    private func size(_ unit: Int) -> Int { groups?.sizes[unit] ?? 1 }

    /// Takes units, in their order, while they fit into `count` frames; the smallest if none does.
    /// - Returns: Their frames.
    func take(_ count: Int, from units: inout [Int]) -> Set<Int> {
      var (taken, frames): (Set<Int>, Int) = ([], 0)
      var left: [Int] = []
      for unit in units {
        if frames + size(unit) <= count {
          taken.insert(unit)
          frames += size(unit)
        } else {
          left.append(unit)
        }
      }
      if taken.isEmpty, let smallest = left.indices.min(by: { size(left[$0]) < size(left[$1]) }) {
        taken.insert(left.remove(at: smallest))
      } else if left.isEmpty, let last = units.last {
        taken.remove(last)
        left = [last]
      }
      units = left
      guard let groups else { return taken }
      return Set(groups.ofFrames.indices.filter { taken.contains(groups.ofFrames[$0]) })
    }
  }
}
