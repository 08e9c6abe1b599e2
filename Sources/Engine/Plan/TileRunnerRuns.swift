internal import E3xCKernels
internal import Foundation

extension TileRunner {
  /// A coupling by runs of rows with one index.
  /// - Parameters:
  ///   - size: the number of segments, or of rows that the index chooses from.
  ///   - joinedSize: the same of the next instruction, if it is joined with this one.
  func runs(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, joinedSize: Int, _ rows: Int,
    _ first: Int, _ out: UnsafeMutableRawPointer
  ) -> FoundIndex? {
    let indices = address(instruction.pointee.c).assumingMemoryBound(to: Int32.self)
    let isSum = instruction.pointee.code == .runSum
    let isAllowed = isSum || instruction.pointee.padding != .refused
    let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(isAllowed ? size : size - 1))
    if bad >= 0 {
      return instruction.pointee.found(
        indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: isAllowed)
    }
    let run = instruction.pointee.run!.pointee
    if run.isJoined { return nil }
    var batch = RunBatch()
    var row = 0
    while row < rows {
      let index = indices[row]
      var end = row + 1
      let most = min(rows, row + RunCoupling.mostRows)
      while end < most && indices[end] == index { end += 1 }
      batch.append(index: index, rows: row..<end)
      row = end
      if batch.count == run.batch || row == rows {
        contract(instruction, run, batch, size, joinedSize, rows, out)
        batch = RunBatch()
      }
    }
    return nil
  }

  private func contract(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ batch: RunBatch, _ size: Int,
    _ joinedSize: Int, _ rows: Int, _ out: UnsafeMutableRawPointer
  ) {
    let code = instruction.pointee.code
    let joined = instruction + 1
    if code != .runSum { readIndexed(instruction, run, batch, size) }
    if run.hasJoined { readIndexed(joined, joined.pointee.run!.pointee, batch, joinedSize) }
    for number in 0..<run.chunkCount {
      let chunk = run[number]
      if code == .runOperand {
        // The rows of the indices contracted with the weights, and applied to each row.
        contract(instruction, run, chunk, batch.count, address(run.products))
        for number in 0..<batch.count { apply(instruction, run, chunk, batch, number, rows) }
        continue
      }
      // Outer products, contracted with the weights or with the rows of the indices.
      for number in 0..<batch.count { outerProduct(instruction, run, chunk, batch, number, rows) }
      let to = (code == .runSum ? address(run.values) : out) + chunk.first * byteCount(instruction)
      contract(instruction, run, chunk, batch.count, to)
      guard run.hasJoined else { continue }
      let other = joined.pointee.run!.pointee
      contract(
        joined, other, other[number], batch.count,
        address(joined.pointee.out) + chunk.first * byteCount(instruction))
    }
    guard code == .runSum else { return }
    let width = run.sizes.2 * run.features
    withUnsafeBytes(of: batch.indices) { indices in
      _ = e3x_segment_add(
        instruction.pointee.dtype.kernel, Int64(batch.count),
        indices.assumingMemoryBound(to: Int32.self).baseAddress, 0, Int64(size), Int64(width),
        address(run.values), Int64(width), out)
    }
  }

  private func byteCount(_ instruction: UnsafePointer<Instruction>) -> Int {
    instruction.pointee.dtype.byteCount
  }

  /// What every chunk of the contraction needs.
  func prepareRun(_ instruction: UnsafePointer<Instruction>, again: Bool) {
    let (run, dtype) = (instruction.pointee.run!.pointee, instruction.pointee.dtype.kernel)
    let (outer, f) = (run.outer, Int64(run.features))
    for number in 0..<run.chunkCount {
      let chunk = run[number]
      let count = Int64(chunk.count)
      let weights =
        outer.outSlot == 0
        ? nil
        : UnsafeRawPointer(address(outer.operands.0) + chunk.first * byteCount(instruction))
      let scratch = address(instruction.pointee.scratch) + chunk.preparedOffset
      var operands: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (
        weights, nil, nil, nil
      )
      // The distances of rows (of the weights: none), and of components.
      var strides = (Int64(0), Int64(run.sizes.0 * run.sizes.1) * count, Int64(run.sizes.2) * f)
      var components = (f, count, f)
      withUnsafeBytes(of: &operands) { operands in
        let operands = operands.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress
        guard !again else {
          _ = e3x_couple_refresh(dtype, outer.terms, Int64(outer.termCount), operands, scratch)
          return
        }
        withUnsafeBytes(of: &strides) { strides in
          withUnsafeBytes(of: &components) { components in
            _ = e3x_couple_prepare(
              dtype, count, outer.slots, outer.sizes, outer.terms, Int64(outer.termCount),
              outer.outSlot, instruction.pointee.summing, operands,
              strides.assumingMemoryBound(to: Int64.self).baseAddress,
              components.assumingMemoryBound(to: Int64.self).baseAddress, scratch)
          }
        }
      }
    }
  }

  /// The coupling of weights, outer products and values of the indices, opened at one of them.
  private func contract(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ chunk: RunCoupling.Chunk,
    _ count: Int, _ out: UnsafeMutableRawPointer
  ) {
    let values = address(run.values) + chunk.first * byteCount(instruction)
    var operands: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (
      nil, UnsafeRawPointer(address(run.products)), UnsafeRawPointer(values), nil
    )
    withUnsafeBytes(of: &operands) { bytes in
      _ = e3x_couple_run(
        instruction.pointee.dtype.kernel, Int64(count),
        bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
        instruction.pointee.summing, out,
        address(instruction.pointee.scratch) + chunk.preparedOffset)
    }
  }

  /// The features of a chunk of rows from `first` on.
  private func rows(
    _ reference: Reference, _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling,
    _ chunk: RunCoupling.Chunk, from first: Int
  ) -> e3x_rows {
    var reference = reference
    reference.byteOffset += chunk.first * byteCount(instruction)
    var rows = rows(reference, instruction.pointee.dtype, from: first)
    rows.component = Int64(run.features)
    return rows
  }

  /// Copies the rows of y of a run if they would meet in the same lines of the cache.
  private func copyIfNeeded(
    _ rows: inout e3x_rows, _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling,
    _ chunk: RunCoupling.Chunk, count: Int
  ) {
    guard run.copies.slot >= 0, count > 8 else { return }
    var copies = e3x_rows(
      base: address(run.copies), stride: Int64(run.copyStride), row: nil, offset: 0, is_far: 0,
      component: Int64(run.chunk))
    _ = e3x_lane_copy(
      instruction.pointee.dtype.kernel, Int64(chunk.count), Int64(run.sizes.1), Int64(count), &rows,
      &copies)
    rows = copies
  }

  /// The rows that follow those of a run that ends at `end`, in the tile or in the next one.
  private func following(
    _ reference: Reference, _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling,
    _ chunk: RunCoupling.Chunk, _ end: Int, _ rows: Int
  ) -> (rows: e3x_rows, count: Int) {
    var next = self.rows(reference, instruction, run, chunk, from: end)
    guard end == rows, reference.isIndirect, reference.ahead >= 0 else { return (next, rows - end) }
    let ahead = RowsAhead(bases[Int(reference.ahead)])
    next.row = UnsafePointer(ahead.addresses)
    return (next, ahead.count)
  }

  /// Of the rows that follow a run, a share for each chunk.
  private func soon(
    _ rows: UnsafePointer<e3x_rows>, _ count: Int, _ run: RunCoupling,
    _ chunk: RunCoupling.Chunk, components: Int
  ) -> e3x_soon {
    let width = components * run.features
    let share = (width / run.chunkCount + run.chunk - 1) / run.chunk * run.chunk
    // The rows begin with the features of the chunk.
    return e3x_soon(
      rows: rows, count: rows.pointee.is_far == 0 ? 0 : Int64(count),
      first: Int64(chunk.number * share - chunk.first),
      elements: Int64(max(0, min(share, width - chunk.number * share))))
  }

  /// Of the rows that another sweep of a chain needs next, as many as a run has rows, and of these a
  /// share for each chunk.
  private func soonOfOthers(
    _ rows: UnsafeMutablePointer<e3x_rows>, _ instruction: UnsafePointer<Instruction>,
    _ run: RunCoupling, _ chunk: RunCoupling.Chunk, count: Int
  ) -> e3x_soon {
    guard let others else { return e3x_soon(rows: rows, count: 0, first: 0, elements: 0) }
    let width = others.pointee.rowBytes / byteCount(instruction)
    let share = (width + run.chunkCount - 1) / run.chunkCount
    rows.pointee.row = UnsafePointer(others.pointee.addresses + others.pointee.next)
    let taken = min(count, others.pointee.count - others.pointee.next)
    if chunk.number == run.chunkCount - 1 { others.pointee.next += taken }
    return e3x_soon(
      rows: rows, count: Int64(taken), first: Int64(chunk.number * share),
      elements: Int64(max(0, min(share, width - chunk.number * share))))
  }

  /// The sum over a run of the outer products of its rows.
  /// - Parameter rows: the rows of the tile.
  private func outerProduct(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ chunk: RunCoupling.Chunk,
    _ batch: RunBatch, _ number: Int, _ rows: Int
  ) {
    let (n1, n2) = (run.sizes.0, run.sizes.1)
    let (start, end) = (batch.starts[number], batch.ends[number])
    let count = end - start
    var x = self.rows(instruction.pointee.a, instruction, run, chunk, from: start)
    var y = self.rows(instruction.pointee.b, instruction, run, chunk, from: start)
    let next = following(instruction.pointee.b, instruction, run, chunk, end, rows)
    copyIfNeeded(&y, instruction, run, chunk, count: count)
    var others = e3x_rows()
    withUnsafePointer(to: next.rows) { nextRows in
      withUnsafeMutablePointer(to: &others) { others in
        var soon = (
          soon(nextRows, next.count, run, chunk, components: n2),
          soonOfOthers(others, instruction, run, chunk, count: count)
        )
        withUnsafeBytes(of: &soon) { soon in
          _ = e3x_lane_outer(
            instruction.pointee.dtype.kernel, Int64(chunk.count), Int64(n1), Int64(n2),
            Int64(count), &x, &y, soon.assumingMemoryBound(to: e3x_soon.self).baseAddress,
            address(run.products) + number * n1 * n2 * chunk.count * byteCount(instruction))
        }
      }
    }
  }

  /// The rows that the indices of a batch choose.
  private func readIndexed(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ batch: RunBatch, _ size: Int
  ) {
    let rowBytes = instruction.pointee.sizes.0
    let values = address(run.values)
    for number in 0..<batch.count {
      let index = Int(batch.index(number))
      let to = values + number * rowBytes
      if size == 0 || (index == size && instruction.pointee.padding == .zero) {
        memset(to, 0, rowBytes)
      } else {
        memcpy(to, bases[instruction.pointee.sizes.2] + min(index, size - 1) * rowBytes, rowBytes)
      }
    }
  }

  /// out[r, i] = Σ_j G[i, j] y[r, j], or out[r, j] = Σ_i G[i, j] x[r, i].
  private func apply(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ chunk: RunCoupling.Chunk,
    _ batch: RunBatch, _ number: Int, _ rows: Int
  ) {
    let (n1, n2, f) = (run.sizes.0, run.sizes.1, chunk.count)
    let (start, end) = (batch.starts[number], batch.ends[number])
    let count = end - start
    let (na, nk) = run.side == 1 ? (n1, n2) : (n2, n1)
    let (alongA, alongK) = run.side == 1 ? (n2 * f, f) : (f, n2 * f)
    var y = self.rows(instruction.pointee.a, instruction, run, chunk, from: start)
    var out = self.rows(instruction.pointee.out, instruction, run, chunk, from: start)
    var nextY = following(instruction.pointee.a, instruction, run, chunk, end, rows)
    var nextOut = following(instruction.pointee.out, instruction, run, chunk, end, rows)
    withUnsafePointer(to: &nextY.rows) { nextRows in
      withUnsafePointer(to: &nextOut.rows) { outRows in
        var soon = (
          soon(nextRows, nextY.count, run, chunk, components: nk),
          soon(outRows, nextOut.count, run, chunk, components: na)
        )
        withUnsafeBytes(of: &soon) { soon in
          _ = e3x_lane_apply(
            instruction.pointee.dtype.kernel, Int64(f), Int64(na), Int64(nk), Int64(count),
            address(run.products) + number * n1 * n2 * f * byteCount(instruction), Int64(alongA),
            Int64(alongK), &y, &out, adds(to: instruction.pointee.out) ? 1 : 0,
            soon.assumingMemoryBound(to: e3x_soon.self).baseAddress)
        }
      }
    }
  }
}

/// Up to four runs of rows with one index each.
private struct RunBatch {
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
