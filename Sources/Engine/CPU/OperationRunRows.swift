internal import E3xCKernels
internal import E3xSystem

// Rows: matrices, gathers, segments, couplings, polynomials.

extension OperationRun {
  /// The value with contiguous trailing axes and one distance between rows, copied if need be.
  private func rows(_ value: Value, trailing: Int) -> (value: Value, stride: Int) {
    if let stride = value.rowStride(trailing: trailing) { return (value, stride) }
    let copy = value.contiguous(pool)
    return (copy, copy.dimensions.suffix(trailing).reduce(1, *))
  }

  /// As `rows`, for [..., C, I] whose components may lie apart.
  private func components(_ value: Value) -> (value: Value, row: Int, component: Int) {
    let last = value.rank - 1
    if value.dimensions[last] == 1 || value.strides[last] == 1,
      let row = value.rowStride(trailing: 2, looseFirst: true)
    {
      return (value, row, value.strides[last - 1])
    }
    let copy = value.contiguous(pool)
    let size = copy.dimensions[last]
    return (copy, copy.dimensions[last - 1] * size, size)
  }

  func linear(_ map: ComponentBlocks) -> Value {
    let result = made()
    let (x, row, component) = components(inputs[0])
    let weights = inputs[1].contiguous(pool)
    let (comps, outputs) = (dimensions[dimensions.count - 2], dimensions[dimensions.count - 1])
    let size = x.dimensions[x.rank - 1]
    let rowCount = dimensions.dropLast(2).reduce(1, *)
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    let work = Swift.max(1, comps * size * outputs)
    pool.run(count: rowCount, grain: Swift.max(8, 200_000 / work)) { range in
      _ = map.block.withUnsafeBufferPointer { block in
        e3x_linear(
          kernelType, Int64(range.count), Int64(comps), Int64(size), Int64(outputs),
          block.baseAddress, x.pointer + range.lowerBound * row * bytes, Int64(row),
          Int64(component), weights.pointer,
          result.pointer + range.lowerBound * comps * outputs * bytes)
      }
    }
    return result
  }

  /// Rows are cut into parts that depend on their number alone; the parts' sums are added in
  /// order.
  private func summedOverParts(
    rows: Int, work: Int, _ body: (Range<Int>, UnsafeMutableRawPointer) -> Void
  ) -> Value {
    let parts = Swift.max(1, Swift.min(8, rows * work / 400_000, rows / 64))
    if parts == 1 {
      let result = made()
      body(0..<rows, result.pointer)
      return result
    }
    let partial = Value(uninitialized: [parts] + dimensions, dtype)
    let bytes = partial.count / parts * dtype.byteCount
    pool.run(parts: parts) { part in
      body((rows * part / parts)..<(rows * (part + 1) / parts), partial.pointer + part * bytes)
    }
    let result = made()
    _ = OperationRun(
      inputs: [partial], dimensions: [1] + dimensions, dtype: dtype, bindings: bindings,
      pool: pool, destination: result.reshaped([1] + dimensions)!
    ).reduced(.sum, [0])
    return result
  }

  func linearWeights(_ map: ComponentBlocks) -> Value {
    let (x, xRow, xComponent) = components(inputs[0])
    let (y, yRow, yComponent) = components(inputs[1])
    let (comps, size) = (x.dimensions[x.rank - 2], x.dimensions[x.rank - 1])
    let outputs = y.dimensions[y.rank - 1]
    let rowCount = x.dimensions.dropLast(2).reduce(1, *)
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    return summedOverParts(rows: rowCount, work: comps * size * outputs) { range, out in
      _ = map.block.withUnsafeBufferPointer { block in
        e3x_linear_weights(
          kernelType, Int64(range.count), Int64(comps), Int64(size), Int64(outputs),
          Int64(map.count), block.baseAddress, x.pointer + range.lowerBound * xRow * bytes,
          Int64(xRow), Int64(xComponent), y.pointer + range.lowerBound * yRow * bytes,
          Int64(yRow), Int64(yComponent), out)
      }
    }
  }

