public import E3xEngine
internal import E3xPotentials
internal import E3xSystem

/// The vibrations of a crystal over all wave vectors.
public struct DensityOfStates: Sendable {
  /// cm⁻¹, of all wave vectors of the mesh.
  public let wavenumbers: [Double]
  /// How much of a vibration of a primitive cell each stands for.
  public let weight: Double

  /// Computes the vibrations on a mesh with the centre of the zone in it.
  /// - Parameter mesh: how many wave vectors along each reciprocal vector; three positive numbers.
  /// - Throws: `ArgumentError` naming `mesh`.
  public init(_ constants: ForceConstants, mesh: [Int]) throws(ArgumentError) {
    try self.init(constants, mesh: mesh) { _ in }
  }

  /// The same, with what is told how many wave vectors are done.
  package init(
    _ constants: ForceConstants, mesh: [Int], progress: (Int) -> Void
  ) throws(ArgumentError) {
    guard mesh.count == 3, mesh.allSatisfy({ (1...1000).contains($0) }) else {
      throw ArgumentError(
        "DensityOfStates", "mesh", "expected three numbers from 1 to 1000, received \(mesh)")
    }
    let total = mesh[0] * mesh[1] * mesh[2]
    var all: [Double] = []
    all.reserveCapacity(3 * constants.primitive.count * total)
    for index in 0..<total {
      let (i, j, k) = (
        index / (mesh[1] * mesh[2]), index / mesh[2] % mesh[1], index % mesh[2]
      )
      // Of q and −q, which have the same vibrations, the first is computed.
      let opposite =
        ((mesh[0] - i) % mesh[0] * mesh[1] + (mesh[1] - j) % mesh[1]) * mesh[2]
        + (mesh[2] - k) % mesh[2]
      guard index <= opposite else { continue }
      progress(index)
      let q = SIMD3(
        Double(i) / Double(mesh[0]), Double(j) / Double(mesh[1]), Double(k) / Double(mesh[2]))
      let values = constants.wavenumbers(q)
      all += values
      if index < opposite { all += values }
    }
    (wavenumbers, weight) = (all, 1 / Double(total))
  }

  /// Vibrations of a primitive cell by wavenumber, each broadened to a Gauss curve; the integral over all
  /// wavenumbers is three for each atom.
  ///
  /// - Parameters:
  ///   - width: the standard deviation, cm⁻¹; nil for a hundredth of the range.
  ///   - points: how many.
  /// - Returns: wavenumbers (cm⁻¹) and densities (cm).
  public func curve(
    width: Double? = nil, points: Int = 400
  ) -> (wavenumbers: [Double], densities: [Double]) {
    let (low, high) = (min(0, wavenumbers.min() ?? 0), wavenumbers.max() ?? 0)
    let width = width ?? max(1e-3, (high - low) / 100)
    let (first, last) = (low - 5 * width, high + 5 * width)
    let step = (last - first) / Double(max(2, points) - 1)
    let places = (0..<max(2, points)).map { first + step * Double($0) }
    var densities = [Double](repeating: 0, count: places.count)
    let height = weight / (width * (2 * Double.pi).squareRoot())
    let reach = Int((6 * width / step).rounded(.up))
    for wavenumber in wavenumbers {
      let center = Int(((wavenumber - first) / step).rounded())
      for index in max(0, center - reach)...min(places.count - 1, center + reach) {
        let x = (places[index] - wavenumber) / width
        densities[index] += height * exp(-x * x / 2)
      }
    }
    return (places, densities)
  }

  /// Of a primitive cell, at a temperature (K).
  public func thermodynamics(temperature: Double) -> HarmonicThermodynamics {
    HarmonicThermodynamics(wavenumbers: wavenumbers, temperature: temperature, weight: weight)
  }
}
