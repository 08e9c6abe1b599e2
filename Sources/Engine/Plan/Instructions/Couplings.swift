internal import E3xCKernels

/// A sparse multilinear form as the kernels take it: in two to four operands, opened at one.
struct CouplingForm: BitwiseCopyable {
  var slots: Int32
  /// The slot that it is opened at.
  var outSlot: Int32
  /// Components of each slot.
  var sizes: UnsafePointer<Int32>
  /// The terms, sorted by the opened slot.
  var terms: UnsafePointer<e3x_term>
  var termCount: Int
  var features: Int
  /// Of each slot the distance between rows in elements; 0 if all rows share it.
  var rowStrides: UnsafePointer<Int64>
  /// Which table it is, where it opens one.
  var table: ObjectIdentifier?

  /// Whether a coupling keeps its rows or adds their sum to the result, as kernels take it.
  static func mode(summing: Bool) -> Int32 { Int32(summing ? E3X_ADD_ROWS : E3X_KEEP_ROWS) }

  /// The elements of a row of a slot.
  func width(_ slot: Int) -> Int { Int(sizes[slot]) * features }

  /// Whether a slot is an operand of which each row has its own.
  func isVarying(_ slot: Int) -> Bool {
    slot < Int(slots) && slot != Int(outSlot) && rowStrides[slot] != 0
  }
}

/// The operands of a coupling by slot; none at the slot that it is opened at.
struct CouplingOperands: BitwiseCopyable, Equatable {
  private var slot0: Rows?
  private var slot1: Rows?
  private var slot2: Rows?
  private var slot3: Rows?

  subscript(_ slot: Int) -> Rows? {
    get {
      switch slot {
      case 0: slot0
      case 1: slot1
      case 2: slot2
      default: slot3
      }
    }
    set {
      switch slot {
      case 0: slot0 = newValue
      case 1: slot1 = newValue
      case 2: slot2 = newValue
      default: slot3 = newValue
      }
    }
  }
}

extension Instruction {
  /// A coupling that gives a row for each row.
  struct Couple: BitwiseCopyable {
    var form: CouplingForm
    var operands = CouplingOperands()
    var result: Target
    /// What is prepared once for a run.
    var prepared: Operand

    /// Whether it reads rows anywhere, or adds to rows.
    var usesAddresses: Bool {
      result.rows.isIndirect || result.isAdded
        || (0..<4).contains { operands[$0]?.isIndirect == true }
    }
  }

  /// A coupling whose rows are summed.
  struct CoupleRows: BitwiseCopyable {
    var form: CouplingForm
    var operands = CouplingOperands()
    var sink: Operand
    /// What each part prepares, and its blocks of sums.
    var scratch: Operand
  }

  /// All derivatives of a sum of products of components: of the logits of attention, which are
  /// s = Σ_b w_b Σ_i x_i y_i over the components i of block b. Each derivative by itself would read
  /// the rows of two of x, y and w again.
  struct DotDerivatives: BitwiseCopyable {
    var x: Rows
    var y: Rows
    /// Nil where there are no weights.
    var weights: Rows?
    /// Of s.
    var cotangent: Rows
    var dx: Target
    var dy: Target
    var dweights: Target?
    var features: Int
    var blocks: Int
    var termCount: Int
    /// The first term of each block, and the end.
    var starts: UnsafePointer<Int32>
    /// Where the components of each term begin in rows of x and y.
    var at: UnsafePointer<Int32>
    /// The terms' coefficients, or nil if all are 1.
    var values: UnsafeRawPointer?
  }
}
