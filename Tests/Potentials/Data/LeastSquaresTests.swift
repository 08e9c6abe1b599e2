import E3xBundledData
import E3xFiles
import E3xPotentials
import TestSupport
import Testing

/// xorshift64* in [-1, 1).
private struct Random {
  var state: UInt64
  mutating func next() -> Double {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) * 0x1p-52 - 1
  }
  mutating func matrix(_ rows: Int, _ columns: Int) -> [[Double]] {
    (0..<rows).map { _ in (0..<columns).map { _ in next() } }
  }
}

private func product(_ a: [[Double]], _ x: [Double]) -> [Double] {
  a.map { row in matched(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
}

private func transpose(_ a: [[Double]], columns: Int) -> [[Double]] {
  (0..<columns).map { column in a.map { $0[column] } }
}

private func largest(_ x: [Double]) -> Double {
  x.reduce(0) { $1.isNaN ? .infinity : max($0, abs($1)) }
}

@Suite struct LeastSquaresTests {
  /// The two conditions that define the solution: the residual is orthogonal to the columns of A,
  /// and x is a combination of its rows (checked by construction: b and x from known factors).
  @Test(arguments: [(1, 1), (5, 1), (1, 5), (8, 3), (3, 8), (40, 12), (200, 119)])
  func residualIsOrthogonal(rows: Int, columns: Int) {
    var random = Random(state: UInt64(rows * 1000 + columns))
    let a = random.matrix(rows, columns)
    let b = (0..<rows).map { _ in random.next() }
    let x = LeastSquares.minimumNorm(a, columns: columns, b)
    let residual = matched(product(a, x), b).map { $0 - $1 }
    #expect(largest(product(transpose(a, columns: columns), residual)) <= 1e-11)
  }

  /// A = B C with few inner columns; x = Aᵀ w lies in the row space, and A x = b has it as its
  /// solution of least norm.
  @Test(arguments: [(6, 4, 2), (4, 6, 3), (30, 10, 1), (50, 20, 19)])
  func deficientMatricesGiveTheLeastNorm(rows: Int, columns: Int, rank: Int) {
    var random = Random(state: UInt64(rows * 10_000 + columns * 100 + rank))
    let left = random.matrix(rows, rank)
    let right = random.matrix(rank, columns)
    let a = left.map { product(transpose(right, columns: columns), $0) }
    let expected = product(transpose(a, columns: columns), (0..<rows).map { _ in random.next() })
    let x = LeastSquares.minimumNorm(a, columns: columns, product(a, expected))
    #expect(largest(matched(x, expected).map { $0 - $1 }) <= 1e-9 * largest(expected))
  }

  @Test func degenerateProblems() {
    #expect(LeastSquares.minimumNorm([], columns: 2, []) == [0, 0])
    #expect(LeastSquares.minimumNorm([], columns: 0, []) == [])
    #expect(
      LeastSquares.minimumNorm([[0, 0], [0, 0], [0, 0]], columns: 2, [1, 2, 3]) == [0, 0])
    #expect(
      LeastSquares.minimumNorm([[0, 2], [0, 0], [0, 0]], columns: 2, [1, 2, 3]) == [0, 0.5])
  }
}

@Suite struct ElementEnergiesTests {
  /// `numpy.linalg.lstsq` on the training energies of the bundled ethanol: E/41 times (6, 2, 1)
  /// with the mean energy E.
  @Test func ethanolHasTheLeastNorm() throws {
    let frames = try LabelledFrame.read(BundledData.ethanol(.train))
    let fit = ElementEnergies.fit(frames)
    let expected: [Int32: Double] = [
      1: -45.30525454996965, 6: -15.101751516656648, 8: -7.550875758328247,
    ]
    #expect(Set(fit.energies.keys) == Set(expected.keys))
    for (element, energy) in expected {
      #expect(abs((fit.energies[element] ?? .nan) - energy) <= 1e-9)
    }
    let mean = frames.compactMap(\.energy).reduce(0, +) / Double(frames.count)
    #expect(abs(fit.total([6, 6, 8, 1, 1, 1, 1, 1, 1]) - mean) <= 1e-9)
  }

  @Test func recoversExactEnergies() {
    let truth = ElementEnergies([1: -13.5, 6: -1030, 7: -1488.25, 8: -2043])
    let compositions: [[Int32]] = [
      [1, 1, 8], [6, 1, 1, 1, 1], [7, 1, 1, 1], [6, 6, 8, 1, 1, 1, 1, 1, 1], [6, 8, 1, 1],
      [1, 1, 8],
    ]
    let frames = compositions.map {
      LabelledFrame(atomicNumbers: $0, positions: [], energy: truth.total($0))
    }
    let unlabelled = LabelledFrame(atomicNumbers: [9], positions: [])
    let fit = ElementEnergies.fit(frames + [unlabelled])
    for (element, energy) in truth.energies {
      #expect(abs((fit.energies[element] ?? .nan) - energy) <= 1e-9)
    }
    #expect(fit.energies[9] == 0)
    #expect(fit.total([92]) == 0)
    #expect(ElementEnergies.fit([unlabelled]).energies == [9: 0])
  }

  /// Frames of one composition weigh as often as they occur.
  @Test func weighsByFrequency() {
    let energies: [([Int32], Double)] = [([1], 1), ([1], 2), ([1], 6), ([1, 1], 10)]
    let frames = energies.map { LabelledFrame(atomicNumbers: $0, positions: [], energy: $1) }
    // Least squares by hand: (1 + 2 + 6 + 2·10) / (1 + 1 + 1 + 4).
    let fit = ElementEnergies.fit(frames)
    #expect(abs((fit.energies[1] ?? .nan) - 29.0 / 7) <= 1e-14)
  }
}
