internal import E3xCKernels

extension TileRunner {
  /// Works out what a coupling shares between tiles.
  /// - Parameters:
  ///   - summing: whether its rows are summed.
  ///   - again: whether that was done before, with other values of shared operands.
  func prepare(
    _ form: CouplingForm, _ operands: CouplingOperands, in scratch: Operand, _ dtype: DType,
    summing: Bool, _ again: Bool
  ) {
    func shared(_ slot: Int) -> UnsafeRawPointer? {
      guard let operand = operands[slot]?.operand, form.rowStrides[slot] == 0 else { return nil }
      return UnsafeRawPointer(address(operand))
    }
    var operands = (shared(0), shared(1), shared(2), shared(3))
    withUnsafeBytes(of: &operands) { bytes in
      let operands = bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress
      if again {
        _ = e3x_couple_refresh(
          dtype.kernel, form.terms, Int64(form.termCount), operands, address(scratch))
      } else {
        _ = e3x_couple_prepare(
          dtype.kernel, Int64(form.features), form.slots, form.sizes, form.terms,
          Int64(form.termCount), form.outSlot, CouplingForm.mode(summing: summing), operands,
          form.rowStrides, nil, address(scratch))
      }
    }
  }

  func run(_ couple: UnsafePointer<Instruction.Couple>, _ dtype: DType, _ rows: Int) {
    guard couple.pointee.usesAddresses else {
      return run(
        couple.pointee.operands, dtype, rows, summing: false,
        address(couple.pointee.result.rows.operand),
        couple.pointee.prepared)
    }
    var operands = (e3x_rows(), e3x_rows(), e3x_rows())
    withUnsafeMutableBytes(of: &operands) { bytes in
      let operands = bytes.assumingMemoryBound(to: e3x_rows.self)
      var count = 0
      for slot in 0..<4 where couple.pointee.form.isVarying(slot) {
        guard let operand = couple.pointee.operands[slot] else { continue }
        operands[count] = self.rows(operand, dtype)
        count += 1
      }
      var out = self.rows(couple.pointee.result.rows, dtype)
      _ = e3x_couple_rows(
        dtype.kernel, Int64(rows), operands.baseAddress, &out,
        adds(to: couple.pointee.result) ? 1 : 0,
        address(couple.pointee.prepared))
    }
  }

  func run(_ couple: UnsafePointer<Instruction.CoupleRows>, _ dtype: DType, _ rows: Int) {
    run(
      couple.pointee.operands, dtype, rows, summing: true, address(couple.pointee.sink),
      couple.pointee.scratch)
  }

  private func run(
    _ operands: CouplingOperands, _ dtype: DType, _ rows: Int, summing: Bool,
    _ out: UnsafeMutableRawPointer, _ scratch: Operand
  ) {
    func operand(_ slot: Int) -> UnsafeRawPointer? {
      operands[slot].map { UnsafeRawPointer(address($0.operand)) }
    }
    var operands = (operand(0), operand(1), operand(2), operand(3))
    withUnsafeBytes(of: &operands) { bytes in
      _ = e3x_couple_run(
        dtype.kernel, Int64(rows),
        bytes.assumingMemoryBound(to: UnsafeRawPointer?.self).baseAddress,
        CouplingForm.mode(summing: summing), out, address(scratch))
    }
  }

  func run(_ dot: UnsafePointer<Instruction.DotDerivatives>, _ dtype: DType, _ rows: Int) {
    func all(_ rows: Rows?) -> e3x_rows { rows.map { self.rows($0, dtype) } ?? e3x_rows() }
    func adds(_ target: Target?) -> Int32 {
      if let target, self.adds(to: target) { 1 } else { 0 }
    }
    var kernel = e3x_dot(
      features: Int64(dot.pointee.features), blocks: Int64(dot.pointee.blocks),
      starts: dot.pointee.starts, at: dot.pointee.at,
      values: dot.pointee.values, has_weights: dot.pointee.weights == nil ? 0 : 1,
      x: all(dot.pointee.x), y: all(dot.pointee.y),
      weights: all(dot.pointee.weights), cotangent: all(dot.pointee.cotangent),
      dx: all(dot.pointee.dx.rows),
      dy: all(dot.pointee.dy.rows), dweights: all(dot.pointee.dweights?.rows),
      add_x: adds(dot.pointee.dx),
      add_y: adds(dot.pointee.dy), add_weights: adds(dot.pointee.dweights))
    _ = e3x_dot_derivatives(dtype.kernel, &kernel, Int64(rows))
  }
}
