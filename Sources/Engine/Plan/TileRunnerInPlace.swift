internal import E3xCKernels
internal import Foundation

// Addresses of rows that other rows choose.

extension TileRunner {
  /// The rows of an operand, from `first` on.
  func rows(_ reference: Reference, _ dtype: DType, from first: Int = 0) -> e3x_rows {
    let base = bases[Int(reference.slot)]
    guard reference.isIndirect else {
      return e3x_rows(
        base: base + reference.byteOffset + first * reference.rowStride * dtype.byteCount,
        stride: Int64(reference.rowStride), row: nil, offset: 0, is_far: 0, component: 0)
    }
    let addresses = base.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) + first
    return e3x_rows(
      base: nil, stride: 0, row: addresses, offset: Int64(reference.byteOffset),
      is_far: isFar(reference.slot) ? 1 : 0, component: 0)
  }

  /// The addresses of the rows that indices choose, and of some that the next tile will need.
  func gatherRows(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int,
    _ following: Int
  ) -> FoundIndex? {
    let indices = address(instruction.pointee.b).assumingMemoryBound(to: Int32.self)
    let padding = instruction.pointee.padding
    let bad = e3x_first_bad_index(
      indices, Int64(rows), 0, Int32(padding == .refused ? size - 1 : size))
    if bad >= 0 {
      return instruction.pointee.found(
        indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: padding != .refused)
    }
    let rowBytes = instruction.pointee.sizes.0
    let addresses = address(instruction.pointee.out)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    let source = address(instruction.pointee.a)
    let zero = address(instruction.pointee.scratch)
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
    let ahead = RowsAhead(bases[Int(instruction.pointee.c.slot)])
    ahead.clear()
    guard isFar(instruction.pointee.out.slot), isInMemory(instruction.pointee.b.slot), size > 0
    else { return nil }
    for row in rows..<(rows + min(following, RowsAhead.most)) {
      // Wrong indices are for their own tile to find.
      ahead.append(source + max(0, min(Int(indices[row]), size - 1)) * rowBytes)
    }
    return nil
  }

  /// The addresses of the segments that rows belong to; what padding adds to is not read.
  func sinkRows(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int,
    _ following: Int
  ) -> FoundIndex? {
    let indices = address(instruction.pointee.b).assumingMemoryBound(to: Int32.self)
    let bad = e3x_first_bad_index(indices, Int64(rows), 0, Int32(size))
    if bad >= 0 {
      return instruction.pointee.found(
        indices[Int(bad)], at: first + Int(bad), limit: size, allowsPadding: true)
    }
    let rowBytes = instruction.pointee.sizes.0
    let addresses = address(instruction.pointee.out)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    let sink = address(instruction.pointee.a)
    let ahead = RowsAhead(bases[Int(instruction.pointee.c.slot)])
    ahead.clear()
    if isBuffered(instruction.pointee.a.slot) {
      for row in 0..<rows { addresses[row] = sink + row * rowBytes }
      return nil
    }
    let other = address(instruction.pointee.scratch)
    memset(other, 0, rowBytes)
    for row in 0..<rows {
      let index = Int(indices[row])
      addresses[row] = index == size ? other : sink + index * rowBytes
    }
    guard isFar(instruction.pointee.out.slot), isInMemory(instruction.pointee.b.slot), size > 0
    else { return nil }
    for row in rows..<(rows + min(following, RowsAhead.most)) {
      ahead.append(sink + max(0, min(Int(indices[row]), size - 1)) * rowBytes)
    }
    return nil
  }

  /// Whether a kernel adds to rows, rather than writing them: to other results, or to segments, not to
  /// a buffer.
  func adds(to rows: Reference) -> Bool {
    rows.isSum || (rows.isIndirect && !isBuffered(rows.sink))
  }

  /// A coupling of which some rows lie anywhere.
  func coupleInPlace(_ instruction: UnsafePointer<Instruction>, _ rows: Int) {
    let (dtype, coupling) = (instruction.pointee.dtype, instruction.pointee.coupling!)
    let all = coupling.pointee.operands
    var operands = (e3x_rows(), e3x_rows(), e3x_rows())
    withUnsafeMutableBytes(of: &operands) { bytes in
      let operands = bytes.assumingMemoryBound(to: e3x_rows.self)
      var count = 0
      for (slot, reference) in [all.0, all.1, all.2, all.3].enumerated()
      where reference.slot >= 0 && slot != Int(coupling.pointee.outSlot)
        && slot < Int(coupling.pointee.slots) && coupling.pointee.rowStrides[slot] != 0
      {
        operands[count] = self.rows(reference, dtype)
        count += 1
      }
      var out = self.rows(instruction.pointee.out, dtype)
      _ = e3x_couple_rows(
        dtype.kernel, Int64(rows), operands.baseAddress, &out,
        adds(to: instruction.pointee.out) ? 1 : 0, address(instruction.pointee.scratch))
    }
  }
}

extension Instruction {
  /// Whether an operand or the result of a coupling is given by addresses.
  var hasAddresses: Bool {
    guard let operands = coupling?.pointee.operands else { return false }
    return out.isIndirect || out.isSum || operands.0.isIndirect || operands.1.isIndirect
      || operands.2.isIndirect || operands.3.isIndirect
  }
}

/// The addresses of the first rows that the next tile will need: while this one is computed, they are
/// fetched.
struct RowsAhead {
  static let most = 32
  static let byteCount = (most + 1) * MemoryLayout<UnsafeMutableRawPointer>.stride

  private let number: UnsafeMutablePointer<Int>
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  init(_ memory: UnsafeMutableRawPointer) {
    number = memory.assumingMemoryBound(to: Int.self)
    addresses = (memory + MemoryLayout<UnsafeMutableRawPointer>.stride)
      .assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }

  var count: Int { number.pointee }

  func clear() { number.pointee = 0 }

  func append(_ address: UnsafeMutableRawPointer) {
    addresses[number.pointee] = address
    number.pointee += 1
  }
}
