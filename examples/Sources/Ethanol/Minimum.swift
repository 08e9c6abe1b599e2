import E3x

/// A structure in which no atom feels a force.
struct Minimum {
  let frame: LabelledFrame
  /// eV
  let energy: Double
  let steps: Int
  let isConverged: Bool

  /// - Parameter angle: of the dihedral C–C–O–H in the beginning, degrees.
  init(near angle: Double, from frame: LabelledFrame, _ potential: Potential) throws {
    var calculator = try Calculator(potential)
    var relaxation = try Relaxation(
      frame.turned(to: angle), LBFGS(), options: RelaxationOptions(force: 0.001))
    while !relaxation.isDone { try relaxation.advance(calculator.predict(relaxation.frame)) }
    self.frame = relaxation.frame
    energy = relaxation.prediction?.energy ?? .nan
    (steps, isConverged) = (relaxation.steps, relaxation.isConverged)
  }
}

/// What of the minima can be compared.
enum Geometries {
  static func table(_ gauche: Minimum, _ trans: Minimum, _ reference: Reference) -> TextTable {
    func row(
      _ name: String, _ places: Int, _ own: (Minimum) -> Double,
      _ other: (Reference.Minimum) -> Double
    ) -> [String] {
      [
        name, fixed(own(gauche), places), fixed(other(reference.gauche), places),
        fixed(own(trans), places), fixed(other(reference.trans), places),
      ]
    }
    return TextTable(
      name: "Minima of the energy",
      head: ["", "gauche", "GFN2-xTB", "trans", "GFN2-xTB"],
      rows: [
        row("energy (eV)", 4, { $0.energy }, { $0.energy }),
        row(
          "above gauche (meV)", 1, { 1000 * ($0.energy - gauche.energy) },
          { 1000 * ($0.energy - reference.gauche.energy) }),
        row("C–C (Å)", 4, { $0.frame.distance(0, 1) }, { $0.carbonCarbon }),
        row("C–O (Å)", 4, { $0.frame.distance(1, 2) }, { $0.carbonOxygen }),
        row("O–H (Å)", 4, { $0.frame.distance(2, 3) }, { $0.oxygenHydrogen }),
        row("C–O–H (°)", 2, { $0.frame.angle(1, 2, 3) }, { $0.carbonOxygenHydrogen }),
        row("C–C–O–H (°)", 1, { abs(degrees($0.frame.hydroxyl.angle)) }, { abs($0.dihedral) }),
      ])
  }
}
