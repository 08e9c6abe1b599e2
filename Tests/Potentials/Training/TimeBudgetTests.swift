import E3xPotentials
import TestSupport
import Testing

@Suite struct TimeBudgetTests {
  /// A training whose steps and validations take random times ends in time, and uses most of it.
  @Test(arguments: 0..<40) func endsInTime(seed: Int) {
    var dice = Dice(seed: seed)
    let seconds = dice.pick([20.0, 120, 3600])
    let step = dice.pick([0.001, 0.02, 0.3])
    let (validFrames, reportFrames) = (dice.pick([0, 60, 1000]), dice.pick([0, 200, 1000]))
    let frame = 0.3 * step / 10
    // What no training could do in its time is left out.
    guard 2 * frame * Double(validFrames + reportFrames) < 0.4 * seconds else { return }
    var budget = TimeBudget(
      seconds: seconds, batchSize: 10, validationFrames: validFrames, reportFrames: reportFrames)
    var (elapsed, done, steps, interval, validations) = (0.5, 0, Int.max, Int.max, 0)
    while done < steps {
      // The machine is twice as slow in the second half.
      let slow = elapsed > seconds / 2 ? 2.0 : 1
      var took = slow * step * dice.uniform(1, 0.8, 1.3)[0]
      done += 1
      let validated = done % interval == 0 || done == steps
      if validated {
        took += slow * frame * Double(validFrames)
        validations += 1
      }
      elapsed += took
      guard done < steps else { break }
      budget.record(step: took, validated: validated && validFrames > 0)
      if let plan = budget.plan(stepsDone: done, elapsed: elapsed) {
        #expect(plan.steps > done && plan.validationInterval > 0)
        (steps, interval) = (plan.steps, plan.validationInterval)
      }
    }
    let slow = 2 * frame * Double(reportFrames)
    #expect(elapsed + slow <= seconds + 0.02 * seconds + 2 * step, "\(elapsed + slow)")
    #expect(elapsed + slow >= 0.9 * seconds - 1, "\(elapsed + slow) of \(seconds)")
    #expect(validations >= 1 && validations <= 120, "\(validations)")
  }

  @Test func nothingIsPlannedBeforeAStep() {
    let budget = TimeBudget(
      seconds: 60, batchSize: 1, validationFrames: 10, reportFrames: 0)
    #expect(budget.plan(stepsDone: 0, elapsed: 1) == nil)
  }
}
