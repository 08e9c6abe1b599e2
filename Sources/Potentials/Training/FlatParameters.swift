internal import E3xEngine
internal import E3xNN
internal import OrderedCollections

/// The layout of a tree of parameters in one vector, as optimisers want it.
struct ParameterLayout: Sendable {
  struct Entry: Sendable {
    let path: String
    let shape: [Int]
    let range: Range<Int>
  }
  let entries: [Entry]
  let count: Int

  /// The layout of these parameters, in their order.
  init(_ parameters: Parameters) {
    var entries: [Entry] = []
    var start = 0
    for (path, tensor) in parameters {
      let shape = tensor.shape.known!
      let count = shape.reduce(1, *)
      entries.append(Entry(path: path, shape: shape, range: start..<(start + count)))
      start += count
    }
    self.entries = entries
    self.count = start
  }

  /// All parameters one after the other.
  func vector(_ parameters: Parameters) throws -> Tensor {
    try Tensor.concatenate(
      entries.map { entry in
        try parameters[entry.path]!.reshaped(to: [Dimension(entry.range.count)])
      }, axis: 0)
  }

  /// The tree that a vector holds: views into it.
  func parameters(_ vector: Tensor) throws -> Parameters {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for entry in entries {
      tensors[entry.path] = try vector.sliced(0, entry.range).reshaped(to: Shape(entry.shape))
    }
    return Parameters(tensors)
  }
}
