/// A grouped sum over segments and a grouped sum over all rows, opened at the weights, of the same
/// outer products compute them once.
///
/// - Needs: operands as they were written: the same rows are the same operands.
/// - Effect: the sum at the weights moves right behind the other one, which contracts the products
///   for both.
/// - Leaves: pairs that stay neighbours; no later pass moves grouped couplings or puts anything
///   between them.
struct ShareOuterProducts: SweepPass {
  func run(_ code: inout SweepCode) -> Int {
    var count = 0
    var index = 0
    while index < code.instructions.count {
      if case .groupedSum(let sum) = code.instructions[index].operation,
        let other = code.instructions.firstIndex(where: {
          $0.dtype == code.instructions[index].dtype && $0.hasProducts(of: sum)
        }), case .groupedWeights(var weights) = code.instructions[other].operation
      {
        var (first, second) = (code.instructions[index], code.instructions[other])
        code.instructions.remove(at: other)
        if other < index { index -= 1 }
        var shared = sum
        shared.sharesProducts = true
        weights.usesProducts = true
        weights.coupling.products = sum.coupling.products
        first.operation = .groupedSum(shared)
        second.operation = .groupedWeights(weights)
        code.instructions[index] = first
        code.instructions.insert(second, at: index + 1)
        count += 1
      }
      index += 1
    }
    return count
  }
}

extension Instruction {
  /// Whether this is the sum over all rows of the outer products that a sum over segments has.
  fileprivate func hasProducts(of sum: GroupedSum) -> Bool {
    guard case .groupedWeights(let own) = operation, own.x == sum.x, own.y == sum.y,
      own.indices.entries == sum.indices.entries, !own.usesProducts, !sum.sharesProducts
    else { return false }
    let (a, b) = (own.coupling, sum.coupling)
    return a.components == b.components && a.features == b.features && a.chunk == b.chunk
      && a.batch == b.batch
  }
}
