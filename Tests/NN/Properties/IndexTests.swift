import E3xEngine
import E3xNN
import TestSupport
import Testing

/// A call with an index list, of which one index is bad.
struct IndexCall: Sendable, CustomStringConvertible {
  /// What the error names.
  let function: String
  let argument: String
  /// The shape of the list, and the number of rows that it chooses from.
  let shape: [Int]
  let size: Int
  /// A variation of the call.
  var variation = ""
  /// Whether an index equal to the size is padding.
  var allowsPadding = true
  let call: @Sendable (Tensor) throws -> Tensor
  var description: String { "\(function) \(argument) \(shape) \(variation)" }

  /// A list of good indices with this one in the middle of the last row.
  func list(_ bad: Int32? = nil) -> [Int32] {
    var list = (0..<shape.reduce(1, *)).map { Int32($0 % size) }
    if let bad { list[place] = bad }
    return list
  }

  var place: Int { shape.reduce(1, *) - 2 }

  /// The position as errors give it.
  var position: String {
    let rest = place % shape.last!
    switch shape.count {
    case 1: return "\(rest)"
    case 2: return "[\(place / shape[1]), \(rest)]"
    default: return "[\(place / shape[1] / shape[2]), \(place / shape[2] % shape[1]), \(rest)]"
    }
  }
}

private let atoms = 4

/// Features of atoms, with leading axes of batches.
private func features(_ batch: [Int]) throws -> Tensor {
  try testFeatures(batch + [atoms], parities: 1, maxDegree: 1, features: 2, seed: 1)
}

/// Numbers [pairs..., trailing...].
private func values(_ pairs: [Int], _ trailing: [Int] = []) throws -> Tensor {
  try testValues(pairs + trailing, seed: 2).absolute()
}

/// Destinations or sources for the other list.
private func good(_ shape: [Int]) throws -> Tensor {
  try Tensor((0..<shape.reduce(1, *)).map { Int32($0 * 7 % atoms) }, shape: shape)
}

private func layer(
  _ name: String, _ batch: [Int], segments: Dimension? = nil, adjacency: Tensor? = nil,
  destinations: Tensor? = nil, sources: Tensor? = nil
) throws -> Tensor {
  let list = (adjacency ?? destinations)!.shape.known!
  let (x, basis) = (try features(batch), try values(list, [1, 4, 3]))
  func call(_ scope: Scope) throws -> Tensor {
    switch name {
    case "MessagePass":
      return try MessagePass()(
        scope, x, basis: basis, adjIdx: adjacency, dstIdx: destinations, srcIdx: sources,
        numSegments: segments)
    case "MessagePass without basis":
      return try MessagePass()(
        scope, x, basis: nil, adjIdx: adjacency, dstIdx: destinations, srcIdx: sources,
        numSegments: segments)
    case "SelfAttention":
      return try SelfAttention()(
        scope, x, basis: basis, cutoffValue: values(list), adjIdx: adjacency,
        dstIdx: destinations, srcIdx: sources, numSegments: segments)
    default:
      return try MultiHeadAttention()(
        scope, x, x, basis: basis, cutoffValue: values(list), adjIdx: adjacency,
        dstIdx: destinations, srcIdx: sources, numSegments: segments)
    }
  }
  return try call(Parameters.initialize(seed: 0, call).scope)
}

