/// A rule that the values of an argument must follow.
package struct ValueCheck: Hashable, Sendable, CustomStringConvertible {
  /// What is asked of values.
  package enum Rule: Hashable, Sendable {
    /// No element is below 0. (Not a number passes, and comes out again.)
    case notNegative
    /// Every element is a finite number, not below 0.
    case finiteNotNegative
    /// Matrices [..., 3, 3]: no entry of R Rᵀ is farther from that of the identity.
    case orthogonal(tolerance: Double)
  }

  let rule: Rule
  /// The function or layer that was called.
  let function: String
  /// The argument, under the name that the call has for it.
  let argument: String

  /// "smooth_cutoff, x".
  package var description: String { "\(function), \(argument)" }
}

extension Tensor {
  /// The tensor, its values checked: at once if they are known, else when the graph runs.
  /// Derivatives pass through.
  ///
  /// - Throws: `ArgumentError` if values that are known break the rule; others throw
  ///   `EvaluationError` in the run.
  package func checked(
    _ rule: ValueCheck.Rule, _ function: String, _ argument: String
  ) throws(ArgumentError) -> Tensor {
    let check = ValueCheck(rule: rule, function: function, argument: argument)
    if let storage = node.result, let dimensions = shape.known {
      if let reason = check.reason(toRefuse: Value(contiguous: storage, dimensions, dtype)) {
        throw ArgumentError(function, argument, reason)
      }
      return self
    }
    return Tensor(unchecked: .check(check), [self], shape: shape, dtype: dtype)
  }
}

extension ValueCheck {
  /// What is wrong with contiguous values, if anything.
  func reason(toRefuse value: Value) -> String? {
    switch value.dtype {
    case .float32: reason(toRefuse: value, Float.self)
    case .float64: reason(toRefuse: value, Double.self)
    case .float16, .bfloat16: reason(toRefuse: value.cast(to: .float32, .shared))
    case .int32, .bool: nil
    }
  }

  private func reason<Element: BinaryFloatingPoint>(
    toRefuse value: Value, _: Element.Type
  ) -> String? {
    let elements = UnsafeBufferPointer(
      start: value.pointer.assumingMemoryBound(to: Element.self), count: value.count)
    func place(_ position: Int, _ dimensions: [Int]) -> String {
      dimensions.isEmpty ? "" : " at position \(indexPlace(position, in: dimensions))"
    }
    switch rule {
    case .notNegative:
      guard let bad = elements.firstIndex(where: { $0 < 0 }) else { return nil }
      return "must not be negative, received \(elements[bad])\(place(bad, value.dimensions))"
    case .finiteNotNegative:
      guard let bad = elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) else { return nil }
      return "must be finite and not negative, received \(elements[bad])"
        + place(bad, value.dimensions)
    case .orthogonal(let tolerance):
      for matrix in 0..<(elements.count / 9) {
        var entries: [Double] = []
        for position in (9 * matrix)..<(9 * matrix + 9) {
          entries.append(Double(elements[position]))
        }
        let error = orthogonalityError(entries)
        if !(error <= tolerance) {
          return "expected rotation matrices; R Rᵀ of the matrix"
            + "\(place(matrix, value.dimensions.dropLast(2))) differs from the identity by \(error)"
        }
      }
      return nil
    }
  }

  /// The largest absolute value in R Rᵀ - 1, not a number if there is one in R.
  private func orthogonalityError(_ r: [Double]) -> Double {
    var worst = 0.0
    for row in 0..<3 {
      for other in row..<3 {
        let product = (0..<3).reduce(0) { $0 + r[3 * row + $1] * r[3 * other + $1] }
        let error = abs(product - (row == other ? 1 : 0))
        if !(error <= worst) { worst = error }
        if error.isNaN { return error }
      }
    }
    return worst
  }
}
