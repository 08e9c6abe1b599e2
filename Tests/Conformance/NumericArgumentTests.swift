import E3xConformance
import E3xEngine
import E3xFiles
import Foundation
import TestSupport
import Testing

/// Every number that a case can have is either taken, or refused at once by an error that names the
/// argument. (Tests/CommandLine has the same with the program, for a sample.)
@Suite(.serialized) struct NumericArgumentTests {
  @Test func everyOperationHasGoldenCases() throws {
    let cases = try NumericArgumentCase.all()
    #expect(cases.count > 1000)
    let unchanged = try NumericArgumentCase.unchanged()
    #expect(Set(unchanged.map(\.operation)).isSuperset(of: Set(cases.map(\.operation))))
    // Nothing to be computed, or the same as others under another name.
    let untried = Conformance.operations.subtracting(unchanged.map(\.operation))
    #expect(untried.allSatisfy { $0.hasPrefix("Config.") || $0.hasPrefix("nn.") }, "\(untried)")
  }

  @Test func numbersAreTakenOrRefusedByName() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("case.safetensors")
    for hostile in try NumericArgumentCase.all() {
      try hostile.bytes.write(to: folder.url("case.safetensors"))
      let (time, message) = evaluated(path)
      #expect(time < .seconds(5), "\(hostile)")
      guard let message else { continue }
      #expect(!message.contains("\n"), "\(hostile): \(message)")
      // Where a number is possible, what it does not fit is named.
      let others = ["params", "cotangent", "dst_idx", "irreps"]
      let named = (hostile.names + others).contains { message.contains($0) }
      #expect(named, "\(hostile): \(message)")
    }
  }

  /// Of any shape that a file can have: empty, with long axes beside empty ones, of another rank.
  @Test func shapesAreTakenOrRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("case.safetensors")
    for (operation, file) in try NumericArgumentCase.unchanged() {
      for name in file.names where name.hasPrefix("arg.") {
        let tensor = file[name]!
        for shape in shapes(tensor.shape) {
          var tensors: [String: SafetensorsTensor] = [:]
          for other in file.names { tensors[other] = file[other] }
          tensors[name] = SafetensorsTensor(dtype: tensor.dtype, shape: shape, bytes: Data())
          // Some shapes no file can have.
          guard
            let bytes = try? SafetensorsFile.serialized(tensors, metadata: file.metadata)
          else { continue }
          try bytes.write(to: folder.url("case.safetensors"))
          let (time, message) = evaluated(path)
          #expect(time < .seconds(5), "\(operation) \(name) \(shape)")
          #expect(message?.contains("\n") != true, "\(operation) \(name) \(shape)")
        }
      }
    }
  }

  /// The time that a case takes, and why it was refused.
  private func evaluated(_ path: String) -> (time: Duration, message: String?) {
    var message: String?
    let time = ContinuousClock().measure {
      do {
        let evaluation = try CaseEvaluation(Case(path, dtype: .float64))
        try evaluate(evaluation.outputs + evaluation.gradients.values)
      } catch {
        message = "\(error)"
      }
    }
    return (time, message)
  }

  /// Empty tensors: each axis in turn without entries, alone and beside a long one.
  private func shapes(_ shape: [Int]) -> [[Int]] {
    var shapes = [[0], [0, 1 << 31, 1 << 31]]
    for axis in shape.indices {
      var empty = shape
      empty[axis] = 0
      shapes.append(empty)
      for other in shape.indices where other != axis {
        for size in [1 << 20, 1 << 40, 1 << 62] {
          var long = empty
          long[other] = size
          shapes.append(long)
        }
      }
    }
    return shapes
  }
}
