import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Predictions with errors of known distributions.
@Suite struct PredictionSummaryTests {
  private static func page(_ summary: PredictionSummary) throws -> Page {
    try Page(EvaluationReport(name: "frames.xyz", predictions: summary).html())
  }

  /// The cells of the table with a name, row by row.
  private static func rows(_ page: Page, _ name: String) throws -> [[String]] {
    let region = try #require(page.root.all.first { $0.attributes["aria-label"] == name })
    return region.all("tr").dropFirst().map { row in
      row.children.map(\.text)
    }
  }

  private static func frame(
    _ numbers: [Int32], group: String? = nil, energy: Double? = nil, forces: [Double]? = nil
  ) -> LabelledFrame {
    var frame = LabelledFrame(
      atomicNumbers: numbers,
      positions: numbers.indices.flatMap { [Double($0), 0.1 * Double($0), 0] }, energy: energy,
      forces: forces)
    frame.group = group
    return frame
  }

  /// Errors by element, group and size are those of a plain count.
  @Test(arguments: 0..<8) func tablesAreThoseOfAPlainCount(seed: UInt64) throws {
    var random = Dice(seed: seed)
    var summary = PredictionSummary()
    var errors: [String: [Double]] = [:]
    for _ in 0..<40 {
      let count = random.int(1...6)
      let numbers: [Int32] = (0..<count).map { _ in [1, 6, 8][random.roll(3)] }
      let group = ["bulk", "slab", "<i>"][random.roll(3)]
      let forces = (0..<3 * count).map { _ in Double.random(in: -1...1, using: &random) }
      let wrong = forces.map { $0 + Double.random(in: -0.1...0.1, using: &random) }
      summary.add(
        Self.frame(numbers, group: group, forces: forces),
        Potential.Prediction(energy: 0, forces: wrong))
      for (index, number) in numbers.enumerated() {
        let symbol = [1: "H", 6: "C", 8: "O"][number] ?? ""
        for component in 3 * index..<3 * index + 3 {
          let error = 1000 * abs(wrong[component] - forces[component])
          for name in [symbol, group, count == 1 ? "1 atom" : "\(count) atoms"] {
            errors[name, default: []].append(error)
          }
        }
      }
    }
    let page = try Self.page(summary)
    var seen = 0
    for category in ["element", "group", "size"] {
      for row in try Self.rows(page, "Errors of forces by \(category)") {
        let values = try #require(errors[row[0]]).sorted()
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        let high = values[min(values.count - 1, values.count * 95 / 100)]
        let read = try row[1...4].map { try #require(Double($0.replacing("\u{202F}", with: ""))) }
        #expect(Int(read[0]) == values.count)
        #expect(abs(read[1] - mean) <= 0.006 * mean)
        #expect(abs(read[2] - square.squareRoot()) <= 0.006 * square.squareRoot())
        // Quantiles of many are those of bins that are 12 % wide, of few between neighbours.
        #expect(read[3] > 0.85 * high && read[3] < 1.15 * high, "\(read[3]) for \(high)")
        seen += 1
      }
    }
    #expect(seen == errors.count)
  }

  /// The worst frames are those with the greatest errors, in order, and numbers lead back to them.
  @Test(arguments: 0..<8) func theWorstFramesAreTheWorst(seed: UInt64) throws {
    var random = Dice(seed: seed)
    var summary = PredictionSummary()
    var sizes: [(number: Int, force: Double, energy: Double)] = []
    for number in 1...50 {
      let force = Double.random(in: 0...1, using: &random)
      let energy = Double.random(in: -1...1, using: &random)
      let labels = [Double](repeating: 0, count: 6)
      summary.add(
        Self.frame([1, 8], energy: 0, forces: labels),
        Potential.Prediction(energy: energy, forces: [0, 0, 0, 0.6 * force, 0, -0.8 * force]),
        number: 2 * number)
      sizes.append((2 * number, force, abs(energy)))
    }
    let page = try Self.page(summary)
    let rows = try Self.rows(page, "Frames with the greatest errors")
    let byForce = sizes.sorted { $0.force > $1.force }.prefix(8).map(\.number)
    let byEnergy = sizes.sorted { $0.energy > $1.energy }.prefix(8).map(\.number)
    let expected = byForce + byEnergy.filter { !byForce.contains($0) }
    #expect(rows.map { $0[0] } == expected.map(String.init))
    #expect(rows.allSatisfy { $0[1] == "HO" && $0[3] == "O2" })
    let force = try #require(sizes.first { $0.number == expected[0] }).force
    #expect(abs(try #require(Double(rows[0][2])) - 1000 * force) < 5)
    // The figure has the same frames, with arrows of which the longest is one.
    let frames = try page.viewedFrames()
    #expect(frames.count == expected.count)
    for frame in frames {
      let arrows = try #require(frame["arrows"] as? [Double])
      #expect(arrows[0..<3] == [0, 0, 0] && abs(arrows[3] - 0.6) < 2e-3)
      #expect(abs(arrows[5] + 0.8) < 2e-3)
    }
    let buttons = page.root.all("button").filter { $0.classes.contains("view") }
    #expect(buttons.map { $0.attributes["data-frame"] } == frames.indices.map(String.init))
  }

  /// Energies of frames that differ in what they are made of are drawn per atom, without those of the
  /// elements.
  @Test func energiesOfSeveralCompositionsArePerAtom() throws {
    let elements = ElementEnergies([1: -10, 8: -100])
    var one = PredictionSummary(elementEnergies: elements)
    var several = one
    for (index, numbers) in [[1, 1, 8], [1, 8, 1], [1, 1]].enumerated()
      as EnumeratedSequence<
        [[Int32]]
      >
    {
      let energy = elements.total(numbers) - Double(index)
      let frame = Self.frame(numbers, energy: energy)
      let prediction = Potential.Prediction(energy: energy + 0.006, forces: [])
      if index < 2 { one.add(frame, prediction) }
      several.add(frame, prediction)
    }
    let text = try Self.page(one).readableText
    #expect(text.contains("Energies2 energies of the frames: mean absolute error 6.00 meV,"))
    let page = try Self.page(several)
    #expect(
      page.readableText.contains("3 energies of the frames: mean absolute error 2.33 meV/atom"))
    let drawing = try #require(
      page.drawings.first { $0.text.hasPrefix("Energies per atom less those of the elements") })
    #expect(drawing.text.contains("references from −1.00 to 0 eV/atom"))
  }

  /// The spread of a committee beside errors: of errors that are twice the spread the curve is, too.
  @Test func spreadsBesideErrors() throws {
    var random = Dice(seed: 5)
    var summary = PredictionSummary(set: "test")
    for _ in 0..<200 {
      let spread = pow(10, Double.random(in: -3 ... -1, using: &random))
      var prediction = Potential.Prediction(energy: 0, forces: [0, 1.2 * spread, 1.6 * spread])
      prediction.forcesDeviation = [spread]
      summary.add(Self.frame([1], forces: [0, 0, 0]), prediction)
    }
    let page = try Self.page(summary)
    let drawing = try #require(page.drawings.first { $0.text.hasPrefix("Spread of the committee") })
    #expect(drawing.text.contains("200 forces of the test set"))
    #expect(drawing.text.contains("errors are 2.00 times the spread."))
    // Two decades of four bins; a line parallel to the diagonal, above it.
    let line = try #require(drawing.all("path").first { $0.classes.contains("line") })
    let places = (line.attributes["d"] ?? "").dropFirst().split(separator: "L").map { place in
      place.split(separator: " ").compactMap { Double($0) }
    }
    #expect(places.count == 8)
    let heights = places.map { 100 - $0[1] - $0[0] }
    #expect(heights.allSatisfy { $0 > 5 && abs($0 - heights[0]) < 0.1 }, "\(heights)")
    // A single model has none.
    var single = PredictionSummary()
    single.add(
      Self.frame([1], forces: [0, 0, 0]), Potential.Prediction(energy: 0, forces: [1, 0, 0]))
    #expect(!(try Self.page(single)).readableText.contains("Spread"))
  }

  /// A set of any size leaves a page of bounded size.
  @Test func pagesDoNotGrowWithFrames() throws {
    var summary = PredictionSummary(mostValues: 3000)
    for index in 0..<5000 {
      let forces = [Double(index % 7), 0, 1, 0, 0, Double(index % 11)]
      summary.add(
        Self.frame([1, Int32(1 + index % 90)], group: "group \(index)", forces: forces),
        Potential.Prediction(energy: 0, forces: forces.map { $0 + Double(index % 13) / 1000 }))
    }
    let page = try Self.page(summary)
    #expect(page.html.utf8.count < 400_000)
    #expect(summary.stride == 64 && summary.errors.frames == 5000)
    let groups = try Self.rows(page, "Errors of forces by group")
    #expect(groups.count == 25 && groups.last?[0] == "4976 smaller groups")
    #expect(groups.map { $0[1] }.last == "29\u{202F}856")
    #expect(try Self.rows(page, "Errors of forces by element").count == 90)
  }

  @Test func sizesOfManyKindsAreRanges() throws {
    var summary = PredictionSummary()
    for count in [1, 2, 3, 4, 7, 8, 9, 15, 16, 100, 250] {
      let forces = [Double](repeating: 0, count: 3 * count)
      summary.add(
        Self.frame([Int32](repeating: 6, count: count), forces: forces),
        Potential.Prediction(energy: 0, forces: forces.map { $0 + 0.1 }))
    }
    let rows = try Self.rows(try Self.page(summary), "Errors of forces by size")
    #expect(
      rows.map { $0[0] } == [
        "1 atom", "2 to 3 atoms", "4 to 7 atoms", "8 to 15 atoms", "16 atoms", "100 atoms",
        "250 atoms",
      ])
    #expect(rows.map { $0[2] }.allSatisfy { $0 == "100" })
  }

  /// What no label is there for is not on the page.
  @Test func framesWithoutLabels() throws {
    var summary = PredictionSummary()
    summary.add(Self.frame([1]), Potential.Prediction(energy: 1, forces: [0, 0, 0]))
    let page = try Self.page(summary)
    #expect(page.drawings.isEmpty && page.root.all("canvas").isEmpty && page.scripts.isEmpty)
    #expect(try Self.page(PredictionSummary()).text("h1")?.contains("0 frames") == true)
  }
}