  func blockProduct(_ map: ComponentBlocks, _ opened: Int) -> Value {
    let result = made()
    let (a, b) = (inputs[0].contiguous(pool), inputs[1].contiguous(pool))
    let features = (opened == 0 ? b.dimensions : opened == 1 ? b.dimensions : dimensions).last!
    let rows = dimensions[0]
    func width(_ dimensions: [Int]) -> Int { dimensions.dropFirst().reduce(1, *) }
    let widths = (width(a.dimensions), width(b.dimensions), width(dimensions))
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    let work = Swift.max(1, widths.0 + widths.1 + widths.2)
    pool.run(count: rows, grain: Swift.max(8, 200_000 / work)) { range in
      map.block.withUnsafeBufferPointer { block in
        var form = e3x_blocks(
          comps: Int64(block.count), blocks: Int64(map.count), features: Int64(features),
          block: block.baseAddress)
        _ = e3x_block_product(
          kernelType, &form, Int64(range.count), Int32(opened), 0,
          a.pointer + range.lowerBound * widths.0 * bytes, Int64(widths.0),
          b.pointer + range.lowerBound * widths.1 * bytes, Int64(widths.1),
          result.pointer + range.lowerBound * widths.2 * bytes)
      }
    }
    return result
  }

  func matmul() -> Value {
    let result = made()
    func matrix(_ value: Value) -> Value {
      let last = value.rank - 1
      let usable =
        (value.dimensions[last] == 1 || value.strides[last] == 1)
        && (value.dimensions[last - 1] == 1 || value.strides[last - 1] >= value.dimensions[last])
      return usable ? value : value.contiguous(pool)
    }
    let (a, b) = (matrix(inputs[0]), matrix(inputs[1]))
    let rank = dimensions.count
    let (m, n, k) = (dimensions[rank - 2], dimensions[rank - 1], a.dimensions[rank - 1])
    let batch = dimensions.dropLast(2).reduce(1, *)
    let (lda, ldb) = (
      Swift.max(a.strides[rank - 2], k), Swift.max(b.strides[rank - 2], n)
    )
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    func offset(_ value: Value, _ index: Int) -> Int {
      var (rest, offset) = (index, 0)
      for axis in (0..<(rank - 2)).reversed() {
        offset += rest % dimensions[axis] * value.strides[axis]
        rest /= dimensions[axis]
      }
      return offset
    }
    let work = Swift.max(1, m * n * k)
    if batch == 1 {
      pool.run(count: m, grain: Swift.max(8, 200_000 / Swift.max(1, n * k))) { range in
        _ = e3x_matmul(
          kernelType, Int64(range.count), Int64(n), Int64(k),
          a.pointer + range.lowerBound * lda * bytes, Int64(lda), b.pointer, Int64(ldb),
          result.pointer + range.lowerBound * n * bytes, Int64(n))
      }
      return result
    }
    pool.run(count: batch, grain: Swift.max(1, 200_000 / work)) { range in
      for index in range {
        _ = e3x_matmul(
          kernelType, Int64(m), Int64(n), Int64(k), a.pointer + offset(a, index) * bytes,
          Int64(lda), b.pointer + offset(b, index) * bytes, Int64(ldb),
          result.pointer + index * m * n * bytes, Int64(n))
      }
    }
    return result
  }

  // MARK: Index lists

  /// The index list, checked; and whether any of it is padding.
  private func indices(
    _ operation: String, upTo size: Int, allowsPadding: Bool = true
  ) throws -> (list: UnsafePointer<Int32>, value: Value, hasPadding: Bool) {
    let value = inputs[1].contiguous(pool)
    let list = UnsafePointer(value.pointer.assumingMemoryBound(to: Int32.self))
    let count = Int64(value.count)
    if e3x_first_bad_index(list, count, 0, Int32(size) - 1) < 0 { return (list, value, false) }
    let bad = e3x_first_bad_index(list, count, 0, Int32(allowsPadding ? size : size - 1))
    guard bad < 0 else {
      throw BadIndex(
        index: list[Int(bad)], position: Int(bad), limit: size, allowsPadding: allowsPadding
      ).error(operation, label, dimensions: value.dimensions, bindings)
    }
    return (list, value, true)
  }

