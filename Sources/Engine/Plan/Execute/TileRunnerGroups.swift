internal import E3xCKernels
internal import E3xSystem

// Couplings by groups of rows with one index.

extension TileRunner {
  /// Sums over segments, and perhaps those at the weights of the next instruction.
  /// - Parameters:
  ///   - segments: the number of segments.
  ///   - next: the next instruction, if it takes the same outer products, and the number of rows that
  ///     its index chooses from.
  func run(
    _ sum: UnsafePointer<Instruction.GroupedSum>, _ dtype: DType, _ segments: Int,
    sharing next: KernelCall?, limit nextLimit: Int, _ rows: Int, _ first: Int
  ) -> FoundIndex? {
    let indices = self.indices(sum.pointee.indices)
    if let found = firstBad(sum.pointee.indices, segments, allowsPadding: true, rows, first) {
      return found
    }
    var weights: Instruction.GroupedWeights?
    if case .groupedWeights(let other)? = next?.operation { weights = other.pointee }
    let coupling = sum.pointee.coupling
    let operands = GroupRows(dtype: dtype, coupling: coupling, x: sum.pointee.x, y: sum.pointee.y)
    let width = coupling.components.indexed * coupling.features
    var batches = GroupBatches(indices, rows: rows, size: coupling.batch)
    while let batch = batches.next() {
      if let weights {
        read(weights.indexed, weights.coupling, weights.indices, batch, nextLimit)
      }
      for number in 0..<coupling.chunkCount {
        let chunk = coupling[number]
        let offset = chunk.first * dtype.byteCount
        for group in 0..<batch.count { outerProduct(operands, chunk, batch, group, rows) }
        contract(
          coupling, chunk, dtype, batch.count, summing: false, address(coupling.values) + offset)
        guard let weights else { continue }
        contract(
          weights.coupling, weights.coupling[number], dtype, batch.count, summing: true,
          address(weights.sink) + offset)
      }
      withUnsafeBytes(of: batch.indices) { indices in
        _ = e3x_segment_add(
          dtype.kernel, Int64(batch.count),
          indices.assumingMemoryBound(to: Int32.self).baseAddress, 0, Int64(segments),
          Int64(width), address(coupling.values), Int64(width), address(sum.pointee.sink))
      }
    }
    return nil
  }

  /// The rows of the indices contracted with the weights, and applied to each row.
  func run(
    _ opened: UnsafePointer<Instruction.GroupedOperand>, _ dtype: DType, _ limit: Int, _ rows: Int,
    _ first: Int
  ) -> FoundIndex? {
    let isAllowed = opened.pointee.indexed.padding != .refused
    if let found = firstBad(opened.pointee.indices, limit, allowsPadding: isAllowed, rows, first) {
      return found
    }
    let coupling = opened.pointee.coupling
    var batches = GroupBatches(
      self.indices(opened.pointee.indices), rows: rows, size: coupling.batch)
    while let batch = batches.next() {
      read(opened.pointee.indexed, coupling, opened.pointee.indices, batch, limit)
      for number in 0..<coupling.chunkCount {
        let chunk = coupling[number]
        contract(
          coupling, chunk, dtype, batch.count, summing: false, address(coupling.products))
        for group in 0..<batch.count { apply(opened, dtype, chunk, batch, group, rows) }
      }
    }
    return nil
  }

  /// Outer products contracted with the rows of the indices, summed over all rows.
  func run(
    _ opened: UnsafePointer<Instruction.GroupedWeights>, _ dtype: DType, _ limit: Int, _ rows: Int,
    _ first: Int
  ) -> FoundIndex? {
    let isAllowed = opened.pointee.indexed.padding != .refused
    if let found = firstBad(opened.pointee.indices, limit, allowsPadding: isAllowed, rows, first) {
      return found
    }
    if opened.pointee.usesProducts { return nil }
    let coupling = opened.pointee.coupling
    let operands = GroupRows(
      dtype: dtype, coupling: coupling, x: opened.pointee.x, y: opened.pointee.y)
    var batches = GroupBatches(
      self.indices(opened.pointee.indices), rows: rows, size: coupling.batch)
    while let batch = batches.next() {
      read(opened.pointee.indexed, coupling, opened.pointee.indices, batch, limit)
      for number in 0..<coupling.chunkCount {
        let chunk = coupling[number]
        for group in 0..<batch.count { outerProduct(operands, chunk, batch, group, rows) }
        contract(
          coupling, chunk, dtype, batch.count, summing: true,
          address(opened.pointee.sink) + chunk.first * dtype.byteCount)
      }
    }
    return nil
  }

