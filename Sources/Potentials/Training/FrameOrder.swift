internal import E3xEngine

/// The order in which a training goes through its frames: every epoch shuffles them anew, and
/// batches take them one after the other, across the ends of epochs.
struct FrameOrder: Sendable {
  /// Of the shuffles.
  let seed: Int
  /// The number of frames.
  let count: Int
  /// How many frames were taken so far.
  var position = 0
  private var epoch = -1
  private var frames: [Int32] = []

  init(seed: Int, count: Int) {
    self.seed = seed
    self.count = count
  }

  /// The frame that is taken next.
  private mutating func current() throws -> Int {
    let epoch = position / count
    if epoch != self.epoch {
      let key = RandomKey(seed: seed).folding(in: UInt32(truncatingIfNeeded: epoch + 1))
      (self.epoch, frames) = (epoch, try key.permutation(count))
    }
    return Int(frames[position % count])
  }

  /// Takes the frames of a batch: so many, but only as many as have no more pairs together than may
  /// be, and one at least.
  ///
  /// - Parameters:
  ///   - size: the number of frames.
  ///   - mostPairs: 0 for any number.
  ///   - example: a frame by its index.
  mutating func next(
    _ size: Int, mostPairs: Int, _ example: (Int) throws -> Example
  ) throws -> [Example] {
    var (batch, pairs): ([Example], Int) = ([], 0)
    while batch.count < size {
      let next = try example(current())
      pairs += next.pairCount
      if mostPairs > 0, pairs > mostPairs, !batch.isEmpty { break }
      batch.append(next)
      position += 1
    }
    return batch
  }
}
