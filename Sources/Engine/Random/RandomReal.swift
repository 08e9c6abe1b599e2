internal import E3xSystem

/// The floating-point types that ``RandomKey`` draws: Float, from 32 random bits, and Double, from
/// 64.
public protocol RandomReal: BinaryFloatingPoint, Sendable {
  /// `count` values uniformly distributed in 0..<1, all multiples of the unit in the last place of
  /// 1.
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  static func unitInterval(from key: RandomKey, count: Int) throws(ArgumentError) -> [Self]
  /// The error function.
  static func errorFunction(_ x: Self) -> Self
  /// The inverse of the error function, infinite at -1 and 1, computed as XLA does.
  static func inverseErrorFunction(_ x: Self) -> Self
}

extension Float: RandomReal {
  /// `count` values uniformly distributed in 0..<1, each from 32 random bits.
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public static func unitInterval(from key: RandomKey, count: Int) throws(ArgumentError) -> [Float]
  {
    try key.bits(count: count).map { Float(bitPattern: $0 >> 9 | 0x3F80_0000) - 1 }
  }

  /// The error function.
  public static func errorFunction(_ x: Float) -> Float { Float(erf(Double(x))) }

  /// M. Giles, "Approximating the erfinv function", GPU Computing Gems (2011), single precision.
  public static func inverseErrorFunction(_ x: Float) -> Float {
    if abs(x) == 1 { return x * .infinity }
    let w = -log1p(-x * x)
    return w < 5
      ? x * horner(w - 2.5, centralCoefficients)
      : x * horner(w.squareRoot() - 3, outerCoefficients)
  }

  private static let centralCoefficients: [Float] = [
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
  ]

  private static let outerCoefficients: [Float] = [
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
  ]
}

extension Double: RandomReal {
  /// `count` values uniformly distributed in 0..<1, each from 64 random bits.
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public static func unitInterval(from key: RandomKey, count: Int) throws(ArgumentError) -> [Double]
  {
    try key.bits64(count: count).map { Double(bitPattern: $0 >> 12 | 0x3FF0_0000_0000_0000) - 1 }
  }

  /// The error function.
  public static func errorFunction(_ x: Double) -> Double { erf(x) }

  /// M. Giles, "Approximating the erfinv function", GPU Computing Gems (2011), double precision.
  public static func inverseErrorFunction(_ x: Double) -> Double {
    if abs(x) == 1 { return x * .infinity }
    let w = -log1p(-x * x)
    if w < 6.25 { return x * horner(w - 3.125, centralCoefficients) }
    let root = w.squareRoot()
    if w < 16 { return x * horner(root - 3.25, outerCoefficients) }
    return x * horner(root - 5, tailCoefficients)
  }

  private static let centralCoefficients: [Double] = [
    -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18,
    1.115787767802518096e-17, -1.333171662854620906e-16, 2.0972767875968561637e-17,
    6.6376381343583238325e-15, -4.0545662729752068639e-14, -8.1519341976054721522e-14,
    2.6335093153082322977e-12, -1.2975133253453532498e-11, -5.4154120542946279317e-11,
    1.051212273321532285e-09, -4.1126339803469836976e-09, -2.9070369957882005086e-08,
    4.2347877827932403518e-07, -1.3654692000834678645e-06, -1.3882523362786468719e-05,
    0.0001867342080340571352, -0.00074070253416626697512, -0.0060336708714301490533,
    0.24015818242558961693, 1.6536545626831027356,
  ]

  private static let outerCoefficients: [Double] = [
    2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07,
    1.8239629214389227755e-08, 1.5027403968909827627e-06, -4.013867526981545969e-06,
    2.9234449089955446044e-06, 1.2475304481671778723e-05, -4.7318229009055733981e-05,
    6.8284851459573175448e-05, 2.4031110387097893999e-05, -0.0003550375203628474796,
    0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066,
    -0.0037512085075692412107, 0.005370914553590063617, 1.0052589676941592334,
    3.0838856104922207635,
  ]

  private static let tailCoefficients: [Double] = [
    -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09,
    -3.7894654401267369937e-09, 7.6157012080783393804e-09, -1.4960026627149240478e-08,
    2.9147953450901080826e-08, -6.7711997758452339498e-08, 2.2900482228026654717e-07,
    -9.9298272942317002539e-07, 4.5260625972231537039e-06, -1.9681778105531670567e-05,
    7.5995277030017761139e-05, -0.00021503011930044477347, -0.00013871931833623122026,
    1.0103004648645343977, 4.8499064014085844221,
  ]
}

/// The polynomial with the given coefficients, that of the highest power first; with fused
/// operations, as XLA compiles it.
private func horner<Scalar: BinaryFloatingPoint>(_ x: Scalar, _ coefficients: [Scalar]) -> Scalar {
  coefficients.reduce(0) { $1.addingProduct($0, x) }
}
