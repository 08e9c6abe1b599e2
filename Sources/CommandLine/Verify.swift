internal import ArgumentParser
internal import E3xConformance
internal import E3xEngine
internal import E3xFiles
internal import Foundation

/// An element type as the command line names it.
enum FloatType: String, CaseIterable, ExpressibleByArgument {
  case float32, float64

  var dtype: DType { self == .float32 ? .float32 : .float64 }
}

/// `e3x verify`: compares this library with what e3x computes and refuses.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare with golden cases of e3x.",
    discussion: """
      Runs every case (a safetensors file) below a folder: results and first and second \
      derivatives must agree with those in the file; what e3x refuses must be refused. Prints a \
      line for each case and a table by operation; exits with 1 if any failed.
      """)

  @Argument(help: "A folder with cases at any depth, or one case.")
  var folder: String

  @Option(help: "float32 or float64 alone; both by default.")
  var dtype: FloatType?

  @Flag(help: "Print only the cases that fail.")
  var quiet = false

  func run() throws {
    let conformance = Conformance(
      folder: folder, dtypes: dtype.map { [$0.dtype] } ?? [.float64, .float32])
    let cases = try conformance.cases()
    guard !cases.isEmpty else {
      throw FileError(file: folder, reason: "holds no cases, files that end in .safetensors")
    }
    var results: [CaseResult] = []
    for path in cases {
      for result in conformance.verify(path) {
        results.append(result)
        if !quiet || result.outcome != .passed { print(line(result)) }
      }
    }
    printTable(results)
    let passed = results.filter { $0.outcome == .passed }.count
    let failed = results.filter { if case .failed = $0.outcome { true } else { false } }.count
    print("\(passed) passed, \(failed) failed, \(results.count - passed - failed) skipped")
    if failed > 0 || results.isEmpty { throw ExitCode(1) }
  }

  private func line(_ result: CaseResult) -> String {
    let errors = [("out", result.output), ("grad", result.first), ("grad2", result.second)]
      .compactMap { name, error in error.map { "\(name) \(String(format: "%.1e", $0))" } }
    let numbers = errors.isEmpty ? "" : "  " + errors.joined(separator: "  ")
    switch result.outcome {
    case .passed: return "ok      \(result.name)\(numbers)"
    case .skipped(let why): return "skipped \(result.name)  \(why)"
    case .failed(let why): return "FAILED  \(result.name)\(numbers)  \(why)"
    }
  }

  private func printTable(_ results: [CaseResult]) {
    func worst(_ errors: [Double?]) -> String {
      let known = errors.compactMap { $0 }
      guard let largest = known.max(by: { $1.isNaN || $0 < $1 }) else { return "-" }
      return String(format: "%.1e", largest)
    }
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    print()
    print(
      pad("operation", 40) + pad("passed", 8) + pad("failed", 8) + pad("out", 10)
        + pad("grad", 10) + "grad2")
    for (operation, group) in Dictionary(grouping: results, by: \.operation).sorted(by: {
      $0.key < $1.key
    }) {
      let passed = group.filter { $0.outcome == .passed }.count
      print(
        pad(operation, 40) + pad("\(passed)", 8) + pad("\(group.count - passed)", 8)
          + pad(worst(group.map(\.output)), 10) + pad(worst(group.map(\.first)), 10)
          + worst(group.map(\.second)))
    }
  }
}
