import CE3x
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// C functions compute what the library does.
@Suite struct PredictionTests {
  private func expectEqual(
    _ found: Potential.Prediction, _ expected: Potential.Prediction, _ comment: String
  ) {
    #expect(found.energy == expected.energy, "\(comment)")
    #expect(found.forces == expected.forces, "\(comment)")
    #expect(found.memberForces == expected.memberForces ?? [expected.forces], "\(comment)")
    #expect(found.atomicEnergies == expected.atomicEnergies, "\(comment)")
    #expect(found.atomicVirials == expected.atomicVirials, "\(comment)")
    if let stress = expected.stress {
      #expect(found.stress == stress, "\(comment)")
    } else {
      #expect(found.stress?.allSatisfy(\.isNaN) == true, "\(comment)")
    }
    if let deviations = expected.forcesDeviation {
      #expect(found.energyDeviation == expected.energyDeviation, "\(comment)")
      #expect(found.forcesDeviation == deviations, "\(comment)")
    } else {
      #expect(found.energyDeviation?.isNaN == true, "\(comment)")
      #expect(found.forcesDeviation?.allSatisfy(\.isNaN) == true, "\(comment)")
    }
  }

  @Test(arguments: [1, 3]) func batchesAreAsOfTheLibrary(members: Int) throws {
    let small = try SmallModel(members: members)
    let model = try small.load()
    var dice = Dice(seed: 5)
    let frames = [(1, false), (7, true), (0, false), (4, false), (1, true)].map {
      randomFrame(&dice, atoms: $0.0, periodic: $0.1)
    }
    let buffers = frames.map { Buffers($0, members: members) }
    try expectSuccess(
      e3x_model_predict(
        model, Int64(frames.count), buffers.map(\.structure), buffers.map(\.results)))
    let expected = try small.potential.predict(frames, virials: true)
    for (index, (buffers, expected)) in matched(buffers, expected).enumerated() {
      expectEqual(buffers.prediction, expected, "frame \(index)")
      let virial = expected.atomicVirials!.enumerated().reduce(
        into: [Double](repeating: 0, count: 9)
      ) {
        $0[$1.offset % 9] += $1.element
      }
      #expect(buffers.virial == virial)
    }
    try expectSuccess(e3x_model_free(model))
  }

  @Test func calculatorsKeepPairs() throws {
    let small = try SmallModel()
    let model = try small.load()
    var calculator: OpaquePointer?
    try expectSuccess(e3x_calculator_create(model, 0.5, &calculator))
    // What computes with a model that is freed goes on.
    try expectSuccess(e3x_model_free(model))
    var dice = Dice(seed: 6)
    var frame = randomFrame(&dice, atoms: 9, periodic: true)
    for step in 0..<6 {
      let buffers = Buffers(frame)
      try withUnsafePointer(to: buffers.structure) { structure in
        try withUnsafePointer(to: buffers.results) { results in
          try expectSuccess(e3x_calculator_predict(calculator, structure, results))
        }
      }
      let expected = try small.potential.predict([frame], virials: true)[0]
      #expect(abs(buffers.prediction.energy - expected.energy) < 1e-4, "step \(step)")
      for (a, b) in matched(buffers.prediction.forces, expected.forces) {
        #expect(abs(a - b) < 1e-4, "step \(step)")
      }
      let moves = dice.uniform(27, -0.02, 0.02)
      for index in moves.indices { frame.positions[index] += moves[index] }
    }
    var searches: Int64 = 0
    try expectSuccess(e3x_calculator_get_searches(calculator, &searches))
    #expect((1...2).contains(searches))
    try expectSuccess(e3x_calculator_free(calculator))
    #expect(e3x_calculator_get_searches(calculator, &searches) == E3X_INVALID_ARGUMENT)
  }

  @Test func hessiansAreAsOfTheLibrary() throws {
    let small = try SmallModel()
    let model = try small.load()
    var dice = Dice(seed: 7)
    let frame = randomFrame(&dice, atoms: 4, periodic: false)
    let buffers = Buffers(frame)
    let rows = buffers.copy([Double](repeating: 0, count: 5 * 12))
    try withUnsafePointer(to: buffers.structure) {
      try expectSuccess(e3x_model_hessian(model, $0, 2, 5, rows))
    }
    let expected = try small.potential.hessian(of: frame, rows: 2..<7)
    #expect(Array(UnsafeBufferPointer(start: rows, count: 60)) == expected)
  }

