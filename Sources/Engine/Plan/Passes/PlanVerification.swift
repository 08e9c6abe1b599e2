/// Whether plans are verified (``PlanRule``) as they are made.
///
/// Executors that are chosen for tests always verify: `planned` and `ordered`, and any choice that a
/// test makes (``ExecutorChoice/override``). `E3X_VERIFY_PLANS=1` makes all of a process do so.
enum PlanVerification {
  private static let environment: Bool =
    environmentValue("E3X_VERIFY_PLANS", expected: "0 or 1") { text in
      ["0": false, "1": true][text]
    } ?? false

  static var isWanted: Bool { environment || ExecutorChoice.override != nil }
}
