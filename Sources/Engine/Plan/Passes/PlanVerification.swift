/// Whether plans are verified (``PlanRule``) as they are made: those for executors that only tests
/// choose (`planned`, `ordered`) always, and all of a process with `E3X_VERIFY_PLANS=1`.
package enum PlanVerification {
  private static let environment: Bool =
    environmentValue("E3X_VERIFY_PLANS", expected: "0 or 1") { text in
      ["0": false, "1": true][text]
    } ?? false

  /// Overrides the environment's choice for tests.
  @TaskLocal package static var override: Bool?

  /// Whether plans that are made now are verified.
  package static var isWanted: Bool { override ?? environment }
}
