/// When axes are swept, rows are cut into parts, sums go through buffers, rows are used in place and
/// plans are verified.
struct PlanOptions: Sendable {
  /// Leading axes of known size are swept from this size on.
  var minimumRows = 512
  /// The nanoseconds that a part must take, that each of two must, and those for each byte of the
  /// accumulators of a lane.
  var partNanoseconds = 10_000.0
  var halfNanoseconds = 5_000.0
  var nanosecondsPerByte = 1.0 / 8
  /// The fewest rows of a part, and of each of two.
  var partRows = 16
  var halfRows = 4
  /// Accumulators larger than this, in bytes, go through a buffer.
  var largestAccumulator = 8 << 20
  /// Bytes of buffered rows, so that a wave of them stays in the last-level cache.
  var bufferBytes = 8 << 20
  /// What it costs to add a byte of a row to one of the segments of a large system: it goes to the
  /// buffer and back, and the segment from memory and back.
  var nanosecondsPerScatteredByte = 0.15
  /// Rows shorter than this, in bytes, are copied: an address costs as much.
  var shortestRow = 256

  /// Whether sweeps in the order of a list compute all that they can; nil: where it costs less.
  var ordersAll: Bool?

  /// Whether every sweep is verified, after every pass: ``PlanVerification``.
  var verifies = PlanVerification.isWanted

  /// Everything that large systems do, in the smallest ones: for tests.
  static func fine(ordersAll: Bool) -> PlanOptions {
    PlanOptions(
      minimumRows: 2, partNanoseconds: 0, halfNanoseconds: 0, nanosecondsPerByte: 0, partRows: 1,
      halfRows: 1, largestAccumulator: 0, bufferBytes: 1024,
      nanosecondsPerScatteredByte: .infinity, shortestRow: 0, ordersAll: ordersAll,
      verifies: true)
  }
}
