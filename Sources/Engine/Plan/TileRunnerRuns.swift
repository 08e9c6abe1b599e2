internal import E3xCKernels
internal import Foundation

extension TileRunner {
  /// A coupling by runs of rows with one index.
  /// - Parameter size: the number of segments, or of rows that the index chooses from.
  func runs(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int,
    _ out: UnsafeMutableRawPointer
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
    var batch = RunBatch()
    var row = 0
    while row < rows {
      let index = indices[row]
      var end = row + 1
      while end < rows && indices[end] == index { end += 1 }
      batch.append(index: index, rows: row..<end)
      row = end
      if batch.count == run.batch || row == rows {
        contract(instruction, run, batch, size, rows, out)
        batch = RunBatch()
      }
    }
    return nil
  }

  private func contract(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ batch: RunBatch, _ size: Int,
    _ rows: Int, _ out: UnsafeMutableRawPointer
  ) {
    switch instruction.pointee.code {
    case .runSum:
      // Outer products, contracted, added to the segments.
      for number in 0..<batch.count { outerProduct(instruction, run, batch, number, rows) }
      let values = address(run.values)
      contract(instruction, run, batch.count, values, E3X_KEEP_ROWS)
      let width = run.sizes.2 * run.features
      withUnsafeBytes(of: batch.indices) { indices in
        _ = e3x_segment_add(
          instruction.pointee.dtype.kernel, Int64(batch.count),
          indices.assumingMemoryBound(to: Int32.self).baseAddress, 0, Int64(size), Int64(width),
          values, Int64(width), out)
      }
    case .runOperand:
      // The rows of the indices contracted with the weights, and applied to each row.
      readIndexed(instruction, run, batch, size)
      contract(instruction, run, batch.count, address(run.products), E3X_KEEP_ROWS)
      for number in 0..<batch.count { apply(instruction, run, batch, number, rows) }
    default:
      for number in 0..<batch.count { outerProduct(instruction, run, batch, number, rows) }
      readIndexed(instruction, run, batch, size)
      contract(instruction, run, batch.count, out, E3X_ADD_ROWS)
    }
  }

  /// The coupling of weights, outer products and values of the indices, opened at one of them.
  private func contract(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ count: Int,
    _ out: UnsafeMutableRawPointer,
    _ reduce: Int
  ) {
    var operands: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (
      nil, UnsafeRawPointer(address(run.products)), UnsafeRawPointer(address(run.values)), nil
    )
    withUnsafeBytes(of: &operands) { bytes in
      _ = e3x_couple_run(
        instruction.pointee.dtype.kernel, Int64(count),
        bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress, Int32(reduce), out,
        address(instruction.pointee.scratch))
    }
  }

  /// The sum over a run of the outer products of its rows.
  /// - Parameter rows: the rows of the tile.
  private func outerProduct(
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ batch: RunBatch, _ number: Int,
    _ rows: Int
  ) {
    let (dtype, f) = (instruction.pointee.dtype, run.features)
    let (n1, n2) = (run.sizes.0, run.sizes.1)
    let (start, end) = (batch.starts[number], batch.ends[number])
    var x = self.rows(instruction.pointee.a, dtype, from: start)
    var y = self.rows(instruction.pointee.b, dtype, from: start)
    _ = e3x_lane_outer(
      dtype.kernel, Int64(f), Int64(n1), Int64(n2), Int64(end - start), &x, &y,
      Int64(rows - end), address(run.products) + number * n1 * n2 * f * dtype.byteCount)
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
    _ instruction: UnsafePointer<Instruction>, _ run: RunCoupling, _ batch: RunBatch, _ number: Int,
    _ rows: Int
  ) {
    let (dtype, f) = (instruction.pointee.dtype, run.features)
    let (n1, n2) = (run.sizes.0, run.sizes.1)
    let (start, end) = (batch.starts[number], batch.ends[number])
    let (na, nk) = run.side == 1 ? (n1, n2) : (n2, n1)
    let (alongA, alongK) = run.side == 1 ? (n2 * f, f) : (f, n2 * f)
    var y = self.rows(instruction.pointee.a, dtype, from: start)
    var out = self.rows(instruction.pointee.out, dtype, from: start)
    _ = e3x_lane_apply(
      dtype.kernel, Int64(f), Int64(na), Int64(nk), Int64(end - start),
      address(run.products) + number * n1 * n2 * f * dtype.byteCount, Int64(alongA),
      Int64(alongK), &y, &out, instruction.pointee.out.isIndirect ? 1 : 0, Int64(rows - end))
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
