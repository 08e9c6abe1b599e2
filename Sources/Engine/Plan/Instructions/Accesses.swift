internal import E3xCKernels

// The one place that says which slots an instruction reads, writes and uses as scratch.

extension Instruction {
  package typealias Visit = (inout Operand, Access) -> Void

  /// Calls `visit` with every operand and what is done with it, reads before writes; what it changes
  /// is changed in the instruction.
  package mutating func visitOperands(_ visit: Visit) {
    let size = dtype.byteCount
    switch operation {
    case .elementwise(var payload):
      payload.visitOperands(size, visit)
      operation = .elementwise(payload)
    case .reduce(var payload):
      payload.visitOperands(size, visit)
      operation = .reduce(payload)
    case .linear(var payload):
      payload.visitOperands(size, visit)
      operation = .linear(payload)
    case .blockProduct(var payload):
      payload.visitOperands(size, visit)
      operation = .blockProduct(payload)
    case .couple(var payload):
      payload.visitOperands(size, visit)
      operation = .couple(payload)
    case .dotDerivatives(var payload):
      payload.visitOperands(size, visit)
      operation = .dotDerivatives(payload)
    case .polynomial(var payload):
      payload.visitOperands(size, visit)
      operation = .polynomial(payload)
    case .vectors(var payload):
      payload.visitOperands(size, visit)
      operation = .vectors(payload)
    case .gather(var payload):
      payload.visitOperands(size, visit)
      operation = .gather(payload)
    case .scatter(var payload):
      payload.visitOperands(size, visit)
      operation = .scatter(payload)
    case .gatherAddresses(var payload):
      payload.visitOperands(size, visit)
      operation = .gatherAddresses(payload)
    case .groupedOperand(var payload):
      payload.visitOperands(size, visit)
      operation = .groupedOperand(payload)
    case .sinkAddresses(var payload):
      payload.visitOperands(size, visit)
      operation = .sinkAddresses(payload)
    case .reduceSegments(var payload):
      payload.visitOperands(size, visit)
      operation = .reduceSegments(payload)
    case .reduceRows(var payload):
      payload.visitOperands(size, visit)
      operation = .reduceRows(payload)
    case .linearWeights(var payload):
      payload.visitOperands(size, visit)
      operation = .linearWeights(payload)
    case .coupleRows(var payload):
      payload.visitOperands(size, visit)
      operation = .coupleRows(payload)
    case .groupedSum(var payload):
      payload.visitOperands(size, visit)
      operation = .groupedSum(payload)
    case .groupedWeights(var payload):
      payload.visitOperands(size, visit)
      operation = .groupedWeights(payload)
    }
  }

  /// Calls `body` with every operand and what is done with it, reads before writes.
  func forEachOperand(_ body: (Operand, Access) -> Void) {
    func visit(_ operand: inout Operand, _ access: Access) { body(operand, access) }
    let size = dtype.byteCount
    switch operation {
    case .elementwise(var payload): payload.visitOperands(size, visit)
    case .reduce(var payload): payload.visitOperands(size, visit)
    case .linear(var payload): payload.visitOperands(size, visit)
    case .blockProduct(var payload): payload.visitOperands(size, visit)
    case .couple(var payload): payload.visitOperands(size, visit)
    case .dotDerivatives(var payload): payload.visitOperands(size, visit)
    case .polynomial(var payload): payload.visitOperands(size, visit)
    case .vectors(var payload): payload.visitOperands(size, visit)
    case .gather(var payload): payload.visitOperands(size, visit)
    case .scatter(var payload): payload.visitOperands(size, visit)
    case .gatherAddresses(var payload): payload.visitOperands(size, visit)
    case .groupedOperand(var payload): payload.visitOperands(size, visit)
    case .sinkAddresses(var payload): payload.visitOperands(size, visit)
    case .reduceSegments(var payload): payload.visitOperands(size, visit)
    case .reduceRows(var payload): payload.visitOperands(size, visit)
    case .linearWeights(var payload): payload.visitOperands(size, visit)
    case .coupleRows(var payload): payload.visitOperands(size, visit)
    case .groupedSum(var payload): payload.visitOperands(size, visit)
    case .groupedWeights(var payload): payload.visitOperands(size, visit)
    }
  }

  /// Whether it does anything with a slot.
  package func names(_ slot: Int) -> Bool {
    var isNamed = false
    forEachOperand { operand, _ in if operand.slot == slot { isNamed = true } }
    return isNamed
  }

  /// Whether it reads what is in a slot; adding to it is no reading.
  package func reads(_ slot: Int) -> Bool {
    var isRead = false
    forEachOperand { operand, access in
      if operand.slot == slot && access.kind == .read { isRead = true }
    }
    return isRead
  }

