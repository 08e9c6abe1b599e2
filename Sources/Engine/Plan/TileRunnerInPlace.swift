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
        stride: Int64(reference.rowStride), row: nil, offset: 0, is_far: 0)
    }
    let addresses = base.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) + first
    return e3x_rows(
      base: nil, stride: 0, row: addresses, offset: Int64(reference.byteOffset),
      is_far: isFar(reference.slot) ? 1 : 0)
  }

  /// The addresses of the rows that indices choose.
  func gatherRows(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int
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
    return nil
  }

  /// The addresses of the segments that rows belong to; what padding adds to is not read.
  func sinkRows(
    _ instruction: UnsafePointer<Instruction>, _ size: Int, _ rows: Int, _ first: Int
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
    if isBuffered(instruction.pointee.a.slot) {
      memset(sink, 0, rows * rowBytes)
      for row in 0..<rows { addresses[row] = sink + row * rowBytes }
      return nil
    }
    let other = address(instruction.pointee.scratch)
    memset(other, 0, rowBytes)
    for row in 0..<rows {
      let index = Int(indices[row])
      addresses[row] = index == size ? other : sink + index * rowBytes
    }
    return nil
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
        instruction.pointee.out.isIndirect ? 1 : 0, address(instruction.pointee.scratch))
    }
  }
}

extension Instruction {
  /// Whether an operand or the result of a coupling is given by addresses.
  var hasAddresses: Bool {
    guard let operands = coupling?.pointee.operands else { return false }
    return out.isIndirect || operands.0.isIndirect || operands.1.isIndirect
      || operands.2.isIndirect || operands.3.isIndirect
  }
}
