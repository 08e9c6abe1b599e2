internal import ArgumentParser
internal import E3xFiles
internal import Foundation

/// `e3x bench`: times workloads, in the format of the comparison with e3x.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time attention layers and potentials on given workloads.",
    discussion: """
      The file lists workloads: JSON with an array 'workloads' of objects with 'name', 'kind' \
      (attention or potential) and sizes. Every metric is timed after a first call; 'first' is \
      that call, tracing included. With --json a line for each metric: workload, metric, median, \
      minimum and maximum seconds, repeats, and the peak of the program's resident memory so far \
      in bytes (with --only, that of one workload, its inputs included).
      """)

  @Option(help: "The workloads (JSON).")
  var workloads: String
  @Flag(help: "Print JSON lines.")
  var json = false
  @Option(help: "Only the workload of this name.")
  var only: String?
  @Option(help: "Timed calls of each metric, at most 1,000,000.")
  var repeats = 7

  /// The most calls that are timed: an hour of those that take a millisecond.
  static let repeatsLimit = 1_000_000

  static func check(repeats: Int) throws {
    guard (1...repeatsLimit).contains(repeats) else {
      throw ValidationError("--repeats must be in 1 ... \(repeatsLimit), received \(repeats)")
    }
  }

  func run() throws {
    try Self.check(repeats: repeats)
    let list = try Workload.read(workloads).filter { only == nil || $0.name == only }
    guard !list.isEmpty else {
      throw ValidationError("no workload\(only.map { " '\($0)'" } ?? "") in \(workloads)")
    }
    if !json { print("workload               metric          median ms       min       max") }
    for workload in list {
      switch workload.kind {
      case .attention:
        try AttentionBenchmark(workload).run { try report(workload.name, $0, $1, $2) }
      case .potential:
        try PotentialBenchmark(workload).run { try report(workload.name, $0, $1, $2) }
      }
    }
  }

  /// Times calls and prints the metric; `first` is timed already.
  private func report(
    _ workload: String, _ metric: String, _ first: Double?, _ call: () throws -> Void
  )
    throws
  {
    var seconds: [Double] = []
    if let first {
      seconds = [first]
    } else {
      try call()
      for _ in 0..<repeats { seconds.append(try timed(call)) }
    }
    seconds.sort()
    let (median, least, greatest) = (seconds[seconds.count / 2], seconds[0], seconds.last!)
    if json {
      print(
        "{\"workload\": \(JSON.quote(workload)), \"metric\": \"\(metric)\", \"seconds\": \(median), "
          + "\"min\": \(least), \"max\": \(greatest), \"repeats\": \(seconds.count), "
          + "\"peak_bytes\": \(peakResidentBytes())}")
    } else {
      let name = workload.padding(toLength: 22, withPad: " ", startingAt: 0)
      let what = metric.padding(toLength: 12, withPad: " ", startingAt: 0)
      print(
        String(
          format: "%@ %@ %12.3f %9.3f %9.3f", name, what, 1e3 * median, 1e3 * least, 1e3 * greatest)
      )
    }
    fflush(nil)
  }
}

/// The seconds that a call takes.
func timed(_ call: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let duration = try clock.measure(call)
  let parts = duration.components
  return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}

/// The most memory of this process that was resident at a time so far.
func peakResidentBytes() -> Int {
  var usage = rusage()
  #if os(Linux)
    _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  #else
    _ = getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
