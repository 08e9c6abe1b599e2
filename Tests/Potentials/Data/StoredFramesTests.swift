import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Frames of which memory does not hold all.
@Suite struct StoredFramesTests {
  /// Frames with labels, cells and groups, or without them, drawn at random; some of them odd.
  static func frames(_ count: Int, seed: Int) -> [LabelledFrame] {
    var dice = Dice(seed: seed)
    return (0..<count).map { _ in
      let atoms = dice.pick([0, 1, 1, 2, 5, 30])
      func numbers(_ count: Int) -> [Double]? {
        dice.flag() ? dice.uniform(count, -9, 9) : nil
      }
      var frame = LabelledFrame(
        atomicNumbers: (0..<atoms).map { _ in dice.pick([1, 6, 8, 93]) },
        positions: dice.uniform(3 * atoms, -9, 9), energy: numbers(1)?[0],
        forces: numbers(3 * atoms), cell: numbers(9),
        pbc: (0..<3).map { _ in dice.flag() }, stress: numbers(9))
      frame.weight = dice.pick([1, 0.25])
      frame.group = dice.pick([nil, "", "bulk", "amorphous carbon, C₂₁₆ at 3000 K"])
      return frame
    }
  }

  @Test func recordsAreReadAsTheyWereWritten() throws {
    var frames = Self.frames(60, seed: 1)
    frames.append(
      LabelledFrame(
        atomicNumbers: [1, -5], positions: [-0.0, .infinity, .leastNonzeroMagnitude], energy: -0.0,
        forces: [],
        cell: [1], pbc: [], stress: [.greatestFiniteMagnitude]))
    for frame in frames {
      var bytes: [UInt8] = []
      FrameRecord.append(frame, to: &bytes)
      let read = try #require(FrameRecord.frame(bytes))
      #expect(read == frame)
      #expect(read.positions.map(\.bitPattern) == frame.positions.map(\.bitPattern))
      #expect(read.energy?.bitPattern == frame.energy?.bitPattern)
    }
    var odd = frames[0]
    odd.energy = Double(nan: 17, signaling: false)
    var bytes: [UInt8] = []
    FrameRecord.append(odd, to: &bytes)
    #expect(FrameRecord.frame(bytes)?.energy?.bitPattern == odd.energy?.bitPattern)
  }

  @Test func damagedRecordsAreNone() {
    var dice = Dice(seed: 2)
    var bytes: [UInt8] = []
    FrameRecord.append(Self.frames(9, seed: 3)[8], to: &bytes)
    for count in 0..<bytes.count { #expect(FrameRecord.frame(Array(bytes[..<count])) == nil) }
    #expect(FrameRecord.frame(bytes + [0]) == nil)
    // Counts that cannot be.
    for _ in 0..<500 {
      var damaged = bytes
      let (place, bit) = (dice.roll(64), dice.roll(8))
      damaged[place] ^= 1 << bit
      #expect(FrameRecord.frame(damaged) == nil, "byte \(place), bit \(bit)")
    }
  }

  @Test(arguments: [0, 3000, 40_000, 1 << 30])
  func areTheSameWhereverTheyAre(memory: Int) throws {
    let frames = Self.frames(400, seed: 4)
    var stored = StoredFrames(memory: memory)
    #expect(stored.isEmpty)
    for frame in frames { try stored.append(frame) }
    #expect(stored.count == 400 && stored.indices == 0..<400)
    #expect(try stored.all() == frames)
    for index in [399, 0, 200, 1, 398] { #expect(try stored[index] == frames[index]) }
    #expect(stored.atomCount == frames.reduce(0) { $0 + $1.count })
    #expect(stored.elements == Set(frames.flatMap(\.atomicNumbers)))
    #expect(stored.periodicCount == frames.count { $0.pbc.contains(true) })
    for label in Label.allCases {
      #expect(stored.count(of: label) == frames.count { $0.has(label) })
    }
    // What is added to a copy is in the copy alone.
    var copy = stored
    try copy.append(frames[7])
    try stored.append(frames[9])
    #expect(try copy.all() == frames + [frames[7]])
    #expect(try stored.all() == frames + [frames[9]])
    var array = StoredFrames(Array(frames[..<50]))
    try array.append(frames[60])
    #expect(try array.all() == Array(frames[..<50]) + [frames[60]])
  }

  @Test func threadsReadAtTheSameTime() async throws {
    let frames = Self.frames(300, seed: 5)
    var stored = StoredFrames(memory: 5000)
    for frame in frames { try stored.append(frame) }
    let all = stored
    try await withThrowingTaskGroup(of: [LabelledFrame].self) { group in
      for _ in 0..<4 { group.addTask { try all.all() } }
      for try await read in group { #expect(read == frames) }
    }
  }

  /// Sets of files say the same of their frames, wherever these are.
  @Test func setsAreTheSame() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: BundledData.ethanol(.train), encoding: .utf8)
    try Data(text.utf8).write(to: folder.url("a.xyz"))
    try XYZWriter.write(
      Array(XYZReader.read(folder.path("a.xyz")).prefix(20)), to: folder.path("b.xyz.gz"))
    try NumPyArchive.write(MoleculeArchiveTests.arrays(revised: true), to: folder.path("c.npz"))
    let paths = ["a.xyz", "b.xyz.gz", "c.npz"].map { folder.path($0) }
    var preparation = DataPreparation()
    (preparation.validFraction, preparation.testFraction) = (0.2, 0.1)
    var sets: [[[LabelledFrame]]] = []
    for memory in [0, 100_000, 1 << 30] {
      var data = TrainingData(memory: memory)
      for path in paths { try data.train.add(path, keys: LabelKeys()) }
      for (file, path) in matched(data.train.files, paths) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(file.bytes == bytes.count && file.sha256 == SHA256.hexadecimal(bytes))
      }
      let all = try paths.flatMap { try LabelledFrame.read($0) }
      #expect(try data.train.frames.all() == all)
      try data.prepare(preparation, AttentionPotential())
      sets.append(try [data.train, data.valid, data.test].map { try $0.frames.all() })
      #expect(sets.last?.joined().count == all.count)
      #expect(sets.last?[1].count == Int((0.2 * Double(all.count)).rounded()))
      #expect(data.train.frames.atomCount == sets.last?[0].reduce(0) { $0 + $1.count })
      let warnings = try data.warnings(AttentionPotential(), TrainingOptions())
      #expect(
        warnings.contains { $0.contains("of the validation set are in the training set too") })
    }
    #expect(sets[0] == sets[2] && sets[1] == sets[2])
  }
}
