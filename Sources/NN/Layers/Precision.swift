/// The precision of matrix products, as `jax.lax.Precision`; on a CPU all give that of the
/// element type.
public enum Precision: String, Sendable, CaseIterable {
  /// The fastest.
  case `default`
  /// More digits, where the hardware has a choice.
  case high
  /// All digits of the element type.
  case highest
}
