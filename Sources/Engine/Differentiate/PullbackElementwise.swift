internal import RealModule

extension UnaryOperation {
  /// The cotangent of x, where y = op(x).
  func pullback(_ g: Tensor, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor? {
    switch self {
    case .negate: try -g
    case .absolute: try g * x.sign()
    case .sign, .floor: nil
    case .reciprocal: try -(g * y * y)
    case .squareRoot: try g * 0.5 / y
    case .exp: try g * y
    case .expMinusOne: try g * (y + 1)
    case .log: try g / x
    case .logOnePlus: try g / (x + 1)
    case .sin: try g * x.cos()
    case .cos: try -(g * x.sin())
    case .tanh: try g * (1 - y * y)
    case .erf: try g * (2 / Double.sqrt(.pi)) * (-(x * x)).exp()
    }
  }
}

extension BinaryOperation {
  /// The cotangents of a and b, where y = op(a, b).
  func pullback(
    _ g: Tensor, _ a: Tensor, _ b: Tensor, _ y: Tensor, _ needed: [Bool]
  ) throws(ShapeError) -> [Tensor?] {
    var (da, db): (Tensor?, Tensor?) = (nil, nil)
    switch self {
    case .add:
      (da, db) = (g, g)
    case .subtract:
      (da, db) = (g, needed[1] ? try -g : nil)
    case .multiply:
      da = needed[0] ? try g * b : nil
      db = needed[1] ? try g * a : nil
    case .divide:
      da = needed[0] ? try g / b : nil
      db = needed[1] ? try -(g * y / b) : nil
    case .power:
      da = needed[0] ? try g * b * a.power(b - 1) : nil
      if needed[1] {
        let positive = try a.isGreater(than: 0)
        db = try g * y * .select(positive, .select(positive, a, 1).log(), 0)
      }
    case .minimum, .maximum:
      // Ties share equally.
      let half = try a.isEqual(to: b).cast(to: g.dtype) * 0.5
      let first = try (self == .maximum ? a.isGreater(than: b) : a.isLess(than: b)).cast(
        to: g.dtype)
      let share = try first + half
      da = needed[0] ? try g * share : nil
      db = needed[1] ? try g * (1 - share) : nil
    case .atan2:
      let square = try a * a + b * b
      da = needed[0] ? try g * b / square : nil
      db = needed[1] ? try -(g * a / square) : nil
    }
    return [try da?.sum(to: a.shape), try db?.sum(to: b.shape)]
  }
}
