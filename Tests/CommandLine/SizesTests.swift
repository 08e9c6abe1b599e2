import Foundation
import TestSupport
import Testing

/// Numbers from files, options and the environment become sizes only if memory and time are there
/// for them.
@Suite(.serialized) struct SizesTests {
  /// An outcome with an error of one line that names an argument, at once and without much memory.
  private func expectRefusal(
    _ outcome: Program.Outcome, naming names: [String], _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let lines = outcome.errors.split(separator: "\n")
    #expect(outcome.code == 1, "\(what): \(outcome)", sourceLocation: sourceLocation)
    #expect(lines.count == 1, "\(what): \(outcome)", sourceLocation: sourceLocation)
    #expect(
      names.contains { outcome.errors.contains($0) }, "\(what): \(outcome)",
      sourceLocation: sourceLocation)
  }

  private func expectBounded(
    _ outcome: Program.Outcome, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.signal == nil, "\(what): \(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.seconds < 5, "\(what): \(outcome)", sourceLocation: sourceLocation)
    #expect(
      outcome.peakBytes < 1_000_000_000, "\(what): \(outcome)", sourceLocation: sourceLocation)
  }

  /// A sample of what Tests/Conformance tries without the program: each argument of each operation,
  /// with one of the numbers in turn.
  @Test func casesWithWildNumbers() throws {
    let folder = try TemporaryFolder()
    var tried = 0
    var last = ""
    for hostile in try NumericArgumentCase.all() {
      // Arguments come one after the other, each with all values.
      let place = "\(hostile.operation) \(hostile.names)"
      if place != last { (last, tried) = (place, tried + 1) }
      let values =
        NumericArgumentCase.integers.contains(hostile.value) && hostile.value != "0"
        ? NumericArgumentCase.integers : NumericArgumentCase.reals
      guard hostile.value == values[tried % values.count] else { continue }
      try hostile.bytes.write(to: folder.url("case.safetensors"))
      let outcome = try Program.e3x.run(
        ["run", folder.path("case.safetensors"), "--output", folder.path("out.safetensors")])
      expectBounded(outcome, "\(hostile)")
      if outcome.code != 0 {
        let others = ["params", "cotangent", "dst_idx", "irreps"]
        expectRefusal(outcome, naming: hostile.names + others, "\(hostile)")
      }
    }
    #expect(tried > 100)
  }

  /// What was found to trap, or never to end.
  @Test(arguments: [
    ("so3.wigner_d", "max_degree", "1000", "8 TB"),
    ("nn.MultiHeadAttention", "num_segments", "4611686018427387904", "at most 2147483647"),
    ("nn.basic_bernstein", "num", "4294967295", "at most 4096"),
  ])
  func knownFaults(operation: String, argument: String, value: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let hostile = try #require(
      NumericArgumentCase.all(integers: [value]).first {
        $0.operation == operation && $0.names.first == argument
      })
    try hostile.bytes.write(to: folder.url("case.safetensors"))
    let outcome = try Program.e3x.run(
      ["run", folder.path("case.safetensors"), "--output", folder.path("out.safetensors")])
    expectBounded(outcome, argument)
    expectRefusal(outcome, naming: [argument], argument)
    #expect(outcome.errors.contains(reason), "\(outcome)")
  }

  /// A workload for 'e3x bench' with one value replaced.
  private func workload(_ kind: String, _ key: String, _ value: String) -> String {
    var fields = [
      ("name", "\"x\""), ("kind", "\"\(kind)\""), ("atoms", "3"), ("neighbors", "2"),
      ("batch", "1"), ("max_degree", "1"), ("features", "4"), ("num_heads", "2"),
      ("num_basis", "4"), ("num_layers", "1"), ("cutoff", "5.0"), ("pseudotensors", "false"),
    ]
    fields.removeAll { $0.0 == key }
    fields.append((key, value))
    return "{\"workloads\":[{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}]}"
  }

  static let workloadKeys = [
    "atoms", "neighbors", "batch", "max_degree", "features", "num_heads", "num_basis", "num_layers",
    "cutoff", "pseudotensors", "kind", "name",
  ]

  @Test(
    arguments: workloadKeys, ["-1", "9223372036854775807", "9223372036854775808", "1e400", "[]"])
  func workloadsThatAreRefused(key: String, value: String) throws {
    if key == "cutoff" && value.hasPrefix("9") { return }
    let folder = try TemporaryFolder()
    for kind in ["attention", "potential"] {
      try workload(kind, key, value).write(
        to: folder.url("w.json"), atomically: true, encoding: .utf8)
      let outcome = try Program.e3x.run(["bench", "--workloads", folder.path("w.json")])
      expectBounded(outcome, "\(kind) \(key)")
      expectRefusal(outcome, naming: ["'\(key)'"], "\(kind) \(key)")
    }
  }

  @Test(arguments: ["attention", "potential"])
  func workloadsThatAreTimed(kind: String) throws {
    let folder = try TemporaryFolder()
    try workload(kind, "features", "2").write(
      to: folder.url("w.json"), atomically: true, encoding: .utf8)
    let outcome = try Program.e3x.run(
      ["bench", "--workloads", folder.path("w.json"), "--repeats", "1", "--json"])
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.split(separator: "\n").count == 3, "\(outcome)")
  }

  @Test(arguments: ["{", "[]", "{\"workloads\": 1}", "{\"workloads\": [1]}", ""])
  func filesThatAreNoWorkloads(text: String) throws {
    let folder = try TemporaryFolder()
    try text.write(to: folder.url("w.json"), atomically: true, encoding: .utf8)
    let outcome = try Program.e3x.run(["bench", "--workloads", folder.path("w.json")])
    expectRefusal(outcome, naming: ["w.json"], text)
  }

  @Test(
    arguments: ["bench", "explain"], ["0", "-1", "9223372036854775807", "9223372036854775808"])
  func repeatsThatNobodyWaitsFor(command: String, repeats: String) throws {
    let folder = try TemporaryFolder()
    try workload("attention", "features", "2").write(
      to: folder.url("w.json"), atomically: true, encoding: .utf8)
    var arguments = [command, "--workloads", folder.path("w.json"), "--repeats=\(repeats)"]
    if command == "explain" { arguments += ["--only", "x", "--metric", "forward"] }
    let outcome = try Program.e3x.run(arguments)
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains("--repeats"), "\(outcome)")
    expectBounded(outcome, repeats)
  }

  @Test(
    arguments: ["E3X_THREADS", "E3X_EXECUTOR", "E3X_ISA"], ["0", "-1", "9223372036854775808", "x"])
  func environmentVariablesThatCannotBeFollowed(name: String, value: String) throws {
    let folder = try TemporaryFolder()
    try workload("attention", "features", "2").write(
      to: folder.url("w.json"), atomically: true, encoding: .utf8)
    let outcome = try Program.e3x.run(
      ["bench", "--workloads", folder.path("w.json"), "--repeats", "1"], environment: [name: value])
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    #expect(outcome.errors.contains(name), "\(outcome)")
  }
}