  private func firstBad(
    _ list: IndexList, _ limit: Int, allowsPadding: Bool, _ rows: Int, _ first: Int
  ) -> FoundIndex? {
    let indices = self.indices(list)
    let bad = e3x_first_bad_index(
      indices, Int64(rows), 0, Int32(allowsPadding ? limit : limit - 1))
    guard bad >= 0 else { return nil }
    return list.found(
      indices[Int(bad)], at: first + Int(bad), limit: limit, allowsPadding: allowsPadding)
  }

  /// What every chunk of the contraction needs.
  func prepare(_ coupling: GroupedCoupling, _ dtype: DType, summing: Bool, _ again: Bool) {
    let (outer, f) = (coupling.outer, Int64(coupling.features))
    let pairs = coupling.components.x * coupling.components.y
    for number in 0..<coupling.chunkCount {
      let chunk = coupling[number]
      let count = Int64(chunk.count)
      let weights = coupling.weights.map {
        UnsafeRawPointer(address($0) + chunk.first * dtype.byteCount)
      }
      let scratch = address(coupling.prepared) + chunk.preparedOffset
      var operands: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (
        weights, nil, nil, nil
      )
      // The distances of rows (of the weights: none), and of components.
      var strides = (
        Int64(0), Int64(pairs) * count, Int64(coupling.components.indexed) * f
      )
      var components = (f, count, f)
      withUnsafeBytes(of: &operands) { operands in
        let operands = operands.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress
        guard !again else {
          _ = e3x_couple_refresh(
            dtype.kernel, outer.terms, Int64(outer.termCount), operands, scratch)
          return
        }
        withUnsafeBytes(of: &strides) { strides in
          withUnsafeBytes(of: &components) { components in
            _ = e3x_couple_prepare(
              dtype.kernel, count, outer.slots, outer.sizes, outer.terms, Int64(outer.termCount),
              outer.outSlot, CouplingForm.mode(summing: summing), operands,
              strides.assumingMemoryBound(to: Int64.self).baseAddress,
              components.assumingMemoryBound(to: Int64.self).baseAddress, scratch)
          }
        }
      }
    }
  }

  /// The coupling of weights, outer products and values of the indices, opened at one of them.
  private func contract(
    _ coupling: GroupedCoupling, _ chunk: GroupedCoupling.Chunk, _ dtype: DType, _ count: Int,
    summing: Bool, _ out: UnsafeMutableRawPointer
  ) {
    let values = address(coupling.values) + chunk.first * dtype.byteCount
    var operands: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (
      nil, UnsafeRawPointer(address(coupling.products)), UnsafeRawPointer(values), nil
    )
    withUnsafeBytes(of: &operands) { bytes in
      _ = e3x_couple_run(
        dtype.kernel, Int64(count),
        bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
        CouplingForm.mode(summing: summing), out, address(coupling.prepared) + chunk.preparedOffset)
    }
  }

  /// The features of a chunk of rows from `first` on.
  private func rows(
    _ rows: Rows, _ dtype: DType, _ coupling: GroupedCoupling, _ chunk: GroupedCoupling.Chunk,
    from first: Int
  ) -> e3x_rows {
    var rows = rows
    rows.operand.byteOffset += chunk.first * dtype.byteCount
    var found = self.rows(rows, dtype, from: first)
    found.component = Int64(coupling.features)
    return found
  }

  /// Copies the rows of y of a group if they would meet in the same lines of the cache.
  private func copyIfNeeded(
    _ rows: inout e3x_rows, _ dtype: DType, _ coupling: GroupedCoupling,
    _ chunk: GroupedCoupling.Chunk, count: Int
  ) {
    guard let memory = coupling.copies, count > 8 else { return }
    var copies = e3x_rows(
      base: address(memory), stride: Int64(coupling.copyStride), row: nil, offset: 0, is_far: 0,
      component: Int64(coupling.chunk))
    _ = e3x_lane_copy(
      dtype.kernel, Int64(chunk.count), Int64(coupling.components.y), Int64(count), &rows,
      &copies)
    rows = copies
  }

