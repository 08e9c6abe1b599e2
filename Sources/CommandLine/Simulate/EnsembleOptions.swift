internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xSimulation

/// What atoms move by: the options of an ensemble.
struct EnsembleOptions: ParsableArguments {
  /// What is kept constant, and how.
  enum Ensemble: String, CaseIterable, ExpressibleByArgument {
    case nve, langevin, bussi
    case noseHoover = "nose-hoover"
    case npt
    case stochasticNPT = "npt-scr"

    var hasTemperature: Bool { self != .nve }
    var hasPressure: Bool { self == .npt || self == .stochasticNPT }
  }

  @Option(
    help: """
      nve: constant energy; langevin, bussi (stochastic velocity rescaling), nose-hoover (chains): \
      constant temperature; npt (Martyna-Tobias-Klein), npt-scr (stochastic cell rescaling): \
      constant temperature and pressure.
      """)
  var ensemble = Ensemble.langevin
  @Option(help: "Steps altogether.")
  var steps = 10_000
  @Option(help: "Length of a step (fs).")
  var timeStep = 0.5
  @Option(
    help: """
      Temperature (K): of the first velocities and of the thermostat; 300:600 goes from one to the \
      other. (default: 300)
      """,
    transform: TemperatureRange.init)
  var temperature = TemperatureRange(start: 300, end: 300)
  @Option(
    help: """
      Time in which the thermostat works (fs); of langevin one over the friction.
      """)
  var thermostatTime = 100.0
  @Option(help: "Pressure (GPa) of npt and npt-scr. (default: 0)")
  var pressure: Double?
  @Option(help: "Time in which the barostat of npt and npt-scr works (fs). (default: 1000)")
  var barostatTime: Double?
  @Option(
    help: """
      How the cell of npt changes: isotropic, axes (x, y and z by themselves) or full (shape, too). \
      (default: isotropic)
      """)
  var coupling: Coupling?
  @Option(
    help: """
      Compressibility for npt-scr (1/GPa), roughly that of the material: the volume follows in the time \
      of the barostat if it is right, and faster if it is too large. (default: 0.02)
      """)
  var compressibility: Double?
  @Option(help: "Seed of first velocities and noise.")
  var seed = 0
  @Flag(
    inversion: .prefixedNo,
    help: """
      Keep what moves and turns as a whole at rest: a molecule does neither, what repeats does not \
      move.
      """)
  var rest = true

  enum Coupling: String, CaseIterable, ExpressibleByArgument {
    case isotropic, axes, full

    var coupling: IsothermalIsobaric.Coupling {
      switch self {
      case .isotropic: .isotropic
      case .axes: .axes
      case .full: .full
      }
    }
  }

  func validate() throws {
    try checkNumber("--time-step", timeStep, "a positive number") { $0 > 0 }
    try checkNumber("--thermostat-time", thermostatTime, "a positive number") { $0 > 0 }
    if let barostatTime {
      try checkNumber("--barostat-time", barostatTime, "a positive number") { $0 > 0 }
    }
    if let compressibility {
      try checkNumber("--compressibility", compressibility, "a positive number") { $0 > 0 }
    }
    if let pressure { try checkNumber("--pressure", pressure, "a number") { _ in true } }
    guard steps >= 1, steps <= 1 << 40 else {
      throw ValidationError("--steps: expected 1 to 1099511627776, received \(steps)")
    }
    for (name, isGiven) in [
      ("--pressure", pressure != nil), ("--barostat-time", barostatTime != nil),
    ] where isGiven && !ensemble.hasPressure {
      throw ValidationError("\(name): has no meaning without --ensemble npt or npt-scr")
    }
    for (name, isGiven, only) in [
      ("--coupling", coupling != nil, Ensemble.npt),
      ("--compressibility", compressibility != nil, .stochasticNPT),
    ] where isGiven && ensemble != only {
      throw ValidationError("\(name): has no meaning without --ensemble \(only.rawValue)")
    }
    if ensemble == .npt || ensemble == .noseHoover {
      try checkNumber("--temperature", temperature.least, "a positive temperature") { $0 > 0 }
    }
    if ensemble == .nve, temperature.start != temperature.end {
      throw ValidationError("--temperature: does not change with --ensemble nve")
    }
  }

