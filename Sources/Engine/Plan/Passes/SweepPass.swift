/// A pass over the instructions of a sweep: it replaces some by fewer, or by some that cost less, and
/// leaves the values of results and sinks as they are.
package protocol SweepPass {
  /// Changes the code.
  /// - Returns: how often it found what it looks for.
  func run(_ code: inout SweepCode) -> Int
}

extension SweepPass {
  /// The pass in plans and errors.
  var name: String { "\(Self.self)" }
}

/// How often a pass found what it looks for.
package struct PassCount: Sendable {
  package let name: String
  package let count: Int
}

extension SweepCode {
  /// Runs passes, and verifies the code before the first and after each if that is wanted.
  package mutating func run(_ passes: [any SweepPass], verifies: Bool) -> [PassCount] {
    if verifies { verify(after: "writing it") }
    return passes.map { pass in
      let count = pass.run(&self)
      if verifies { verify(after: pass.name) }
      return PassCount(name: pass.name, count: count)
    }
  }

  /// The passes in their order. What each needs and leaves is said where it is declared, and checked
  /// by ``SweepVerifier``.
  static func passes(_ options: PlanOptions) -> [any SweepPass] {
    [
      DropUnusedGathers(),
      ShareOuterProducts(),
      SumProducts(),
      UseRowsInPlace(shortestRow: options.shortestRow),
      ScaleInLinearMaps(),
      JoinDotDerivatives(),
      ComputePrefixes(),
      AddToResults(),
    ]
  }
}
