import E3xPotentials
import Foundation
import Testing

/// The page of a report whose only drawing is a curve.
private func page(_ steps: [Double], _ values: [Double?]) throws -> Page {
  var report = TrainingReport(name: "curve")
  report.forceError = TrainingReport.Curve(steps: steps, values: values)
  return try Page(report.html())
}

/// The paths of a class in a page's drawings.
private func paths(_ page: Page, _ style: String) -> [String] {
  page.drawings.flatMap { $0.all("path") }.filter { $0.classes.contains(Substring(style)) }
    .compactMap { $0.attributes["d"] }
}

private func count(_ text: String, in path: String) -> Int {
  path.components(separatedBy: text).count - 1
}

@Suite struct PlotTests {
  @Test(arguments: [nil, .nan, .infinity, -.infinity, 1e301, 0] as [Double?])
  func whatCannotBeDrawnLeavesAGap(value: Double?) throws {
    let page = try page((1...7).map(Double.init), [4, 3, value, 2, 2, value, 1])
    let lines = paths(page, "line").filter { !$0.contains("h0") }
    #expect(lines.count == 1 && count("M", in: lines[0]) == 2 && count("L", in: lines[0]) == 2)
    // The last point stands alone: a dot, besides the dots of all.
    #expect(paths(page, "lone").map { count("h0", in: $0) } == [1])
    #expect(paths(page, "dots").map { count("h0", in: $0) } == [5])
    let text = page.readableText
    #expect(text.contains("1.00 meV/Å at step 7, the lowest"))
    switch value {
    case nil: #expect(!text.contains("not drawn"))
    case 0: #expect(text.contains("not drawn: 2 values of zero"))
    default: #expect(text.contains("not drawn: 2 values out of the range of numbers"))
    }
  }

  @Test(arguments: [
    ([2.0], "2.00 meV/Å at step 10, the only value", "logarithmic"),
    ([2, 2, 2], "2.00 meV/Å at step 12, as at all steps before", "logarithmic"),
    ([1, 3, 2], "2.00 meV/Å at step 12; lowest 1.00 meV/Å at step 10", "logarithmic"),
    ([-1, 3, 2], "2.00 meV/Å at step 12; lowest −1.00 meV/Å at step 10", "linear"),
    ([0, 0], "0 meV/Å at step 11, as at all steps before", "linear"),
  ])
  func curvesInWords(values: [Double], caption: String, axis: String) throws {
    let page = try page(values.indices.map { 10 + Double($0) }, values)
    #expect(page.drawings.count == 1)
    #expect(page.text("figcaption")?.hasSuffix(caption) == true)
    #expect(page.drawings[0].text.contains("on a \(axis) axis"))
  }

  @Test(arguments: [[], [nil], [.nan, .infinity]] as [[Double?]])
  func curvesWithoutPointsAreLeftOut(values: [Double?]) throws {
    let page = try page(values.indices.map(Double.init), values)
    #expect(page.drawings.isEmpty && page.section("Learning") == nil)
  }

  /// A point that stands out is seen, however many there are.
  @Test(arguments: [800, 801, 10_000, 100_001]) func longCurvesAreThinned(points: Int) throws {
    var values: [Double?] = (0..<points).map { 2 + Double($0 % 3) / 10 }
    values[points / 3] = 100
    values[points / 2] = nil
    let page = try page((0..<points).map(Double.init), values)
    let path = try #require(paths(page, "line").first)
    #expect((600...800).contains(count("L", in: path) + count("M", in: path)))
    #expect(page.html.utf8.count < 40_000)
    // The highest point lies a margin below the top of the axis.
    let heights = path.split { "ML".contains($0) }.compactMap {
      $0.split(separator: " ").last.flatMap { Double($0) }
    }
    #expect(heights.count { $0 < 50 } == 1)
  }

  @Test func cloudsAreThinnedButKeepTheWorst() throws {
    var report = completeReport()
    report.predictions?.add(energy: nil, forces: ([4, 4, 4], [4, 34, 4]), group: "md")
    let page = try Page(report.html())
    let forces = try #require(page.drawings.first { $0.text.hasPrefix("Forces") })
    // Once by each thing that tells values apart; the reader chooses.
    let clouds = forces.all("g")
    #expect(clouds.map { $0.classes.last } == ["element", "group", "size"])
    for cloud in clouds {
      let dots = cloud.all("path").compactMap { $0.attributes["d"] }
      #expect(dots.count == (cloud.classes.last == "element" ? 3 : 2))
      let drawn = dots.reduce(0) { $0 + count("h0", in: $1) }
      #expect(drawn > 500 && drawn <= 3000)
      // One value is far above the diagonal.
      let far = dots.joined().split(separator: "M").count { place in
        let numbers = place.dropLast(2).split(separator: " ").compactMap { Double($0) }
        return numbers.count == 2 && 100 - numbers[1] > numbers[0] + 20
      }
      #expect(far == 1)
    }
    #expect(report.html() == report.html())
  }

  /// Labels beside one another fit into a telephone's width and lie on the axis.
  @Test(arguments: [
    (0.0, 1.0), (1, 12_000), (0, 1e9), (-309.4, -308.2), (-4200.123, -4200.121), (-1e5, 1e5),
    (1e-7, 2e-7), (-1e300, 1e300), (3, 3), (0, 1e-300), (123_456, 123_459),
  ])
  func ticksFit(range: (Double, Double)) throws {
    let page = try page([range.0, range.1], [1, 2])
    let drawing = try #require(page.drawings.first)
    let labels = drawing.all("text").filter { $0.attributes["dy"] == "19" }
    #expect(!labels.isEmpty && Set(labels.map(\.text)).count == labels.count)
    let places = try labels.map {
      try #require($0.attributes["x"].flatMap { Double($0.dropLast()) })
    }
    #expect(places.allSatisfy { (0...100).contains($0) } && places == places.sorted())
    for index in labels.indices.dropFirst() {
      // 184 pixels on a screen of 320; a digit is 7 wide.
      let distance = 184 * (places[index] - places[index - 1]) / 100
      let halves = 7 * Double(labels[index].text.count + labels[index - 1].text.count) / 2
      #expect(distance > halves + 4, "\(labels.map(\.text))")
    }
  }

  @Test func theWrittenStepIsMarkedWhereItIsDrawn() throws {
    func marks(_ step: Int) throws -> Int {
      var report = TrainingReport(name: "x")
      report.loss = TrainingReport.Curve(steps: [10, 20], values: [2, 1])
      report.written = TrainingReport.WrittenStep(step: step, criterion: "x")
      return try Page(report.html()).root.all("line").count { $0.classes.contains("mark") }
    }
    #expect(try [10, 15, 20, 5, 1000, -3, .max].map(marks) == [1, 1, 1, 0, 0, 0, 0])
  }

  @Test func histogramsCountEverything() throws {
    var report = TrainingReport(name: "x")
    let errors: [Double] = (0..<1000).map { $0 < 995 ? Double($0 % 11) - 5 : 1000 }
    report.predictions = PredictionSummary(set: "test")
    for error in errors { report.predictions?.add(energy: (7, 7 + error / 1000), forces: nil) }
    let page = try Page(report.html())
    let text = try #require(page.drawings.last?.text)
    #expect(text.contains("1000 energies of the test set"))
    #expect(text.contains("90 % of the errors are below 5.00 meV"))
    #expect(page.readableText.contains("5 beyond the plot"))
    #expect(paths(page, "bars").map { count("z", in: $0) } == [11])
  }
}
