internal import E3xEngine
internal import E3xFiles
internal import E3xNN

extension Options {
  /// All options but those that are asked for elsewhere, as arguments of a named function.
  func functionArguments(except others: Set<String> = []) throws -> [String: FunctionArgument] {
    var arguments: [String: FunctionArgument] = [:]
    for name in names where !others.contains(name) {
      switch value(name) {
      case nil: continue
      case .integer(let number): arguments[name] = .number(Double(number))
      case .real(let number): arguments[name] = .number(number)
      case .bool(let flag): arguments[name] = .flag(flag)
      case .string(let text): arguments[name] = .text(text)
      case let other?:
        throw error(name, "expected a number, a string or a truth value, received \(other.brief)")
      }
    }
    return arguments
  }
}

extension Operations {
  static let functions: [String: Operation] = {
    var all: [String: Operation] = [:]
    for name in RadialFunction.names {
      all["nn." + name] = { call in
        let num = try call.config.int("num", default: 0)
        let function = try RadialFunction(
          name: name, arguments: call.config.functionArguments(except: ["num"]))
        return [try function(call.required("x"), num: num, gamma: call["gamma"])]
      }
    }
    for name in ActivationFunction.names {
      all["nn." + name] = { call in
        let function = try ActivationFunction(
          name: name, arguments: call.config.functionArguments())
        return [try function(call.required("x"))]
      }
    }
    for name in [
      "nn.smooth_cutoff", "nn.cosine_cutoff", "nn.smooth_damping", "nn.smooth_switch",
      "nn.reciprocal_mapping", "nn.exponential_mapping",
    ] {
      all[name] = { call in
        [try elementwiseFunction(name, call.config)(call.required("x"))]
      }
    }
    all["nn.basis"] = { call in try basisResults(call, isLearned: false) }
    all["nn.ExponentialBasis"] = { call in try basisResults(call, isLearned: true) }
    all["ops.inverse_softplus"] = { call in [try inverseSoftplus(call.required("x"))] }
    all["ops.evaluate_derivatives"] = { call in
      let function = try elementwiseFunction(
        try call.config.string("f") ?? "", try call.config.object("f_config"))
      return try evaluateDerivatives(
        function, call.required("x"), maxOrder: try call.config.int("max_order", default: 0))
    }
    return all
  }()

  /// A function of numbers by its e3x name, with its arguments bound.
  private static func elementwiseFunction(
    _ name: String, _ config: Options
  ) throws -> (Tensor) throws -> Tensor {
    switch name {
    case "nn.smooth_cutoff", "nn.cosine_cutoff":
      let function = try CutoffFunction(
        name: String(name.dropFirst(3)), arguments: config.functionArguments())
      return { x in try function(x) }
    case "nn.smooth_damping":
      let gamma = try config.real("gamma") ?? 1
      return { x in try smoothDamping(x, gamma: gamma) }
    case "nn.smooth_switch":
      let (start, end) = (try config.real("x0") ?? 0, try config.real("x1") ?? 1)
      return { x in try smoothSwitch(x, x0: start, x1: end) }
    case "nn.reciprocal_mapping":
      let text = try config.string("kind") ?? "shifted"
      guard let kind = ReciprocalMapping(rawValue: text) else {
        throw config.error("kind", "expected shifted, damped or cuspless, received '\(text)'")
      }
      return { x in try reciprocalMapping(x, kind: kind) }
    case "nn.exponential_mapping":
      let (gamma, cuspless) = (
        try config.real("gamma") ?? 1, try config.bool("cuspless", default: false)
      )
      return { x in try exponentialMapping(x, gamma: gamma, cuspless: cuspless) }
    default:
      let num = try config.int("num", default: 0)
      let function = try RadialFunction(
        name: String(name.dropFirst(3)), arguments: config.functionArguments(except: ["num"]))
      return { x in try function(x, num: num) }
    }
  }

  private static func basisResults(_ call: Call, isLearned: Bool) throws -> [Tensor] {
    let config = call.config
    let radialFn = try RadialFunction(
      name: try config.string("radial_fn") ?? "",
      arguments: try config.object("radial_config").functionArguments())
    var angularFn = AngularFunction.sphericalHarmonics()
    if let name = try config.string("angular_fn") {
      angularFn = try AngularFunction(
        name: name, arguments: try config.object("angular_config").functionArguments())
    }
    let cutoffName = try config.string("cutoff_fn") ?? "smooth_cutoff"
    let cutoffFn = try config.real("cutoff").map { cutoff in
      try CutoffFunction(name: cutoffName, arguments: ["cutoff": .number(cutoff)])
    }
    let damping: DampingFunction? =
      try config.bool("smooth_damping", default: false) ? .smooth() : nil
    let maxDegree = try config.int("max_degree", default: 0)
    let num = try config.int("num", default: 0)
    let returnCutoff = try config.bool("return_cutoff", default: false)
    let returnNorm = try config.bool("return_norm", default: false)
    let cartesianOrder = try call.cartesianOrder()
    let r = try call.required("r")
    let result: RadialAngularBasis
    if isLearned {
      result = try ExponentialBasis(initialGamma: try config.real("initial_gamma") ?? 1)(
        call.scope, r, maxDegree: maxDegree, num: num, radialFn: radialFn, angularFn: angularFn,
        cutoffFn: cutoffFn, returnCutoff: returnCutoff, returnNorm: returnNorm,
        dampingFn: damping, cartesianOrder: cartesianOrder)
    } else {
      result = try basis(
        r, maxDegree: maxDegree, num: num, radialFn: radialFn, angularFn: angularFn,
        cutoffFn: cutoffFn, returnCutoff: returnCutoff, returnNorm: returnNorm,
        dampingFn: damping, cartesianOrder: cartesianOrder)
    }
    return [result.basis] + [result.cutoff, result.norm].compactMap { $0 }
  }
}
