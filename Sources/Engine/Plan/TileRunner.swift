internal import Dispatch
internal import E3xCKernels
internal import Foundation

/// Runs the instructions of a stage on tiles of rows, in one thread.
struct TileRunner {
  private let instructions: UnsafePointer<Instruction>
  private let count: Int
  /// The address of each slot, for the first row of the tile.
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The sweep; nil for operations on whole values.
  private let sweep: StageRun?
  /// The nanoseconds of each instruction so far, if they are wanted.
  private let clock: UnsafeMutablePointer<UInt64>?
  /// Rows that another sweep of a chain needs next, to be fetched meanwhile.
  let others: UnsafeMutablePointer<OtherRows>?

  /// Runs a sweep.
  init(
    _ sweep: StageRun, _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>,
    clock: UnsafeMutablePointer<UInt64>?, others: UnsafeMutablePointer<OtherRows>? = nil
  ) {
    instructions = sweep.stage.code
    self.others = others
    count = sweep.stage.instructions.count
    self.bases = bases
    self.sweep = sweep
    self.clock = clock
  }

  /// Runs operations on whole values (``PlainInstructions``).
  init(
    plain instructions: UnsafeBufferPointer<Instruction>,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  ) {
    self.instructions = instructions.baseAddress!
    count = instructions.count
    self.bases = bases
    sweep = nil
    clock = nil
    others = nil
  }

  /// For gathers the number of source rows, for segments their number.
  private func limit(_ instruction: Int) -> Int { sweep!.layout.limits[instruction] }

  /// Whether the rows of a slot in memory, or those whose addresses it holds, are likely outside
  /// of the second-level cache.
  func isFar(_ slot: Int32) -> Bool { sweep?.layout.isFar[Int(slot)] ?? false }

  /// Whether a slot's rows are in memory, the next tile's behind this one's.
  func isInMemory(_ slot: Int32) -> Bool {
    sweep?.stage.slots[Int(slot)].kind.isInMemory ?? false
  }

  /// Whether a slot leads to the rows of the tile in a buffer, not to segments.
  func isBuffered(_ slot: Int32) -> Bool {
    guard let sweep, sweep.parts.hasBuffers,
      case .sink(let sink) = sweep.stage.slots[Int(slot)].kind
    else { return false }
    return sweep.parts.isBuffered(sink)
  }

  func address(_ reference: Reference) -> UnsafeMutableRawPointer {
    bases[Int(reference.slot)] + reference.byteOffset
  }

  private func operands(_ coupling: StageCoupling) -> (
    UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?
  ) {
    func operand(_ reference: Reference) -> UnsafeRawPointer? {
      reference.slot < 0 ? nil : UnsafeRawPointer(address(reference))
    }
    let all = coupling.operands
    return (operand(all.0), operand(all.1), operand(all.2), operand(all.3))
  }

  /// Works out what tiles share.
  /// - Parameters:
  ///   - prepared: instructions with couplings.
  ///   - again: whether it was before, with other values of shared operands.
  func prepare(_ prepared: [Int], again: Bool) {
    for index in prepared { prepare(instructions + index, again: again) }
  }

  private func prepare(_ instruction: UnsafePointer<Instruction>, again: Bool) {
    if instruction.pointee.run != nil { return prepareRun(instruction, again: again) }
    let coupling = instruction.pointee.coupling!
    let dtype = instruction.pointee.dtype.kernel
    func shared(_ reference: Reference, _ slot: Int) -> UnsafeRawPointer? {
      reference.slot < 0 || coupling.pointee.rowStrides[slot] != 0
        ? nil : UnsafeRawPointer(address(reference))
    }
    let all = coupling.pointee.operands
    var operands = (shared(all.0, 0), shared(all.1, 1), shared(all.2, 2), shared(all.3, 3))
    withUnsafeBytes(of: &operands) { bytes in
      let operands = bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress
      if again {
        _ = e3x_couple_refresh(
          dtype, coupling.pointee.terms, Int64(coupling.pointee.termCount), operands,
          address(instruction.pointee.scratch))
      } else {
        _ = e3x_couple_prepare(
          dtype, Int64(coupling.pointee.features), coupling.pointee.slots,
          coupling.pointee.sizes, coupling.pointee.terms, Int64(coupling.pointee.termCount),
          coupling.pointee.outSlot, instruction.pointee.summing, operands,
          coupling.pointee.rowStrides, nil,
          address(instruction.pointee.scratch))
      }
    }
  }

  /// Runs a tile.
  /// - Parameters:
  ///   - first: the number of the tile's first row.
  ///   - following: how many rows follow the tile's.
  /// - Returns: what is wrong with an index, if anything.
  func run(rows: Int, first: Int, following: Int) -> FoundIndex? {
    for index in 0..<count {
      let start = clock == nil ? 0 : nanoseconds()
      if let found = run(instructions + index, index, rows, first, following) { return found }
      if let clock { clock[index] += nanoseconds() - start }
    }
    return nil
  }