let indexCalls: [IndexCall] = {
  var calls: [IndexCall] = []
  for batch in [[], [3]] as [[Int]] {
    let (sparse, dense) = (batch + [12], batch + [atoms, 3])
    calls += [
      IndexCall(function: "gather_src", argument: "src_idx", shape: sparse, size: atoms) {
        try gatherSrc(features(batch), srcIdx: $0)
      },
      IndexCall(function: "gather_src", argument: "adj_idx", shape: dense, size: atoms) {
        try gatherSrc(features(batch), adjIdx: $0)
      },
      IndexCall(function: "gather_dst", argument: "dst_idx", shape: sparse, size: atoms) {
        try gatherDst(features(batch), dstIdx: $0)
      },
      IndexCall(
        function: "Embed", argument: "inputs", shape: sparse, size: 5, allowsPadding: false
      ) { list in
        func call(_ scope: Scope) throws -> Tensor {
          try Embed(numEmbeddings: 5, features: 2)(scope, list)
        }
        return try call(Parameters.initialize(seed: 0, call).scope)
      },
    ]
    for keepDims in [true, false] {
      calls += [
        IndexCall(
          function: "indexed_sum", argument: "dst_idx", shape: sparse, size: 5,
          variation: "keep \(keepDims)"
        ) { try indexedSum(values(sparse, [2]), keepDims: keepDims, dstIdx: $0, numSegments: 5) },
        IndexCall(
          function: "indexed_max", argument: "dst_idx", shape: sparse, size: 5,
          variation: "keep \(keepDims)"
        ) { try indexedMax(values(sparse, [2]), keepDims: keepDims, dstIdx: $0, numSegments: 5) },
        IndexCall(
          function: "indexed_min", argument: "dst_idx", shape: sparse, size: 5,
          variation: "keep \(keepDims)"
        ) { try indexedMin(values(sparse, [2]), keepDims: keepDims, dstIdx: $0, numSegments: 5) },
      ]
    }
    calls.append(
      IndexCall(function: "indexed_softmax", argument: "dst_idx", shape: sparse, size: 5) {
        try indexedSoftmax(values(sparse), dstIdx: $0, numSegments: 5)
      })
    for name in ["MessagePass", "MessagePass without basis", "MultiHeadAttention", "SelfAttention"]
    {
      // Attention to oneself is an attention.
      let function = name.hasPrefix("MessagePass") ? "MessagePass" : "MultiHeadAttention"
      for segments in [nil, 3, 7] as [Dimension?] {
        let variation = "\(name), \(segments.map { "\($0)" } ?? "all") segments"
        // Messages go to all segments; attention reads a query for each destination.
        let isWider = function == "MessagePass" && segments == 7
        calls += [
          IndexCall(
            function: function, argument: "dst_idx", shape: sparse, size: isWider ? 7 : atoms,
            variation: variation
          ) {
            try layer(
              name, batch, segments: segments, destinations: $0, sources: good(sparse))
          },
          IndexCall(
            function: function, argument: "src_idx", shape: sparse, size: atoms,
            variation: variation
          ) {
            try layer(
              name, batch, segments: segments, destinations: good(sparse), sources: $0)
          },
        ]
      }
      calls.append(
        IndexCall(
          function: function, argument: "adj_idx", shape: dense, size: atoms, variation: name
        ) { try layer(name, batch, adjacency: $0) })
    }
  }
  return calls
}()

@Suite struct IndexTests {
  /// Runs a call for this list: evaluated at once, or compiled.
  private func run(_ call: IndexCall, _ list: [Int32], compiled: Bool) throws -> [Tensor] {
    let indices = try Tensor(list, shape: call.shape)
    guard compiled else {
      let result = try call.call(indices)
      try evaluate([result])
      return [result]
    }
    let function = try CompiledFunction([TensorSpecification(Shape(call.shape), dtype: .int32)]) {
      [try call.call($0[0])]
    }
    return try function([indices])
  }

