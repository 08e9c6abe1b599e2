internal import E3xEngine

/// How atoms move from one step to the next: a plain value, with what it remembers between steps.
///
/// One of your own needs ``advance(_:by:with:)``, and the others where they have a meaning:
///
///     struct Leapfrog: Integrator {
///       static let name = "leapfrog"
///       mutating func advance(
///         _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
///       ) throws {
///         state.kick(step)
///         state.drift(step)
///         try state.update(&field)
///       }
///     }
public protocol Integrator: Sendable {
  /// What it is called in files.
  static var name: String { get }

  /// Moves a state by one step. Its `step` and `time` are counted elsewhere.
  /// - Parameter step: fs
  /// - Throws: what `field` throws.
  mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField) throws

  /// What has gone to the surroundings: added to ``DynamicsState/totalEnergy`` it is conserved, but for
  /// the error of the step, while the temperature that is aimed at stays; eV.
  func surroundingsEnergy(_ state: DynamicsState) -> Double

  /// The temperature that is aimed at, K; nil if there is none.
  var temperature: Double? { get set }

  /// All numbers that decide how it goes on, beside its settings: what a restart needs. Setting as
  /// many as there are gives them back.
  var memory: [Double] { get set }
}

extension Integrator {
  /// Nothing.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double { 0 }
  /// None; setting it has no effect.
  public var temperature: Double? {
    get { nil }
    set {}
  }
  /// None.
  public var memory: [Double] {
    get { [] }
    set {}
  }
}

/// Random numbers of a step: they depend on the seed, the step and the purpose alone, so that a
/// restart has the same.
struct StepNoise {
  private let key: RandomKey

  init(seed: Int) { key = RandomKey(seed: seed) }

  /// Normal random numbers.
  /// - Parameter stream: 0 to 3, for what they are.
  func normal(_ count: Int, step: Int, stream: Int) -> [Double] {
    let number = UInt64(bitPattern: Int64(4 &* step &+ stream))
    let key = key.folding(in: UInt32(truncatingIfNeeded: number))
      .folding(in: UInt32(truncatingIfNeeded: number >> 32))
    // As many as there are velocities: memory holds them.
    return (try? key.normal(Double.self, count: count)) ?? []
  }
}
