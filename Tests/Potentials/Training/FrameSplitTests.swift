import E3xEngine
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Frames of files become sets.
@Suite struct FrameSplitTests {
  /// A set of frames of hydrogen whose energies are their numbers, with groups.
  static func data(_ groups: [String?]) throws -> TrainingData {
    let folder = try TemporaryFolder()
    let frames = groups.enumerated().map { index, group in
      var frame = XYZFrame(
        numbers: [1, 1], positions: [0, 0, 0, 0, 0, 0.7 + 0.001 * Double(index)])
      frame.info["energy"] = .integer(index)
      if let group { frame.info["config_type"] = .string(group) }
      return frame
    }
    try XYZWriter.write(frames, to: folder.path("a.xyz"))
    var data = TrainingData()
    try data.train.add(folder.path("a.xyz"), keys: LabelKeys(required: []))
    return data
  }

  private static func split(
    _ groups: [String?], _ change: (inout DataPreparation) -> Void
  ) throws -> [[Int]] {
    var data = try data(groups)
    var preparation = DataPreparation()
    change(&preparation)
    try data.prepare(preparation, AttentionPotential())
    return try [data.train, data.valid, data.test].map { set in
      try set.frames.all().map { Int($0.energy ?? -1) }
    }
  }

  @Test(arguments: [
    (10, 0.1, 0.0), (10, 0.25, 0.25), (100, 0.1, 0.2), (3, 0.01, 0.01), (5, 0.9, 0),
  ])
  func everyFrameIsInOneSet(count: Int, valid: Double, test: Double) throws {
    var seen: Set<[Int]> = []
    for seed in 0..<4 {
      let sets = try Self.split([String?](repeating: nil, count: count)) {
        ($0.validFraction, $0.testFraction, $0.seed) = (valid, test, seed)
      }
      #expect(sets.joined().sorted() == Array(0..<count))
      #expect(sets.allSatisfy { $0 == $0.sorted() })
      for (part, fraction) in [(sets[1], valid), (sets[2], test)] {
        let expected = fraction == 0 ? 0 : max(1, Int((fraction * Double(count)).rounded()))
        #expect(part.count == min(expected, count - 1), "\(sets)")
      }
      let again = try Self.split([String?](repeating: nil, count: count)) {
        ($0.validFraction, $0.testFraction, $0.seed) = (valid, test, seed)
      }
      #expect(again == sets)
      seen.insert(sets[1])
    }
    #expect(seen.count > 1)
  }

  @Test(arguments: 0..<6) func groupsStayTogether(seed: Int) throws {
    var dice = Dice(seed: seed)
    let groups: [String?] = (0..<60).map { _ in dice.pick(["a", "b", "c", "d", "e", "f", nil]) }
    let sets = try Self.split(groups) {
      ($0.validFraction, $0.testFraction, $0.splitBy, $0.seed) = (0.25, 0.2, .group, seed)
    }
    #expect(sets.joined().sorted() == Array(0..<60))
    #expect(sets.allSatisfy { !$0.isEmpty })
    for name in ["a", "b", "c", "d", "e", "f"] {
      let members = groups.indices.filter { groups[$0] == name }
      #expect(
        sets.count { set in members.contains(where: set.contains) } == (members.isEmpty ? 0 : 1))
    }
    #expect(sets[1].count <= 15 && sets[2].count <= 12)
  }

  @Test func whatCannotBeSplit() throws {
    for (groups, name) in [
      (["a", "a", "a"], "there is one group"), (["a"], "there is one group"),
    ] {
      let error = #expect(throws: ArgumentError.self) {
        _ = try Self.split(groups) { ($0.validFraction, $0.splitBy) = (0.5, .group) }
      }
      #expect(error?.argument == "valid_fraction" && error?.reason.contains(name) == true)
    }
    // The smallest group, if all are too large.
    let sets = try Self.split(["a", "a", "a", "b", "b"]) {
      ($0.validFraction, $0.splitBy) = (0.1, .group)
    }
    #expect(sets == [[0, 1, 2], [3, 4], []])
  }

  @Test func framesKnowTheirFile() throws {
    var data = try Self.data([nil, nil, nil, nil])
    var preparation = DataPreparation()
    preparation.validFraction = 0.25
    try data.prepare(preparation, AttentionPotential())
    let frame = Int(try data.valid.frames[0].energy ?? -1)
    let error = data.valid.failure(frame: 0, "is bad")
    #expect(error.file == data.train.files[0].path)
    #expect(error.place == "frame \(frame + 1) of the validation set (line \(4 * frame + 1))")
    #expect(
      data.splitText
        == "of 4 training frames 1 for the validation set (0.25) are split off, by frame, with seed 0"
    )
    #expect(data.valid.files.isEmpty)
  }

  @Test func recordsOfVersionsBeforeHaveNoPreparation() throws {
    let data = try Self.data([nil])
    let json = try RunRecord(version: "1", threads: 1, data: data, labels: .init()).json()
    #expect(json.contains("\"preparation\":{"))
    let old = json.replacing(try Regex("\"preparation\":\\{[^}]*\\},"), with: "")
    #expect(!old.contains("preparation"))
    let record = try JSONDecoder().decode(RunRecord.self, from: Data(old.utf8))
    #expect(record.preparation == nil)
    let whole = try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
    #expect(whole.preparation == DataPreparation())
    for wrong in ["\"valid_fraction\":1", "\"valid_fraction\":-1", "\"split_by\":\"atom\""] {
      let text = "{\(wrong)}"
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(DataPreparation.self, from: Data(text.utf8))
      }
    }
  }
}