  @Test(arguments: indexCalls, [ExecutorChoice.stepwise, .planned, .ordered])
  func badIndicesAreNamed(_ call: IndexCall, _ executor: ExecutorChoice) throws {
    let above = call.allowsPadding ? call.size + 1 : call.size
    ExecutorChoice.$override.withValue(executor) {
      for bad in [-1, Int32.min, Int32(above), 1000] {
        for compiled in [false, true] {
          let error = #expect(throws: EvaluationError.self) {
            _ = try run(call, call.list(bad), compiled: compiled)
          }
          #expect(error?.operation == call.function, "\(bad), compiled \(compiled)")
          #expect(error?.argument == call.argument, "\(bad), compiled \(compiled)")
          let start = "index \(bad) at position \(call.position) is outside 0 ..< \(call.size)"
          #expect(error?.reason.hasPrefix(start) == true, "\(error?.reason ?? ""), not \(start)")
        }
      }
      // Beyond every number of rows: refused, and no overflow.
      #expect(throws: EvaluationError.self) {
        _ = try run(call, call.list(.max), compiled: false)
      }
    }
  }

  @Test(arguments: indexCalls, [ExecutorChoice.stepwise, .planned, .ordered])
  func anIndexEqualToTheSizeIsPadding(
    _ call: IndexCall, _ executor: ExecutorChoice
  ) throws {
    guard call.allowsPadding else { return }
    try ExecutorChoice.$override.withValue(executor) {
      let list = call.list(Int32(call.size))
      let eager = try run(call, list, compiled: false)
      let compiled = try run(call, list, compiled: true)
      try expectFinite(eager[0])
      try expectAgreement(compiled[0], with: eager[0], tolerance: 1e-13)
    }
  }

  /// Sweeps over many rows in several parts: the first bad index is found wherever it is.
  @Test(arguments: ["src_idx", "dst_idx"], [3, 700, 2998])
  func badIndicesOfLongLists(_ argument: String, _ place: Int) throws {
    let (rows, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let x = try testFeatures([500], parities: 1, maxDegree: 1, features: 4, seed: 1)
      .cast(to: .float32).materialized()
    let basis = try testFeatures([3000], parities: 1, maxDegree: 1, features: 3, seed: 2)
      .cast(to: .float32).materialized()
    let layer = MultiHeadAttention(numHeads: 2, maxDegree: 1)
    func call(_ scope: Scope, _ arguments: [Tensor]) throws -> Tensor {
      try layer(
        scope, arguments[0], arguments[0], basis: arguments[1], dstIdx: arguments[2],
        srcIdx: arguments[3])
    }
    let sorted = Tensor((0..<3000).map { Int32($0 / 6) })
    let parameters = try Parameters.initialize(seed: 0) {
      try call($0, [x, basis, sorted, sorted])
    }
    // Forces and training need derivatives; these have gathers and sums of their own.
    let function = try CompiledFunction([
      TensorSpecification([rows, 1, 4, 4]), TensorSpecification([pairs, 1, 4, 3]),
      TensorSpecification([pairs], dtype: .int32), TensorSpecification([pairs], dtype: .int32),
    ]) { arguments in
      let energy = try call(parameters.scope, arguments).square().sum()
      return try gradient(of: energy, withRespectTo: [arguments[0], arguments[1]])
    }
    for bad in [-7, 501] as [Int32] {
      var (destinations, sources) = (
        (0..<3000).map { Int32($0 / 6) }, (0..<3000).map { Int32($0 * 7 % 500) }
      )
      if argument == "dst_idx" { destinations[place] = bad } else { sources[place] = bad }
      let error = #expect(throws: EvaluationError.self) {
        try function([x, basis, Tensor(destinations), Tensor(sources)])
      }
      #expect(error?.argument == argument)
      #expect(error?.operation == "MultiHeadAttention")
      #expect(
        error?.reason
          == "index \(bad) at position \(place) is outside 0 ..< 500 (500 would be padding)")
    }
  }

  @Test(arguments: [-1, Int32.min])
  func conversionsBetweenListsNameBadIndices(_ bad: Int32) throws {
    func expectRefused(
      _ argument: String, _ place: String, sourceLocation: SourceLocation = #_sourceLocation,
      _ call: () throws -> Any
    ) {
      let error = #expect(throws: ArgumentError.self, sourceLocation: sourceLocation) {
        _ = try call()
      }
      #expect(error?.argument == argument, sourceLocation: sourceLocation)
      #expect(
        error?.reason.hasPrefix("index \(bad) at position \(place) is ") == true,
        "\(error?.reason ?? "")", sourceLocation: sourceLocation)
    }
    let adjacency = try Tensor([1, 4, 0, bad] as [Int32], shape: [2, 2])
    expectRefused("adj_idx", "[1, 1]") { try denseToSparseIndices(adjacency, padIdx: 4) }
    let (list, badList) = (Tensor([0, 1, 4] as [Int32]), Tensor([0, bad, 4] as [Int32]))
    expectRefused("dst_idx", "1") {
      try sparseToDenseIndices(dstIdx: badList, srcIdx: list, padIdx: 4)
    }
    expectRefused("src_idx", "1") {
      try sparseToDenseIndices(dstIdx: list, srcIdx: badList, padIdx: 4)
    }
    expectRefused("adj_idx", "[1, 1]") { try denseToSparseIndices(adjacency) }
    expectRefused("dst_idx", "1") { try sparseToDenseIndices(dstIdx: badList, srcIdx: list) }
    expectRefused("src_idx", "1") { try sparseToDenseIndices(dstIdx: list, srcIdx: badList) }
    for pad in [-1, Int.max] {
      let error = #expect(throws: ArgumentError.self) {
        _ = try denseToSparseIndices(adjacency, padIdx: pad)
      }
      #expect(error?.argument == "pad_idx")
      let other = #expect(throws: ArgumentError.self) {
        _ = try sparseToDenseIndices(dstIdx: list, srcIdx: list, padIdx: pad)
      }
      #expect(other?.argument == "pad_idx")
    }
  }
  /// As e3x documents it: whatever is not below the padding index is padding.
  @Test func indicesFromThePaddingIndexOnArePadding() throws {
    let adjacency = try Tensor([1, 5, 0, 4, .max, 2] as [Int32], shape: [2, 3])
    let pairs = try denseToSparseIndices(adjacency, padIdx: 4)
    #expect(try pairs.dstIdx.scalars(as: Int32.self) == [0, 0, 1])
    #expect(try pairs.srcIdx.scalars(as: Int32.self) == [1, 0, 2])
    let dense = try sparseToDenseIndices(
      dstIdx: Tensor([0, 3, 1, 2] as [Int32]), srcIdx: Tensor([1, 0, 0, 5] as [Int32]), padIdx: 2)
    #expect(dense.shape == [2, 1])
    #expect(try dense.scalars(as: Int32.self) == [1, 0])
    // Without one, the number behind the highest index is padding.
    let error = #expect(throws: ArgumentError.self) { _ = try denseToSparseIndices(adjacency) }
    #expect(error?.argument == "adj_idx")
  }
}
