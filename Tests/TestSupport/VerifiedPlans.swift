import E3xEngine
package import Testing

/// Plans that are made in the tests of a suite are verified, whatever executor runs them.
package struct VerifiedPlans: SuiteTrait, TestTrait, TestScoping {
  package let isRecursive = true

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await PlanVerification.$override.withValue(true) { try await function() }
  }
}

extension Trait where Self == VerifiedPlans {
  /// Verifies every plan after every pass, as `E3X_VERIFY_PLANS=1` does for a process.
  package static var verifiedPlans: VerifiedPlans { VerifiedPlans() }
}
