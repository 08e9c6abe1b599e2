import Foundation

/// Tries inputs one after the other in this process, which may not survive it.
struct Worker {
  let target: any FuzzTarget
  let seed: UInt64
  /// Where the number of the present input is kept for the supervisor.
  let status: String

  /// The exit code after a finding that is no crash.
  static let findingCode: Int32 = 3

  /// Tries inputs from a number on until the time is over.
  func run(from first: UInt64, seconds: Double) throws {
    let scratch = try ScratchFolder()
    let path = scratch.path("input")
    _ = FileManager.default.createFile(atPath: status, contents: nil)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: status))
    let end = ContinuousClock.now + .seconds(seconds)
    var number = first
    while ContinuousClock.now < end {
      try tell(number, to: file)
      let input = try target.input(seed: seed, number: number)
      try input.write(to: URL(fileURLWithPath: path))
      try target.judge(path)
      number += 1
    }
    try tell(number, to: file)
  }

  /// All digits at once, always as many, so that whoever reads them sees one number.
  private func tell(_ number: UInt64, to file: FileHandle) throws {
    let digits = String(number)
    try file.seek(toOffset: 0)
    try file.write(
      contentsOf: Data((String(repeating: "0", count: 20 - digits.count) + digits).utf8))
  }
}
