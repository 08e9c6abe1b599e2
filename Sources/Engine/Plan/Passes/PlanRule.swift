/// A rule that the code of every sweep keeps, after it was written and after every pass.
package enum PlanRule: String, CaseIterable, Sendable {
  /// What an instruction reads of a row, one before it wrote.
  case readsAreWritten
  /// Every value that the sweep writes out is written in whole, at one place.
  case resultsAreWritten
  /// Every sink has exactly one instruction that adds to it.
  case sinksAreWrittenOnce
  /// Rows lie within their slots, as far apart as the slots' rows are, and scratch is large enough.
  case rowsFitSlots
  /// The distances that kernels are given are those of their operands.
  case stridesFitKernels
  /// A slot holds either rows or addresses of rows.
  case addressesAreAddresses
  /// What a selection may look at in memory is not written by anybody else.
  case aliasesAreReadOnly
  /// Grouped sums that share their outer products are neighbours.
  case sharedProductsAreNeighbours
  /// Slots that are needed at the same time lie apart.
  case slotsLieApart
}

/// What is wrong with the code of a sweep.
package struct PlanFault: CustomStringConvertible, Sendable {
  package let rule: PlanRule
  /// The instruction, where one is at fault.
  package let instruction: Int?
  package let reason: String

  package var description: String {
    "\(rule)\(instruction.map { ", instruction \($0)" } ?? ""): \(reason)"
  }
}
