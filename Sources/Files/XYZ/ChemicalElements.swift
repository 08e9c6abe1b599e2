/// The chemical elements: symbols and atomic numbers, 1 to 118.
///
/// Atomic number 0 has the symbol `X`, an atom of no element, as in ASE.
public enum ChemicalElements {
  /// Symbols by atomic number; index 0 is `X`.
  public static let symbols: [String] =
    """
    X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se
    Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy
    Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf
    Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  private static let numbers = Dictionary(
    uniqueKeysWithValues: symbols.enumerated().map { ($1, Int32($0)) })

  /// The atomic number of a symbol in any case (`C`, `CL`, `cl`), or nil if it is none.
  public static func number(of symbol: String) -> Int32? {
    numbers[symbol] ?? numbers[symbol.prefix(1).uppercased() + symbol.dropFirst().lowercased()]
  }

  /// The symbol of an atomic number, or nil outside 0 to 118.
  public static func symbol(of number: Int32) -> String? {
    number >= 0 && number < symbols.count ? symbols[Int(number)] : nil
  }
}
