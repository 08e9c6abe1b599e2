/// What an index list is in the call that it came with, so that errors can name it. Gathers and
/// segment sums carry it; operations that differ in nothing else are the same.
///
/// Lists of several batches run as one list, with another number of rows (the limit) than the call
/// has. An index above `size` must then be made limit + (index - size), a negative one be left as
/// it is.
package final class IndexLabel: Sendable {
  /// The function or layer that was called.
  package let function: String
  /// The argument, under the name that the call has for it.
  package let argument: String
  /// The shape of the list in the call.
  package let shape: Shape
  /// The number of rows that an index of the call chooses from.
  package let size: Dimension

  package init(_ function: String, _ argument: String, shape: Shape, size: Dimension) {
    self.function = function
    self.argument = argument
    self.shape = shape
    self.size = size
  }
}
