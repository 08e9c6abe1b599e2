internal import E3xCKernels

extension Instruction {
  /// The instruction and the size of its work a row.
  package var summary: String { "\(mnemonic): \(size)\(additions)" }

  /// What it is called in plans; kernels of many functions with the number of the function.
  private var mnemonic: String {
    switch operation {
    case .elementwise(let elementwise):
      switch elementwise.kernel {
      case .unary(let kernel): "unary \(kernel.rawValue)"
      case .binary(let kernel): "binary \(kernel.rawValue)"
      case .compare(let kernel, _): "compare \(kernel.rawValue)"
      case .logical(let kernel): "logical \(kernel.rawValue)"
      case .select: "select"
      case .cast: "cast"
      }
    case .reduce(let reduce): "reduce \(reduce.kernel.rawValue)"
    case .reduceRows(let reduce): "reduceRows \(reduce.kernel.rawValue)"
    case .linear: "linear"
    case .linearWeights: "linearWeights"
    case .blockProduct(let product): "blockProduct \(product.opened)"
    case .couple: "couple"
    case .coupleRows: "coupleRows"
    case .dotDerivatives: "dotDerivatives"
    case .polynomial: "polynomial"
    case .vectors(let vectors): if case .length = vectors.kernel { "length" } else { "direction" }
    case .gather: "gather"
    case .scatter: "scatter"
    case .gatherAddresses: "gatherAddresses"
    case .sinkAddresses: "sinkAddresses"
    case .reduceSegments(let reduce): reduce.isMaximum ? "segmentMax" : "segmentSum"
    case .groupedSum: "groupedSum"
    case .groupedOperand: "groupedOperand"
    case .groupedWeights: "groupedWeights"
    }
  }

  private var size: String {
    switch operation {
    case .elementwise(let elementwise): elementwise.loops.text
    case .reduce(let reduce): "\(reduce.kept.text) over \(reduce.reduced.text)"
    case .reduceRows(let reduce): "\(reduce.count) elements"
    case .linear(let linear):
      "\(linear.components) components, \(linear.inputs) x \(linear.outputs)"
    case .linearWeights(let weights):
      "\(weights.components) components, \(weights.inputs) x \(weights.outputs)"
    case .blockProduct(let product):
      "\(product.components) components of \(product.blockCount) blocks, "
        + "\(product.features) features"
    case .couple(let couple):
      couple.form.text + (couple.usesAddresses ? ", in place" : "")
        + couple.form.unitText(dtype, summing: false)
    case .coupleRows(let couple): couple.form.text + couple.form.unitText(dtype, summing: true)
    case .dotDerivatives(let dot):
      "\(dot.termCount) terms in \(dot.blocks) blocks, \(dot.features) features"
    case .polynomial(let polynomial):
      "\(polynomial.kernel.pointee.count) polynomials"
        + (polynomial.weights == nil ? "" : ", \(polynomial.kernel.pointee.weights) weights")
    case .vectors: "vectors of 3 components"
    case .gather(let gather): "\(gather.copiedBytes) bytes"
    case .scatter(let scatter): "\(scatter.rowBytes) bytes"
    case .gatherAddresses(let gather): "\(gather.rowBytes) bytes"
    case .sinkAddresses(let sink): "\(sink.rowBytes) bytes"
    case .reduceSegments(let reduce): "\(reduce.width) elements"
    case .groupedSum(let sum): sum.coupling.text
    case .groupedOperand(let operand): operand.coupling.text
    case .groupedWeights(let weights):
      weights.coupling.text + (weights.usesProducts ? ", with the one before" : "")
    }
  }

  /// How many of its results are added to what is there already.
  private var additions: String {
    switch operation {
    case .linear(let linear): return linear.isAdded ? ", added" : ""
    case .blockProduct(let product): return product.isAdded ? ", added" : ""
    case .couple(let couple): return couple.result.isAdded ? ", added" : ""
    case .groupedOperand(let operand): return operand.result.isAdded ? ", added" : ""
    case .dotDerivatives(let dot):
      let added = [dot.dx, dot.dy, dot.dweights].compactMap { $0 }.count { $0.isAdded }
      return added > 0 ? ", \(added) added" : ""
    default: return ""
    }
  }
}

extension RowLoops {
  fileprivate var text: String {
    "\(elements) elements, loops \(nest.text)" + (factor > 1 ? " x \(factor)" : "")
  }
}

extension e3x_nest {
  fileprivate var text: String { "\(count.0) \(count.1) \(count.2) \(count.3)" }
}

extension GroupedCoupling {
  fileprivate var text: String {
    "\(components.x) x \(components.y) to \(components.indexed), "
      + "\(outer.termCount) terms a group"
  }
}

extension CouplingForm {
  fileprivate var text: String { "\(termCount) terms, \(features) features, slot \(outSlot)" }

  fileprivate func unitText(_ dtype: DType, summing: Bool) -> String {
    let count = unitCount(dtype, summing: summing)
    return count > 0 ? ", \(count) units of straight-line code" : ""
  }

  /// The units that a coupling is made of; 0 if its kernel goes through the terms one by one.
  private func unitCount(_ dtype: DType, summing: Bool) -> Int {
    let largest = (0..<Int(slots)).map { sizes[$0] }.max() ?? 0
    let bytes = e3x_couple_scratch(dtype.kernel, Int64(features), Int64(termCount))
    return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
      // Which values shared operands have does not matter.
      let values = Storage([Double](repeating: 0, count: Int(largest) * features))
      let operand = UnsafeRawPointer?(values.pointer)
      var operands = (operand, operand, operand, operand)
      return withUnsafeBytes(of: &operands) { operands in
        _ = e3x_couple_prepare(
          dtype.kernel, Int64(features), slots, sizes, terms, Int64(termCount), outSlot,
          CouplingForm.mode(summing: summing),
          operands.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
          rowStrides, nil, scratch.baseAddress!)
        return Int(e3x_couple_units(scratch.baseAddress!))
      }
    }
  }
}
