internal import E3xCKernels

/// A table of polynomials in the layout of the C kernels, in memory of its own.
final class PackedPolynomials: Sendable {
  let kernel: PolynomialKernel
  private let memory: [Storage]

  init(_ table: PolynomialTable) {
    let group = table.weights ?? 1
    var memory: [Storage] = []
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
      let storage = Storage(byteCount: elements.count * MemoryLayout<Element>.stride)
      elements.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress {
          storage.pointer.copyMemory(from: base, byteCount: bytes.count)
        }
      }
      memory.append(storage)
      return UnsafePointer(storage.pointer.assumingMemoryBound(to: Element.self))
    }
    func weight(_ position: Int) -> Int32 { table.weights.map { Int32(position % $0) } ?? 0 }
    /// Where the terms of every output begin, and where all end.
    func offsets<Term>(_ polynomials: [[Term]]) -> [Int32] {
      var offsets: [Int32] = [0]
      var end: Int32 = 0
      for (position, polynomial) in polynomials.enumerated() {
        end += Int32(polynomial.count)
        if (position + 1) % group == 0 { offsets.append(end) }
      }
      return offsets
    }
    switch table.form {
    case .monomials(let polynomials):
      let monomials = polynomials.enumerated().flatMap { position, polynomial in
        polynomial.map { monomial in
          let (a, b, c) = monomial.powers
          return e3x_monomial(
            power: (Int32(a), Int32(b), Int32(c)), weight: weight(position),
            coefficient: monomial.coefficient)
        }
      }
      let powers = polynomials.joined().map { max($0.powers.0, $0.powers.1, $0.powers.2) }
      kernel = PolynomialKernel(
        count: table.count, weights: table.weights ?? 0, offsets: copy(offsets(polynomials)),
        terms: .monomials(copy(monomials), maxPower: powers.max() ?? 0), work: monomials.count)
    case .harmonics(let harmonics):
      let terms = harmonics.combinations.enumerated().flatMap { position, combination in
        combination.map {
          e3x_harmonic_term(
            harmonic: Int32($0.harmonic), weight: weight(position), coefficient: $0.coefficient)
        }
      }
      let degree = harmonics.maxDegree
      kernel = PolynomialKernel(
        count: table.count, weights: table.weights ?? 0,
        offsets: copy(offsets(harmonics.combinations)),
        terms: .harmonics(
          copy(terms), count: terms.count, maxDegree: degree,
          steps: copy(PackedPolynomials.steps(maxDegree: degree))),
        work: terms.count + 2 * (degree + 1) * (degree + 1))
    }
    self.memory = memory
  }

  /// The coefficients a and b of every l and m >= 0, as `e3x_harmonics` takes them.
  private static func steps(maxDegree: Int) -> [Double] {
    (0...maxDegree).flatMap { l in
      (0...l).flatMap { m -> [Double] in
        guard m < l else {
          return [m < 2 ? 1 : (Double(2 * m - 1) / Double(2 * m)).squareRoot(), 0]
        }
        let scale = Double(l * l - m * m).squareRoot()
        return [
          Double(2 * l - 1) / scale, Double((l - 1) * (l - 1) - m * m).squareRoot() / scale,
        ]
      }
    }
  }
}

extension PolynomialTable {
  /// The polynomials as the kernels take them, in memory that lives as long as the table.
  var kernel: PolynomialKernel { derived.value { PackedPolynomials(self) }.kernel }
}
