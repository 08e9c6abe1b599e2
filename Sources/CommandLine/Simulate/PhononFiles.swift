internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// What is written of phonons.
struct PhononFiles {
  private let constants: ForceConstants
  private let bands: BandStructure
  private let curve: (wavenumbers: [Double], densities: [Double])
  private let thermodynamics: [HarmonicThermodynamics]
  private let room: HarmonicThermodynamics
  private let lowest: Double

  /// - Parameter width: cm⁻¹, of the density of states; nil for the usual one.
  init(
    _ constants: ForceConstants, _ bands: BandStructure, _ states: DensityOfStates, width: Double?
  ) {
    (self.constants, self.bands) = (constants, bands)
    curve = states.curve(width: width)
    thermodynamics = stride(from: 0.0, through: 1000, by: 10).map {
      states.thermodynamics(temperature: $0)
    }
    room = states.thermodynamics(temperature: 300)
    lowest = min(
      states.wavenumbers.min() ?? 0, bands.samples.compactMap(\.wavenumbers.first).min() ?? 0)
  }

  /// Files by name.
  var texts: [(name: String, text: String)] {
    [
      ("band.csv", band), ("dos.csv", density),
      ("thermo.csv", ThermodynamicsReport.csv(thermodynamics)), ("report.html", page.html()),
    ]
  }

  /// What is printed.
  var summary: String {
    facts.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
  }

  /// Below that, cm⁻¹, a frequency is imaginary by more than rounding.
  private static let imaginaryLimit = -1.0

  private var facts: [(name: String, value: String)] {
    let highest = bands.samples.compactMap(\.wavenumbers.last).max() ?? 0
    var result = [
      ("supercell", constants.repeats.map(String.init).joined(separator: " × ")),
      (
        "highest wavenumber on the path",
        String(
          format: "%.2f cm⁻¹ (%.3f THz)", highest, Wavenumber.terahertz(highest))
      ),
      ("zero-point energy of a primitive cell", String(format: "%.6f eV", room.zeroPointEnergy)),
      ("vibrational free energy at 300 K", String(format: "%.6f eV", room.freeEnergy)),
      ("entropy at 300 K", String(format: "%.6f meV/K", 1000 * room.entropy)),
      ("heat capacity at 300 K", String(format: "%.6f meV/K", 1000 * room.heatCapacity)),
      (
        "forces that did not cancel before the acoustic sum rule",
        String(format: "%.2e eV/Å²", constants.acousticError)
      ),
    ]
    if lowest < Self.imaginaryLimit {
      result.append(
        (
          "imaginary frequencies",
          String(
            format: "down to %.2f cm⁻¹: the crystal is not stable, or the supercell too small",
            lowest)
        ))
    }
    return result
  }

  private var band: String {
    let count = 3 * constants.primitive.count
    var text =
      "stretch,label,distance_per_A,q1,q2,q3,"
      + (1...count).map { "wavenumber_\($0)_cm" }.joined(separator: ",") + "\n"
    for sample in bands.samples {
      text +=
        "\(sample.stretch + 1),\(sample.label ?? ""),\(sample.distance),"
        + "\(sample.q.x),\(sample.q.y),\(sample.q.z),"
        + sample.wavenumbers.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    return text
  }

  private var density: String {
    var text = "wavenumber_cm,frequency_THz,states_per_cm\n"
    for (wavenumber, value) in zip(curve.wavenumbers, curve.densities) {
      text += "\(wavenumber),\(Wavenumber.terahertz(wavenumber)),\(value)\n"
    }
    return text
  }

  private var page: ChartPage {
    let stretches = Dictionary(grouping: bands.samples, by: \.stretch)
      .sorted { $0.key < $1.key }.map(\.value)
    let lines = stretches.flatMap { samples in
      (0..<(3 * constants.primitive.count)).map { mode in
        samples.map { (x: $0.distance, y: $0.wavenumbers[mode]) }
      }
    }
    return ChartPage(
      title: "Phonons", subtitle: formula, facts: facts,
      charts: [
        ChartPage.Chart(
          title: "Bands", caption: "along the path through the Brillouin zone",
          xTitle: "wave vector", yTitle: "wavenumber (cm⁻¹)", lines: lines, places: places),
        ChartPage.Chart(
          title: "Density of states", caption: "of a primitive cell",
          xTitle: "wavenumber (cm⁻¹)", yTitle: "states (cm)",
          lines: [zip(curve.wavenumbers, curve.densities).map { (x: $0, y: $1) }]),
        ChartPage.Chart(
          title: "Heat capacity", caption: "of a primitive cell, at constant volume",
          xTitle: "temperature (K)", yTitle: "meV/K",
          lines: [thermodynamics.map { (x: $0.temperature, y: 1000 * $0.heatCapacity) }]),
      ])
  }

  /// Where the path jumps, both names stand at one place.
  private var places: [(value: Double, label: String)] {
    var result: [(value: Double, label: String)] = []
    for sample in bands.samples {
      guard let label = sample.label else { continue }
      let shown = label == "G" ? "Γ" : label
      if let last = result.last, last.value == sample.distance {
        if last.label != shown { result[result.count - 1].label += "|" + shown }
      } else {
        result.append((sample.distance, shown))
      }
    }
    return result
  }

  private var formula: String {
    var counts: [Int32: Int] = [:]
    for number in constants.primitive.atomicNumbers { counts[number, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { number, count in
      (ChemicalElements.symbol(of: number) ?? "X") + (count > 1 ? "\(count)" : "")
    }.joined(separator: " ") + ", "
      + "\(constants.primitive.count) "
      + (constants.primitive.count == 1 ? "atom" : "atoms") + " in the primitive cell"
  }
}