  private func checkNumber(
    _ name: String, _ value: Double, _ expected: String, _ holds: (Double) -> Bool
  ) throws {
    guard value.isFinite, holds(value) else {
      throw ValidationError("\(name): expected \(expected), received \(value)")
    }
  }

  /// - Throws: `ArgumentError` for what is out of range.
  func integrator() throws -> any Integrator {
    let kelvin = temperature.start
    switch ensemble {
    case .nve: return VelocityVerlet()
    case .langevin:
      return try Langevin(temperature: kelvin, friction: 1 / thermostatTime, seed: seed)
    case .bussi:
      return try VelocityRescaling(
        temperature: kelvin, relaxationTime: thermostatTime, seed: seed)
    case .noseHoover:
      return try NoseHooverChain(temperature: kelvin, relaxationTime: thermostatTime)
    case .npt:
      return try IsothermalIsobaric(
        temperature: kelvin, pressure: (pressure ?? 0) / Units.gigapascal,
        relaxationTime: thermostatTime, barostatTime: barostatTime ?? 1000,
        coupling: coupling?.coupling ?? .isotropic)
    case .stochasticNPT:
      return try StochasticCellRescaling(
        temperature: kelvin, pressure: (pressure ?? 0) / Units.gigapascal,
        compressibility: (compressibility ?? Self.usualCompressibility) * Units.gigapascal,
        relaxationTime: thermostatTime, barostatTime: barostatTime ?? 1000, seed: seed)
    }
  }

  /// 1/GPa, of something hard: the volume of what is softer follows more slowly.
  private static let usualCompressibility = 0.02

  /// How the temperature changes; nil if it does not.
  func ramp() throws -> TemperatureRamp? {
    guard ensemble.hasTemperature, temperature.start != temperature.end else { return nil }
    return try TemperatureRamp(from: temperature.start, to: temperature.end, steps: steps)
  }

  /// What must be the same where a run goes on, with the names of the options.
  var settings: [(name: String, value: String)] {
    var all = [
      ("--ensemble", ensemble.rawValue), ("--time-step", "\(timeStep)"),
      ("--temperature", "\(temperature)"), ("--thermostat-time", "\(thermostatTime)"),
      ("--pressure", "\(pressure ?? 0)"), ("--barostat-time", "\(barostatTime ?? 1000)"),
      ("--coupling", (coupling ?? .isotropic).rawValue), ("--seed", "\(seed)"),
      ("--compressibility", "\(compressibility ?? Self.usualCompressibility)"),
      ("--rest", "\(rest)"),
    ]
    // A ramp reaches its end with the last step.
    if temperature.start != temperature.end { all.append(("--steps", "\(steps)")) }
    return all
  }
}

/// Temperatures from the first step to the last, K.
struct TemperatureRange: CustomStringConvertible, Sendable {
  let start: Double
  let end: Double

  var least: Double { min(start, end) }

  init(start: Double, end: Double) { (self.start, self.end) = (start, end) }

  /// - Throws: `ValidationError` for what is no number or two.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let values = parts.compactMap { Double($0) }
    guard values.count == parts.count, (1...2).contains(values.count),
      values.allSatisfy({ $0 >= 0 && $0 <= 1e9 })
    else {
      throw ValidationError(
        "expected a temperature such as 300, or two such as 300:600, received '\(text)'")
    }
    self.init(start: values[0], end: values[values.count - 1])
  }

  var description: String {
    func text(_ value: Double) -> String {
      value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
    return start == end ? text(start) : "\(text(start)):\(text(end))"
  }
}
