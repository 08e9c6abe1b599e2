/// An instruction as it is executed: where its payload stays. Instructions themselves are large, and
/// would be copied to be looked at; calls are not.
struct KernelCall: BitwiseCopyable {
  enum Operation: BitwiseCopyable {
    case elementwise(UnsafePointer<Instruction.Elementwise>)
    case reduce(UnsafePointer<Instruction.Reduce>)
    case linear(UnsafePointer<Instruction.Linear>)
    case blockProduct(UnsafePointer<Instruction.BlockProduct>)
    case couple(UnsafePointer<Instruction.Couple>)
    case dotDerivatives(UnsafePointer<Instruction.DotDerivatives>)
    case polynomial(UnsafePointer<Instruction.Polynomial>)
    case vectors(UnsafePointer<Instruction.Vectors>)
    case gather(UnsafePointer<Instruction.Gather>)
    case scatter(UnsafePointer<Instruction.Scatter>)
    case gatherAddresses(UnsafePointer<Instruction.GatherAddresses>)
    case groupedOperand(UnsafePointer<Instruction.GroupedOperand>)
    case sinkAddresses(UnsafePointer<Instruction.SinkAddresses>)
    case reduceSegments(UnsafePointer<Instruction.ReduceSegments>)
    case reduceRows(UnsafePointer<Instruction.ReduceRows>)
    case linearWeights(UnsafePointer<Instruction.LinearWeights>)
    case coupleRows(UnsafePointer<Instruction.CoupleRows>)
    case groupedSum(UnsafePointer<Instruction.GroupedSum>)
    case groupedWeights(UnsafePointer<Instruction.GroupedWeights>)
  }

  /// The element type of the result.
  let dtype: DType
  let operation: Operation

  /// - Parameter memory: keeps the payload.
  init(_ instruction: Instruction, in memory: KernelMemory) {
    func kept<Payload: BitwiseCopyable>(_ payload: Payload) -> UnsafePointer<Payload> {
      memory.copy([payload])
    }
    dtype = instruction.dtype
    operation =
      switch instruction.operation {
      case .elementwise(let payload): .elementwise(kept(payload))
      case .reduce(let payload): .reduce(kept(payload))
      case .linear(let payload): .linear(kept(payload))
      case .blockProduct(let payload): .blockProduct(kept(payload))
      case .couple(let payload): .couple(kept(payload))
      case .dotDerivatives(let payload): .dotDerivatives(kept(payload))
      case .polynomial(let payload): .polynomial(kept(payload))
      case .vectors(let payload): .vectors(kept(payload))
      case .gather(let payload): .gather(kept(payload))
      case .scatter(let payload): .scatter(kept(payload))
      case .gatherAddresses(let payload): .gatherAddresses(kept(payload))
      case .groupedOperand(let payload): .groupedOperand(kept(payload))
      case .sinkAddresses(let payload): .sinkAddresses(kept(payload))
      case .reduceSegments(let payload): .reduceSegments(kept(payload))
      case .reduceRows(let payload): .reduceRows(kept(payload))
      case .linearWeights(let payload): .linearWeights(kept(payload))
      case .coupleRows(let payload): .coupleRows(kept(payload))
      case .groupedSum(let payload): .groupedSum(kept(payload))
      case .groupedWeights(let payload): .groupedWeights(kept(payload))
      }
  }
}

extension KernelCall: @unchecked Sendable {}
