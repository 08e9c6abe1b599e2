import CE3x
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// What cannot be is refused in words, and nothing ends the process.
@Suite struct RefusalTests {
  private let small: SmallModel
  private let model: OpaquePointer
  /// A handle of nothing, at any time: those of the library are multiples of 16. Another one might be
  /// that of another test's committee, whose results would be written beyond the buffers of this one.
  private let strangeHandle = OpaquePointer(bitPattern: 40)

  init() throws {
    small = try SmallModel()
    model = try small.load()
  }

  private func expectRefusal(
    _ status: Int32, _ expected: Int32 = Int32(E3X_INVALID_ARGUMENT), _ parts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(status == expected, sourceLocation: sourceLocation)
    let message = String(cString: e3x_last_error())
    for part in parts {
      #expect(message.contains(part), "\(message)", sourceLocation: sourceLocation)
    }
    #expect(!message.contains("\n"), sourceLocation: sourceLocation)
  }

  @Test func modelsThatAreNone() {
    var model: OpaquePointer?
    expectRefusal(e3x_model_load(nil, &model), 1, "e3x_model_load: path", "NULL")
    expectRefusal(e3x_model_load(small.path, nil), 1, "e3x_model_load: model", "NULL")
    expectRefusal(e3x_model_load("/nowhere/at/all", &model), 2, "/nowhere/at/all")
    expectRefusal(e3x_model_load(#filePath, &model), 2, "RefusalTests.swift")
    #expect(model == nil)
    let name = String(repeating: "é", count: 5000)
    expectRefusal(e3x_model_load(name, &model), 2, "é")
    #expect(String(cString: e3x_last_error()).utf8.count < 4096)
  }

  @Test func handlesThatAreNone() throws {
    var info = e3x_model_info()
    info.size = MemoryLayout<e3x_model_info>.size
    expectRefusal(e3x_model_get_info(nil, &info), 1, "model", "NULL")
    let other = OpaquePointer(bitPattern: 0xdead_beef)
    expectRefusal(e3x_model_get_info(other, &info), 1, "model", "freed")
    var calculator: OpaquePointer?
    try expectSuccess(e3x_calculator_create(model, 0.3, &calculator))
    expectRefusal(e3x_model_get_info(calculator, &info), 1, "model")
    expectRefusal(e3x_calculator_predict(model, nil, nil), 1, "calculator")
    try expectSuccess(e3x_calculator_free(calculator))
    expectRefusal(e3x_calculator_free(calculator), 1, "calculator", "freed")
    try expectSuccess(e3x_calculator_free(nil))
    try expectSuccess(e3x_model_free(nil))
    for skin in [-1, Double.nan, .infinity] {
      expectRefusal(e3x_calculator_create(model, skin, &calculator), 1, "skin")
    }
  }

  @Test func structuresThatCannotBe() {
    let frame = LabelledFrame(atomicNumbers: [8, 1], positions: [0, 0, 0, 1, 0, 0])
    let buffers = Buffers(frame)
    func predict(_ change: (inout e3x_structure) -> Void) -> Int32 {
      var structure = buffers.structure
      change(&structure)
      return e3x_model_predict(model, 1, [structure], [buffers.results])
    }
    expectRefusal(predict { $0.size = 0 }, 1, "structures[0]", "size")
    expectRefusal(predict { $0.size = .max }, 1, "structures[0]", "size")
    expectRefusal(predict { $0.atoms = -1 }, 1, "structures[0].atoms", "-1")
    expectRefusal(predict { $0.atoms = .max }, 1, "structures[0].atoms")
    expectRefusal(predict { $0.species = nil }, 1, "structures[0].species", "NULL")
    expectRefusal(predict { $0.positions = nil }, 1, "structures[0].positions", "NULL")
    expectRefusal(
      predict {
        $0.positions = UnsafePointer(
          bitPattern: UInt(bitPattern: $0.positions) + 1)
      }, 1, "structures[0].positions", "multiple of 8")
    expectRefusal(
      predict { $0.periodic = UnsafePointer(buffers.copy([1, 1, 1] as [Int32])) }, 1, "cell")
    expectRefusal(
      predict { $0.periodic = UnsafePointer(buffers.copy([1, 7, 1] as [Int32])) }, 1, "periodic")
    expectRefusal(
      predict {
        $0.cell = UnsafePointer(buffers.copy([Double](repeating: 1, count: 9)))
        $0.periodic = nil
      }, 1, "cell")
    expectRefusal(
      predict { $0.positions = UnsafePointer(buffers.copy([0, 0, 0, .nan, 0, 0])) }, 1,
      "position")
    expectRefusal(
      predict { $0.species = UnsafePointer(buffers.copy([8, 92] as [Int32])) }, 1, "U")
    expectRefusal(e3x_model_predict(model, -1, [buffers.structure], [buffers.results]), 1, "count")
    expectRefusal(e3x_model_predict(model, 1, nil, [buffers.results]), 1, "structures")
    expectRefusal(e3x_model_predict(model, 1, [buffers.structure], nil), 1, "results")
    // Nothing was written.
    #expect(buffers.prediction.energy == -7)
  }

  @Test func rowsThatAreNone() {
    let buffers = Buffers(LabelledFrame(atomicNumbers: [8, 1], positions: [0, 0, 0, 1, 0, 0]))
    let rows = buffers.copy([Double](repeating: 0, count: 36))
    withUnsafePointer(to: buffers.structure) { structure in
      expectRefusal(e3x_model_hessian(model, structure, -1, 1, rows), 1, "first_row")
      expectRefusal(e3x_model_hessian(model, structure, 0, 7, rows), 1, "rows")
      expectRefusal(e3x_model_hessian(model, structure, .max, .max, rows), 1, "first_row")
      expectRefusal(e3x_model_hessian(model, structure, 0, 1, nil), 1, "hessian")
    }
  }

  @Test func threadsThatCannotBe() throws {
    let before = e3x_threads()
    for count: Int32 in [0, -1, 1025, .max, .min] {
      expectRefusal(e3x_set_threads(count), 1, "count", "\(count)")
    }
    #expect(e3x_threads() == before)
  }

  /// Arguments at random: each may be missing, wrong, out of range or right. What the library may
  /// look at is there; AddressSanitizer finds what it may not.
  @Test(arguments: 0..<300) func anythingIsAnswered(seed: Int) throws {
    var dice = Dice(seed: seed)
    let atoms = dice.roll(6)
    let frame = randomFrame(&dice, atoms: atoms, periodic: dice.flag())
    let buffers = Buffers(frame)
    func number() -> Double {
      dice.chance(0.9)
        ? Double.random(in: -5..<5, using: &dice)
        : dice.pick([.nan, .infinity, -.infinity, 0, 1e308, 1e-308, -1e300])
    }
    func index() -> Int32 {
      dice.chance(0.9) ? Int32(dice.roll(max(atoms, 1))) : dice.pick([-1, Int32.max, Int32.min, 7])
    }
    func numbers(_ count: Int) -> UnsafePointer<Double>? {
      dice.chance(0.1) ? nil : UnsafePointer(buffers.copy((0..<count).map { _ in number() }))
    }
    func indices(_ count: Int) -> UnsafePointer<Int32>? {
      dice.chance(0.1) ? nil : UnsafePointer(buffers.copy((0..<count).map { _ in index() }))
    }
    // A count may be less than what there is, or impossible, but not a little more.
    func count() -> Int64 {
      dice.chance(0.9) ? Int64(atoms) : dice.pick([0, -1, Int64.min, Int64.max, 1 << 32])
    }
    var structure = buffers.structure
    structure.atoms = count()
    if dice.flag() { structure.positions = numbers(3 * atoms) }
    if dice.chance(0.2) { structure.species = indices(atoms) }
    if dice.chance(0.3) { structure.cell = numbers(9) }
    if dice.chance(0.2) { structure.periodic = indices(3) }
    if dice.chance(0.1) { structure.size = dice.pick([0, 1, 8, .max, 1 << 40]) }
    var results = buffers.results
    if dice.chance(0.3) { results.energy = nil }
    if dice.chance(0.3) { results.forces = nil }
    if dice.chance(0.3) { results.atomic_virials = nil }
    let handle = dice.chance(0.9) ? model : dice.pick([nil, strangeHandle])
    var domain = e3x_domain()
    domain.size = dice.chance(0.95) ? MemoryLayout<e3x_domain>.size : 3
    domain.atoms = count()
    domain.species = dice.chance(0.9) ? buffers.structure.species : indices(atoms)
    domain.positions = dice.chance(0.7) ? buffers.structure.positions : numbers(3 * atoms)
    domain.contributes = dice.flag() ? nil : indices(atoms)
    let most = 4
    domain.neighbor_counts = UnsafePointer(
      buffers.copy(
        (0..<atoms).map { _ in
          dice.chance(0.97) ? Int32(dice.roll(most + 1)) : dice.pick([-1, .min])
        }))
    domain.neighbors = UnsafePointer(buffers.copy((0..<atoms).map { _ in indices(most) }))
    domain.neighbor_mask = dice.chance(0.8) ? -1 : index()

    var statuses = [
      e3x_model_predict(handle, 1, [structure], [results]),
      e3x_model_predict_domain(handle, &domain, &results),
    ]
    let rows = buffers.copy([Double](repeating: 0, count: max(1, 9 * atoms * atoms)))
    if structure.atoms <= Int64(atoms) {
      let first = Int64(dice.roll(3 * atoms + 1))
      statuses.append(
        e3x_model_hessian(
          handle, &structure, first, dice.pick([0, 3 * Int64(atoms) - first, -1]), rows))
    }
    var calculator: OpaquePointer?
    if e3x_calculator_create(handle, abs(number()), &calculator) == E3X_SUCCESS {
      statuses.append(e3x_calculator_predict(calculator, &structure, &results))
      try expectSuccess(e3x_calculator_free(calculator))
    }
    for status in statuses { #expect((0...3).contains(status)) }
    #expect(!String(cString: e3x_last_error()).contains("\n"))
  }
}