  /// Whether it writes or adds to a slot.
  package func writes(_ slot: Int) -> Bool {
    var isWritten = false
    forEachOperand { operand, access in
      if operand.slot == slot && (access.kind == .write || access.kind == .add) {
        isWritten = true
      }
    }
    return isWritten
  }
}

extension Access {
  fileprivate init(_ kind: Kind, _ size: Int, _ elements: Int, isPacked: Bool = false) {
    self.init(kind: kind, elementBytes: size, bytes: size * elements, isPacked: isPacked)
  }

  /// Addresses of rows, one for each row.
  fileprivate static func addresses(_ kind: Kind) -> Access {
    let size = MemoryLayout<UnsafeRawPointer>.stride
    return Access(
      kind: kind, elementBytes: size, bytes: size, isPacked: true, isIndirect: true)
  }
}

extension Rows {
  /// - Parameter width: The elements of a row.
  fileprivate mutating func visit(
    _ kind: Access.Kind, _ size: Int, _ width: Int, _ visit: Instruction.Visit
  ) {
    guard var ahead = ahead.map({ Operand(slot: $0) }) else {
      return visit(&operand, Access(kind, size, width, isPacked: kind != .read))
    }
    visit(&operand, .addresses(.read))
    visit(&ahead, Access(.read, 1, RowsAhead.byteCount))
    self.ahead = ahead.slot
  }
}

extension Target {
  /// - Parameter width: The elements of a row.
  fileprivate mutating func visit(_ size: Int, _ width: Int, _ visit: Instruction.Visit) {
    let kind: Access.Kind = isAdded ? .add : .write
    guard var sink = sink.map({ Operand(slot: $0) }) else {
      return rows.visit(kind, size, width, visit)
    }
    rows.visit(kind, size, width, visit)
    visit(&sink, Access(.add, size, 0))
    self.sink = sink.slot
  }
}

extension IndexList {
  fileprivate mutating func visit(_ visit: Instruction.Visit) {
    visit(&entries, Access(.read, 4, 1, isPacked: true))
  }
}

extension CouplingOperands {
  fileprivate mutating func visit(
    _ form: CouplingForm, _ size: Int, _ visit: Instruction.Visit
  ) {
    for slot in 0..<Int(form.slots) { self[slot]?.visit(.read, size, form.width(slot), visit) }
  }
}

extension Instruction.Elementwise {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    // The element sizes of a and of the others.
    let (first, others) =
      switch kernel {
      case .unary, .binary: (size, size)
      case .compare(_, let dtype): (dtype.byteCount, dtype.byteCount)
      case .logical: (1, 1)
      case .select: (1, size)
      case .cast(let dtype): (dtype.byteCount, size)
      }
    let nest = loops.nest
    visit(&a, Access(.read, first, nest.span(nest.in.0) + 1))
    if b != nil { visit(&b!, Access(.read, others, nest.span(nest.in.1) + 1)) }
    if c != nil { visit(&c!, Access(.read, others, nest.span(nest.in.2) + 1)) }
    visit(&result, Access(.write, size, nest.span(nest.out) + 1))
  }
}

extension Instruction.Reduce {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    let kept = kept.nest
    visit(
      &source, Access(.read, size, kept.span(kept.in.0) + reduced.span(reduced.in.0) + 1))
    visit(&result, Access(.write, size, kept.span(kept.out) + 1))
  }
}

extension Instruction.ReduceRows {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    let row = reduced.nest
    visit(&source, Access(.read, size, kept.span(kept.in.0) + row.span(row.in.0) + 1))
    visit(&scratch, Access(.scratch, size, count))
    visit(&sink, Access(.add, size, count))
  }
}

extension Instruction.Linear {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&source, Access(.read, size, (components - 1) * componentStride + inputs))
    visit(&weights, Access(.read, size, inputs * outputs))
    if scale != nil { visit(&scale!, Access(.read, size, outputs)) }
    visit(
      &result, Access(isAdded ? .add : .write, size, components * outputs, isPacked: true))
  }
}

extension Instruction.LinearWeights {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&source, Access(.read, size, (components - 1) * sourceStride + inputs))
    visit(&cotangent, Access(.read, size, (components - 1) * cotangentStride + outputs))
    visit(&scratch, Access(.scratch, size, count))
    visit(&sink, Access(.add, size, count))
  }
}

extension Instruction.BlockProduct {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    let all = [widths.y, widths.h, widths.g]
    let others = all.indices.filter { $0 != opened }
    visit(&a, Access(.read, size, all[others[0]]))
    visit(&b, Access(.read, size, all[others[1]]))
    visit(&result, Access(isAdded ? .add : .write, size, all[opened], isPacked: true))
  }
}

