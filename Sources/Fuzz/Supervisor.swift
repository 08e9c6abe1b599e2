import Foundation
import Processes

/// Runs workers, sees how they end, and keeps the inputs that they could not take.
struct Supervisor {
  let program: Program
  /// What workers are told besides target and place: the seed, the folder of cases.
  let arguments: [String]
  let target: any FuzzTarget
  let seed: UInt64
  /// The folder for inputs with findings.
  let kept: String

  /// The memory that an input may take.
  static let bytesLimit = 2_000_000_000
  /// After so many findings a target is left alone.
  static let findingsLimit = 10

  /// Tries inputs for a time.
  /// - Returns: how many were tried, and what was found.
  func run(seconds: Double) throws -> (tried: UInt64, findings: [String]) {
    var (next, findings): (UInt64, [String]) = (0, [])
    let end = ContinuousClock.now + .seconds(seconds)
    while findings.count < Self.findingsLimit {
      let left = end - ContinuousClock.now
      let leftSeconds =
        Double(left.components.seconds) + 1e-18 * Double(left.components.attoseconds)
      if leftSeconds <= 0 { break }
      let (number, finding) = try work(from: next, seconds: leftSeconds)
      next = number
      guard let finding else { break }
      let path = "\(kept)/\(target.name)-\(number).\(target.name)"
      try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
      try target.input(seed: seed, number: number).write(to: URL(fileURLWithPath: path))
      findings.append("\(path): \(finding)")
      next += 1
    }
    return (next, findings)
  }

  /// Lets a worker try inputs until the time is over or one of them is too much.
  private func work(
    from first: UInt64, seconds: Double
  ) throws -> (number: UInt64, finding: String?) {
    let scratch = try ScratchFolder()
    let status = scratch.path("status")
    let worker = try program.start(
      [
        "--worker", target.name, "--status", status, "--first", "\(first)", "--seconds",
        "\(seconds)",
      ] + arguments)
    var (number, since) = (first, ContinuousClock.now)
    while true {
      let outcome = try worker.poll()
      let text = (try? String(contentsOfFile: status, encoding: .utf8)) ?? ""
      let present = UInt64(text) ?? first
      if let outcome {
        if outcome.code == 0 { return (present, nil) }
        return (present, outcome.code == Worker.findingCode ? outcome.errors : "\(outcome)")
      }
      if present != number { (number, since) = (present, ContinuousClock.now) }
      if ContinuousClock.now - since > .seconds(target.secondsLimit) && !text.isEmpty {
        worker.signal(SIGKILL)
        _ = try worker.wait()
        return (number, "takes longer than \(target.secondsLimit) s")
      }
      if let bytes = worker.residentBytes, bytes > Self.bytesLimit {
        worker.signal(SIGKILL)
        _ = try worker.wait()
        return (number, "takes more than \(Self.bytesLimit) bytes")
      }
      usleep(5000)
    }
  }
}
