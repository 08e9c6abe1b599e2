import Foundation

/// What GFN2-xTB says: Reference/gfn2.json, made by the script beside it.
struct Reference: Decodable {
  let trans: Minimum
  let gauche: Minimum
  let rotor: RotorProfile

  /// Energy in eV, lengths in Å, angles in degrees, wavenumbers in cm⁻¹.
  struct Minimum: Decodable {
    let energy: Double
    let carbonCarbon: Double
    let carbonOxygen: Double
    let oxygenHydrogen: Double
    let carbonOxygenHydrogen: Double
    let dihedral: Double
    let wavenumbers: [Double]
  }

  static func bundled() throws -> Reference {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let file = Bundle.module.bundleURL.appending(path: "gfn2.json")
    return try decoder.decode(Reference.self, from: Data(contentsOf: file))
  }
}
