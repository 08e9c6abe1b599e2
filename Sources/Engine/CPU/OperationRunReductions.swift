internal import E3xCKernels

extension OperationRun {
  /// Reductions over long axes are cut into parts that depend on the sizes alone, and the parts'
  /// results combined in order: the same bits for any number of threads.
  func reduced(_ reduction: Reduction, _ axes: [Int]) -> Value {
    var input = inputs[0]
    let keptAxes = input.dimensions.indices.filter { !axes.contains($0) }
    let result = made()
    let keptCount = result.count
    let reducedCount = axes.reduce(1) { $0 * input.dimensions[$1] }

    func loops(_ input: Value, _ output: [Int]) -> (kept: Loop, reduced: Loop) {
      let kept = Loop(
        keptAxes.map { input.dimensions[$0] },
        [keptAxes.map { output[$0] }, keptAxes.map { input.strides[$0] }])
      let reducedDimensions = axes.map { input.dimensions[$0] }
      let reduced = Loop(
        reducedDimensions, [axes.map { _ in 0 }, axes.map { input.strides[$0] }])
      return (kept, reduced)
    }
    var (kept, reduced) = loops(input, result.strides)
    if kept.depth > 4 || reduced.depth > 4 {
      // Too many loops for the kernels: a copy in the order of the loops has two.
      let order = keptAxes + axes
      var sorted = input
      sorted.dimensions = order.map { input.dimensions[$0] }
      sorted.strides = order.map { input.strides[$0] }
      let copy = sorted.contiguous(pool)
      for (position, axis) in order.enumerated() { input.strides[axis] = copy.strides[position] }
      input.storage = copy.storage
      input.offset = copy.offset
      (kept, reduced) = loops(input, result.strides)
    }
    guard var reducedNest = reduced.nest() else { preconditionFailure("too many loops") }

    let partLength = 32_768
    let parts = min(16, keptCount * reducedCount / partLength)
    if parts > 1 && keptCount < 1024 && reducedCount >= parts {
      return reducedInParts(reduction, input, axes, parts, result)
    }
    guard keptCount * reducedCount > 0 || keptCount > 0 else { return result }
    let grain = Swift.max(1, partLength / Swift.max(1, reducedCount))
    if keptCount <= grain || kept.depth == 0 {
      var keptNest = kept.nest()!
      _ = e3x_reduce(
        reduction.kernel, dtype.kernel, &keptNest, &reducedNest, result.pointer, input.pointer)
      return result
    }
    let kernelType = dtype.kernel
    kept.run(pool, [result, input], grain: grain) { keptNest, pointers in
      withUnsafePointer(to: reducedNest) { reducedNest in
        _ = e3x_reduce(
          reduction.kernel, kernelType, &keptNest, reducedNest, pointers[0], pointers[1])
      }
    }
    return result
  }

  private func reducedInParts(
    _ reduction: Reduction, _ input: Value, _ axes: [Int], _ parts: Int, _ result: Value
  ) -> Value {
    let axis = axes.max { input.dimensions[$0] < input.dimensions[$1] }!
    let length = input.dimensions[axis]
    let parts = Swift.min(parts, length)
    let partial = Value(uninitialized: [parts] + dimensions, dtype)
    pool.run(parts: parts) { part in
      let range = (length * part / parts)..<(length * (part + 1) / parts)
      var slice = input
      slice.offset += range.lowerBound * input.strides[axis]
      slice.dimensions[axis] = range.count
      var output = partial
      output.offset = part * result.count
      output.dimensions = dimensions
      output.strides = result.strides
      OperationRun(
        inputs: [slice], dimensions: dimensions, dtype: dtype, bindings: bindings, pool: pool
      )
      .reduceSerially(reduction, axes, into: output)
    }
    var combined = partial
    combined.dimensions = [parts] + dimensions
    let combination = OperationRun(
      inputs: [combined], dimensions: [1] + dimensions, dtype: dtype, bindings: bindings,
      pool: pool)
    var output = result
    output.dimensions = [1] + dimensions
    output.strides = [result.count] + result.strides
    combination.reduceSerially(reduction, [0], into: output)
    return result
  }

  private func reduceSerially(_ reduction: Reduction, _ axes: [Int], into output: Value) {
    let input = inputs[0]
    let keptAxes = input.dimensions.indices.filter { !axes.contains($0) }
    let kept = Loop(
      keptAxes.map { input.dimensions[$0] },
      [keptAxes.map { output.strides[$0] }, keptAxes.map { input.strides[$0] }])
    let reduced = Loop(
      axes.map { input.dimensions[$0] }, [axes.map { _ in 0 }, axes.map { input.strides[$0] }])
    guard var keptNest = kept.nest(), var reducedNest = reduced.nest() else {
      preconditionFailure("too many loops")
    }
    _ = e3x_reduce(
      reduction.kernel, dtype.kernel, &keptNest, &reducedNest, output.pointer, input.pointer)
  }
}
