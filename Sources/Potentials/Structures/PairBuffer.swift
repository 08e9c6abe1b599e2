/// Pairs of a range of atoms, in memory that grows.
final class PairBuffer: @unchecked Sendable {
  private(set) var sources: UnsafeMutablePointer<Int32>
  /// Å, three for each pair
  private(set) var vectors: UnsafeMutablePointer<Double>
  /// The images of the sources, if they are wanted.
  private(set) var images: UnsafeMutablePointer<SIMD3<Int32>>?
  /// The number of pairs.
  var count = 0
  private var capacity: Int

  init(capacity: Int, hasImages: Bool) {
    self.capacity = capacity
    sources = .allocate(capacity: capacity)
    vectors = .allocate(capacity: 3 * capacity)
    images = hasImages ? .allocate(capacity: capacity) : nil
  }

  deinit {
    sources.deallocate()
    vectors.deallocate()
    images?.deallocate()
  }

  /// Makes room for more pairs.
  @inline(__always)
  func reserve(_ more: Int) {
    if count + more > capacity { grow(to: max(count + more, 2 * capacity)) }
  }

  private func grow(to larger: Int) {
    sources = moved(sources, count, larger)
    vectors = moved(vectors, 3 * count, 3 * larger)
    images = images.map { moved($0, count, larger) }
    capacity = larger
  }

  private func moved<Element: BitwiseCopyable>(
    _ old: UnsafeMutablePointer<Element>, _ count: Int, _ capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let new = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    new.update(from: old, count: count)
    old.deallocate()
    return new
  }
}
