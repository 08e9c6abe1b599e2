internal import E3xCKernels

/// Where an operand of an instruction lies: a slot of the stage, and how rows follow each other.
struct Reference: BitwiseCopyable, Equatable {
  /// The slot's number.
  var slot: Int32 = -1
  /// The first element of a row, counted from where the slot's row begins, in bytes.
  var byteOffset = 0
  /// The distance between rows in elements; 0 if all rows share the operand.
  var rowStride = 0
  /// Whether a result is added to what the rows hold.
  var isSum = false
  /// Whether the slot holds the addresses of rows, not the rows.
  var isIndirect = false
  /// If these are rows to add to, the slot of the sum.
  var sink: Int32 = -1
  /// If it does, the slot of the addresses of the next tile's rows (``RowsAhead``), if there is one.
  var ahead: Int32 = -1
}

/// One operation on a tile of rows, with all that does not depend on the rows worked out: a call
/// of a C kernel. Trivially copyable; what it points to belongs to the stage.
struct Instruction: BitwiseCopyable {
  enum Code: UInt8 {
    case unary, binary, compare, logical, select, cast, reduce
    case linear, blockProduct, couple, polynomial, length, direction, gather
    /// Rows written where they belong, in sweeps in another order (``SweepSplit``).
    case scatter
    /// All derivatives of a sum of products (``DotDerivatives``).
    case dotDerivatives
    /// The addresses of the rows that a gather chooses, and of the segments that rows are added to.
    case gatherRows, sinkRows
    // Sinks.
    case segmentAdd, segmentRaise, reduceRows, linearWeights, coupleRows
    /// Couplings of runs of rows with one index (``RunCoupling``): summed over the rows of each
    /// index, opened at an operand, and opened at the weights.
    case runSum, runOperand, runWeights
  }

  var code: Code
  /// The C kernel's number of the operation.
  var operation: UInt32 = 0
  var dtype: DType
  /// The element type of operands where it differs.
  var operandType: DType

  // Loops over a row; for more rows `count[rowAxis]` is rowFactor times their number.
  var nest = e3x_nest()
  var rowAxis = 0
  var rowFactor = 1
  var reduced = e3x_nest()

  var out = Reference()
  var a = Reference()
  var b = Reference()
  var c = Reference()
  /// Fixed scratch of the part: a slot.
  var scratch = Reference()

  /// The sizes that the kernel takes, in its order.
  var sizes: (Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0)
  /// The distances between components of a (and b), in elements.
  var componentStrides = (0, 0)
  var block: UnsafePointer<Int32>?
  var coupling: UnsafePointer<StageCoupling>?
  var polynomials: UnsafePointer<PolynomialKernel>?
  var run: UnsafePointer<RunCoupling>?
  var dot: UnsafePointer<DotDerivatives>?
  /// For selections by whole rows of a value in memory: its rows may be looked at in its place.
  var canAlias = false
  /// For directions: the length above which vectors are divided by it.
  var above = 0.0
  /// For gathers: what padding reads.
  var padding = GatherPadding.lastRow
  /// With an index list: the gather or sum over segments in the graph, which errors name.
  var indexed = -1

  /// Whether a coupling keeps its rows or adds their sum to the result, as kernels take it.
  var summing: Int32 {
    Int32(code == .coupleRows || code == .runWeights ? E3X_ADD_ROWS : E3X_KEEP_ROWS)
  }

  /// What is wrong with the index list.
  func found(
    _ index: Int32, at position: Int, limit: Int, allowsPadding: Bool
  ) -> FoundIndex {
    FoundIndex(
      bad: BadIndex(
        index: index, position: position, limit: limit, allowsPadding: allowsPadding),
      operation: indexed)
  }
}

/// A coupling as the kernels take it.
struct StageCoupling {
  var slots: Int32
  var outSlot: Int32
  var sizes: UnsafePointer<Int32>
  var terms: UnsafePointer<e3x_term>
  var termCount: Int
  var features: Int
  var rowStrides: UnsafePointer<Int64>
  /// The operand of each slot.
  var operands: (Reference, Reference, Reference, Reference)
  /// Whether each part prepares it: sums over rows keep their blocks with what is prepared.
  var isPreparedByPart: Bool
  /// Which table it is, where it opens one.
  var table: ObjectIdentifier?

  func operand(_ slot: Int) -> Reference {
    switch slot {
    case 0: operands.0
    case 1: operands.1
    case 2: operands.2
    default: operands.3
    }
  }
}

/// What instructions point to, freed with the stage.
final class StageMemory: @unchecked Sendable {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var storages: [Storage] = []

  /// The address of a storage that is kept as long as the stage.
  func keep(_ storage: Storage) -> UnsafeMutableRawPointer {
    storages.append(storage)
    return storage.pointer
  }

  func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let size = max(1, elements.count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { block.copyMemory(from: base, byteCount: bytes.count) }
    }
    blocks.append(block)
    return UnsafePointer(block.assumingMemoryBound(to: Element.self))
  }

  deinit { for block in blocks { block.deallocate() } }
}

/// A piece of memory that instructions name by its number.
struct Slot {
  enum Kind {
    /// Written and read within a tile.
    case tile(bytesPerRow: Int)
    /// Rows of a value that was written out before: [rows, width].
    case rows(value: Int, rowBytes: Int)
    /// Rows of a value that this stage writes out.
    case result(value: Int, rowBytes: Int)
    /// All rows of a value that this stage writes out, in an order of its own.
    case scattered(value: Int)
    /// A value without rows, contiguous.
    case shared(value: Int)
    /// In a sweep in the order of a list (``SweepSplit``): the numbers of the rows, and another
    /// index list in that order.
    case order
    case orderedList(value: Int)
    /// A constant number, which the stage's memory keeps.
    case number(UnsafeMutableRawPointer)
    /// Bytes of each part.
    case scratch(bytes: Int)
    /// Bytes of all parts: what couplings prepare once for a run.
    case prepared(bytes: Int)
    /// The accumulator of a sink: each part's own, or the part of the result that it owns.
    case sink(index: Int)

    /// Whether these are rows in memory, the next tile's behind this one's.
    var isInMemory: Bool {
      switch self {
      case .rows, .order, .orderedList: true
      default: false
      }
    }
  }
  var kind: Kind
  /// Bytes from the beginning of a part's memory, a row (tiles) or all (scratch), or of what is
  /// prepared.
  var offset = 0
}
