internal import E3xCKernels

/// Checks that the code of a sweep keeps the rules (``PlanRule``).
struct SweepVerifier {
  private let code: SweepCode
  private(set) var faults: [PlanFault] = []
  /// By slot: the bytes of a row that were written so far, in order and apart.
  private var written: [[Range<Int>]]
  /// By slot: whether it holds addresses, once that is known.
  private var holdsAddresses: [Bool?]
  private var sinkWriters: [Int]

  /// - Parameter isPlaced: whether slots have their places already.
  init(_ code: SweepCode, isPlaced: Bool) {
    self.code = code
    written = [[Range<Int>]](repeating: [], count: code.slots.count)
    holdsAddresses = [Bool?](repeating: nil, count: code.slots.count)
    sinkWriters = [Int](repeating: 0, count: code.sinks.count)
    for index in code.instructions.indices {
      code.instructions[index].forEachOperand { check($0, $1, index) }
      checkKernel(index)
    }
    checkSinks()
    checkResults()
    if isPlaced { checkPlaces() }
  }

  private mutating func add(_ rule: PlanRule, _ index: Int?, _ reason: String) {
    faults.append(PlanFault(rule: rule, instruction: index, reason: reason))
  }

  // MARK: Operands

  private mutating func check(_ operand: Operand, _ access: Access, _ index: Int) {
    guard code.slots.indices.contains(operand.slot) else {
      return add(.rowsFitSlots, index, "there is no slot \(operand.slot)")
    }
    switch code.slots[operand.slot].kind {
    case .tile(let rowBytes), .result(_, let rowBytes):
      checkAddresses(operand, access, index)
      checkRow(operand, access, index, rowBytes: rowBytes)
      checkOrder(operand, access, index)
    case .rows(_, let rowBytes): checkRow(operand, access, index, rowBytes: rowBytes)
    case .order, .orderedList: checkRow(operand, access, index, rowBytes: 4)
    case .scratch(let bytes), .prepared(let bytes):
      if operand.byteOffset + access.bytes > bytes {
        add(.rowsFitSlots, index, "\(access.bytes) bytes of slot \(operand.slot) of \(bytes)")
      }
      // Addresses of rows ahead are scratch that another instruction wrote.
      checkOrder(operand, access, index)
    case .sink(let sink):
      if access.kind == .add { sinkWriters[sink] += 1 }
    case .shared, .number, .scattered: break
    }
    let isReadOnly =
      switch code.slots[operand.slot].kind {
      case .rows, .order, .orderedList, .shared, .number: true
      default: false
      }
    if isReadOnly && access.kind != .read {
      add(.readsAreWritten, index, "writes to slot \(operand.slot), which is given")
    }
  }

  private mutating func checkAddresses(_ operand: Operand, _ access: Access, _ index: Int) {
    if let holdsAddresses = holdsAddresses[operand.slot], holdsAddresses != access.isIndirect {
      add(
        .addressesAreAddresses, index,
        "slot \(operand.slot) holds \(holdsAddresses ? "addresses" : "rows")")
    }
    holdsAddresses[operand.slot] = access.isIndirect
  }

  private mutating func checkRow(
    _ operand: Operand, _ access: Access, _ index: Int, rowBytes: Int
  ) {
    let slot = operand.slot
    if access.isIndirect {
      if rowBytes != access.bytes {
        add(.rowsFitSlots, index, "addresses in slot \(slot) of \(rowBytes) bytes a row")
      }
      return
    }
    if operand.byteOffset < 0 || operand.byteOffset + access.bytes > rowBytes {
      add(
        .rowsFitSlots, index,
        "bytes \(operand.byteOffset) ..< \(operand.byteOffset + access.bytes) of slot \(slot) "
          + "of \(rowBytes) bytes a row")
    }
    let stride = operand.rowStride * access.elementBytes
    if stride != rowBytes {
      add(
        .rowsFitSlots, index, "rows of slot \(slot) are \(rowBytes) bytes apart, not \(stride)")
    }
    if access.isPacked && access.bytes != stride {
      add(
        .stridesFitKernels, index,
        "a kernel that takes packed rows of \(access.bytes) bytes has rows \(stride) bytes apart")
    }
  }

