import E3xBundledData
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// The page about a run that was interrupted, in effect, and resumed with another option.
@Suite struct TrainingReportTests {
  @Test func thePageTellsWhichRunItIsOf() throws {
    let folder = try TrainingFolder()
    try folder.write("a <b> & \"c\".xyz", TrainingFolder.ethanol(.test, 0..<5))
    let options = ["--steps", "4", "--validation-interval", "2"]
    let first = try Program.e3x.run(
      ["train", "-o", "first-run", "--test", "a <b> & \"c\".xyz"] + folder.data
        + TrainingFolder.tiny + options, in: folder.path)
    #expect(first.code == 0, "\(first)")
    let before = try folder.read("first-run/report.html")
    #expect(before.contains("<title>first-run · "))
    for text in ["/train.xyz", "/valid.xyz", "a &lt;b&gt; &amp; &quot;c&quot;.xyz", "4 of 4"] {
      #expect(before.contains(text), "\(text)")
    }
    #expect(!before.contains("Changes at resumes") && !before.contains("Resumed"))

    let second = try folder.train("--resume", "-o", "first-run", "--steps", "6")
    #expect(second.code == 0, "\(second)")
    let after = try folder.read("first-run/report.html")
    for text in ["6 of 6", "Changes at resumes", "steps: 4 to 6", "Resumed", "1 time"] {
      #expect(after.contains(text), "\(text)")
    }
  }

  @Test func labelsThatAreNotThereAreAbsent() throws {
    let folder = try TrainingFolder()
    for (name, split) in [("train.xyz", "train"), ("valid.xyz", "valid")] {
      let text = try TrainingFolder.ethanol(split == "train" ? .train : .valid, 0..<4)
      // Only species and positions are left of each atom.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        let words = line.split(separator: " ")
        return words.count == 7 && Double(words[6]) != nil
          ? words[0..<4].joined(separator: " ")
          : line.replacingOccurrences(of: ":forces:R:3", with: "")
      }
      try folder.write(name, lines.joined(separator: "\n"))
    }
    let outcome = try folder.trainTiny("--steps", "2", "--forces-weight", "0")
    #expect(outcome.code == 0, "\(outcome)")
    let page = try folder.read("run/report.html")
    #expect(page.contains("Energies, mean absolute error"))
    for text in ["Forces", "meV/Å", ">0.00<", "NaN"] { #expect(!page.contains(text), "\(text)") }
  }
}
