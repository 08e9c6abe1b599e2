package import CE3x
internal import E3xEngine
internal import E3xLocks
internal import E3xPotentials

/// A calculator that computes for one thread after the other.
final class SharedCalculator: Sendable {
  let calculator: Guarded<Calculator>

  init(_ calculator: Calculator) { self.calculator = Guarded(calculator) }
}

let calculators = Handles<SharedCalculator>("calculator")

@_cdecl("e3x_calculator_create")
package func e3x_calculator_create(
  _ model: OpaquePointer?, _ skin: Double, _ calculator: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_calculator_create") {
    let potential = try models.object(model, "model").potential
    let calculator = try present(calculator, "calculator")
    calculator.pointee = calculators.insert(
      SharedCalculator(try Calculator(potential, skin: skin)))
  }
}

@_cdecl("e3x_calculator_free")
package func e3x_calculator_free(_ calculator: OpaquePointer?) -> Int32 {
  status("e3x_calculator_free") { try calculators.remove(calculator, "calculator") }
}

@_cdecl("e3x_calculator_predict")
package func e3x_calculator_predict(
  _ calculator: OpaquePointer?, _ structure: UnsafePointer<e3x_structure>?,
  _ results: UnsafePointer<e3x_results>?
) -> Int32 {
  status("e3x_calculator_predict") {
    let shared = try calculators.object(calculator, "calculator")
    let frame = try LabelledFrame(structure, "structure")
    let results = try Results(results, "results")
    let prediction = try shared.calculator.withLock {
      try $0.predict(frame, virials: results.wantsVirials)
    }
    results.write(prediction)
  }
}

@_cdecl("e3x_calculator_get_searches")
package func e3x_calculator_get_searches(
  _ calculator: OpaquePointer?, _ searches: UnsafeMutablePointer<Int64>?
) -> Int32 {
  status("e3x_calculator_get_searches") {
    let shared = try calculators.object(calculator, "calculator")
    try present(searches, "searches").pointee = Int64(shared.calculator.withLock { $0.searches })
  }
}
