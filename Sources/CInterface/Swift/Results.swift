internal import CE3x
internal import E3xEngine
internal import E3xPotentials

/// Where a caller wants what of a prediction.
struct Results {
  private let pointers: e3x_results

  /// The size of the struct before it had `member_forces`.
  static let leastSize = MemoryLayout<e3x_results>.offset(of: \.member_forces)!

  /// - Throws: `ArgumentError` naming the member that cannot be.
  init(_ pointer: UnsafePointer<e3x_results>?, _ argument: String) throws(ArgumentError) {
    var results = e3x_results()
    try versioned(pointer, argument, least: Self.leastSize, into: &results)
    for (member, pointer) in [
      ("energy", results.energy), ("atomic_energies", results.atomic_energies),
      ("forces", results.forces), ("stress", results.stress), ("virial", results.virial),
      ("atomic_virials", results.atomic_virials), ("energy_deviation", results.energy_deviation),
      ("force_deviations", results.force_deviations), ("member_forces", results.member_forces),
    ] {
      try checkAlignment(pointer.map { UnsafePointer($0) }, "\(argument).\(member)")
    }
    pointers = results
  }

  /// Whether virials are to be computed.
  var wantsVirials: Bool {
    pointers.stress != nil || pointers.virial != nil || pointers.atomic_virials != nil
  }

  /// Writes what is wanted.
  func write(_ prediction: Potential.Prediction) {
    let atoms = prediction.atomicEnergies.count
    E3xCInterface.write([prediction.energy], to: pointers.energy)
    E3xCInterface.write(prediction.atomicEnergies, to: pointers.atomic_energies)
    E3xCInterface.write(prediction.forces, to: pointers.forces)
    E3xCInterface.write(
      prediction.stress ?? [Double](repeating: .nan, count: 9), to: pointers.stress)
    if let virials = prediction.atomicVirials {
      E3xCInterface.write(virials, to: pointers.atomic_virials)
      if pointers.virial != nil {
        var sum = [Double](repeating: 0, count: 9)
        for (index, value) in virials.enumerated() { sum[index % 9] += value }
        E3xCInterface.write(sum, to: pointers.virial)
      }
    }
    E3xCInterface.write([prediction.energyDeviation ?? .nan], to: pointers.energy_deviation)
    E3xCInterface.write(
      prediction.forcesDeviation ?? [Double](repeating: .nan, count: atoms),
      to: pointers.force_deviations)
    for (member, forces) in (prediction.memberForces ?? [prediction.forces]).enumerated() {
      E3xCInterface.write(forces, to: pointers.member_forces.map { $0 + member * forces.count })
    }
  }
}
