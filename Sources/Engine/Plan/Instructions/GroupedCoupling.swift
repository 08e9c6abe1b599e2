/// A coupling T(w, x, y, g) whose last operand or result belongs to an index, and so to all rows of
/// a *group*: rows with that index that follow each other. With the outer product x ⊗ y summed over
/// a group first, or g contracted with the weights once for a group, what is left for each row is a
/// dense product.
///
/// Features are independent of each other. Where the outer products of all of them are too many to
/// stay near, they are taken a chunk at a time, as many as fill a line of the cache.
struct GroupedCoupling: BitwiseCopyable {
  /// The components of x, y and g.
  struct Components: BitwiseCopyable, Equatable {
    var x: Int
    var y: Int
    var indexed: Int
  }

  /// The form in w, x ⊗ y and g (``CouplingTable/outerProduct(without:)``), opened as needed.
  var outer: CouplingForm
  /// The weights w, unless the form is opened at them.
  var weights: Operand?
  var components: Components
  var features: Int
  /// Groups that are contracted at once.
  var batch: Int
  /// Scratch of a batch: outer products [batch, x y, chunk], and values of the index [batch, g, F].
  var products: Operand
  var values: Operand
  /// Scratch for the rows of y of a group, where they must be copied.
  var copies: Operand?
  /// What the contraction prepares.
  var prepared: Operand
  /// Features of a chunk but the last, and bytes of what is prepared for one.
  var chunk: Int
  var preparedBytes: Int

  /// Bytes of outer products that stay in the first-level cache.
  static let nearBytes = 24 * 1024

  /// The most rows of a group; longer ones are cut.
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
  var copyStride: Int { (components.y | 1) * chunk }

  /// Whether a chunk of rows of y would meet in few sets of the cache, while outer products go over
  /// the rows again and again: lines four apart or more, or rows a multiple of 2 KB.
  func needsCopy(byteCount: Int) -> Bool {
    let bytes = features * byteCount
    return outer.outSlot != 1 && chunkCount > 1
      && (bytes >= 256 || components.y * bytes % 2048 == 0)
  }
}

/// The rows g that the indices of a grouped coupling choose.
struct IndexedRows: BitwiseCopyable, Equatable {
  /// All rows of the value, in memory.
  var source: Operand
  var padding: GatherPadding
  var rowBytes: Int
}

extension Instruction {
  /// The sum over the rows of each segment: outer products summed over a group, and contracted.
  struct GroupedSum: BitwiseCopyable {
    var coupling: GroupedCoupling
    var x: Rows
    var y: Rows
    var indices: IndexList
    var sink: Operand
    /// Whether the next instruction, the sum opened at the weights, takes the same outer products:
    /// they are contracted for both.
    var sharesProducts = false
  }

  /// The derivative to x or y.
  struct GroupedOperand: BitwiseCopyable {
    /// What the coupling is opened at.
    enum Side: BitwiseCopyable { case x, y }

    var coupling: GroupedCoupling
    var side: Side
    /// The rows of the other one of the two.
    var other: Rows
    var indices: IndexList
    var indexed: IndexedRows
    var result: Target
  }

  /// The derivative to the weights, summed over all rows.
  struct GroupedWeights: BitwiseCopyable {
    var coupling: GroupedCoupling
    var x: Rows
    var y: Rows
    var indices: IndexList
    var indexed: IndexedRows
    var sink: Operand
    /// Whether the instruction before has done it all, but for checking the indices.
    var usesProducts = false
  }
}

extension Instruction {
  /// Whether it sums outer products over segments.
  var isGroupedSum: Bool { if case .groupedSum = operation { true } else { false } }

  /// Whether it sums outer products over all rows.
  var isGroupedWeights: Bool { if case .groupedWeights = operation { true } else { false } }
}
