/// A coupling T(w, x, y, g) whose last operand or result belongs to an index, and so to all rows of
/// a run with that index. With the outer product x ⊗ y summed over a run first, or g contracted
/// with the weights once for a run, what is left for each row is a dense product.
///
/// Features are independent of each other. Where the outer products of all of them are too many to
/// stay near, they are taken a chunk at a time, as many as fill a line of the cache.
struct RunCoupling {
  /// The form in w, x ⊗ y and g (``CouplingTable/outerProduct(without:)``), opened as needed.
  var outer: StageCoupling
  /// Components of x, y and g.
  var sizes: (Int, Int, Int)
  var features: Int
  /// The operand that the rows are opened at: 1 or 2 (x or y).
  var side: Int
  /// Runs that are contracted at once.
  var batch: Int
  /// Scratch of a batch: outer products [batch, n1 n2, chunk], and values of the index
  /// [batch, n3, F].
  var products: Reference
  var values: Reference
  /// Scratch for the rows of y of a run, where they must be copied.
  var copies: Reference
  /// Whether the next instruction takes the outer products of this one, and whether this is such a
  /// next one: nothing is left for it to do.
  var hasJoined = false
  var isJoined = false
  /// Features of a chunk but the last, and bytes of what is prepared for one.
  var chunk: Int
  var preparedBytes: Int

  /// Bytes of outer products that stay in the first-level cache.
  static let nearBytes = 24 * 1024

  /// The most rows of a run; longer ones are cut.
  static let mostRows = 64

  var chunkCount: Int { (features + chunk - 1) / chunk }

  /// A part of the features.
  struct Chunk {
    var number: Int
    var first: Int
    var count: Int
    /// Where what is prepared for it begins.
    var preparedOffset: Int
  }

  subscript(_ number: Int) -> Chunk {
    let first = number * chunk
    let count = min(chunk, features - first)
    // Opened at the weights nothing is shared, and chunks of a size have the same form.
    let prepared = outer.outSlot == 0 ? (count == chunk ? 0 : 1) : number
    return Chunk(
      number: number, first: first, count: count, preparedOffset: prepared * preparedBytes)
  }

  /// How many forms are prepared.
  var preparedCount: Int {
    outer.outSlot == 0 ? (features % chunk == 0 || features < chunk ? 1 : 2) : chunkCount
  }

  /// Elements from row to row of copied rows: an odd number of lines, so that rows lie in different
  /// sets of the cache.
  var copyStride: Int { (sizes.1 | 1) * chunk }

  /// Whether a chunk of rows of y would meet in few sets of the cache, while outer products go over
  /// the rows again and again: lines four apart or more, or rows a multiple of 2 KB.
  func needsCopy(byteCount: Int) -> Bool {
    let bytes = features * byteCount
    return outer.outSlot != 1 && chunkCount > 1 && (bytes >= 256 || sizes.1 * bytes % 2048 == 0)
  }
}
