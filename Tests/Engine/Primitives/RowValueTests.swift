import E3xEngine
import E3xInterpreter
import TestSupport
import Testing

/// Reductions, matrices and operations on rows, against loops over single elements.
@Suite(.serialized, .verifiedPlans) struct RowValueTests {
  @Test(arguments: 0..<60, [ExecutorChoice.stepwise, .planned, .interpreter])
  func reductions(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(seed)
      let rank = draw.integer(1..<6)
      var shape = draw.shape(rank: rank).map { rank > 3 ? min($0, 4) : $0 }
      if seed % 5 == 0 { shape[draw.integer(0..<rank)] = 300 }
      let dtype = draw.element([DType.float32, .float64, .int32])
      let (array, x) = try draw.operand(shape, dtype)
      let axes = (0..<rank).filter { _ in draw.bool() }
      let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
      var (sum, highest, lowest) = (
        NaiveArray(kept) { _ in 0 }, NaiveArray(kept) { _ in -.infinity },
        NaiveArray(kept) { _ in .infinity }
      )
      let positions = NaiveArray(kept) { _ in 0 }
      for index in NaiveArray.indices(shape) {
        var position = 0
        for axis in shape.indices {
          position = position * positions.shape[axis] + (axes.contains(axis) ? 0 : index[axis])
        }
        sum.values[position] += array[index]
        highest.values[position] = max(highest.values[position], array[index])
        lowest.values[position] = min(lowest.values[position], array[index])
      }
      if dtype == .int32 {
        highest.values = highest.values.map { max($0, Double(Int32.min)) }
        lowest.values = lowest.values.map { min($0, Double(Int32.max)) }
      }
      let terms = axes.reduce(1) { $0 * shape[$1] }
      let what = "\(dtype) \(shape) over \(axes)"
      try expectValues(x.sum(axes, keepDimensions: true), sum, terms: terms, "sum \(what)")
      try expectValues(x.max(axes, keepDimensions: true), highest, "max \(what)")
      try expectValues(x.min(axes, keepDimensions: true), lowest, "min \(what)")
      var dropped = sum
      dropped.shape = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
      try expectValues(x.sum(axes), dropped, terms: terms, "sum \(what)")
    }
  }

  @Test(arguments: 0..<40, [ExecutorChoice.stepwise, .planned, .interpreter])
  func matrices(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(100 + seed)
      let dtype = draw.element([DType.float32, .float64])
      let sizes = draw.shape(rank: 3)
      let (m, k, n) = (sizes[0], sizes[1], sizes[2])
      let batch = draw.shape(rank: draw.integer(0..<3)).map { min($0, 3) }
      let (a, x) = try draw.operand(draw.broadcastable(to: batch) + [m, k], dtype)
      let (b, y) = try draw.operand(batch + [k, n], dtype)
      let product = NaiveArray(batch + [m, n]) { index in
        let (head, i, j) = (index.dropLast(2), index[index.count - 2], index[index.count - 1])
        return (0..<k).reduce(0) { sum, l in
          // Axes of size 1 repeat, of the matrices themselves they have index 0 anyway.
          sum + a.broadcast(head + [i, l]) * b.broadcast(head + [l, j])
        }
      }
      try expectValues(x.matmul(y), product, terms: k, "matmul \(x.shape) \(y.shape)")

      let components = draw.integer(1..<6)
      let blocks = (0..<components).map { _ in draw.integer(-1..<2) }
      let leading = draw.shape(rank: draw.integer(0..<3))
      let (c, rows) = try draw.operand(leading + [components, k], dtype)
      let (w, weights) = try draw.operand([2, k, n], dtype)
      let mapped = NaiveArray(leading + [components, n]) { index in
        let (head, component, j) = (index.dropLast(2), index[index.count - 2], index.last!)
        guard blocks[component] >= 0 else { return 0 }
        return (0..<k).reduce(0) {
          $0 + c[head + [component, $1]] * w[[blocks[component], $1, j]]
        }
      }
      try expectValues(
        rows.linear(weights, blocks: blocks), mapped, terms: k, "linear \(rows.shape) \(blocks)")

      let (g, cotangent) = try draw.operand(leading + [components, n], dtype)
      let transposed = try pullback(
        [rows.linear(weights, blocks: blocks)], cotangents: [cotangent], to: [weights])[0]
      let heads = NaiveArray.indices(leading)
      let expected = NaiveArray([2, k, n]) { index in
        var sum = 0.0
        for head in heads {
          for (component, block) in blocks.enumerated() where block == index[0] {
            sum += c[head + [component, index[1]]] * g[head + [component, index[2]]]
          }
        }
        return sum
      }
      try expectValues(
        transposed, expected, terms: heads.count * components, "linearWeights \(rows.shape)")
    }
  }

  @Test(arguments: 0..<60, [ExecutorChoice.stepwise, .planned, .interpreter])
  func indexLists(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(200 + seed)
      let dtype = draw.element([DType.float32, .float64, .int32])
      let count = draw.integer(1..<7)
      let list = seed % 6 == 0 ? [draw.integer(100..<2000)] : draw.shape(rank: draw.integer(1..<3))
      let width = draw.shape(rank: draw.integer(0..<3))
      var index = draw.array(list, .int32)
      for position in index.values.indices {
        index.values[position] = Double(draw.integer(0..<(count + 1)))
      }
      if draw.bool() { index.values.sort() }
      let indices = try draw.element(MemoryLayoutOfOperand.allCases).tensor(index, .int32)
      let (array, x) = try draw.operand([count] + width, dtype)
      for padding in [GatherPadding.lastRow, .zero] {
        let gathered = NaiveArray(list + width) { position in
          let row = Int(index[Array(position.prefix(list.count))])
          let isPadding = row == count
          if isPadding && padding == .zero { return 0 }
          return array[[min(row, count - 1)] + position.dropFirst(list.count)]
        }
        try expectValues(x.gathered(indices, padding: padding), gathered, "gather \(padding)")
      }
      let (entries, y) = try draw.operand(list + width, dtype)
      var sums = NaiveArray([count] + width) { _ in 0 }
      var maxima = NaiveArray([count] + width) { _ in -5000 }
      let (size, rows) = (width.reduce(1, *), list.reduce(1, *))
      for row in 0..<rows where Int(index.values[row]) < count {
        for feature in 0..<size {
          let (to, value) = (
            Int(index.values[row]) * size + feature, entries.values[row * size + feature]
          )
          sums.values[to] += value
          maxima.values[to] = max(maxima.values[to], value)
        }
      }
      try expectValues(
        y.segmentSum(indices, count: Dimension(count)), sums, terms: rows, "segmentSum")
      try expectValues(
        y.segmentMax(indices, count: Dimension(count), empty: -5000), maxima, "segmentMax")
    }
  }

  @Test(arguments: 0..<40, [ExecutorChoice.stepwise, .planned, .interpreter])
  func forms(seed: Int, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      var draw = Draw(300 + seed)
      let dtype = draw.element([DType.float32, .float64])
      let slots = draw.integer(2..<5)
      let sizes = (0..<slots).map { _ in draw.integer(1..<6) }
      let terms = (0..<draw.integer(0..<20)).map { _ in
        CouplingTable.Term(
          sizes.map { draw.integer(0..<$0) }, Double(draw.integer(-8..<9)) / 4)
      }
      let table = CouplingTable(name: "random", sizes: sizes, terms: terms)
      let features = draw.element([1, 2, 5, 8, 16, 19])
      let rows = draw.element([0, 1, 2, 7, 300])
      let output = draw.integer(0..<slots)
      var operands: [Int: NaiveArray] = [:]
      var tensors: [Tensor] = []
      var hasRows = false
      for slot in 0..<slots where slot != output {
        let isRow = draw.bool()
        hasRows = hasRows || isRow
        let shape = (isRow ? [rows] : []) + [sizes[slot], features]
        let (array, tensor) = try draw.operand(shape, dtype)
        operands[slot] = array
        tensors.append(tensor)
      }
      func element(_ row: Int, _ component: Int, _ feature: Int) -> Double {
        var sum = 0.0
        for term in terms where term.index[output] == component {
          var product = term.value
          for (slot, array) in operands {
            let head = array.shape.count == 3 ? [row] : []
            product *= array[head + [term.index[slot], feature]]
          }
          sum += product
        }
        return sum
      }
      let leading = hasRows ? [rows] : []
      let what = "couple \(sizes), slot \(output), \(tensors.map(\.shape))"
      try expectValues(
        Tensor.couple(table, tensors, output: output),
        NaiveArray(leading + [sizes[output], features]) { index in
          element(hasRows ? index[0] : 0, index[leading.count], index[leading.count + 1])
        }, terms: 100, what)
      if hasRows {
        try expectValues(
          Tensor.couple(table, tensors, output: output, reduce: true),
          NaiveArray([sizes[output], features]) { index in
            (0..<rows).reduce(0) { $0 + element($1, index[0], index[1]) }
          }, terms: 100 + rows, what + ", reduced")
      }

      let polynomials = (0..<draw.integer(0..<6)).map { _ in
        (0..<draw.integer(0..<5)).map { _ in
          PolynomialTable.Monomial(
            (draw.integer(0..<5), draw.integer(0..<4), draw.integer(0..<6)),
            Double(draw.integer(-8..<9)) / 4)
        }
      }
      let (points, x) = try draw.operand(
        draw.shape(rank: draw.integer(0..<3)) + [3], dtype, lower: -1.5, upper: 1.5)
      let leadingAxes = Array(points.shape.dropLast())
      try expectValues(
        x.polynomials(PolynomialTable(name: "random", polynomials: polynomials)),
        NaiveArray(leadingAxes + [polynomials.count]) { index in
          let head = index.dropLast()
          return polynomials[index.last!].reduce(0) { sum, monomial in
            var product = monomial.coefficient
            for (axis, power) in [monomial.powers.0, monomial.powers.1, monomial.powers.2]
              .enumerated()
            {
              for _ in 0..<power { product *= points[head + [axis]] }
            }
            return sum + product
          }
        }, terms: 20, "polynomials")
    }
  }
}
