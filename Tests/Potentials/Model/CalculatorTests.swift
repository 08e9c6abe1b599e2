import E3xEngine
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Structures that move: predictions are those of the potential, with fewer searches for pairs.
@Suite struct CalculatorTests {
  /// As of a potential that is asked once: but for the order of pairs, and so rounding in single
  /// precision.
  private static func expectSame(
    _ found: Potential.Prediction, _ expected: Potential.Prediction,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    func expect(_ a: [Double], _ b: [Double], _ tolerance: Double) {
      for (x, y) in matched(a, b) {
        #expect(abs(x - y) <= tolerance, sourceLocation: sourceLocation)
      }
    }
    expect([found.energy], [expected.energy], 5e-6)
    expect(found.forces, expected.forces, 5e-6)
    expect(found.atomicEnergies, expected.atomicEnergies, 5e-6)
    #expect((found.stress == nil) == (expected.stress == nil), sourceLocation: sourceLocation)
    expect(found.stress ?? [], expected.stress ?? [], 1e-6)
    #expect(
      (found.atomicVirials == nil) == (expected.atomicVirials == nil),
      sourceLocation: sourceLocation)
    expect(found.atomicVirials ?? [], expected.atomicVirials ?? [], 1e-5)
  }

  /// Three atoms that do not repeat.
  private static func molecule(seed: Int = 0) -> LabelledFrame {
    var frame = PeriodicTests.crystal(seed: seed)
    (frame.cell, frame.pbc) = (nil, [false, false, false])
    return frame
  }

  /// Random walks of atoms and cell, in steps that are small and large beside the skin.
  @Test(arguments: 0..<12) func walks(seed: Int) throws {
    let potential = try TinyPotential.make(seed: seed)
    var dice = Dice(seed: 70 + seed)
    var frame =
      seed % 3 == 0
      ? Self.molecule(seed: seed)
      : PeriodicTests.crystal(seed: seed, pbc: [true, true, seed % 3 == 1])
    let skin = dice.pick([0.0, 0.2, 0.8])
    var calculator = try Calculator(potential, skin: skin)
    let (steps, size) = (6, dice.pick([0.005, 0.1]))
    for _ in 0..<steps {
      Self.expectSame(try calculator.predict(frame), try potential.predict([frame])[0])
      for index in frame.positions.indices {
        frame.positions[index] += dice.uniform(1, -size, size)[0]
      }
      if dice.flag(), let cell = frame.cell {
        frame.cell = zip(cell, dice.uniform(9, -1e-3, 1e-3)).map(+)
      }
    }
    #expect((1...steps).contains(calculator.searches))
    if skin == 0 { #expect(calculator.searches == steps) }
    if skin == 0.8, size == 0.005, frame.cell == nil { #expect(calculator.searches == 1) }
  }

  /// Pairs serve while no atom has moved by more than half the skin, and not a step longer.
  @Test(arguments: [true, false]) func half(repeats: Bool) throws {
    let potential = try TinyPotential.make()
    var frame = repeats ? PeriodicTests.crystal(seed: 3) : Self.molecule()
    var calculator = try Calculator(potential, skin: 0.4)
    let start = frame.positions[4]
    for (moved, searches) in [(0.0, 1), (0.19, 1), (-0.19, 1), (0.21, 2), (0.4, 2), (0.0, 3)] {
      frame.positions[4] = start + moved
      Self.expectSame(try calculator.predict(frame), try potential.predict([frame])[0])
      #expect(calculator.searches == searches, "moved by \(moved)")
    }
  }

  /// An atom that comes in from beyond the cutoff and the skin is seen.
  @Test func whatComesNear() throws {
    let potential = try TinyPotential.make()
    var calculator = try Calculator(potential)
    var forces: [Double] = []
    for distance in stride(from: 5.2, through: 1, by: -0.3) {
      let frame = LabelledFrame(atomicNumbers: [8, 1], positions: [0, 0, 0, distance, 0, 0])
      let found = try calculator.predict(frame)
      Self.expectSame(found, try potential.predict([frame])[0])
      forces.append(abs(found.forces[0]))
    }
    #expect(forces[0] == 0 && forces.last! > 1e-4)
    #expect(calculator.searches > 5)
  }

  /// Atoms that are added, taken away, in another order or of other elements, and cells that come and
  /// go.
  @Test func otherStructures() throws {
    let potential = try TinyPotential.make()
    let crystal = PeriodicTests.crystal(seed: 5)
    var more = crystal
    more.atomicNumbers.append(1)
    more.positions += [1.4, 1.4, 1.6]
    var reordered = crystal
    reordered.atomicNumbers = [6, 8, 1]
    reordered.positions = Array(crystal.positions[6...] + crystal.positions[..<6])
    var elements = crystal
    elements.atomicNumbers = [1, 6, 6]
    var slab = crystal
    slab.pbc = [true, false, true]
    var wrapped = crystal
    for axis in 0..<3 { wrapped.positions[axis] += crystal.cell![axis] }
    let none = LabelledFrame(atomicNumbers: [], positions: [])
    let frames = [
      crystal, more, crystal, reordered, elements, slab, crystal, Self.molecule(), none, wrapped,
      crystal,
    ]
    var calculator = try Calculator(potential)
    for frame in frames {
      Self.expectSame(try calculator.predict(frame), try potential.predict([frame])[0])
    }
    // The same places serve other elements.
    let before = calculator.searches
    elements.positions = crystal.positions
    _ = try calculator.predict(elements)
    #expect(calculator.searches == before)
  }

  @Test func virialsOfMolecules() throws {
    let potential = try TinyPotential.make()
    var calculator = try Calculator(potential)
    let frame = Self.molecule()
    let found = try calculator.predict(frame, virials: true)
    #expect(found.atomicVirials?.count == 27 && found.stress == nil)
    Self.expectSame(found, try potential.predict([frame], virials: true)[0])
    #expect(try calculator.predict(frame).atomicVirials == nil)
  }

  @Test func refusals() throws {
    let potential = try TinyPotential.make()
    for skin in [-0.1, .nan, .infinity] {
      let error = #expect(throws: ArgumentError.self) { try Calculator(potential, skin: skin) }
      #expect(error?.argument == "skin")
    }
    var calculator = try Calculator(potential)
    var frame = Self.molecule()
    frame.atomicNumbers[1] = 79
    let error = #expect(throws: ArgumentError.self) { try calculator.predict(frame) }
    #expect(error?.description.contains("79") == true || error?.description.contains("Au") == true)
    frame = Self.molecule()
    frame.positions[2] = .nan
    #expect(throws: ArgumentError.self) { try calculator.predict(frame) }
    frame = PeriodicTests.crystal(seed: 1)
    frame.cell = [1, 0, 0, 0, 1, 0, 1, 1, 0]
    #expect(throws: ArgumentError.self) { try calculator.predict(frame) }
    // What was refused leaves nothing behind.
    Self.expectSame(
      try calculator.predict(Self.molecule()), try potential.predict([Self.molecule()])[0])
  }

  /// 400 atoms.
  private static func gas() -> LabelledFrame {
    var dice = Dice(seed: 9)
    return LabelledFrame(
      atomicNumbers: (0..<400).map { [1, 6, 8][$0 % 3] }, positions: dice.uniform(1200, 0, 15))
  }

  /// The same bits for any number of threads, where pairs are found and where they serve again.
  @Test func threads() throws {
    let potential = try TinyPotential.make()
    let count = Threads.count
    defer { try? Threads.use(count) }
    let results = try [1, 3].map { threads in
      try Threads.use(threads)
      var calculator = try Calculator(potential)
      var frame = Self.gas()
      let first = try calculator.predict(frame)
      frame.positions = frame.positions.map { $0 + 0.05 }
      let second = try calculator.predict(frame)
      #expect(calculator.searches == 1)
      return [first, second]
    }
    for (one, three) in matched(results[0], results[1]) {
      #expect(one.energy == three.energy && one.forces == three.forces)
    }
  }

  /// Copies are calculators of their own, which threads may ask at the same time.
  @Test func copies() throws {
    let potential = try TinyPotential.make()
    var calculator = try Calculator(potential)
    let frame = PeriodicTests.crystal(seed: 6)
    _ = try calculator.predict(frame)
    let frames = (0..<4).map { index in
      var moved = frame
      moved.positions[0] += 0.3 * Double(index)
      return moved
    }
    let original = calculator
    nonisolated(unsafe) var found = [Potential.Prediction?](repeating: nil, count: 4)
    nonisolated(unsafe) var searches = [Int](repeating: 0, count: 4)
    let lock = NSLock()
    DispatchQueue.concurrentPerform(iterations: 4) { index in
      var own = original
      let prediction = try? own.predict(frames[index])
      lock.withLock { (found[index], searches[index]) = (prediction, own.searches) }
    }
    for (prediction, frame) in matched(found, frames) {
      Self.expectSame(try #require(prediction), try potential.predict([frame])[0])
    }
    #expect(searches == [1, 2, 2, 2] && calculator.searches == 1)
  }
}
