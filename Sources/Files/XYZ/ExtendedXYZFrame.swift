public import OrderedCollections

/// One frame of an extended XYZ file: atoms, cell, and every further value under its own key.
public struct XYZFrame: Sendable, Equatable {
  /// Atomic numbers, `[N]`; 0 for the symbol `X`.
  public var numbers: [Int32]
  /// Cartesian coordinates in Å, `[N, 3]` in row-major order.
  public var positions: [Double]
  /// The three lattice vectors in Å, one after the other (`[3, 3]`, rows), if there is a cell.
  public var lattice: [Double]?
  /// Along which of the three lattice vectors the frame repeats; three values.
  public var pbc: [Bool]
  /// The frame's other values, in the order of the file.
  public var info: OrderedDictionary<String, XYZValue>
  /// The atoms' other columns, in the order of the file.
  ///
  /// A file with both `species` and `Z` takes its numbers from `Z` and keeps the labels here.
  public var arrays: OrderedDictionary<String, XYZColumn>

  /// Creates a frame.
  public init(
    numbers: [Int32], positions: [Double], lattice: [Double]? = nil,
    pbc: [Bool] = [false, false, false], info: OrderedDictionary<String, XYZValue> = [:],
    arrays: OrderedDictionary<String, XYZColumn> = [:]
  ) {
    self.numbers = numbers
    self.positions = positions
    self.lattice = lattice
    self.pbc = pbc
    self.info = info
    self.arrays = arrays
  }

  /// Chemical symbols, `[N]`; `X` for numbers that are no element's.
  public var symbols: [String] { numbers.map { ChemicalElements.symbol(of: $0) ?? "X" } }
}

/// A value on a frame's comment line.
public enum XYZValue: Sendable, Equatable {
  /// Text; if it begins with `_JSON `, structured data that none of the other cases can hold.
  case string(String)
  /// A whole number.
  case integer(Int)
  /// A number with a fraction or an exponent, or too large for `Int`.
  case real(Double)
  /// `T` or `F`; also a key without a value, which is true.
  case bool(Bool)
  /// Texts, which are written as JSON.
  case strings([String])
  /// Whole numbers.
  case integers([Int])
  /// Numbers of which at least one has a fraction or an exponent.
  case reals([Double])
  /// Truth values.
  case bools([Bool])

  /// The number, if this is one.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  /// The numbers, if this is an array of numbers or one number.
  public var doubles: [Double]? {
    switch self {
    case .integer(let value): [Double(value)]
    case .real(let value): [value]
    case .integers(let values): values.map(Double.init)
    case .reals(let values): values
    default: nil
    }
  }
}

/// One property of every atom: `width` values for each, atom after atom.
public struct XYZColumn: Sendable, Equatable {
  /// Values of one type, `[N, width]` in row-major order.
  public enum Values: Sendable, Equatable {
    /// Words without blanks; type `S`.
    case strings([String])
    /// Whole numbers; type `I`.
    case integers([Int])
    /// Real numbers; type `R`.
    case reals([Double])
    /// Truth values; type `L`.
    case bools([Bool])

    /// The number of values.
    public var count: Int {
      switch self {
      case .strings(let values): values.count
      case .integers(let values): values.count
      case .reals(let values): values.count
      case .bools(let values): values.count
      }
    }
  }

  /// The values.
  public var values: Values
  /// Values per atom, at least 1.
  public var width: Int

  /// Creates a column.
  public init(_ values: Values, width: Int = 1) {
    self.values = values
    self.width = width
  }

  /// The values as reals, if they are numbers.
  public var doubles: [Double]? {
    switch values {
    case .integers(let values): values.map(Double.init)
    case .reals(let values): values
    case .strings, .bools: nil
    }
  }
}
