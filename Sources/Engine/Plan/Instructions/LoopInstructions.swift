internal import E3xCKernels

// Elementwise operations and reductions: nests of loops with the rows outermost.

extension Instruction {
  /// A function of each element.
  struct Elementwise: BitwiseCopyable {
    enum Kernel: BitwiseCopyable {
      case unary(e3x_unary_op)
      case binary(e3x_binary_op)
      /// Of operands of this type; the result is bool.
      case compare(e3x_compare_op, DType)
      case logical(e3x_logical_op)
      /// Of the condition (bool), what is taken where it holds, and what is taken where not.
      /// `mayAlias`: it chooses whole rows of a value in memory, which may be looked at in their
      /// place.
      case select(mayAlias: Bool)
      case cast(from: DType)
    }
    var kernel: Kernel
    var loops: RowLoops
    var result: Operand
    /// The operands in the kernel's order.
    var a: Operand
    var b: Operand?
    var c: Operand?
  }

  /// A reduction within rows.
  struct Reduce: BitwiseCopyable {
    var kernel: e3x_reduce_op
    /// The loops over the result, and over what is reduced to an element of it.
    var kept: RowLoops
    var reduced: e3x_nest
    var source: Operand
    var result: Operand
  }

  /// A reduction over all rows, and perhaps within them.
  struct ReduceRows: BitwiseCopyable {
    var kernel: e3x_reduce_op
    var kept: e3x_nest
    var reduced: RowLoops
    var source: Operand
    var sink: Operand
    /// The reduction of a tile.
    var scratch: Operand
    /// The elements of the result.
    var count: Int
  }
}
