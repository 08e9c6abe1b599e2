internal import E3xCKernels
internal import E3xSystem

// Rows that index lists choose, and segments.

extension TileRunner {
  func run(
    _ gather: UnsafePointer<Instruction.Gather>, _ size: Int, _ rows: Int, _ first: Int
  ) -> FoundIndex? {
    let indices = self.indices(gather.pointee.indices)
    let stride = gather.pointee.rowBytes
    var hasPadding = false
    if e3x_first_bad_index(indices, Int64(rows), 0, Int32(size) - 1) >= 0 {
      let isAllowed = gather.pointee.padding != .refused
      let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(isAllowed ? size : size - 1))
      if bad >= 0 {
        return gather.pointee.indices.found(
          indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: isAllowed)
      }
      hasPadding = true
    }
    let out = address(gather.pointee.result)
    if size == 0 {
      memset(out, 0, rows * stride)
      return nil
    }
    e3x_gather(
      indices, Int64(rows), gather.pointee.copiedBytes, Int64(size), address(gather.pointee.source),
      Int64(stride), out, Int64(stride))
    if hasPadding && gather.pointee.padding == .zero {
      for row in 0..<rows where Int(indices[row]) == size {
        memset(out + row * stride, 0, gather.pointee.copiedBytes)
      }
    }
    return nil
  }

  func run(_ scatter: UnsafePointer<Instruction.Scatter>, _ dtype: DType, _ rows: Int) {
    e3x_scatter(
      address(scatter.pointee.numbers).assumingMemoryBound(to: Int32.self), Int64(rows),
      scatter.pointee.rowBytes, address(scatter.pointee.rows),
      Int64(scatter.pointee.rows.rowStride * dtype.byteCount),
      address(scatter.pointee.result))
  }

  func run(
    _ reduce: UnsafePointer<Instruction.ReduceSegments>, _ dtype: e3x_dtype, _ segments: Int,
    _ rows: Int,
    _ first: Int
  ) -> FoundIndex? {
    let indices = self.indices(reduce.pointee.indices)
    let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(segments))
    if bad >= 0 {
      return reduce.pointee.indices.found(
        indices[Int(bad)], at: first + Int(bad), limit: segments, allowsPadding: true)
    }
    let kernel = reduce.pointee.isMaximum ? e3x_segment_raise : e3x_segment_add
    _ = kernel(
      dtype, Int64(rows), indices, 0, Int64(segments), Int64(reduce.pointee.width),
      address(reduce.pointee.rows), Int64(reduce.pointee.rows.rowStride),
      address(reduce.pointee.sink))
    return nil
  }

  /// The entries of an index list.
  func indices(_ list: IndexList) -> UnsafeMutablePointer<Int32> {
    address(list.entries).assumingMemoryBound(to: Int32.self)
  }
}
