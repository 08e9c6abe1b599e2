internal import E3xEngine
internal import E3xNN
internal import Foundation
internal import Testing

/// A function of distances by e3x's name, with its arguments.
func function(
  _ name: String, _ arguments: [String: FunctionArgument], gamma: Tensor? = nil
) throws -> (Tensor) throws -> Tensor {
  var arguments = arguments
  func number(_ name: String, _ fallback: Double) -> Double {
    if case .number(let value)? = arguments[name] { value } else { fallback }
  }
  switch name {
  case "smooth_cutoff", "cosine_cutoff":
    let cutoff = try CutoffFunction(name: name, arguments: arguments)
    return { try cutoff($0) }
  case "smooth_damping":
    let damping = try DampingFunction(name: name, arguments: arguments)
    return { try damping($0) }
  case "smooth_switch":
    let (x0, x1) = (number("x0", 0), number("x1", 1))
    return { try smoothSwitch($0, x0: x0, x1: x1) }
  case "reciprocal_mapping":
    var kind = ReciprocalMapping.shifted
    if case .text(let text)? = arguments["kind"] {
      kind = try #require(ReciprocalMapping(rawValue: text))
    }
    return { [kind] in try reciprocalMapping($0, kind: kind) }
  case "exponential_mapping":
    let gamma = number("gamma", 1)
    let cuspless = arguments["cuspless"] == .flag(true)
    return { try exponentialMapping($0, gamma: gamma, cuspless: cuspless) }
  default:
    let num = Int(number("num", 0))
    arguments["num"] = nil
    let radial = try RadialFunction(name: name, arguments: arguments)
    return { try radial($0, num: num, gamma: gamma) }
  }
}
