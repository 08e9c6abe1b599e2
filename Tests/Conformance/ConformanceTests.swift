import E3xConformance
import E3xEngine
import E3xInterpreter
import E3xFiles
import Foundation
import Testing

private func folder(_ name: String) throws -> String {
  try #require(Bundle.module.resourceURL).appendingPathComponent(name).path
}

@Suite struct ConformanceTests {
  @Test(arguments: [ExecutorChoice.stepwise, .planned, .interpreter])
  func goldenCasesAgree(executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let conformance = Conformance(folder: try folder("Golden"), dtypes: [.float64, .float32])
      let cases = try conformance.cases()
      #expect(cases.count >= 35)
      for path in cases {
        for result in conformance.verify(path) {
          #expect(result.outcome == .passed, "\(result.name)")
        }
      }
    }
  }

  @Test func whatE3xRefusesIsRefused() throws {
    let conformance = Conformance(folder: try folder("Refused"), dtypes: [.float64])
    let cases = try conformance.cases()
    #expect(cases.count >= 25)
    for path in cases {
      for result in conformance.verify(path) {
        #expect(result.outcome == .passed, "\(result.name)")
      }
    }
  }

  /// A copy of a golden case with a change.
  private func outcome(
    _ change: (inout [String: SafetensorsTensor], inout [String: String]) throws -> Void
  ) throws -> CaseResult.Outcome {
    let file = try SafetensorsFile(
      contentsOf: folder("Golden/nn_SelfAttention") + "/m-basis-unused.safetensors")
    var tensors: [String: SafetensorsTensor] = [:]
    for name in file.names { tensors[name] = file[name] }
    var metadata = file.metadata
    try change(&tensors, &metadata)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    return try #require(Conformance(folder: path, dtypes: [.float64]).verify(path).first).outcome
  }

  @Test func anUnchangedCopyPasses() throws {
    #expect(try outcome { _, _ in } == .passed)
  }

  @Test(arguments: ["out.0", "grad.", "grad2."], [1e-6, Double.nan])
  func changedNumbersAreNoticed(prefix: String, change: Double) throws {
    let outcome = try outcome { tensors, _ in
      for (name, tensor) in tensors where name.hasPrefix(prefix) {
        var values = try tensor.doubles()
        guard let largest = values.map(abs).max(), largest > 1e-6 else { continue }
        values[0] += change * largest
        tensors[name] = SafetensorsTensor(values, shape: tensor.shape)
      }
    }
    #expect(outcome != .passed)
  }

  @Test(arguments: ["grad.", "grad2."])
  func whatIsNotComputedIsNotPassed(prefix: String) throws {
    // A gradient to something that the call does not have.
    let outcome = try outcome { tensors, _ in
      tensors[prefix + "params.nothing/kernel"] = SafetensorsTensor([1.0], shape: [1])
    }
    guard case .failed(let why) = outcome else {
      Issue.record("passed")
      return
    }
    #expect(why.contains("nothing/kernel"))
  }

  @Test func unknownOperationsAndOptionsFail() throws {
    #expect(try outcome { _, metadata in metadata["op"] = "nn.Nothing" } != .passed)
    #expect(
      try outcome { _, metadata in
        let config = try #require(metadata["config"])
        metadata["config"] = config.replacingOccurrences(of: "{", with: "{\"no_such_option\": 1, ")
      } != .passed)
    #expect(try outcome { tensors, _ in tensors["arg.inputs"] = nil } != .passed)
  }
}
