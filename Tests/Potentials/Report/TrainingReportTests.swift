import E3xFiles
import E3xPotentials
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

private let steps: [Double] = (1...5000).map { Double($0) }
private let losses: [Double] = steps.map { 1 / $0 }
private let references: [Double] = (0..<30_000).map { Double($0 % 997) / 100 }
private let predictions: [Double] = references.enumerated().map { index, value in
  index % 2 == 0 ? value + 0.01 : value - 0.01
}
private let entries: [TrainingReport.Entry] = (0..<9).map {
  TrainingReport.Entry("key\($0)", "<value> \($0)")
}

private let normal = TrainingReport(
  title: "Ethanol <potential> & \"more\"", subtitle: "it's a test",
  errors: [
    TrainingReport.Errors(name: "valid", frames: 200, energyMAE: 4.5, forceMAE: 12.9),
    TrainingReport.Errors(
      name: "test", frames: 12345, energyMAE: 4.25, energyRMSE: 6, energyPerAtomMAE: 0.47,
      forceMAE: 13.37, forceRMSE: 20),
  ],
  facts: [TrainingReport.Entry("Speed", "80 steps/s")],
  loss: TrainingReport.Curve(steps: steps, values: losses),
  energyError: TrainingReport.Curve(steps: [100, 200], values: [30, 3]),
  forceError: TrainingReport.Curve(steps: [100, 200], values: [300, 20]),
  learningRate: TrainingReport.Curve(steps: [1, 200], values: [1e-2, 1e-5]),
  energies: TrainingReport.Parity(reference: [-309, -308], predicted: [-309.002, -307.998]),
  forces: TrainingReport.Parity(reference: references, predicted: predictions),
  configuration: entries)

/// Everything empty, and everything that numbers can do wrong.
private let odd: [TrainingReport] = {
  let values: [Double] = [
    .nan, .infinity, -.infinity, 0, -0.0, -1, 1e308, -1e308, 5e-300, 1e300, 1, 1,
  ]
  var curves: [[Double]] = [
    [], [1], [1, 1], [0, 0], [-1, -2], [1e-300, 1e300], [1e17, 1e17 + 16], values,
  ]
  for value in values { curves.append([value]) }
  return [TrainingReport(title: "")]
    + curves.map { values in
      let curve = TrainingReport.Curve(steps: values, values: values.reversed())
      let parity = TrainingReport.Parity(reference: values, predicted: values.reversed())
      let errors = TrainingReport.Errors(
        name: "\u{0}\u{1B}", frames: -1, energyMAE: values.first, forceMAE: values.last)
      return TrainingReport(
        title: "x", errors: [errors], loss: curve, energyError: curve, forceError: curve,
        learningRate: curve, energies: parity, forces: parity)
    }
}()

/// The page is written so that it is well-formed XML too, but for two tags that HTML leaves open.
private func parse(_ html: String) -> String? {
  final class Delegate: NSObject, XMLParserDelegate {}
  let xml = html.replacing("<!DOCTYPE html>", with: "").replacing("<br>", with: "<br/>")
    .replacing("<meta charset=\"utf-8\">", with: "").replacing(
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", with: "")
  let parser = XMLParser(data: Data(xml.utf8))
  return parser.parse() ? nil : "\(String(describing: parser.parserError))"
}

@Suite struct TrainingReportTests {
  @Test func isWellFormedAndComplete() {
    let html = normal.html()
    #expect(parse(html) == nil)
    #expect(html.contains("Ethanol &lt;potential&gt; &amp; &quot;more&quot;"))
    #expect(html.contains("it&#39;s a test"))
    #expect(html.contains("&lt;value&gt; 8"))
    #expect(!html.contains("<value>"))
    #expect(html.components(separatedBy: "<svg").count == 9)
    for text in [
      "13.4 <span class=\"unit\">meV/Å", "4.25", "0.470", "12\u{2009}345", "80 steps/s",
      "MAE 10.0 meV/Å", "MAE 2.00 meV", "30\u{2009}000 values", "1.00·10⁻⁵",
    ] {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test func needsNothingFromElsewhere() {
    let html = normal.html()
    for text in ["http", "<script", "<link", "@import", "url(", "src="] {
      #expect(!html.contains(text), "\(text)")
    }
    #expect(html.contains("prefers-color-scheme:dark"))
  }

  @Test func drawsAtMostFourThousandPoints() throws {
    let html = normal.html()
    let clouds = html.components(separatedBy: "class=\"cloud").dropFirst().map {
      ($0.components(separatedBy: "\"/>").first ?? "").components(separatedBy: "h0").count - 1
    }
    #expect(clouds.count == 2)
    let counts = clouds.sorted()
    #expect(counts[0] == 2)
    #expect(counts[1] > 500 && counts[1] <= 4000)
    #expect(html == normal.html())
  }

  @Test func writesItself() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).html").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try normal.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == normal.html())
    #expect(throws: FileError.self) { try normal.write(to: path + "/x") }
  }

  @Test(arguments: odd.indices) func survives(index: Int) {
    let html = odd[index].html()
    #expect(parse(html) == nil)
    let drawings = html.components(separatedBy: " d=\"").dropFirst()
    for drawing in drawings {
      let path = drawing.prefix { $0 != "\"" }
      #expect(!path.contains("nan") && !path.contains("inf"))
    }
  }
}
