import E3xCKernels
import E3xExact
import TestSupport

/// A random multilinear form of two to four operands, one of which is computed.
struct CouplingForm {
  var slots: Int
  var size: [Int32]
  var features: Int
  var rows: Int
  var outSlot: Int
  var terms: [e3x_term]
  var shared: [Bool]
  var gap: Int

  /// A form of any terms or, half of the time where there are enough operands, of units.
  init(slots: Int, _ g: inout Dice) {
    self.slots = slots
    size = (0..<slots).map { _ in Int32(g.int(1...9)) }
    features = g.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 64, 67])
    rows = g.pick([0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 30])
    outSlot = g.int(0...slots - 1)
    let size = size
    let count = g.pick([0, 1, 2, 10, 60])
    terms = (0..<count).map { _ in
      var index: [Int32] = [0, 0, 0, 0]
      for s in 0..<slots { index[s] = Int32(g.int(0...Int(size[s]) - 1)) }
      return e3x_term(
        index: (index[0], index[1], index[2], index[3]),
        value: Double.random(in: -1...1, using: &g))
    }
    shared = (0..<slots).map { _ in g.chance(0.3) }
    gap = g.pick([0, 0, 3])
    if slots > 2 && g.chance(0.5) { setUnits(&g) }
    sort()
  }

  /// Makes it multiples of couplings of irreducible representations of degrees up to 3, of one or
  /// both parities, with operands, result and weights in any slots.
  private mutating func setUnits(_ g: inout Dice) {
    let order = (0..<slots).shuffled(using: &g)
    let degrees = (0..<3).map { _ in g.int(0...3) }
    let parities = (0..<3).map { _ in g.int(1...2) }
    let isCartesian = g.chance(0.8)
    func first(_ operand: Int, _ parity: Int, _ degree: Int) -> Int {
      parity * (degrees[operand] + 1) * (degrees[operand] + 1) + degree * degree
    }
    terms = []
    var paths = 0
    for p1 in 0..<parities[0] {
      for p2 in 0..<parities[1] {
        for p3 in 0..<parities[2] {
          for l1 in 0...degrees[0] {
            for l2 in 0...degrees[1] {
              for l3 in 0...degrees[2] where abs(l1 - l2) <= l3 && l3 <= l1 + l2 {
                if g.chance(0.3) { continue }
                let factor = Double.random(in: -2...2, using: &g)
                for term in ClebschGordan.terms(l1, l2, l3, cartesianOrder: isCartesian) {
                  let own = [
                    first(0, p1, l1) + term.first, first(1, p2, l2) + term.second,
                    first(2, p3, l3) + term.third, paths,
                  ]
                  var index: [Int32] = [0, 0, 0, 0]
                  for s in 0..<slots { index[order[s]] = Int32(own[s]) }
                  terms.append(
                    e3x_term(
                      index: (index[0], index[1], index[2], index[3]), value: factor * term.value))
                }
                paths += 1
              }
            }
          }
        }
      }
    }
    for s in 0..<3 {
      size[order[s]] = Int32(parities[s] * (degrees[s] + 1) * (degrees[s] + 1))
    }
    if slots == 4 { size[order[3]] = Int32(max(paths, 1)) }
    // As a layer has them.
    shared = [Bool](repeating: false, count: slots)
    if slots == 4 && outSlot != order[3] { shared[order[3]] = true }
  }

  mutating func sort() {
    let outSlot = outSlot
    terms.sort { Self.index($0, outSlot) < Self.index($1, outSlot) }
  }

  static func index(_ term: e3x_term, _ slot: Int) -> Int {
    let all = [term.index.0, term.index.1, term.index.2, term.index.3]
    return Int(all[slot])
  }
}
