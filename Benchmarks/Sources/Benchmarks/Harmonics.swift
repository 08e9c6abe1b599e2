import ArgumentParser
import E3x
import Foundation

/// Harmonics of many points: values, and values with derivatives.
struct Harmonics: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time harmonics; prints JSON lines, for compare_harmonics.py.")

  @Option(help: "Points.")
  var points = 100_000
  @Option(help: "Highest degrees.")
  var degrees = [3, 6]
  @Option(help: "Seconds of each measurement.")
  var seconds = 0.5

  func run() throws {
    for degree in degrees {
      try report(degree, Float.self)
      try report(degree, Double.self)
    }
  }

  private func report<Scalar: RandomReal & TensorElement>(
    _ degree: Int, _ type: Scalar.Type
  ) throws {
    let size = (degree + 1) * (degree + 1)
    let keys = RandomKey(seed: 0).split()
    let r = try Tensor(keys[0].normal(type, count: 3 * points), shape: [points, 3])
    let cotangent = try Tensor(keys[1].normal(type, count: size * points), shape: [points, size])
    let rows = Dimension.rows("points")
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("solid", { try solidHarmonics($0, maxDegree: degree) }),
      ("spherical", { try sphericalHarmonics($0, maxDegree: degree) }),
    ]
    for (name, harmonics) in functions {
      let values = try CompiledFunction([TensorSpecification([rows, 3], dtype: Scalar.dtype)]) {
        [try harmonics($0[0])]
      }
      let derivatives = try CompiledFunction([
        TensorSpecification([rows, 3], dtype: Scalar.dtype),
        TensorSpecification([rows, Dimension(size)], dtype: Scalar.dtype),
      ]) { arguments in
        let y = try harmonics(arguments[0])
        return [y] + (try gradient(of: (y * arguments[1]).sum(), withRespectTo: [arguments[0]]))
      }
      try line(name, "values", degree, Scalar.dtype) { _ = try values([r]) }
      try line(name, "values and gradient", degree, Scalar.dtype) {
        _ = try derivatives([r, cotangent])
      }
    }
  }

  private func line(
    _ name: String, _ what: String, _ degree: Int, _ dtype: DType, _ call: () throws -> Void
  ) throws {
    let taken = try time(seconds: seconds, call).median
    print(
      "{\"function\": \"\(name)\", \"what\": \"\(what)\", \"degree\": \(degree), "
        + "\"dtype\": \"\(dtype)\", \"ns_per_point\": \(1e9 * taken / Double(points))}")
  }
}
