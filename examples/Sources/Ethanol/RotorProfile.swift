import E3x
import Foundation

/// The energy of ethanol along the dihedral C–C–O–H, with all else relaxed.
struct RotorProfile: Decodable {
  let degrees: [Double]
  /// eV
  let energies: [Double]

  /// Every 15 degrees, each from the structure before.
  init(_ potential: Potential, from start: LabelledFrame) throws {
    let calculator = try Calculator(potential)
    let options = RelaxationOptions(force: 0.005)
    var (frame, found) = (start, [Double]())
    degrees = Array(stride(from: -180, through: 180, by: 15))
    for angle in degrees {
      var restraint = DihedralRestraint(
        field: calculator, atoms: LabelledFrame.hydroxylAtoms, angle: radians(angle),
        strength: 100)
      var relaxation = try Relaxation(frame.turned(to: angle), LBFGS(), options: options)
      while !relaxation.isDone { try relaxation.advance(restraint.predict(relaxation.frame)) }
      frame = relaxation.frame
      let energy = relaxation.isConverged ? relaxation.prediction?.energy : nil
      found.append((energy ?? .nan) - restraint.energy(of: frame))
    }
    energies = found
  }

  /// Above the lowest, meV.
  var relative: [Double] {
    let lowest = energies.filter(\.isFinite).min() ?? 0
    return energies.map { 1000 * ($0 - lowest) }
  }

  /// At an angle, above the lowest, meV.
  func energy(at angle: Double) -> Double {
    degrees.firstIndex(of: angle).map { relative[$0] } ?? .nan
  }

  /// From gauche over cis to gauche, meV.
  var cisBarrier: Double { energy(at: 0) }
  /// From gauche to trans, meV.
  var transBarrier: Double { relative.filter(\.isFinite).max() ?? .nan }

  /// Half a turn of both: the other half is its mirror image.
  func table(beside reference: RotorProfile) -> TextTable {
    TextTable(
      name: "Energy of the rotor (meV)",
      head: ["C–C–O–H", "this potential", "GFN2-xTB", "difference"],
      rows: degrees.filter { $0 >= 0 }.map { angle in
        let (own, other) = (energy(at: angle), reference.energy(at: angle))
        return ["\(Int(angle))°", fixed(own, 1), fixed(other, 1), fixed(own - other, 1)]
      })
  }

  func summary(beside reference: RotorProfile) -> String {
    "over cis \(fixed(cisBarrier, 1)) meV (GFN2-xTB \(fixed(reference.cisBarrier, 1))), "
      + "from gauche to trans \(fixed(transBarrier, 1)) meV "
      + "(GFN2-xTB \(fixed(reference.transBarrier, 1)))"
  }
}