  @Test(arguments: [1, 2]) func domainsAreAsOfTheLibrary(members: Int) throws {
    let small = try SmallModel(members: members)
    let model = try small.load()
    var dice = Dice(seed: 8)
    let frame = randomFrame(&dice, atoms: 12, periodic: false)
    let buffers = Buffers(frame, members: members)
    let contributes = (0..<12).map { _ in Int32(dice.roll(2)) }
    // All see all; a flag is in the highest bit but one.
    let flag = Int32(1) << 30
    let lists = (0..<12).map { atom in
      UnsafePointer<Int32>?(
        buffers.copy((0..<Int32(12)).filter { $0 != Int32(atom) }.map { $0 | flag }))
    }
    var domain = e3x_domain()
    domain.size = MemoryLayout<e3x_domain>.size
    domain.atoms = 12
    domain.species = buffers.structure.species
    domain.positions = buffers.structure.positions
    domain.contributes = UnsafePointer(buffers.copy(contributes))
    domain.neighbor_counts = UnsafePointer(buffers.copy([Int32](repeating: 11, count: 12)))
    domain.neighbors = UnsafePointer(buffers.copy(lists))
    domain.neighbor_mask = ~flag
    let status = withUnsafePointer(to: buffers.results) {
      e3x_model_predict_domain(model, &domain, $0)
    }
    try expectSuccess(status)
    let expected = try small.potential.predict(
      Domain(
        atomicNumbers: frame.atomicNumbers, positions: frame.positions,
        contributes: contributes.map { $0 == 1 }, firsts: (0...12).map { 11 * $0 },
        neighbors: (0..<Int32(12)).flatMap { atom in (0..<12).filter { $0 != atom } }),
      virials: true)
    expectEqual(buffers.prediction, expected, "domain")
    for (energy, counts) in matched(expected.atomicEnergies, contributes) {
      #expect((energy == 0) == (counts == 0))
    }
  }

  /// Programs that were compiled before results had `member_forces` have smaller structs: what lies
  /// behind is not theirs.
  @Test func smallerStructsAreAccepted() throws {
    let small = try SmallModel()
    let model = try small.load()
    var dice = Dice(seed: 10)
    let frame = randomFrame(&dice, atoms: 5, periodic: true)
    let buffers = Buffers(frame)
    let least = try #require(MemoryLayout<e3x_results>.offset(of: \.member_forces))
    var results = buffers.results
    results.size = least
    try expectSuccess(e3x_model_predict(model, 1, [buffers.structure], [results]))
    let expected = try small.potential.predict([frame], virials: true)[0]
    #expect(buffers.prediction.forces == expected.forces)
    #expect(buffers.prediction.memberForces?[0].allSatisfy { $0 == -7 } == true)
    results.size = least - 8
    #expect(
      e3x_model_predict(model, 1, [buffers.structure], [results]) == E3X_INVALID_ARGUMENT)
  }

  @Test func elements() {
    for (number, symbol) in [(1, "H"), (29, "Cu"), (118, "Og")] {
      #expect(String(cString: e3x_element_symbol(Int32(number))!) == symbol)
      #expect(e3x_element_number(symbol) == Int32(number))
      #expect(e3x_element_number(symbol.uppercased()) == Int32(number))
    }
    for number in [Int32.min, -1, 0, 119, .max] { #expect(e3x_element_symbol(number) == nil) }
    for symbol in ["", "X", "Xx", "H1", "NULL"] { #expect(e3x_element_number(symbol) == 0) }
    #expect(e3x_element_number(nil) == 0)
  }

  @Test func whatAModelIs() throws {
    let small = try SmallModel(layers: 3, members: 2)
    let model = try small.load()
    var info = e3x_model_info()
    info.size = MemoryLayout<e3x_model_info>.size
    try expectSuccess(e3x_model_get_info(model, &info))
    #expect(info.cutoff == 3)
    #expect(info.hops == 3)
    #expect(info.members == 2)
    #expect(info.elements == 3)
    // A program of the version without the last members has no room for them.
    info.size = try #require(MemoryLayout<e3x_model_info>.offset(of: \.layered))
    (info.elements, info.layered, info.widest) = (-1, -7, -7)
    try expectSuccess(e3x_model_get_info(model, &info))
    #expect((info.elements, info.layered, info.widest) == (3, -7, -7))
    #expect(info.size == MemoryLayout<e3x_model_info>.offset(of: \.layered))
    var elements = [Int32](repeating: 0, count: 3)
    #expect(e3x_model_get_elements(model, &elements, 2) == E3X_INVALID_ARGUMENT)
    try expectSuccess(e3x_model_get_elements(model, &elements, 3))
    #expect(elements == [1, 6, 8])
    var text: UnsafePointer<CChar>?
    try expectSuccess(e3x_model_get_description(model, &text))
    let json = try JSONSerialization.jsonObject(with: Data(String(cString: text!).utf8))
    let object = try #require(json as? [String: Any])
    #expect(object["kind"] as? String == "attention")
    #expect((object["config"] as? [String: Any])?["num_layers"] as? Int == 3)
  }

  @Test func modelsServeManyThreads() throws {
    let small = try SmallModel()
    nonisolated(unsafe) let model = try small.load()
    var dice = Dice(seed: 9)
    let frames = (0..<8).map { _ in randomFrame(&dice, atoms: 6, periodic: true) }
    let expected = try frames.map { try small.potential.predict([$0], virials: true)[0] }
    let failures = Counter()
    DispatchQueue.concurrentPerform(iterations: 32) { index in
      let buffers = Buffers(frames[index % 8])
      let status = e3x_model_predict(model, 1, [buffers.structure], [buffers.results])
      if status != E3X_SUCCESS || buffers.prediction.forces != expected[index % 8].forces {
        failures.add()
      }
    }
    #expect(failures.count == 0)
  }
}

/// Counts on several threads.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var count = 0

  func add() { lock.withLock { count += 1 } }
}