  func gather(_ padding: GatherPadding) throws -> Value {
    let size = inputs[0].dimensions[0]
    let result = made()
    let (list, index, hasPadding) = try indices(
      "gather", upTo: size, allowsPadding: padding != .refused)
    let count = index.count
    if size == 0 {
      // Nothing but padding: there is no row to read.
      memset(result.pointer, 0, result.count * dtype.byteCount)
      return result
    }
    let (x, stride) = rows(inputs[0], trailing: inputs[0].rank - 1)
    let width = x.dimensions.dropFirst().reduce(1, *)
    let (rowBytes, strideBytes) = (width * dtype.byteCount, stride * dtype.byteCount)
    pool.run(count: count, grain: Swift.max(64, 65_536 / Swift.max(1, rowBytes))) { range in
      e3x_gather(
        list + range.lowerBound, Int64(range.count), rowBytes, Int64(size), x.pointer,
        Int64(strideBytes), result.pointer + range.lowerBound * rowBytes, Int64(rowBytes))
      guard hasPadding, padding == .zero else { return }
      for position in range where Int(list[position]) == size {
        memset(result.pointer + position * rowBytes, 0, rowBytes)
      }
    }
    return withExtendedLifetime(index) { result }
  }

  private func segments(
    _ operation: String,
    _ body: (SegmentIndex, Range<Int>, UnsafePointer<Int32>?, Value, Int, Int) -> Void
  ) throws {
    let segmentCount = dimensions[0]
    let (list, index, _) = try indices(operation, upTo: segmentCount)
    let segments =
      index.offset == 0 && index.storage.byteCount == index.count * 4
      ? index.storage.segmentIndex(count: index.count, segments: segmentCount)
      : SegmentIndex(list, count: index.count, segments: segmentCount)
    // The entries' rows: leading axes of the index list flattened.
    let width = dimensions.dropFirst().reduce(1, *)
    let flat = [index.count] + dimensions.dropFirst()
    let source = inputs[0].reshaped(flat) ?? inputs[0].contiguous(pool).reshaped(flat)!
    let (x, stride) = rows(source, trailing: source.rank - 1)
    let parts = Swift.max(1, Swift.min(64, index.count * width / 16_384))
    let ranges = segments.ranges(parts: parts)
    func withOrder(_ body: (UnsafePointer<Int32>?) -> Void) {
      guard let order = segments.order else { return body(nil) }
      order.withUnsafeBufferPointer { body($0.baseAddress) }
    }
    withOrder { order in
      pool.run(parts: ranges.count) { part in
        body(segments, ranges[part], order, x, stride, width)
      }
    }
    withExtendedLifetime(index) {}
  }

  func segmentSum() throws -> Value {
    let result = made()
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    try segments("segmentSum") { segments, range, order, x, stride, width in
      _ = segments.offsets.withUnsafeBufferPointer { offsets in
        e3x_segment_sum(
          kernelType, Int64(range.lowerBound), Int64(range.upperBound), offsets.baseAddress,
          order, Int64(width), x.pointer, Int64(stride),
          result.pointer + range.lowerBound * width * bytes)
      }
    }
    return result
  }

  func segmentMax(_ empty: Double) throws -> Value {
    let result = made()
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    try segments("segmentMax") { segments, range, order, x, stride, width in
      _ = segments.offsets.withUnsafeBufferPointer { offsets in
        e3x_segment_max(
          kernelType, Int64(range.lowerBound), Int64(range.upperBound), offsets.baseAddress,
          order, Int64(width), x.pointer, Int64(stride), empty,
          result.pointer + range.lowerBound * width * bytes)
      }
    }
    return result
  }

  // MARK: Forms