  private func nest(_ instruction: UnsafePointer<Instruction>, _ rows: Int) -> e3x_nest {
    var nest = instruction.pointee.nest
    setRows(&nest, instruction.pointee.rowAxis, rows * instruction.pointee.rowFactor)
    return nest
  }

  private func setRows(_ nest: inout e3x_nest, _ axis: Int, _ count: Int) {
    switch axis {
    case 0: nest.count.0 = Int64(count)
    case 1: nest.count.1 = Int64(count)
    case 2: nest.count.2 = Int64(count)
    default: nest.count.3 = Int64(count)
    }
  }

  private func run(
    _ instruction: UnsafePointer<Instruction>, _ index: Int, _ rows: Int, _ first: Int,
    _ following: Int
  ) -> FoundIndex? {
    // Threads share the instructions: what depends on the rows goes into copies. Instructions
    // themselves are large, and not copied.
    let out = address(instruction.pointee.out)
    let dtype = instruction.pointee.dtype.kernel
    switch instruction.pointee.code {
    case .unary:
      var nest = nest(instruction, rows)
      _ = e3x_unary(
        e3x_unary_op(rawValue: instruction.pointee.operation), dtype, &nest, out,
        address(instruction.pointee.a))
    case .binary:
      var nest = nest(instruction, rows)
      _ = e3x_binary(
        e3x_binary_op(rawValue: instruction.pointee.operation), dtype, &nest, out,
        address(instruction.pointee.a),
        address(instruction.pointee.b))
    case .compare:
      var nest = nest(instruction, rows)
      _ = e3x_compare(
        e3x_compare_op(rawValue: instruction.pointee.operation),
        instruction.pointee.operandType.kernel, &nest,
        out.assumingMemoryBound(to: UInt8.self), address(instruction.pointee.a),
        address(instruction.pointee.b))
    case .logical:
      var nest = nest(instruction, rows)
      let b = instruction.pointee.b.slot < 0 ? nil : address(instruction.pointee.b)
      _ = e3x_logical(
        e3x_logical_op(rawValue: instruction.pointee.operation), &nest,
        out.assumingMemoryBound(to: UInt8.self),
        address(instruction.pointee.a).assumingMemoryBound(to: UInt8.self),
        b?.assumingMemoryBound(to: UInt8.self))
    case .select where instruction.pointee.canAlias && alias(instruction, rows): break
    case .select:
      var nest = nest(instruction, rows)
      _ = e3x_select(
        dtype, &nest, out, address(instruction.pointee.a).assumingMemoryBound(to: UInt8.self),
        address(instruction.pointee.b), address(instruction.pointee.c))
    case .cast:
      var nest = nest(instruction, rows)
      _ = e3x_cast(
        dtype, instruction.pointee.operandType.kernel, &nest, out, address(instruction.pointee.a))
    case .reduce:
      var (nest, reduced) = (nest(instruction, rows), instruction.pointee.reduced)
      _ = e3x_reduce(
        e3x_reduce_op(rawValue: instruction.pointee.operation), dtype, &nest, &reduced, out,
        address(instruction.pointee.a))
    case .linear:
      let (sizes, scale) = (instruction.pointee.sizes, instruction.pointee.c)
      _ = e3x_linear_scaled(
        dtype, Int64(rows), Int64(sizes.0), Int64(sizes.1), Int64(sizes.2),
        instruction.pointee.block,
        address(instruction.pointee.a), Int64(instruction.pointee.a.rowStride),
        Int64(instruction.pointee.componentStrides.0), address(instruction.pointee.b),
        scale.slot < 0 ? nil : address(scale), Int64(scale.rowStride),
        isFar(instruction.pointee.a.slot) ? 1 : 0, instruction.pointee.out.isSum ? 1 : 0, out)
    case .blockProduct:
      let sizes = instruction.pointee.sizes
      var form = e3x_blocks(
        comps: Int64(sizes.0), blocks: Int64(sizes.1), features: Int64(sizes.2),
        block: instruction.pointee.block)
      _ = e3x_block_product(
        dtype, &form, Int64(rows), Int32(instruction.pointee.operation),
        instruction.pointee.out.isSum ? 1 : 0,
        address(instruction.pointee.a), Int64(instruction.pointee.a.rowStride),
        address(instruction.pointee.b), Int64(instruction.pointee.b.rowStride), out)
    case .couple where instruction.pointee.hasAddresses: coupleInPlace(instruction, rows)
    case .couple, .coupleRows:
      var operands = operands(instruction.pointee.coupling!.pointee)
      withUnsafeBytes(of: &operands) { bytes in
        _ = e3x_couple_run(
          dtype, Int64(rows), bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
          instruction.pointee.summing, out, address(instruction.pointee.scratch))
      }
    case .dotDerivatives: dotDerivatives(instruction, rows)
    case .polynomial:
      instruction.pointee.polynomials!.pointee.run(
        instruction.pointee.dtype, rows: rows, address(instruction.pointee.a),
        stride: instruction.pointee.a.rowStride,
        weights: instruction.pointee.b.slot < 0 ? nil : address(instruction.pointee.b),
        weightStride: instruction.pointee.b.rowStride, to: out,
        scratch: address(instruction.pointee.scratch))
    case .length:
      _ = e3x_length(
        dtype, Int64(rows), address(instruction.pointee.a),
        Int64(instruction.pointee.a.rowStride), out)
    case .direction:
      _ = e3x_direction(
        dtype, Int64(rows), address(instruction.pointee.a),
        Int64(instruction.pointee.a.rowStride), instruction.pointee.above, out)
    case .runSum, .runOperand, .runWeights:
      let hasJoined = instruction.pointee.run!.pointee.hasJoined
      return runs(
        instruction, limit(index), joinedSize: hasJoined ? limit(index + 1) : 0, rows, first, out)
    case .gather:
      return gather(instruction, limit(index), rows, first, out)
    case .scatter:
      e3x_scatter(
        address(instruction.pointee.b).assumingMemoryBound(to: Int32.self), Int64(rows),
        instruction.pointee.sizes.0, address(instruction.pointee.a),
        Int64(instruction.pointee.a.rowStride * instruction.pointee.dtype.byteCount), out)
    case .gatherRows: return gatherRows(instruction, limit(index), rows, first, following)
    case .sinkRows: return sinkRows(instruction, limit(index), rows, first, following)
    case .segmentAdd, .segmentRaise:
      let indices = address(instruction.pointee.b).assumingMemoryBound(to: Int32.self)
      let segments = limit(index)
      let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(segments))
      if bad >= 0 {
        return instruction.pointee.found(
          indices[Int(bad)], at: first + Int(bad), limit: segments, allowsPadding: true)
      }
      let add = instruction.pointee.code == .segmentAdd ? e3x_segment_add : e3x_segment_raise
      _ = add(
        dtype, Int64(rows), indices, 0, Int64(segments), Int64(instruction.pointee.sizes.0),
        address(instruction.pointee.a), Int64(instruction.pointee.a.rowStride), out)
    case .reduceRows:
      var (kept, reduced) = (instruction.pointee.nest, instruction.pointee.reduced)
      setRows(&reduced, instruction.pointee.rowAxis, rows * instruction.pointee.rowFactor)
      let scratch = address(instruction.pointee.scratch)
      let operation = e3x_reduce_op(rawValue: instruction.pointee.operation)
      _ = e3x_reduce(operation, dtype, &kept, &reduced, scratch, address(instruction.pointee.a))
      let combine: e3x_binary_op =
        operation == E3X_REDUCE_SUM ? E3X_ADD : operation == E3X_REDUCE_MAX ? E3X_MAX : E3X_MIN
      accumulate(combine, dtype, instruction.pointee.sizes.0, scratch, out)
    case .linearWeights:
      let sizes = instruction.pointee.sizes
      let scratch = address(instruction.pointee.scratch)
      _ = e3x_linear_weights(
        dtype, Int64(rows), Int64(sizes.0), Int64(sizes.1), Int64(sizes.2), Int64(sizes.3),
        instruction.pointee.block, address(instruction.pointee.a),
        Int64(instruction.pointee.a.rowStride),
        Int64(instruction.pointee.componentStrides.0), address(instruction.pointee.b),
        Int64(instruction.pointee.b.rowStride), Int64(instruction.pointee.componentStrides.1),
        scratch)
      accumulate(E3X_ADD, dtype, sizes.4, scratch, out)
    }
    return nil
  }

  /// Looks at the chosen rows where they lie, if all of the tile are chosen.
  private func alias(_ instruction: UnsafePointer<Instruction>, _ rows: Int) -> Bool {
    guard memchr(address(instruction.pointee.a), 0, rows) == nil else { return false }
    bases[Int(instruction.pointee.out.slot)] = address(instruction.pointee.b)
    return true
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

  private func gather(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int,
    _ out: UnsafeMutableRawPointer
  ) -> FoundIndex? {
    let indices = address(instruction.pointee.b).assumingMemoryBound(to: Int32.self)
    let (rowBytes, stride) = (instruction.pointee.sizes.0, instruction.pointee.sizes.2)
    var hasPadding = false
    if e3x_first_bad_index(indices, Int64(rows), 0, Int32(size) - 1) >= 0 {
      let isAllowed = instruction.pointee.padding != .refused
      let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(isAllowed ? size : size - 1))
      if bad >= 0 {
        return instruction.pointee.found(
          indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: isAllowed)
      }
      hasPadding = true
    }
    if size == 0 {
      memset(out, 0, rows * stride)
      return nil
    }
    e3x_gather(
      indices, Int64(rows), rowBytes, Int64(size), address(instruction.pointee.a), Int64(stride),
      out, Int64(stride))
    if hasPadding && instruction.pointee.padding == .zero {
      for row in 0..<rows where Int(indices[row]) == size {
        memset(out + row * stride, 0, rowBytes)
      }
    }
    return nil
  }
}

/// Nanoseconds since some fixed moment.
private func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

/// A bad index, and the operation that met it.
struct FoundIndex {
  var bad: BadIndex
  /// The position in the graph of the gather, or of the sum over segments.
  var operation: Int
}
