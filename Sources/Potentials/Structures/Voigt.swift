/// Symmetric tensors by six components in Voigt's order: xx, yy, zz, yz, xz, xy.
enum Voigt {
  /// Row and column of each component.
  static let axes = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]

  /// The component that each of the nine numbers of a tensor is, row by row.
  static let components = [0, 5, 4, 5, 1, 3, 4, 3, 2]

  /// The components of the symmetric part of a tensor.
  /// - Parameter tensor: nine numbers, row by row
  static func components(of tensor: [Double]) -> [Double] {
    axes.map { row, column in 0.5 * (tensor[3 * row + column] + tensor[3 * column + row]) }
  }

  /// The nine numbers of a tensor, row by row.
  /// - Parameter components: six
  static func tensor(_ components: [Double]) -> [Double] {
    Voigt.components.map { components[$0] }
  }
}
