internal import E3xCKernels

extension Instruction {
  /// About how many nanoseconds the instruction takes for a row of a tile, on a core with vectors
  /// of 512 bits: what is worth being split between threads depends on it, nothing else.
  var nanosecondsPerRow: Double {
    let bytes = Double(dtype.byteCount)
    switch operation {
    case .elementwise(let elementwise):
      return Double(elementwise.loops.elements) * bytes / 40 + 0.1
    case .reduce(let reduce):
      return Double(reduce.kept.elements) * Double(reduce.reduced.elements) * bytes / 80 + 0.2
    case .reduceRows(let reduce):
      return Double(reduce.kept.elements) * Double(reduce.reduced.elements) * bytes / 80 + 0.2
    case .linear(let linear):
      return Double(linear.components * linear.inputs * linear.outputs) * bytes / 180
    case .linearWeights(let weights):
      return Double(weights.components * weights.inputs * weights.outputs) * bytes / 180
    case .blockProduct(let product):
      return Double(product.components * product.features) * bytes / 60 + 1
    case .couple(let couple): return couple.form.work * bytes / 40
    case .coupleRows(let couple): return couple.form.work * bytes / 40
    case .dotDerivatives(let dot): return Double(dot.termCount * dot.features) * bytes / 40
    case .groupedWeights(let weights) where weights.usesProducts:
      return weights.coupling.outer.work * bytes / 800
    case .groupedSum, .groupedOperand, .groupedWeights:
      let (components, features) = (grouped!.components, grouped!.features)
      return Double(components.x * components.y * features) * bytes / 120
    case .vectors: return bytes + 0.2
    case .polynomial(let polynomial):
      return Double(polynomial.kernel.pointee.work) * bytes / 40
    case .gather(let gather): return Double(gather.copiedBytes) / 40
    // From memory and back.
    case .scatter(let scatter): return Double(scatter.rowBytes) / 8
    case .gatherAddresses, .sinkAddresses: return 2
    case .reduceSegments(let reduce): return Double(reduce.width) * bytes / 30
    }
  }
}

extension CouplingForm {
  /// Multiply-adds for a row.
  fileprivate var work: Double { Double(termCount * features) }
}
