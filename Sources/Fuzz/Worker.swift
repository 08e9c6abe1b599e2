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
    let end = ContinuousClock.now + .seconds(seconds)
    var number = first
    while ContinuousClock.now < end {
      try Data("\(number)".utf8).write(to: URL(fileURLWithPath: status), options: .atomic)
      let input = try target.input(seed: seed, number: number)
      try input.write(to: URL(fileURLWithPath: path))
      try target.judge(path)
      number += 1
    }
    try Data("\(number)".utf8).write(to: URL(fileURLWithPath: status), options: .atomic)
  }
}
