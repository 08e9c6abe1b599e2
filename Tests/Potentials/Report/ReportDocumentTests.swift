import E3xPotentials
import Testing

@Suite struct ReportDocumentTests {
  private func page(_ body: String) throws -> Page {
    try Page(ReportDocument.html(title: "a < b", body: body))
  }

  @Test func tablesHaveHeadsAndNumbers() throws {
    let table = ReportDocument.table(
      "Energies & more", head: ["state", "eV", "K"],
      rows: [["<gauche>", "−1.25", "300"], ["trans", "–", "0"]])
    let page = try page("<main>" + ReportDocument.section("Numbers", table) + "</main>")
    let section = try #require(page.section("Numbers"))
    #expect(section.all("th").map(\.text) == ["state", "eV", "K", "<gauche>", "trans"])
    #expect(section.all("td").map(\.text) == ["−1.25", "300", "–", "0"])
    // All but the first column is set to the right.
    #expect(section.all("td").allSatisfy { $0.classes == ["n"] })
    #expect(
      section.all("th").map { $0.classes.contains("n") } == [false, true, true, false, false])
    #expect(section.all("div").first?.attributes["aria-label"] == "Energies & more")
  }

  @Test func plainTextStaysPlain() throws {
    let page = try page(
      ReportDocument.header("R&D", about: "<i>", lines: ["1 < 2", "", "3"]) + "<main>"
        + ReportDocument.paragraph("x < y & z") + "</main>")
    #expect(page.text("title") == "a < b")
    #expect(page.text("h1") == "R&D <i>")
    #expect(page.root.all("p").map(\.text) == ["1 < 2 · 3", "x < y & z"])
  }

  @Test func emptyPartsAreLeftOut() {
    #expect(ReportDocument.paragraph("") == "")
    #expect(ReportDocument.section("name", "") == "")
    #expect(ReportDocument.figures(["", ""]) == "")
    #expect(LinePlot(title: "t", xTitle: "x", yTitle: "y", lines: []).html(id: "a") == "")
    #expect(StructureViewer(title: "t", atomicNumbers: [1], frames: []).html(id: "a") == "")
  }
}
