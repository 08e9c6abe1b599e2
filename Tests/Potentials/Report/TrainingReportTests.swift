import E3xFiles
import E3xPotentials
import Foundation
import Testing

@Suite struct TrainingReportTests {
  @Test func aCompletePageTellsEverything() throws {
    let page = try Page(completeReport().html())
    let text = page.readableText
    #expect(page.drawings.count == 8)
    for expected in [
      "13.4 meV/Å", "4.25 meV", "0.470", "12\u{202F}345", "20.0", "it's a test",
      "mean absolute error 10.0 meV/Å", "mean absolute error 2.00 meV",
      "30\u{202F}000 force components of the test set", "1.00·10⁻⁵ at step 200, the lowest",
      "stopped after 5000 of 6000 steps", "1 warning", "the cutoff is below every distance",
      "/data/md/first.xyz", "2.5 MB", "0123456789abcdef", "step 100: lowest of all", "2 min 3 s",
      "−13.6057 eV", "3000", "learning_rate 0.003 to 0.001", "<value> 8", "17", "swift-e3x 9.8.7",
    ] {
      #expect(text.contains(expected), "\(expected)")
    }
    #expect(page.html.utf8.count < 300_000)
  }

  @Test func theHeadlineComesFirst() throws {
    let titles = try Page(completeReport().html()).root.all("h2").map(\.text)
    #expect(
      titles == [
        "Errors", "Learning", "Predictions", "Where errors are", "Worst frames", "Warnings", "Run",
        "Changes at resumes", "Data", "Energies of the elements", "Model",
        "Options of the training",
      ])
  }

  @Test func titleAndHeadingTellRunsApart() throws {
    let page = try Page(completeReport().html())
    for name in ["title", "h1"] {
      let text = try #require(page.text(name))
      for part in [
        "Ethanol <potential> & \"more\"", "md/first.xyz and 1 more", "2027-01-15 13:30 +05:30",
      ] {
        #expect(text.contains(part), "\(name): \(part)")
      }
    }
  }

  @Test func needsNothingFromElsewhere() {
    let html = completeReport().html()
    for text in ["http", "<link", "@import", "url(", "src=", "import(", "fetch("] {
      #expect(!html.contains(text), "\(text)")
    }
  }

  /// Each picture has a name and a text of its own, with the numbers that it shows.
  @Test func picturesHaveTexts() throws {
    let page = try Page(completeReport().html())
    let ids = page.root.all.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    var texts: Set<String> = []
    for drawing in page.drawings {
      let title = try #require(drawing.all("title").first)
      let text = try #require(drawing.all("desc").first)
      #expect(drawing.attributes["aria-labelledby"] == title.attributes["id"])
      #expect(drawing.attributes["aria-describedby"] == text.attributes["id"])
      #expect(text.text.contains(/\d/))
      #expect(texts.insert(title.text).inserted && texts.insert(text.text).inserted)
    }
    #expect(
      page.root.all("svg").allSatisfy {
        $0.attributes["role"] == "img" || $0.attributes["aria-hidden"] == "true"
      })
    let forces = try #require(
      page.drawings.first { $0.text.hasPrefix("Validation error of forces") })
    #expect(
      forces.text.contains(
        "2 values: first 300 meV/Å at step 100, last 20.0 meV/Å at step 200, lowest 20.0 meV/Å at "
          + "step 200, highest 300 meV/Å at step 100. Marked: the step that was written, 300 "
          + "meV/Å at step 100."))
    #expect(forces.all("text").contains { $0.text == "written" })
  }

  /// Letters of drawings have a size in pixels on any screen: the drawing is not scaled.
  @Test func lettersOfDrawingsKeepTheirSize() throws {
    let page = try Page(completeReport().html())
    #expect(page.drawings.allSatisfy { $0.attributes["viewBox"] == nil })
    let inner = page.drawings.flatMap { $0.all("svg") }.filter { $0.attributes["viewBox"] != nil }
    #expect(inner.count == page.drawings.count && inner.allSatisfy { $0.all("text").isEmpty })
    let sizes = page.html.matches(of: /font-size:(\d+)px/).compactMap { Int($0.1) }
    #expect(sizes.count > 5 && sizes.allSatisfy { $0 >= 12 })
  }

  @Test func tablesScrollByKeyboardAndSaySo() throws {
    let page = try Page(completeReport().html())
    let regions = page.root.all.filter { $0.attributes["role"] == "region" }
    #expect(page.root.all("table").count == regions.flatMap { $0.all("table") }.count)
    #expect(Set(regions.compactMap { $0.attributes["aria-label"] }).count == regions.count)
    #expect(regions.allSatisfy { $0.attributes["tabindex"] == "0" })
    let wide = regions.filter { $0.classes.contains("wide") }
    let hints = page.root.all("p").filter { $0.classes.contains("hint") }
    // Files, forces and energies by element and group, the worst frames.
    #expect(wide.count == 5 && hints.count == 5)
    #expect(page.html.contains(".wide table{min-width:"))
  }

  @Test func labelsThatAreNotThereAreAbsent() throws {
    var report = TrainingReport(name: "energies only")
    report.errors = [TrainingReport.Errors(name: "test", frames: 3, energyMAE: 0)]
    report.energyError = TrainingReport.Curve(steps: [1], values: [2])
    report.forceError = TrainingReport.Curve(steps: [1, 2], values: [nil, nil])
    var text = try Page(report.html()).readableText
    #expect(text.contains("Energies, mean absolute error"))
    for absent in ["orce", "0.00", "nan", "NaN", "nil", "root mean square", "–"] {
      #expect(!text.contains(absent), "\(absent)")
    }
    // Where another set has them, a dash says that this one does not.
    report.errors.insert(
      TrainingReport.Errors(name: "validation", frames: 2, energyMAE: 1, forceMAE: 7), at: 0)
    let page = try Page(report.html())
    text = page.readableText
    #expect(text.contains("Forces, mean absolute error (meV/Å)"))
    let dashes = page.root.all("span").filter { $0.text == "–" }
    #expect(dashes.map { $0.attributes["aria-label"] } == ["no labels"])
  }

  @Test(arguments: TrainingReport.Section.allCases)
  func aPartThatFailsSaysWhyAndTheRestStands(section: TrainingReport.Section) throws {
    var report = completeReport()
    report.failures = [TrainingReport.Failure(section, part: "a part", reason: "of <this> & that")]
    let page = try Page(report.html())
    #expect(page.drawings.count == 8)
    let titles = ["errors": "Errors", "learning": "Learning", "predictions": "Predictions"]
    let part = try #require(page.section(titles[section.rawValue] ?? "Run"))
    #expect(part.text.contains("Missing here: a part, because of <this> & that."))
    #expect(page.readableText.contains("not all parts of this page could be made"))

    var empty = TrainingReport(name: "x")
    empty.failures = report.failures
    #expect(try Page(empty.html()).readableText.contains("because of <this> & that."))
  }

  /// Texts from elsewhere, in every place that takes one.
  @Test(arguments: [
    "<b>\"x\"</b> & 'y'", "</title><script>alert(1)</script>", "\u{202E}gpj.zyx", "שלום عالم",
    "tab\tnew\nline", "\u{0}\u{1B}[31m\u{7F}\u{85}\u{FFFE}", "🧪 e\u{301}", "",
    String(repeating: "long", count: 500),
  ])
  func textsFromElsewhereAreText(text: String) throws {
    var report = completeReport()
    (report.name, report.model, report.program, report.status) = (text, text, text, text)
    report.warnings = [text]
    report.predictions?.set = text
    report.predictions?.add(energy: (0, 1), forces: ([0, 0, 0], [9, 9, 9]), group: text)
    report.dataSets = [
      TrainingReport.DataSet(role: text, path: "/" + text, frames: 1, bytes: 1, sha256: text)
    ]
    for index in report.errors.indices { report.errors[index].name = text }
    report.written = TrainingReport.WrittenStep(step: 1, criterion: text)
    let entries = [TrainingReport.Entry(text, text)]
    (report.facts, report.configuration, report.options) = (entries, entries, entries)
    report.elementEnergies = [TrainingReport.ElementEnergy(symbol: text, energy: 1)]
    report.changes = [TrainingReport.Change(step: 1, text: text)]
    report.failures = [TrainingReport.Failure(.errors, part: text, reason: text)]
    let page = try Page(report.html())
    // The data of the structures, and the program that turns them.
    #expect(page.root.all("script").count == 2 && page.root.all("b").isEmpty)
    #expect(try page.viewedFrames().count > 8)
    #expect(page.drawings.count == 8)
    // Names lie in elements that keep their direction of writing to themselves.
    #expect(page.root.all("bdi").count { !$0.text.isEmpty } > (text.isEmpty ? 3 : 12))
    let forbidden = page.html.unicodeScalars.filter {
      $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
    }
    #expect(forbidden.isEmpty)
  }

  @Test(arguments: oddReports.indices) func survives(index: Int) throws {
    let page = try Page(oddReports[index].html())
    for element in page.root.all {
      for (name, value) in element.attributes where name != "aria-label" {
        #expect(!value.contains(/\bnan\b|\binf\b/), "\(name)")
      }
    }
  }

  @Test func writesItself() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).html").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let report = completeReport()
    try report.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == report.html())
    #expect(throws: FileError.self) { try report.write(to: path + "/x") }
  }
}
