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

  /// What is asked of the values.
  package let rule: Rule
  /// The function or layer that was called.
  package let function: String
  /// The argument, under the name that the call has for it.
  package let argument: String

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
      let reason = withExtendedLifetime(storage) {
        check.reason(toRefuse: storage.pointer, dtype, dimensions)
      }
      if let reason {
        throw ArgumentError(function, argument, reason)
      }
      return self
    }
    return Tensor(unchecked: .check(check), [self], shape: shape, dtype: dtype)
  }
}

extension ValueCheck {
  /// What is wrong with values, if anything.
  ///
  /// - Parameter bytes: elements of type `dtype` one after the other, as many as `dimensions` have.
  package func reason(
    toRefuse bytes: UnsafeRawPointer, _ dtype: DType, _ dimensions: [Int]
  ) -> String? {
    let count = dimensions.reduce(1, *)
    func elements<Element>(_: Element.Type) -> UnsafeBufferPointer<Element> {
      UnsafeBufferPointer(start: bytes.assumingMemoryBound(to: Element.self), count: count)
    }
    switch dtype {
    case .float32: return reason(toRefuse: elements(Float.self), dimensions)
    case .float64: return reason(toRefuse: elements(Double.self), dimensions)
    case .float16, .bfloat16:
      return reason(toRefuse: elements(UInt16.self).map { dtype.format!.number($0) }, dimensions)
    case .int32, .bool: return nil
    }
  }

  private func reason<Elements: RandomAccessCollection>(
    toRefuse elements: Elements, _ dimensions: [Int]
  ) -> String? where Elements.Element: BinaryFloatingPoint, Elements.Index == Int {
    func place(_ position: Int, _ dimensions: [Int]) -> String {
      dimensions.isEmpty ? "" : " at position \(indexPlace(position, in: dimensions))"
    }
    switch rule {
    case .notNegative:
      guard let bad = elements.firstIndex(where: { $0 < 0 }) else { return nil }
      return "must not be negative, received \(elements[bad])\(place(bad, dimensions))"
    case .finiteNotNegative:
      guard let bad = elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) else { return nil }
      return "must be finite and not negative, received \(elements[bad])"
        + place(bad, dimensions)
    case .orthogonal(let tolerance):
      for matrix in 0..<(elements.count / 9) {
        var entries: [Double] = []
        for position in (9 * matrix)..<(9 * matrix + 9) {
          entries.append(Double(elements[position]))
        }
        let error = orthogonalityError(entries)
        if !(error <= tolerance) {
          return "expected rotation matrices; R Rᵀ of the matrix"
            + "\(place(matrix, dimensions.dropLast(2))) differs from the identity by \(error)"
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