extension Instruction.Couple {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    operands.visit(form, size, visit)
    visit(&prepared, Access(.scratch, 1, 0))
    result.visit(size, form.width(Int(form.outSlot)), visit)
  }
}

extension Instruction.CoupleRows {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    operands.visit(form, size, visit)
    visit(&scratch, Access(.scratch, 1, 0))
    visit(&sink, Access(.add, size, form.width(Int(form.outSlot))))
  }
}

extension Instruction.DotDerivatives {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    let width = termCount * features
    x.visit(.read, size, width, visit)
    y.visit(.read, size, width, visit)
    weights?.visit(.read, size, blocks * features, visit)
    cotangent.visit(.read, size, features, visit)
    dx.visit(size, width, visit)
    dy.visit(size, width, visit)
    dweights?.visit(size, blocks * features, visit)
  }
}

extension Instruction.Polynomial {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&points, Access(.read, size, 3))
    if weights != nil { visit(&weights!, Access(.read, size, kernel.pointee.weights)) }
    visit(&scratch, Access(.scratch, 1, 0))
    visit(&result, Access(.write, size, kernel.pointee.count, isPacked: true))
  }
}

extension Instruction.Vectors {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&source, Access(.read, size, 3))
    let width = if case .length = kernel { 1 } else { 3 }
    visit(&result, Access(.write, size, width, isPacked: true))
  }
}

extension Instruction.Gather {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&source, Access(.read, 1, copiedBytes))
    indices.visit(visit)
    visit(&result, Access(kind: .write, elementBytes: size, bytes: copiedBytes))
  }
}

extension Instruction.Scatter {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&rows, Access(kind: .read, elementBytes: size, bytes: rowBytes))
    visit(&numbers, Access(.read, 4, 1, isPacked: true))
    visit(&result, Access(.write, 1, rowBytes))
  }
}

extension Instruction.GatherAddresses {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&source, Access(.read, 1, rowBytes))
    indices.visit(visit)
    visit(&zero, Access(.scratch, 1, rowBytes))
    visit(&addresses, .addresses(.write))
    visit(&ahead, Access(.write, 1, RowsAhead.byteCount))
  }
}

extension Instruction.SinkAddresses {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    // Only where it lies: who takes the addresses adds to it.
    visit(&sink, Access(.scratch, 1, 0))
    indices.visit(visit)
    visit(&discarded, Access(.scratch, 1, rowBytes))
    visit(&addresses, .addresses(.write))
    visit(&ahead, Access(.write, 1, RowsAhead.byteCount))
  }
}

extension Instruction.ReduceSegments {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    visit(&rows, Access(.read, size, width))
    indices.visit(visit)
    visit(&sink, Access(.add, size, width))
  }
}

extension GroupedCoupling {
  fileprivate mutating func visit(_ size: Int, _ visit: Instruction.Visit) {
    let pairs = components.x * components.y
    if weights != nil { visit(&weights!, Access(.read, size, outer.width(0))) }
    visit(&products, Access(.scratch, size, batch * pairs * chunk))
    visit(&values, Access(.scratch, size, batch * components.indexed * features))
    if copies != nil { visit(&copies!, Access(.scratch, size, Self.mostRows * copyStride)) }
    visit(&prepared, Access(.scratch, 1, preparedCount * preparedBytes))
  }
}

extension IndexedRows {
  fileprivate mutating func visit(_ visit: Instruction.Visit) {
    visit(&source, Access(.read, 1, rowBytes))
  }
}

extension Instruction.GroupedSum {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    x.visit(.read, size, coupling.components.x * coupling.features, visit)
    y.visit(.read, size, coupling.components.y * coupling.features, visit)
    indices.visit(visit)
    coupling.visit(size, visit)
    visit(&sink, Access(.add, size, coupling.components.indexed * coupling.features))
  }
}

extension Instruction.GroupedOperand {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    let (x, y) = (
      coupling.components.x * coupling.features, coupling.components.y * coupling.features
    )
    other.visit(.read, size, side == .x ? y : x, visit)
    indices.visit(visit)
    indexed.visit(visit)
    coupling.visit(size, visit)
    result.visit(size, side == .x ? x : y, visit)
  }
}

extension Instruction.GroupedWeights {
  fileprivate mutating func visitOperands(_ size: Int, _ visit: Instruction.Visit) {
    x.visit(.read, size, coupling.components.x * coupling.features, visit)
    y.visit(.read, size, coupling.components.y * coupling.features, visit)
    indices.visit(visit)
    indexed.visit(visit)
    coupling.visit(size, visit)
    visit(&sink, Access(.add, size, coupling.outer.width(0)))
  }
}
