internal import E3xCKernels
internal import E3xSystem

// Elementwise operations, reductions, linear maps and functions of points.

extension TileRunner {
  func run(_ elementwise: UnsafePointer<Instruction.Elementwise>, _ dtype: e3x_dtype, _ rows: Int) {
    var nest = elementwise.pointee.loops.nest(rows: rows)
    let (out, a) = (address(elementwise.pointee.result), address(elementwise.pointee.a))
    switch elementwise.pointee.kernel {
    case .unary(let kernel): _ = e3x_unary(kernel, dtype, &nest, out, a)
    case .binary(let kernel):
      _ = e3x_binary(kernel, dtype, &nest, out, a, address(elementwise.pointee.b!))
    case .compare(let kernel, let operands):
      _ = e3x_compare(
        kernel, operands.kernel, &nest, out.assumingMemoryBound(to: UInt8.self), a,
        address(elementwise.pointee.b!))
    case .logical(let kernel):
      _ = e3x_logical(
        kernel, &nest, out.assumingMemoryBound(to: UInt8.self),
        a.assumingMemoryBound(to: UInt8.self),
        address(elementwise.pointee.b)?.assumingMemoryBound(to: UInt8.self))
    case .select(let mayAlias):
      if mayAlias && alias(elementwise, rows) { return }
      _ = e3x_select(
        dtype, &nest, out, a.assumingMemoryBound(to: UInt8.self), address(elementwise.pointee.b!),
        address(elementwise.pointee.c!))
    case .cast(let from): _ = e3x_cast(dtype, from.kernel, &nest, out, a)
    }
  }

  /// Looks at the chosen rows where they lie, if all of the tile are chosen.
  private func alias(_ select: UnsafePointer<Instruction.Elementwise>, _ rows: Int) -> Bool {
    guard memchr(address(select.pointee.a), 0, rows) == nil else { return false }
    bases[select.pointee.result.slot] = address(select.pointee.b!)
    return true
  }

  func run(_ reduce: UnsafePointer<Instruction.Reduce>, _ dtype: e3x_dtype, _ rows: Int) {
    var (nest, reduced) = (reduce.pointee.kept.nest(rows: rows), reduce.pointee.reduced)
    _ = e3x_reduce(
      reduce.pointee.kernel, dtype, &nest, &reduced, address(reduce.pointee.result),
      address(reduce.pointee.source))
  }

  func run(_ reduce: UnsafePointer<Instruction.ReduceRows>, _ dtype: e3x_dtype, _ rows: Int) {
    var (kept, reduced) = (reduce.pointee.kept, reduce.pointee.reduced.nest(rows: rows))
    let scratch = address(reduce.pointee.scratch)
    _ = e3x_reduce(
      reduce.pointee.kernel, dtype, &kept, &reduced, scratch, address(reduce.pointee.source))
    let combine: e3x_binary_op =
      reduce.pointee.kernel == E3X_REDUCE_SUM
      ? E3X_ADD : reduce.pointee.kernel == E3X_REDUCE_MAX ? E3X_MAX : E3X_MIN
    accumulate(combine, dtype, reduce.pointee.count, scratch, address(reduce.pointee.sink))
  }

  private func accumulate(
    _ operation: e3x_binary_op, _ dtype: e3x_dtype, _ count: Int,
    _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer
  ) {
    var nest = e3x_nest()
    nest.count = (1, 1, 1, Int64(count))
    nest.out.3 = 1
    nest.in.0.3 = 1
    nest.in.1.3 = 1
    _ = e3x_binary(operation, dtype, &nest, to, to, from)
  }

  func run(_ linear: UnsafePointer<Instruction.Linear>, _ dtype: e3x_dtype, _ rows: Int) {
    _ = e3x_linear_scaled(
      dtype, Int64(rows), Int64(linear.pointee.components), Int64(linear.pointee.inputs),
      Int64(linear.pointee.outputs),
      linear.pointee.blocks, address(linear.pointee.source), Int64(linear.pointee.source.rowStride),
      Int64(linear.pointee.componentStride), address(linear.pointee.weights),
      address(linear.pointee.scale),
      Int64(linear.pointee.scale?.rowStride ?? 0), isFar(linear.pointee.source.slot) ? 1 : 0,
      linear.pointee.isAdded ? 1 : 0, address(linear.pointee.result))
  }

  func run(_ weights: UnsafePointer<Instruction.LinearWeights>, _ dtype: e3x_dtype, _ rows: Int) {
    let scratch = address(weights.pointee.scratch)
    _ = e3x_linear_weights(
      dtype, Int64(rows), Int64(weights.pointee.components), Int64(weights.pointee.inputs),
      Int64(weights.pointee.outputs), Int64(weights.pointee.blockCount), weights.pointee.blocks,
      address(weights.pointee.source),
      Int64(weights.pointee.source.rowStride), Int64(weights.pointee.sourceStride),
      address(weights.pointee.cotangent),
      Int64(weights.pointee.cotangent.rowStride), Int64(weights.pointee.cotangentStride), scratch)
    accumulate(E3X_ADD, dtype, weights.pointee.count, scratch, address(weights.pointee.sink))
  }

  func run(_ product: UnsafePointer<Instruction.BlockProduct>, _ dtype: e3x_dtype, _ rows: Int) {
    var form = e3x_blocks(
      comps: Int64(product.pointee.components), blocks: Int64(product.pointee.blockCount),
      features: Int64(product.pointee.features), block: product.pointee.blocks)
    _ = e3x_block_product(
      dtype, &form, Int64(rows), Int32(product.pointee.opened), product.pointee.isAdded ? 1 : 0,
      address(product.pointee.a), Int64(product.pointee.a.rowStride), address(product.pointee.b),
      Int64(product.pointee.b.rowStride), address(product.pointee.result))
  }

  func run(_ polynomial: UnsafePointer<Instruction.Polynomial>, _ dtype: DType, _ rows: Int) {
    polynomial.pointee.kernel.pointee.run(
      dtype, rows: rows, address(polynomial.pointee.points),
      stride: polynomial.pointee.points.rowStride,
      weights: address(polynomial.pointee.weights),
      weightStride: polynomial.pointee.weights?.rowStride ?? 0,
      to: address(polynomial.pointee.result), scratch: address(polynomial.pointee.scratch))
  }

  func run(_ vectors: UnsafePointer<Instruction.Vectors>, _ dtype: e3x_dtype, _ rows: Int) {
    let (source, stride) = (
      address(vectors.pointee.source), Int64(vectors.pointee.source.rowStride)
    )
    switch vectors.pointee.kernel {
    case .length:
      _ = e3x_length(dtype, Int64(rows), source, stride, address(vectors.pointee.result))
    case .direction(let above):
      _ = e3x_direction(dtype, Int64(rows), source, stride, above, address(vectors.pointee.result))
    }
  }
}
