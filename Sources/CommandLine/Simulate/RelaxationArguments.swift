internal import ArgumentParser
internal import E3xEngine
internal import E3xSimulation

/// What looks for minima.
enum MinimizerChoice: String, CaseIterable, ExpressibleByArgument {
  case lbfgs, fire

  var minimizer: any Minimizer {
    switch self {
    case .lbfgs: LBFGS()
    case .fire: FIRE()
    }
  }
}

/// How the cell may change, if it does.
enum CellChoice: String, CaseIterable, ExpressibleByArgument {
  case none, isotropic, axes, full

  var freedom: CellFreedom? { CellFreedom(rawValue: rawValue) }
}

/// Requires of an option's value that it is finite, and what else it must be.
/// - Throws: `ValidationError` naming the option.
func checkOption(
  _ name: String, _ value: Double, _ expected: String, _ holds: (Double) -> Bool = { _ in true }
) throws {
  guard value.isFinite, holds(value) else {
    throw ValidationError("\(name): expected \(expected), received \(value)")
  }
}