  /// The rows that follow those of a group that ends at `end`, in the tile or in the next one.
  private func following(
    _ rows: Rows, _ dtype: DType, _ coupling: GroupedCoupling, _ chunk: GroupedCoupling.Chunk,
    _ end: Int, _ count: Int
  ) -> (rows: e3x_rows, count: Int) {
    var next = self.rows(rows, dtype, coupling, chunk, from: end)
    guard end == count, let slot = rows.ahead else { return (next, count - end) }
    let ahead = RowsAhead(bases[slot])
    next.row = UnsafePointer(ahead.addresses)
    return (next, ahead.count)
  }

  /// Of the rows that follow a group, a share for each chunk.
  private func soon(
    _ rows: UnsafePointer<e3x_rows>, _ count: Int, _ coupling: GroupedCoupling,
    _ chunk: GroupedCoupling.Chunk, components: Int
  ) -> e3x_soon {
    let width = components * coupling.features
    let size = coupling.chunk
    let share = (width / coupling.chunkCount + size - 1) / size * size
    // The rows begin with the features of the chunk.
    return e3x_soon(
      rows: rows, count: rows.pointee.is_far == 0 ? 0 : Int64(count),
      first: Int64(chunk.number * share - chunk.first),
      elements: Int64(max(0, min(share, width - chunk.number * share))))
  }

  /// Of the rows that another sweep of a chain needs next, as many as a group has rows, and of these a
  /// share for each chunk.
  private func soonOfOthers(
    _ rows: UnsafeMutablePointer<e3x_rows>, _ dtype: DType, _ coupling: GroupedCoupling,
    _ chunk: GroupedCoupling.Chunk, count: Int
  ) -> e3x_soon {
    guard let others else { return e3x_soon(rows: rows, count: 0, first: 0, elements: 0) }
    let width = others.pointee.rowBytes / dtype.byteCount
    let share = (width + coupling.chunkCount - 1) / coupling.chunkCount
    rows.pointee.row = UnsafePointer(others.pointee.addresses + others.pointee.next)
    let taken = min(count, others.pointee.count - others.pointee.next)
    if chunk.number == coupling.chunkCount - 1 { others.pointee.next += taken }
    return e3x_soon(
      rows: rows, count: Int64(taken), first: Int64(chunk.number * share),
      elements: Int64(max(0, min(share, width - chunk.number * share))))
  }

  /// The sum over a group of the outer products of its rows.
  /// - Parameter rows: the rows of the tile.
  private func outerProduct(
    _ operands: GroupRows, _ chunk: GroupedCoupling.Chunk, _ batch: GroupBatch, _ group: Int,
    _ rows: Int
  ) {
    let (dtype, coupling) = (operands.dtype, operands.coupling)
    let (n1, n2) = (coupling.components.x, coupling.components.y)
    let (start, end) = (batch.starts[group], batch.ends[group])
    let count = end - start
    var x = self.rows(operands.x, dtype, coupling, chunk, from: start)
    var y = self.rows(operands.y, dtype, coupling, chunk, from: start)
    let next = following(operands.y, dtype, coupling, chunk, end, rows)
    copyIfNeeded(&y, dtype, coupling, chunk, count: count)
    var others = e3x_rows()
    withUnsafePointer(to: next.rows) { nextRows in
      withUnsafeMutablePointer(to: &others) { others in
        var soon = (
          soon(nextRows, next.count, coupling, chunk, components: n2),
          soonOfOthers(others, dtype, coupling, chunk, count: count)
        )
        withUnsafeBytes(of: &soon) { soon in
          _ = e3x_lane_outer(
            dtype.kernel, Int64(chunk.count), Int64(n1), Int64(n2), Int64(count), &x, &y,
            soon.assumingMemoryBound(to: e3x_soon.self).baseAddress,
            address(coupling.products) + group * n1 * n2 * chunk.count * dtype.byteCount)
        }
      }
    }
  }