  func couple(_ table: CouplingTable, _ output: Int, _ reduce: Bool) -> Value {
    let features = dimensions[dimensions.count - 1]
    let terms = table.terms(sortedBy: output).terms
    var rowCount = 1
    var operands: [Value?] = []
    var strides: [Int] = []
    var next = 0
    for slot in 0..<table.slots {
      guard slot != output else {
        operands.append(nil)
        strides.append(0)
        continue
      }
      let input = inputs[next]
      next += 1
      if input.rank == 3 {
        rowCount = input.dimensions[0]
        let (value, stride) = rows(input, trailing: 2)
        operands.append(value)
        strides.append(stride)
      } else {
        operands.append(input.contiguous(pool))
        strides.append(0)
      }
    }
    let hasRows = inputs.contains { $0.rank == 3 }
    let (bytes, kernelType) = (dtype.byteCount, dtype.kernel)
    let sizes = table.sizes.map { Int32($0) }
    let rowStrides = strides.map { Int64($0) }
    let scratchBytes = e3x_couple_scratch(kernelType, Int64(features), Int64(terms.count))

    func run(_ range: Range<Int>, _ out: UnsafeMutableRawPointer) {
      let scratch = Storage(byteCount: scratchBytes)
      let pointers = operands.enumerated().map { slot, operand -> UnsafeRawPointer? in
        operand.map { UnsafeRawPointer($0.pointer + range.lowerBound * strides[slot] * bytes) }
      }
      let status = e3x_couple(
        kernelType, Int64(range.count), Int64(features), Int32(table.slots), sizes, terms,
        Int64(terms.count), Int32(output), pointers, rowStrides, reduce ? 1 : 0, out,
        scratch.pointer)
      precondition(status == 0, "couple refused its operands")
    }
    let work = Swift.max(1, terms.count * features)
    if reduce {
      return summedOverParts(rows: rowCount, work: work, run)
    }
    let result = made()
    let rowBytes = table.sizes[output] * features * bytes
    guard hasRows else {
      run(0..<1, result.pointer)
      return result
    }
    pool.run(count: rowCount, grain: Swift.max(8, 100_000 / work), maxParts: 16) { range in
      run(range, result.pointer + range.lowerBound * rowBytes)
    }
    return result
  }

  /// Lengths or directions of vectors of three components.
  func vectors(
    _ kernel:
      @Sendable (
        e3x_dtype, Int64, UnsafeRawPointer, Int64, UnsafeMutableRawPointer
      ) -> Int32
  ) -> Value {
    let result = made()
    let (x, stride) = rows(inputs[0], trailing: 1)
    let (bytes, dtype, width) = (dtype.byteCount, dtype.kernel, dimensions.last!)
    pool.run(count: dimensions.dropLast().reduce(1, *), grain: 4096, maxParts: 16) { range in
      _ = kernel(
        dtype, Int64(range.count), x.pointer + range.lowerBound * stride * bytes, Int64(stride),
        result.pointer + range.lowerBound * width * bytes)
    }
    return result
  }

  func polynomial(_ table: PolynomialTable) -> Value {
    let result = made()
    let (x, stride) = rows(inputs[0], trailing: 1)
    let kernel = table.kernel
    let weights = inputs.count == 2 ? inputs[1].contiguous(pool) : nil
    let rowCount = dimensions.dropLast().reduce(1, *)
    let (bytes, dtype) = (dtype.byteCount, dtype)
    let grain = Swift.max(64, 50_000 / Swift.max(1, kernel.work))
    pool.run(count: rowCount, grain: grain, maxParts: 16) { range in
      let scratch = Storage(byteCount: kernel.scratchBytes(dtype))
      kernel.run(
        dtype, rows: range.count, x.pointer + range.lowerBound * stride * bytes, stride: stride,
        weights: weights.map { $0.pointer + range.lowerBound * kernel.weights * bytes },
        weightStride: kernel.weights, to: result.pointer + range.lowerBound * kernel.count * bytes,
        scratch: scratch.pointer)
    }
    return result
  }
}
