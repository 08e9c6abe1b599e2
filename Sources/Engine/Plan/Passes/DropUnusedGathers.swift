/// Removes gathers whose rows nobody reads: grouped couplings read the rows of an index themselves.
///
/// - Needs: the instructions as they were written; first of all, so that no pass takes such a gather
///   for a reader or a writer.
/// - Leaves: no gather into the tile without a reader.
struct DropUnusedGathers: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    let before = code.instructions.count
    code.instructions.removeAll { [code] instruction in
      guard case .gather(let gather) = instruction.operation, code.isTile(gather.result.slot) else {
        return false
      }
      return !code.instructions.contains { $0.reads(gather.result.slot) }
    }
    return before - code.instructions.count
  }
}
