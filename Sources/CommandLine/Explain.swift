internal import ArgumentParser
internal import Foundation

/// `e3x explain`: how a workload runs, and where its time goes.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the plan of a workload: sweeps, instructions, and the time of each.")

  @Option(help: "The workloads (JSON), as of 'e3x bench'.")
  var workloads: String
  @Option(help: "The workload's name.")
  var only: String
  @Option(help: "forward, gradient, predict or train.")
  var metric: String
  @Option(help: "Calls to time.")
  var repeats = 10
  @Flag(help: "Print each part's first line only.")
  var brief = false

  func run() throws {
    guard let workload = try Workload.read(workloads).first(where: { $0.name == only }) else {
      throw ValidationError("no workload '\(only)' in \(workloads)")
    }
    let parts =
      workload.kind == "attention"
      ? try AttentionBenchmark(workload).profile(gradient: metric == "gradient", calls: repeats)
      : try PotentialBenchmark(workload).profile(training: metric == "train", calls: repeats)
    let total = parts.reduce(0) { $0 + $1.seconds }
    print(String(format: "%d parts, %.3f ms", parts.count, 1e3 * total))
    for (part, seconds) in parts {
      let text = brief ? String(part.prefix { $0 != "\n" }) : part
      print(String(format: "%8.1f µs  %@", 1e6 * seconds, text))
    }
  }
}
