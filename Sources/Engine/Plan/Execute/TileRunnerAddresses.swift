internal import E3xCKernels
internal import E3xSystem

// Addresses of rows that other rows choose.

extension TileRunner {
  /// The rows of an operand, from `first` on.
  func rows(_ rows: Rows, _ dtype: DType, from first: Int = 0) -> e3x_rows {
    let operand = rows.operand
    let base = bases[operand.slot]
    guard rows.isIndirect else {
      return e3x_rows(
        base: base + operand.byteOffset + first * operand.rowStride * dtype.byteCount,
        stride: Int64(operand.rowStride), row: nil, offset: 0, is_far: 0, component: 0)
    }
    let addresses = base.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) + first
    return e3x_rows(
      base: nil, stride: 0, row: addresses, offset: Int64(operand.byteOffset),
      is_far: isFar(operand.slot) ? 1 : 0, component: 0)
  }

  /// Whether a kernel adds to rows, rather than writing them: to other results, or to segments, not to
  /// a buffer.
  func adds(to target: Target) -> Bool {
    target.isAdded || (target.sink.map { !isBuffered($0) } ?? false)
  }

  /// The addresses of the rows that indices choose, and of some that the next tile will need.
  func run(
    _ gather: UnsafePointer<Instruction.GatherAddresses>, _ size: Int, _ rows: Int, _ first: Int,
    _ following: Int
  ) -> FoundIndex? {
    let indices = self.indices(gather.pointee.indices)
    let padding = gather.pointee.padding
    let bad = e3x_first_bad_index(
      indices, Int64(rows), 0, Int32(padding == .refused ? size - 1 : size))
    if bad >= 0 {
      return gather.pointee.indices.found(
        indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: padding != .refused)
    }
    let rowBytes = gather.pointee.rowBytes
    let addresses = address(gather.pointee.addresses)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    let source = address(gather.pointee.source)
    let zero = address(gather.pointee.zero)
    var isCleared = false
    for row in 0..<rows {
      let index = Int(indices[row])
      if size == 0 || (index == size && padding == .zero) {
        if !isCleared { memset(zero, 0, rowBytes) }
        isCleared = true
        addresses[row] = zero
      } else {
        addresses[row] = source + min(index, size - 1) * rowBytes
      }
    }
    let ahead = RowsAhead(address(gather.pointee.ahead))
    ahead.clear()
    guard isFar(gather.pointee.addresses.slot), isInMemory(gather.pointee.indices.entries.slot),
      size > 0
    else { return nil }
    for row in rows..<(rows + min(following, RowsAhead.most)) {
      // Wrong indices are for their own tile to find.
      ahead.append(source + max(0, min(Int(indices[row]), size - 1)) * rowBytes)
    }
    return nil
  }

  /// The addresses of the segments that rows belong to; what padding adds to is not read.
  func run(
    _ addressing: UnsafePointer<Instruction.SinkAddresses>, _ size: Int, _ rows: Int, _ first: Int,
    _ following: Int
  ) -> FoundIndex? {
    let indices = self.indices(addressing.pointee.indices)
    let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(size))
    if bad >= 0 {
      return addressing.pointee.indices.found(
        indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: true)
    }
    let rowBytes = addressing.pointee.rowBytes
    let addresses = address(addressing.pointee.addresses)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    let sink = address(addressing.pointee.sink)
    let ahead = RowsAhead(address(addressing.pointee.ahead))
    ahead.clear()
    if isBuffered(addressing.pointee.sink.slot) {
      for row in 0..<rows { addresses[row] = sink + row * rowBytes }
      return nil
    }
    let discarded = address(addressing.pointee.discarded)
    memset(discarded, 0, rowBytes)
    for row in 0..<rows {
      let index = Int(indices[row])
      addresses[row] = index == size ? discarded : sink + index * rowBytes
    }
    guard isFar(addressing.pointee.addresses.slot),
      isInMemory(addressing.pointee.indices.entries.slot), size > 0
    else { return nil }
    for row in rows..<(rows + min(following, RowsAhead.most)) {
      ahead.append(sink + max(0, min(Int(indices[row]), size - 1)) * rowBytes)
    }
    return nil
  }
}
