public import E3xEngine

/// Masses of atoms.
public enum AtomicMass {
  /// The mass of an element in u: its standard atomic weight (IUPAC 2016, Meija et al., Pure Appl. Chem.
  /// 88, 265); of elements without one that of a long-lived isotope, or its mass number.
  ///
  /// - Parameter number: the atomic number, 1 to 118.
  /// - Throws: `ArgumentError` naming `atomic_numbers` for any other.
  public static func standard(of number: Int32) throws(ArgumentError) -> Double {
    guard (1...Int32(values.count)).contains(number) else {
      throw ArgumentError(
        "AtomicMass.standard", "atomic_numbers", "expected 1 to \(values.count), received \(number)"
      )
    }
    return values[Int(number) - 1]
  }

  /// From hydrogen on.
  private static let values: [Double] = [
    1.008, 4.0026, 6.94, 9.01218, 10.81, 12.011, 14.007, 15.999,
    18.9984, 20.1797, 22.98977, 24.305, 26.98154, 28.085, 30.97376, 32.06,
    35.45, 39.948, 39.0983, 40.078, 44.95591, 47.867, 50.9415, 51.9961,
    54.93804, 55.845, 58.93319, 58.6934, 63.546, 65.38, 69.723, 72.63,
    74.92159, 78.971, 79.904, 83.798, 85.4678, 87.62, 88.90584, 91.224,
    92.90637, 95.95, 97.90721, 101.07, 102.9055, 106.42, 107.8682, 112.414,
    114.818, 118.71, 121.76, 127.6, 126.90447, 131.293, 132.90545, 137.327,
    138.90547, 140.116, 140.90766, 144.242, 144.91276, 150.36, 151.964, 157.25,
    158.92535, 162.5, 164.93033, 167.259, 168.93422, 173.054, 174.9668, 178.49,
    180.94788, 183.84, 186.207, 190.23, 192.217, 195.084, 196.96657, 200.592,
    204.38, 207.2, 208.9804, 208.98243, 209.98715, 222.01758, 223.01974, 226.02541,
    227.02775, 232.0377, 231.03588, 238.02891, 237.04817, 244.06421, 243.06138, 247.07035,
    247.07031, 251.07959, 252.083, 257.09511, 258.09843, 259.101, 262.11, 267.122,
    268.126, 271.134, 270.133, 269.1338, 278.156, 281.165, 281.166, 285.177,
    286.182, 289.19, 289.194, 293.204, 293.208, 294.214,
  ]
}