  /// The rows that the indices of a batch choose.
  private func read(
    _ indexed: IndexedRows, _ coupling: GroupedCoupling, _ list: IndexList, _ batch: GroupBatch,
    _ size: Int
  ) {
    let rowBytes = indexed.rowBytes
    let values = address(coupling.values)
    for number in 0..<batch.count {
      let index = Int(batch.index(number))
      let to = values + number * rowBytes
      if size == 0 || (index == size && indexed.padding == .zero) {
        memset(to, 0, rowBytes)
      } else {
        memcpy(to, address(indexed.source) + min(index, size - 1) * rowBytes, rowBytes)
      }
    }
  }

  /// out[r, i] = Σ_j G[i, j] y[r, j], or out[r, j] = Σ_i G[i, j] x[r, i].
  private func apply(
    _ opened: UnsafePointer<Instruction.GroupedOperand>, _ dtype: DType,
    _ chunk: GroupedCoupling.Chunk,
    _ batch: GroupBatch, _ group: Int, _ rows: Int
  ) {
    let coupling = opened.pointee.coupling
    let (n1, n2, f) = (coupling.components.x, coupling.components.y, chunk.count)
    let (start, end) = (batch.starts[group], batch.ends[group])
    let count = end - start
    let (na, nk) = opened.pointee.side == .x ? (n1, n2) : (n2, n1)
    let (alongA, alongK) = opened.pointee.side == .x ? (n2 * f, f) : (f, n2 * f)
    let result = opened.pointee.result.rows
    var y = self.rows(opened.pointee.other, dtype, coupling, chunk, from: start)
    var out = self.rows(result, dtype, coupling, chunk, from: start)
    var nextY = following(opened.pointee.other, dtype, coupling, chunk, end, rows)
    var nextOut = following(result, dtype, coupling, chunk, end, rows)
    withUnsafePointer(to: &nextY.rows) { nextRows in
      withUnsafePointer(to: &nextOut.rows) { outRows in
        var soon = (
          soon(nextRows, nextY.count, coupling, chunk, components: nk),
          soon(outRows, nextOut.count, coupling, chunk, components: na)
        )
        withUnsafeBytes(of: &soon) { soon in
          _ = e3x_lane_apply(
            dtype.kernel, Int64(f), Int64(na), Int64(nk), Int64(count),
            address(coupling.products) + group * n1 * n2 * f * dtype.byteCount, Int64(alongA),
            Int64(alongK), &y, &out, adds(to: opened.pointee.result) ? 1 : 0,
            soon.assumingMemoryBound(to: e3x_soon.self).baseAddress)
        }
      }
    }
  }
}

/// What outer products are made of.
private struct GroupRows {
  let dtype: DType
  let coupling: GroupedCoupling
  let x: Rows
  let y: Rows
}

/// The groups of a tile's rows, some at a time.
private struct GroupBatches {
  private let indices: UnsafeMutablePointer<Int32>
  private let rows: Int
  private let size: Int
  private var row = 0

  init(_ indices: UnsafeMutablePointer<Int32>, rows: Int, size: Int) {
    self.indices = indices
    self.rows = rows
    self.size = size
  }

  /// The next groups; nil if no rows are left.
  mutating func next() -> GroupBatch? {
    guard row < rows else { return nil }
    var batch = GroupBatch()
    while row < rows && batch.count < size {
      let index = indices[row]
      var end = row + 1
      let most = min(rows, row + GroupedCoupling.mostRows)
      while end < most && indices[end] == index { end += 1 }
      batch.append(index: index, rows: row..<end)
      row = end
    }
    return batch
  }
}

/// Up to four groups of rows with one index each.
private struct GroupBatch {
  var indices: (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
  var starts = SIMD4<Int>()
  var ends = SIMD4<Int>()
  var count = 0

  mutating func append(index: Int32, rows: Range<Int>) {
    withUnsafeMutableBytes(of: &indices) { bytes in
      bytes.assumingMemoryBound(to: Int32.self)[count] = index
    }
    starts[count] = rows.lowerBound
    ends[count] = rows.upperBound
    count += 1
  }

  func index(_ number: Int) -> Int32 {
    withUnsafeBytes(of: indices) { $0.assumingMemoryBound(to: Int32.self)[number] }
  }
}
