internal import E3xEngine
internal import E3xNN
internal import E3xSystem

/// The screened Coulomb repulsion of two nuclei, which keeps atoms apart where no training data are.
///
/// The universal potential of Ziegler, Biersack and Littmark, "The Stopping and Range of Ions in
/// Solids" (1985): V(r) = e²/(4πε₀) Z Z' / r · φ(r/a), φ(x) = Σ c exp(−b x),
/// a = 0.8854 a₀ / (Z^0.23 + Z'^0.23). It is multiplied by a polynomial that falls from 1 to 0, with
/// two continuous derivatives, where atoms are as far apart as their covalent radii: bonds at their
/// usual lengths feel nearly nothing of it.
struct ZBLRepulsion {
  /// e²/(4πε₀), eV Å.
  private static let coulomb = 14.399_645
  /// Bohr's radius, Å.
  private static let bohr = 0.529_177_21
  private static let terms = [
    (0.181_75, 3.199_80), (0.509_86, 0.942_29), (0.280_22, 0.402_90), (0.028_17, 0.201_62),
  ]
  /// Nuclei are not seen closer than this, Å: energies stay finite.
  private static let least = 1e-3

  /// How many species there are.
  let numEmbeddings: Int

  /// The energies of atoms, of each pair half for either of its atoms, eV, [N].
  ///
  /// - Parameter displacements: [P, 3], Å
  /// - Parameter species: int32 [N]
  func atomicEnergies(
    displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    let dtype = displacements.dtype
    // Charge, its power in the screening length, and radius of each species, [P, 3] of each atom.
    let rows = (0..<numEmbeddings).flatMap { number -> [Double] in
      let radii = Self.covalentRadii
      return [
        Double(number), pow(Double(number), 0.23), radii[min(number, radii.count - 1)],
      ]
    }
    let table = try Tensor(rows, shape: [numEmbeddings, 3]).cast(to: dtype)
    let atoms = try table.gathered(at: species)
    let (dst, src) = (
      try gatherDst(atoms, dstIdx: dstIdx), try gatherSrc(atoms, srcIdx: srcIdx)
    )
    func column(_ rows: Tensor, _ index: Int) throws -> Tensor {
      try rows.sliced(index..<(index + 1), axis: 1)
    }
    let charges = try column(dst, 0) * column(src, 0)
    let sums = try dst + src
    let distance = try Tensor.maximum(displacements.norm([1], keepDimensions: true), Self.least)
    let scaled = try distance * column(sums, 1) / (0.885_4 * Self.bohr)
    var screening = try (scaled * -Self.terms[0].1).exp() * Self.terms[0].0
    for (factor, rate) in Self.terms.dropFirst() {
      try screening += (scaled * -rate).exp() * factor
    }
    let near = try Tensor.minimum(distance / column(sums, 2), 1)
    // (1 − x)³ (1 + 3x + 6x²)
    let rest = try 1 - near
    let envelope = try rest * rest * rest * (1 + 3 * near + 6 * near * near)
    let energies = try charges / distance * screening * envelope * (0.5 * Self.coulomb)
    let count = species.shape[0]
    return try energies.segmentSum(dstIdx, count: count).reshaped(to: [count])
  }

  /// Covalent radii by atomic number, Å: Cordero and others, Dalton Trans. 2008, 2832; 2 Å for
  /// elements beyond curium.
  private static let covalentRadii: [Double] = [
    0.20, 0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07,
    1.05, 1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22,
    1.20, 1.19, 1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45,
    1.44, 1.42, 1.39, 1.39, 1.38, 1.39, 1.40, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98,
    1.96, 1.94, 1.92, 1.92, 1.89, 1.90, 1.87, 1.87, 1.75, 1.70, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36,
    1.32, 1.45, 1.46, 1.48, 1.40, 1.50, 1.50, 2.60, 2.21, 2.15, 2.06, 2.00, 1.96, 1.90, 1.87, 1.80,
    1.69, 2.00,
  ]
}
