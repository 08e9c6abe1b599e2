/// Constants in the units of simulations: Å, eV, u, fs, K (CODATA 2018).
public enum Units {
  /// The Boltzmann constant, eV/K.
  public static let boltzmann = 8.617333262e-5
  /// An acceleration of 1 eV/(Å u) in Å/fs².
  public static let acceleration = 9.648533212331e-3
  /// 1 eV/Å³ in GPa.
  public static let gigapascal = 160.2176634
  /// The reduced Planck constant, eV fs.
  public static let reducedPlanck = 0.6582119569
  /// The speed of light, cm/fs.
  public static let speedOfLight = 2.99792458e-5
}
