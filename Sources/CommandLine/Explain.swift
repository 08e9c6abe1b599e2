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
  @Option(help: "forward or gradient of attention, predict or train of a potential.")
  var metric: Metric
  @Option(help: "Calls to time, at most 1,000,000.")
  var repeats = 10
  @Flag(help: "Print each part's first line only.")
  var brief = false

  /// What is explained.
  enum Metric: String, CaseIterable, ExpressibleByArgument {
    case forward, gradient, predict, train

    /// The kind of workload that has it.
    var kind: Workload.Kind { self == .forward || self == .gradient ? .attention : .potential }
  }

  func run() throws {
    try Bench.check(repeats: repeats)
    guard let workload = try Workload.read(workloads).first(where: { $0.name == only }) else {
      throw ValidationError("no workload '\(only)' in \(workloads)")
    }
    guard metric.kind == workload.kind else {
      throw ValidationError(
        "'\(only)' is a workload of kind \(workload.kind), which has no metric '\(metric)'")
    }
    let parts =
      workload.kind == .attention
      ? try AttentionBenchmark(workload).profile(gradient: metric == .gradient, calls: repeats)
      : try PotentialBenchmark(workload).profile(training: metric == .train, calls: repeats)
    let total = parts.reduce(0) { $0 + $1.seconds }
    print(String(format: "%d parts, %.3f ms", parts.count, 1e3 * total))
    for (part, seconds) in parts {
      let text = brief ? String(part.prefix { $0 != "\n" }) : part
      print(String(format: "%8.1f µs  %@", 1e6 * seconds, text))
    }
  }
}
