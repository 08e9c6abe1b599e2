import E3xEngine
import E3xPotentials
import TestSupport
import Testing

@Suite struct HessianTests {
  static let periods: [[Bool]] = [
    [false, false, false], [true, true, true], [true, false, true],
  ]

  /// Second derivatives are the differences of forces, symmetric, and add up to nothing where all
  /// atoms move together.
  @Test(arguments: 0..<2, periods) func differencesOfForces(seed: Int, pbc: [Bool]) throws {
    let potential = try TinyPotential.make(seed: seed, cutoff: 3.7)
    let frame = PeriodicTests.crystal(seed: seed, pbc: pbc)
    let hessian = try potential.hessian(of: frame)
    #expect(hessian.count == 81)
    for row in 0..<9 {
      for column in 0..<9 {
        #expect(abs(hessian[9 * row + column] - hessian[9 * column + row]) <= 1e-10)
      }
      for axis in 0..<3 {
        let sum = (0..<3).reduce(0.0) { $0 + hessian[9 * row + 3 * $1 + axis] }
        #expect(abs(sum) <= 1e-10)
      }
    }
    // Forces are in single precision: their differences are right to 1e-3 at best.
    let step = 5e-3
    for row in 0..<9 {
      func forces(_ size: Double) throws -> [Double] {
        var moved = frame
        moved.positions[row] += size
        return try potential.predict([moved])[0].forces
      }
      let (far, near) = (
        matched(try forces(2 * step), try forces(-2 * step)),
        matched(try forces(step), try forces(-step))
      )
      for (column, (outer, inner)) in matched(Array(far), Array(near)).enumerated() {
        let slope =
          -(8 * (inner.0 - inner.1) - (outer.0 - outer.1)) / (12 * step)
        #expect(abs(hessian[9 * row + column] - slope) <= 2e-3 * max(1, abs(slope)))
      }
    }
  }

  @Test func rowsAreThoseOfTheWhole() throws {
    let potential = try TinyPotential.make()
    let frame = PeriodicTests.crystal(seed: 4)
    let whole = try potential.hessian(of: frame)
    for rows in [0..<1, 2..<7, 8..<9, 3..<3] {
      let some = try potential.hessian(of: frame, rows: rows)
      #expect(some.count == 9 * rows.count)
      for (a, b) in matched(some, Array(whole[(9 * rows.lowerBound)..<(9 * rows.upperBound)])) {
        #expect(abs(a - b) <= 1e-10)
      }
    }
    for rows in [-1..<2, 0..<10] {
      let error = #expect(throws: ArgumentError.self) {
        try potential.hessian(of: frame, rows: rows)
      }
      #expect(error?.argument == "rows")
    }
  }
}
