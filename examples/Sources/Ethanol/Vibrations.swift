import E3x

/// The normal modes of a minimum, from exact second derivatives, beside those of GFN2-xTB at its own.
struct Vibrations {
  /// cm⁻¹, ascending.
  let wavenumbers: [Double]
  let reference: [Double]

  init(_ minimum: Minimum, _ potential: Potential, reference: Reference.Minimum) throws {
    wavenumbers = try NormalModes(minimum.frame, field: potential).wavenumbers
    self.reference = reference.wavenumbers
  }

  /// eV
  static func zeroPointEnergy(_ wavenumbers: [Double]) -> Double {
    HarmonicThermodynamics(wavenumbers: wavenumbers, temperature: 0).zeroPointEnergy
  }

  /// The mean of the absolute differences, cm⁻¹.
  var meanDifference: Double {
    zip(wavenumbers, reference).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(reference.count)
  }

  var table: TextTable {
    TextTable(
      name: "Wavenumbers of the normal modes (cm⁻¹)",
      head: ["mode", "this potential", "GFN2-xTB", "difference"],
      rows: zip(wavenumbers, reference).enumerated().map { number, pair in
        let (own, other) = pair
        return ["\(number + 1)", fixed(own, 1), fixed(other, 1), fixed(own - other, 1)]
      })
  }

  var summary: String {
    let (own, other) = (Self.zeroPointEnergy(wavenumbers), Self.zeroPointEnergy(reference))
    return "mean difference \(fixed(meanDifference, 1)) cm⁻¹; zero-point energy "
      + "\(fixed(own, 4)) eV (GFN2-xTB \(fixed(other, 4)))"
  }
}
