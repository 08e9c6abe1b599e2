import CE3x
import E3xPotentials
import TestSupport
import Testing

/// Layer by layer through the C interface: one domain that has all atoms of a molecule.
@Suite struct LayerTests {
  /// What the exchange was called with; no ghosts, so there is nothing to hand over.
  private final class Calls {
    var widths: [Int64] = []
    var answer: Int32 = 0
  }

  private func predict(
    _ model: OpaquePointer, _ buffers: Buffers, _ calls: Calls,
    _ change: (inout e3x_exchange) -> Void = { _ in }
  ) -> Int32 {
    let atoms = buffers.atoms
    let lists = (0..<atoms).map { atom in
      UnsafePointer<Int32>?(buffers.copy((0..<Int32(atoms)).filter { $0 != Int32(atom) }))
    }
    var domain = e3x_domain()
    domain.size = MemoryLayout<e3x_domain>.size
    domain.atoms = Int64(atoms)
    domain.species = buffers.structure.species
    domain.positions = buffers.structure.positions
    domain.neighbor_counts = UnsafePointer(
      buffers.copy([Int32](repeating: Int32(atoms - 1), count: atoms)))
    domain.neighbors = UnsafePointer(buffers.copy(lists))
    domain.neighbor_mask = -1
    var exchange = e3x_exchange()
    exchange.size = MemoryLayout<e3x_exchange>.size
    exchange.context = Unmanaged.passUnretained(calls).toOpaque()
    exchange.forward = { context, width, values in
      let calls = Unmanaged<Calls>.fromOpaque(context!).takeUnretainedValue()
      calls.widths.append(width)
      return values == nil ? 9 : calls.answer
    }
    exchange.reverse = { context, width, values in
      let calls = Unmanaged<Calls>.fromOpaque(context!).takeUnretainedValue()
      calls.widths.append(-width)
      return values == nil ? 9 : calls.answer
    }
    change(&exchange)
    return withUnsafePointer(to: buffers.results) {
      e3x_model_predict_layers(model, &domain, &exchange, $0)
    }
  }

  @Test func layersAreAsTheWhole() throws {
    let small = try SmallModel(layers: 3)
    let model = try small.load()
    var info = e3x_model_info()
    info.size = MemoryLayout<e3x_model_info>.size
    try expectSuccess(e3x_model_get_info(model, &info))
    #expect(info.layered == 1)
    var dice = Dice(seed: 3)
    let frame = randomFrame(&dice, atoms: 7, periodic: false)
    let (buffers, calls) = (Buffers(frame), Calls())
    try expectSuccess(predict(model, buffers, calls))
    let widths = try small.potential.exchangedWidths.map(Int64.init)
    #expect(calls.widths == widths + widths.reversed().map { -$0 })
    #expect(info.widest == Int32(widths.max()!))
    let expected = try small.potential.predict([frame], virials: true)[0]
    let found = buffers.prediction
    #expect(abs(found.energy - expected.energy) < 1e-4)
    for (a, b) in matched(found.forces, expected.forces) { #expect(abs(a - b) < 1e-4) }
    for (a, b) in matched(found.atomicVirials!, expected.atomicVirials!) {
      #expect(abs(a - b) < 1e-4)
    }
  }

  @Test func exchangesThatFail() throws {
    let model = try SmallModel().load()
    var dice = Dice(seed: 4)
    let (buffers, calls) = (Buffers(randomFrame(&dice, atoms: 3, periodic: false)), Calls())
    calls.answer = 5
    #expect(predict(model, buffers, calls) == E3X_FAILURE)
    #expect(String(cString: e3x_last_error()).contains("returned 5"))
    #expect(predict(model, buffers, calls) { $0.forward = nil } == E3X_INVALID_ARGUMENT)
    #expect(predict(model, buffers, calls) { $0.reverse = nil } == E3X_INVALID_ARGUMENT)
    #expect(predict(model, buffers, calls) { $0.size = 1 } == E3X_INVALID_ARGUMENT)
    #expect(buffers.prediction.energy == -7)
  }
}
