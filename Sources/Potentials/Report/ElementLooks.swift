/// How elements look in pictures.
enum ElementLooks {
  /// The covalent radius, Å (Cordero et al., Dalton Trans. 2008, 2832); 1.5 of elements without one.
  static func radius(_ number: Int32) -> Double {
    radii.indices.contains(Int(number) - 1) ? radii[Int(number) - 1] : 1.5
  }

  /// A colour of CSS: the usual ones of chemistry, and for others hues that differ between neighbours
  /// of the periodic table.
  static func color(_ number: Int32) -> String {
    usual[number] ?? "hsl(\(Int(number) * 47 % 360) 45% 58%)"
  }

  /// Whether white letters are read better on it.
  static func isDark(_ number: Int32) -> Bool { [6, 7, 8, 35, 53].contains(number) }

  private static let usual: [Int32: String] = [
    1: "#e8e8e4", 6: "#55565a", 7: "#3a5fcf", 8: "#d03a34", 9: "#7fc24c", 11: "#a36bd6",
    12: "#66a03a", 14: "#d0ae82", 15: "#e08a2c", 16: "#e3c43a", 17: "#4fb04a", 19: "#8b52c4",
    20: "#5a9a4a", 26: "#c8703a", 29: "#c67a45", 30: "#7d80b0", 35: "#9a3a2c", 47: "#b8bcc2",
    53: "#7a2c92", 79: "#d8b43a",
  ]

  /// From hydrogen to curium.
  private static let radii: [Double] = [
    0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41,
    1.21, 1.11, 1.07, 1.05, 1.02, 1.06, 2.03, 1.76, 1.7, 1.6, 1.53, 1.39,
    1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.2, 1.19, 1.2, 1.2, 1.16,
    2.2, 1.95, 1.9, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44,
    1.42, 1.39, 1.39, 1.38, 1.39, 1.4, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01,
    1.99, 1.98, 1.98, 1.96, 1.94, 1.92, 1.92, 1.89, 1.9, 1.87, 1.87, 1.75,
    1.7, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, 1.45, 1.46, 1.48, 1.4,
    1.5, 1.5, 2.6, 2.21, 2.15, 2.06, 2, 1.96, 1.9, 1.87, 1.8, 1.69,
  ]
}
