/// One operation on a tile of rows, with all that does not depend on the rows worked out: a call
/// of a C kernel. Trivially copyable; what it points to belongs to the sweep.
///
/// Each operation has a payload with its operands, sizes and tables by name. Which slots it reads,
/// writes and uses as scratch says ``visitOperands(_:)``, and nothing else.
package struct Instruction: BitwiseCopyable {
  enum Operation: BitwiseCopyable {
    case elementwise(Elementwise)
    case reduce(Reduce)
    case linear(Linear)
    case blockProduct(BlockProduct)
    case couple(Couple)
    case dotDerivatives(DotDerivatives)
    case polynomial(Polynomial)
    case vectors(Vectors)
    case gather(Gather)
    case scatter(Scatter)
    case gatherAddresses(GatherAddresses)
    case groupedOperand(GroupedOperand)
    // Sinks.
    case sinkAddresses(SinkAddresses)
    case reduceSegments(ReduceSegments)
    case reduceRows(ReduceRows)
    case linearWeights(LinearWeights)
    case coupleRows(CoupleRows)
    case groupedSum(GroupedSum)
    case groupedWeights(GroupedWeights)
  }

  /// The element type of the result.
  var dtype: DType
  var operation: Operation

  init(_ operation: Operation, _ dtype: DType) {
    self.operation = operation
    self.dtype = dtype
  }
}

extension Instruction: @unchecked Sendable {}

/// When what a coupling shares between tiles is worked out.
enum Preparation {
  /// By each part: sums over rows keep their blocks with what is prepared.
  case byPart
  /// Once for a run.
  case byRun
}

extension Instruction {
  /// For couplings, when they are prepared.
  var preparation: Preparation? {
    switch operation {
    case .couple, .groupedSum, .groupedOperand: .byRun
    case .coupleRows, .groupedWeights: .byPart
    default: nil
    }
  }

  /// The index list that it goes by, whose indices it checks.
  var indexList: IndexList? {
    switch operation {
    case .gather(let gather): gather.indices
    case .gatherAddresses(let gather): gather.indices
    case .sinkAddresses(let sink): sink.indices
    case .reduceSegments(let segments): segments.indices
    case .groupedSum(let sum): sum.indices
    case .groupedOperand(let operand): operand.indices
    case .groupedWeights(let weights): weights.indices
    default: nil
    }
  }

  /// The coupling by groups of rows, if it is one.
  var grouped: GroupedCoupling? {
    switch operation {
    case .groupedSum(let sum): sum.coupling
    case .groupedOperand(let operand): operand.coupling
    case .groupedWeights(let weights): weights.coupling
    default: nil
    }
  }
}
