import E3xEngine
import Foundation

extension UnaryOperation {
  func value(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .absolute: abs(x)
    case .sign: x.isNaN ? .nan : x > 0 ? 1 : x < 0 ? -1 : 0
    case .floor: x.rounded(.down)
    case .reciprocal: 1 / x
    case .squareRoot: x.squareRoot()
    case .exp: Foundation.exp(x)
    case .expMinusOne: Foundation.expm1(x)
    case .log: Foundation.log(x)
    case .logOnePlus: Foundation.log1p(x)
    case .sin: Foundation.sin(x)
    case .cos: Foundation.cos(x)
    case .tanh: Foundation.tanh(x)
    case .erf: Foundation.erf(x)
    }
  }
}

extension BinaryOperation {
  func value(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .power: Foundation.pow(x, y)
    case .minimum: x.isNaN || y.isNaN ? .nan : min(x, y)
    case .maximum: x.isNaN || y.isNaN ? .nan : max(x, y)
    case .atan2: Foundation.atan2(x, y)
    }
  }

  /// Integers wrap; quotients are rounded towards zero, and 0 for a divisor of 0.
  func integer(_ x: Double, _ y: Double) -> Double {
    let (a, b) = (Int32(x), Int32(y))
    switch self {
    case .multiply: return Double(a &* b)
    case .divide: return b == 0 ? 0 : Double(a.dividedReportingOverflow(by: b).partialValue)
    case .add, .subtract, .minimum, .maximum: return value(x, y)
    case .power, .atan2: preconditionFailure("\(self) of integers")
    }
  }
}

extension Comparison {
  func holds(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .equal: x == y
    case .notEqual: x != y
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    }
  }
}

extension LogicalOperation {
  func holds(_ x: Bool, _ y: Bool) -> Bool {
    switch self {
    case .and: x && y
    case .or: x || y
    case .xor: x != y
    }
  }
}

/// The larger number, or not a number if either is none.
func maximum(_ x: Double, _ y: Double) -> Double { BinaryOperation.maximum.value(x, y) }

/// The length of a vector, without overflow.
func length(_ vector: [Double]) -> Double {
  let largest = vector.reduce(0) { maximum($0, abs($1)) }
  guard largest > 0, largest < .infinity else { return largest }
  return largest * vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

/// A vector divided by its length.
func normalised(_ vector: [Double]) -> [Double] {
  let largest = vector.reduce(0) { maximum($0, abs($1)) }
  guard largest > 0 else { return vector.map { _ in .nan } }
  let scaled = vector.map { $0 / largest }
  return scaled.map { $0 / length(scaled) }
}