  /// What is read, or added to, was written.
  private mutating func checkOrder(_ operand: Operand, _ access: Access, _ index: Int) {
    let start = access.isIndirect ? 0 : operand.byteOffset
    let bytes = start..<(start + max(0, access.bytes))
    switch access.kind {
    case .read, .add:
      if !bytes.isEmpty && !written[operand.slot].contains(where: { $0.contains(bytes) }) {
        add(
          .readsAreWritten, index,
          "bytes \(bytes) of slot \(operand.slot) were not written before")
      }
    case .write: written[operand.slot].insert(bytes)
    case .scratch: break
    }
  }

  // MARK: Kernels

  private mutating func checkKernel(_ index: Int) {
    switch code.instructions[index].operation {
    case .elementwise(let elementwise):
      let nest = elementwise.loops.nest
      checkLoops(elementwise.loops, nest.out, elementwise.result, index)
      checkLoops(elementwise.loops, nest.in.0, elementwise.a, index)
      if let b = elementwise.b { checkLoops(elementwise.loops, nest.in.1, b, index) }
      if let c = elementwise.c { checkLoops(elementwise.loops, nest.in.2, c, index) }
      if case .select(mayAlias: true) = elementwise.kernel {
        checkAlias(elementwise.result.slot, index)
      }
    case .reduce(let reduce):
      checkLoops(reduce.kept, reduce.kept.nest.out, reduce.result, index)
      checkLoops(reduce.kept, reduce.kept.nest.in.0, reduce.source, index)
    case .reduceRows(let reduce):
      checkLoops(reduce.reduced, reduce.reduced.nest.in.0, reduce.source, index)
    case .couple(let couple): checkCoupling(couple.form, couple.operands, index)
    case .coupleRows(let couple): checkCoupling(couple.form, couple.operands, index)
    case .gather(let gather):
      if gather.copiedBytes > gather.rowBytes {
        add(.stridesFitKernels, index, "copies more than a row")
      }
    case .groupedSum(let sum):
      let next = index + 1 < code.instructions.count ? code.instructions[index + 1] : nil
      if sum.sharesProducts, next?.usesProducts(of: sum.coupling) != true {
        add(.sharedProductsAreNeighbours, index, "the next instruction takes no products")
      }
    case .groupedWeights(let weights):
      let previous = index > 0 ? code.instructions[index - 1] : nil
      if weights.usesProducts, previous?.sharesProducts != true {
        add(.sharedProductsAreNeighbours, index, "the instruction before makes no products")
      }
    default: break
    }
  }

  private mutating func checkLoops(
    _ loops: RowLoops, _ strides: e3x_nest.Strides, _ operand: Operand, _ index: Int
  ) {
    let outside = [loops.nest.count.0, loops.nest.count.1, loops.nest.count.2].prefix(loops.axis)
    if outside.contains(where: { $0 != 1 }) {
      add(.stridesFitKernels, index, "there is a loop around that over rows")
    }
    if loops.rowStride(strides) != operand.rowStride {
      add(
        .stridesFitKernels, index,
        "loops go from row to row by \(loops.rowStride(strides)) elements of slot "
          + "\(operand.slot), whose rows are \(operand.rowStride) apart")
    }
  }

  private mutating func checkCoupling(
    _ form: CouplingForm, _ operands: CouplingOperands, _ index: Int
  ) {
    for slot in 0..<Int(form.slots) where slot != Int(form.outSlot) {
      guard let rows = operands[slot] else {
        add(.stridesFitKernels, index, "operand \(slot) of a coupling is missing")
        continue
      }
      if Int(form.rowStrides[slot]) != rows.operand.rowStride {
        add(.stridesFitKernels, index, "operand \(slot) of a coupling has another stride")
      }
    }
  }

