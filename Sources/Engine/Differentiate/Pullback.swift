// The derivative rule of every primitive, written with primitives.

extension Node {
  /// The cotangents of the operands, from that of the result; nil where there is none.
  /// - Parameter needed: which operands are asked for; the others may be nil.
  func pullback(
    _ cotangent: Tensor, inputs: [Tensor], _ needed: [Bool]
  ) throws(ShapeError) -> [Tensor?] {
    let result = Tensor(self)
    switch primitive {
    case .input, .constant, .fill, .iota, .size, .compare, .logical, .not, .stopGradient:
      return inputs.map { _ in nil }
    case .unary(let operation):
      return [try operation.pullback(cotangent, inputs[0], result)]
    case .binary(let operation):
      return try operation.pullback(cotangent, inputs[0], inputs[1], result, needed)
    case .select:
      let zero = Tensor(0, dtype: dtype)
      return [
        nil,
        needed[1] ? try .select(inputs[0], cotangent, zero).sum(to: inputs[1].shape) : nil,
        needed[2] ? try .select(inputs[0], zero, cotangent).sum(to: inputs[2].shape) : nil,
      ]
    case .check:
      return [cotangent]
    case .cast:
      return [try cotangent.cast(to: inputs[0].dtype)]
    case .broadcast:
      return [try cotangent.sum(to: inputs[0].shape)]
    case .reshape:
      return [try cotangent.reshaped(to: inputs[0].shape)]
    case .permute(let order):
      var inverse = order
      for (position, axis) in order.enumerated() { inverse[axis] = position }
      return [try cotangent.permuted(inverse)]
    case .slice(let axis, let start, let count):
      let size = inputs[0].shape[axis].known!
      return [try cotangent.padded(before: start, after: size - start - count, axis: axis)]
    case .pad(let axis, let before, _):
      let size = inputs[0].shape[axis].known!
      return [try cotangent.sliced(before..<(before + size), axis: axis)]
    case .concatenate(let axis):
      return try concatenatePullback(cotangent, inputs, axis)
    case .reduce(.sum, _):
      return [try cotangent.broadcast(to: inputs[0].shape)]
    case .reduce(_, let axes):
      // Ties share: what is equal to the extremum gets an equal part.
      let chosen = try inputs[0].isEqual(to: result).cast(to: dtype)
      let ties = try chosen.sum(axes, keepDimensions: true)
      return [try (cotangent / ties) * chosen]
    case .matmul:
      return [
        needed[0] ? try cotangent.matmul(inputs[1].transposed()) : nil,
        needed[1] ? try inputs[0].transposed().matmul(cotangent) : nil,
      ]
    case .linear(let map):
      return [
        needed[0] ? try cotangent.linear(inputs[1].transposed(), map) : nil,
        needed[1] ? try .linearWeights(inputs[0], cotangent, map) : nil,
      ]
    case .linearWeights(let map):
      return [
        needed[0] ? try inputs[1].linear(cotangent.transposed(), map) : nil,
        needed[1] ? try inputs[0].linear(cotangent, map) : nil,
      ]
    case .blockProduct(let map, let opened):
      return try blockProductPullback(map, opened, cotangent, inputs, needed)
    case .gather(let padding):
      let count = inputs[0].shape[0]
      return [try cotangent.segmentSum(inputs[1], count: count, padding: padding, label), nil]
    case .segmentSum(let padding):
      return [try cotangent.gathered(inputs[1], padding: padding, label), nil]
    case .segmentMax:
      return [try segmentMaxPullback(cotangent, inputs[0], inputs[1], result, label), nil]
    case .couple(let table, let output, _):
      return try couplePullback(table, output, cotangent, inputs, needed)
    case .polynomial(let table):
      return try polynomialPullback(table, cotangent, inputs, needed)
    case .length: return [try cotangent * inputs[0].direction(above: dtype.leastNormal)]
    case .direction(let above):
      return [try directionPullback(above, cotangent, inputs[0], result)]
    case .override(let override):
      let variables = inputs.dropFirst()
      let cotangents = try override.pullback(cotangent)
      guard cotangents.count == variables.count,
        zip(cotangents, variables).allSatisfy({ $0 == nil || $0!.shape == $1.shape })
      else {
        throw ShapeError(
          "withDerivative", cotangents.map { $0?.shape ?? [] },
          "expected a cotangent of the shape of each variable: "
            + variables.map(\.shape.description).joined(separator: ", "))
      }
      return [nil] + cotangents
    }
  }
}