  private mutating func checkAlias(_ slot: Int, _ index: Int) {
    for other in code.users(of: slot, besides: index) where code.instructions[other].writes(slot) {
      add(.aliasesAreReadOnly, other, "writes to slot \(slot), which may be rows in memory")
    }
  }

  // MARK: Results

  private mutating func checkSinks() {
    for (sink, count) in sinkWriters.enumerated() where count != 1 {
      add(.sinksAreWrittenOnce, nil, "\(count) instructions add to sink \(sink)")
    }
  }

  private mutating func checkResults() {
    var found: [Int] = []
    for (index, slot) in code.slots.enumerated() {
      switch slot.kind {
      case .result(let value, let rowBytes):
        found.append(value)
        if rowBytes > 0 && !written[index].contains(where: { $0.contains(0..<rowBytes) }) {
          add(.resultsAreWritten, nil, "rows of %\(value) are not written in whole")
        }
      case .scattered(let value):
        found.append(value)
        if !code.instructions.contains(where: { $0.writes(index) }) {
          add(.resultsAreWritten, nil, "rows of %\(value) are not written")
        }
      default: break
      }
    }
    if found.sorted() != code.results.sorted() {
      add(.resultsAreWritten, nil, "writes \(found.sorted()), not \(code.results.sorted())")
    }
  }

  // MARK: Places

  private mutating func checkPlaces() {
    let lives = code.lives()
    for (index, slot) in code.slots.enumerated() {
      for other in 0..<index {
        let others = code.slots[other]
        switch (slot.kind, others.kind) {
        case (.tile(let bytes), .tile(let otherBytes)):
          guard let a = lives[index], let b = lives[other], a.overlaps(b) else { continue }
          checkApart(index, bytes, other, otherBytes)
        case (.scratch(let bytes), .scratch(let otherBytes)),
          (.prepared(let bytes), .prepared(let otherBytes)):
          checkApart(index, bytes, other, otherBytes)
        default: break
        }
      }
    }
  }

  private mutating func checkApart(_ a: Int, _ bytes: Int, _ b: Int, _ otherBytes: Int) {
    let (first, second) = (code.slots[a].offset, code.slots[b].offset)
    if (first..<(first + bytes)).overlaps(second..<(second + otherBytes)) {
      add(.slotsLieApart, nil, "slots \(a) and \(b) share bytes while both are needed")
    }
  }
}

extension Instruction {
  fileprivate var sharesProducts: Bool {
    if case .groupedSum(let sum) = operation { sum.sharesProducts } else { false }
  }

  fileprivate func usesProducts(of sum: GroupedCoupling) -> Bool {
    guard case .groupedWeights(let weights) = operation else { return false }
    return weights.usesProducts && weights.coupling.products == sum.products
  }
}

extension Range<Int> {
  fileprivate func contains(_ other: Range<Int>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}

extension [Range<Int>] {
  /// Adds bytes to ranges in order and apart.
  fileprivate mutating func insert(_ range: Range<Int>) {
    var joined = range
    var apart: [Range<Int>] = []
    for other in self {
      if other.upperBound < joined.lowerBound || joined.upperBound < other.lowerBound {
        apart.append(other)
      } else {
        joined =
          Swift.min(
            joined.lowerBound, other.lowerBound)..<Swift.max(
            joined.upperBound, other.upperBound)
      }
    }
    self = apart + [joined]
  }
}

extension SweepCode {
  /// What is wrong with the code.
  /// - Parameter isPlaced: whether slots have their places already.
  package func faults(isPlaced: Bool) -> [PlanFault] {
    SweepVerifier(self, isPlaced: isPlaced).faults
  }

  /// Stops the program if the code is not as it must be.
  /// - Parameter sweep: what was done last.
  func verify(after sweep: String, isPlaced: Bool = false) {
    let faults = faults(isPlaced: isPlaced)
    guard !faults.isEmpty else { return }
    let list = instructions.enumerated().map { "\($0): \($1.summary)" }.joined(separator: "\n")
    let reasons = faults.map(\.description).joined(separator: "\n")
    preconditionFailure("a plan is broken after \(sweep):\n\(reasons)\n\(list)")
  }
}