private func concatenatePullback(
  _ cotangent: Tensor, _ inputs: [Tensor], _ axis: Int
) throws(ShapeError) -> [Tensor?] {
  var parts: [Tensor?] = []
  var start = 0
  for input in inputs {
    let size = input.shape[axis].known!
    parts.append(try cotangent.sliced(start..<(start + size), axis: axis))
    start += size
  }
  return parts
}

/// Ties share, as in a maximum over an axis; padding gets nothing.
private func segmentMaxPullback(
  _ cotangent: Tensor, _ x: Tensor, _ indices: Tensor, _ maximum: Tensor, _ label: IndexLabel?
) throws(ShapeError) -> Tensor {
  let chosen = try x.isEqual(to: maximum.gathered(indices, label)).cast(to: x.dtype)
  let ties = try chosen.segmentSum(
    indices, count: maximum.shape[0], padding: .zero, label)
  let share = try cotangent / Tensor.maximum(ties, 1)
  return try share.gathered(indices, padding: .zero, label) * chosen
}

/// The same form opened at another operand.
private func blockProductPullback(
  _ map: ComponentBlocks, _ opened: Int, _ cotangent: Tensor, _ inputs: [Tensor], _ needed: [Bool]
) throws(ShapeError) -> [Tensor?] {
  var operands = inputs
  operands.insert(cotangent, at: opened)
  var result: [Tensor?] = []
  for (slot, isNeeded) in zip((0..<3).filter({ $0 != opened }), needed) {
    var others = operands
    others.remove(at: slot)
    result.append(isNeeded ? try .blockProduct(map, others, opened: slot) : nil)
  }
  return result
}

/// What is across the direction, divided by the length of the vector.
private func directionPullback(
  _ above: Double, _ cotangent: Tensor, _ x: Tensor, _ direction: Tensor
) throws(ShapeError) -> Tensor {
  let length = try x.length()
  let isDivided = try length.isGreater(than: above)
  let along = try (cotangent * direction).sum([-1], keepDimensions: true)
  let across = try cotangent - along * direction
  return try .select(isDivided, across / .select(isDivided, length, 1), cotangent)
}

/// The same form opened at another slot.
private func couplePullback(
  _ table: CouplingTable, _ output: Int, _ cotangent: Tensor, _ inputs: [Tensor], _ needed: [Bool]
) throws(ShapeError) -> [Tensor?] {
  let slots = (0..<table.slots).filter { $0 != output }
  var operands: [Int: Tensor] = [output: cotangent]
  for (slot, input) in zip(slots, inputs) { operands[slot] = input }
  var result: [Tensor?] = []
  for (position, slot) in slots.enumerated() {
    guard needed[position] else {
      result.append(nil)
      continue
    }
    let others = (0..<table.slots).filter { $0 != slot }.map { operands[$0]! }
    let part = try Tensor.couple(
      table, others, output: slot, reduce: inputs[position].rank == 2)
    result.append(try part.broadcast(to: inputs[position].shape))
  }
  return result
}

/// Sums of derivatives of the polynomials, with products of cotangents and weights as weights; and
/// the polynomials themselves, summed with cotangents as weights.
private func polynomialPullback(
  _ table: PolynomialTable, _ cotangent: Tensor, _ inputs: [Tensor], _ needed: [Bool]
) throws(ShapeError) -> [Tensor?] {
  let x = inputs[0]
  guard inputs.count == 2 else {
    return table.count == 0
      ? [nil] : [try x.polynomials(table.gradient, weights: cotangent)]
  }
  let (weights, axis) = (inputs[1], x.rank - 1)
  let products = try (cotangent.expanded(at: -1) * weights.expanded(at: -2)).reshaped(
    axes: axis..<(axis + 2), to: [Dimension(table.count * table.weights!)])
  return [
    needed[0] ? try x.polynomials(table.gradient, weights: products) : nil,
    needed[1] ? try x.polynomials(table.transposed, weights: cotangent) : nil,
  ]
}
