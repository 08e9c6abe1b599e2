import CE3x
import E3xEngine
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Arrays of a caller, which live as long as this does.
final class CallerArrays {
  private let buffers = Buffers(LabelledFrame(atomicNumbers: [], positions: []))
  private(set) var structs: [e3x_array] = []

  var count: Int64 { Int64(structs.count) }

  func add<Element: BitwiseCopyable>(
    _ name: String, _ values: [Element], _ shape: [Int], type: Int
  ) {
    structs.append(
      e3x_array(
        size: MemoryLayout<e3x_array>.size,
        name: UnsafePointer(buffers.copy(Array(name.utf8CString))), type: Int32(type),
        rank: Int32(shape.count), shape: UnsafePointer(buffers.copy(shape.map(Int64.init))),
        data: UnsafeRawPointer(buffers.copy(values))))
  }

  func add(_ name: String, _ values: [Float], _ shape: [Int]) {
    add(name, values, shape, type: E3X_FLOAT32)
  }

  /// Changes the last array.
  func change(_ body: (inout e3x_array) -> Void) { body(&structs[structs.count - 1]) }

  /// All that a handle of arrays has, by name, in float32; the handle is freed.
  static func taken(_ handle: OpaquePointer?) throws -> [String: (shape: [Int], values: [Float])] {
    var count: Int64 = -1
    try expectSuccess(e3x_arrays_get_count(handle, &count))
    var found: [String: (shape: [Int], values: [Float])] = [:]
    for index in 0..<count {
      var array = e3x_array()
      array.size = MemoryLayout<e3x_array>.size
      try expectSuccess(e3x_arrays_get(handle, index, &array))
      let shape = (0..<Int(array.rank)).map { Int(array.shape[$0]) }
      var values: [Float] = []
      if array.type == E3X_FLOAT32, let data = array.data {
        let elements = data.assumingMemoryBound(to: Float.self)
        values = (0..<shape.reduce(1, *)).map { elements[$0] }
      }
      found[String(cString: array.name)] = (shape, values)
    }
    try expectSuccess(e3x_arrays_free(handle))
    return found
  }
}

func operation(_ name: String, _ options: String = "{}") throws -> OpaquePointer {
  var handle: OpaquePointer?
  try expectSuccess(e3x_operation_create(name, options, &handle))
  return try #require(handle)
}

/// Layers by name, against the layers themselves.
@Suite struct OperationTests {
  private let layer = Dense(features: 3)
  private let inputs: Tensor
  private let parameters: Parameters
  private let dense: OpaquePointer

  init() throws {
    let (layer, inputs) = (layer, try testValues([2, 1, 4, 5], seed: 1).cast(to: .float32))
    self.inputs = inputs
    parameters = try Parameters.initialize(seed: 7) { try layer($0, inputs) }
    dense = try operation("nn.Dense", #"{"config": {"features": 3}}"#)
  }

  private func given() throws -> CallerArrays {
    let arrays = CallerArrays()
    arrays.add("arg.inputs", try inputs.scalars(), [2, 1, 4, 5])
    return arrays
  }

  private func givenWithParameters() throws -> CallerArrays {
    let arrays = try given()
    for (path, tensor) in parameters {
      arrays.add("params." + path, try tensor.scalars(), try #require(tensor.shape.known))
    }
    return arrays
  }

  @Test func parametersAreDrawn() throws {
    let arrays = try given()
    var handle: OpaquePointer?
    try expectSuccess(e3x_operation_init(dense, [0, 7], arrays.count, arrays.structs, &handle))
    let drawn = try CallerArrays.taken(handle)
    #expect(drawn.count == 2 * parameters.count)
    for (path, tensor) in parameters {
      #expect(drawn["params." + path]?.values == (try tensor.scalars()))
      #expect(drawn["key." + path]?.shape == [2])
    }
  }

  @Test func resultsAreThoseOfTheLayer() throws {
    let arrays = try givenWithParameters()
    var handle: OpaquePointer?
    try expectSuccess(e3x_operation_apply(dense, nil, arrays.count, arrays.structs, &handle))
    let result = try layer(parameters.scope, inputs)
    let found = try #require(CallerArrays.taken(handle)["0"])
    #expect(found.shape == [2, 1, 4, 3])
    #expect(found.values == (try result.scalars()))
  }

  @Test func derivativesOfAnyOrder() throws {
    let arrays = try givenWithParameters()
    let result = try layer(parameters.scope, inputs)
    let cotangent = try testValues([2, 1, 4, 3], seed: 2).cast(to: .float32)
    let kernel = try #require(parameters["1-/kernel"])
    let first = try pullback([result], cotangents: [cotangent], to: [inputs, kernel])
    let seed = try testValues([2, 1, 4, 5], seed: 3).cast(to: .float32)
    let second = try pullback([first[0]], cotangents: [seed], to: [kernel])
    arrays.add("cotangent.1.0", try cotangent.scalars(), [2, 1, 4, 3])
    var handle: OpaquePointer?
    try expectSuccess(
      e3x_operation_apply(
        dense, #"[["arg.inputs", "params.1-/kernel"]]"#, arrays.count, arrays.structs, &handle))
    var found = try CallerArrays.taken(handle)
    #expect(found["0"]?.values == (try first[0].scalars()))
    #expect(found["1"]?.values == (try first[1].scalars()))
    arrays.add("cotangent.2.0", try seed.scalars(), [2, 1, 4, 5])
    let levels = #"[["arg.inputs"], ["params.1-/kernel"]]"#
    try expectSuccess(e3x_operation_apply(dense, levels, arrays.count, arrays.structs, &handle))
    found = try CallerArrays.taken(handle)
    #expect(found["0"]?.values == (try second[0].scalars()))
    #expect(second[0].shape == [5, 3])
    // Shapes alone.
    try expectSuccess(e3x_operation_shapes(dense, levels, arrays.count, arrays.structs, &handle))
    found = try CallerArrays.taken(handle)
    #expect(found["0"]?.shape == [5, 3])
    #expect(found["0"]?.values == [])
    try expectSuccess(e3x_operation_free(dense))
  }

  private func expectRefusal(
    _ status: Int32, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(status == E3X_INVALID_ARGUMENT, sourceLocation: sourceLocation)
    let message = String(cString: e3x_last_error())
    for part in parts {
      #expect(message.contains(part), "\(message)", sourceLocation: sourceLocation)
    }
    #expect(!message.contains("\n"), sourceLocation: sourceLocation)
  }

  @Test func operationsThatCannotBe() throws {
    var handle: OpaquePointer?
    expectRefusal(e3x_operation_create(nil, "{}", &handle), "name", "NULL")
    expectRefusal(e3x_operation_create("nn.Dense", nil, &handle), "options", "NULL")
    expectRefusal(e3x_operation_create("nn.Dense", "{}", nil), "operation", "NULL")
    expectRefusal(e3x_operation_create("nn.Dence", "{}", &handle), "name", "nn.Dence")
    for options in ["", "[]", "{", #"{"config": 3}"#, #"{"dtype": "int32"}"#, #"{"other": {}}"#] {
      expectRefusal(e3x_operation_create("nn.Dense", options, &handle), "options")
    }
    #expect(handle == nil)
    expectRefusal(e3x_operation_free(OpaquePointer(bitPattern: 0xdead)), "operation")
    try expectSuccess(e3x_operation_free(nil))
    try expectSuccess(e3x_arrays_free(nil))
    var count: Int64 = 0
    expectRefusal(e3x_arrays_get_count(dense, &count), "arrays")
  }

  @Test func arraysThatCannotBe() throws {
    func refused(_ change: (inout e3x_array) -> Void, _ parts: String...) throws {
      let arrays = try given()
      arrays.change(change)
      var handle: OpaquePointer?
      for status in [
        e3x_operation_apply(dense, nil, arrays.count, arrays.structs, &handle),
        e3x_operation_init(dense, [0, 0], arrays.count, arrays.structs, &handle),
      ] {
        expectRefusal(status, "arrays[0]")
        for part in parts { #expect(String(cString: e3x_last_error()).contains(part)) }
      }
      #expect(handle == nil)
    }
    try refused({ $0.size = 0 }, "size")
    try refused({ $0.name = nil }, "name")
    try refused({ $0.type = 6 }, "type")
    try refused({ $0.type = -1 }, "type")
    try refused({ $0.rank = 33 }, "rank")
    try refused({ $0.rank = -1 }, "rank")
    try refused({ $0.shape = nil }, "shape")
    try refused({ $0.data = nil }, "data")
    let huge: [Int64] = [1 << 31, 1 << 31, 1 << 31, 1 << 31]
    try huge.withUnsafeBufferPointer { shape in
      try refused({ $0.shape = shape.baseAddress }, "shape")
    }
    let arrays = try given()
    var handle: OpaquePointer?
    expectRefusal(e3x_operation_apply(dense, nil, -1, arrays.structs, &handle), "count")
    expectRefusal(e3x_operation_apply(dense, nil, 1, nil, &handle), "arrays", "NULL")
    expectRefusal(e3x_operation_apply(dense, nil, 1, arrays.structs, nil), "results", "NULL")
    expectRefusal(e3x_operation_apply(dense, nil, 0, nil, &handle), "inputs")
    expectRefusal(e3x_operation_apply(dense, nil, 1, arrays.structs, &handle), "params")
    expectRefusal(e3x_operation_init(dense, nil, 1, arrays.structs, &handle), "key", "NULL")
    arrays.add("arg.inputs", [0], [1])
    expectRefusal(e3x_operation_apply(dense, nil, 2, arrays.structs, &handle), "arg.inputs")
    arrays.change { $0.name = UnsafePointer(strdup("else")) }
    expectRefusal(e3x_operation_apply(dense, nil, 2, arrays.structs, &handle), "else")
    let flags = CallerArrays()
    flags.add("arg.inputs", [2] as [UInt8], [1], type: E3X_BOOL)
    expectRefusal(e3x_operation_apply(dense, nil, 1, flags.structs, &handle), "0 or 1")
  }

  @Test func derivativesThatCannotBe() throws {
    let arrays = try givenWithParameters()
    arrays.add("cotangent.1.0", [Float](repeating: 1, count: 24), [2, 1, 4, 3])
    var handle: OpaquePointer?
    func apply(_ derivatives: String?) -> Int32 {
      e3x_operation_apply(dense, derivatives, arrays.count, arrays.structs, &handle)
    }
    expectRefusal(apply(nil), "cotangent.1.0")
    for text in ["", "{}", "[3]", "[[3]]", #"[["arg.other"]]"#] {
      expectRefusal(apply(text), "derivatives")
    }
    expectRefusal(
      apply("[" + [String](repeating: "[]", count: 9).joined(separator: ",") + "]"), "8")
    arrays.change { $0.type = Int32(E3X_INT32) }
    expectRefusal(apply(#"[["arg.inputs"]]"#), "cotangent.1.0", "float32")
    #expect(handle == nil)
  }

  @Test func shapesThatDependOnValues() throws {
    let sparse = try operation("ops.dense_to_sparse_indices")
    let arrays = CallerArrays()
    arrays.add("arg.adj_idx", [1, 0] as [Int32], [2, 1], type: E3X_INT32)
    var handle: OpaquePointer?
    expectRefusal(e3x_operation_shapes(sparse, nil, 1, arrays.structs, &handle))
    try expectSuccess(e3x_operation_apply(sparse, nil, 1, arrays.structs, &handle))
    #expect(try CallerArrays.taken(handle)["0"]?.shape == [2])
  }

  @Test func onlyWhatIsThereIsGiven() throws {
    let arrays = try givenWithParameters()
    var handle: OpaquePointer?
    try expectSuccess(e3x_operation_apply(dense, nil, arrays.count, arrays.structs, &handle))
    var array = e3x_array()
    expectRefusal(e3x_arrays_get(handle, 0, &array), "array", "size")
    expectRefusal(e3x_arrays_get(handle, 0, nil), "array", "NULL")
    array.size = MemoryLayout<e3x_array>.size
    for index: Int64 in [-1, 1, .max, .min] {
      expectRefusal(e3x_arrays_get(handle, index, &array), "index")
    }
    expectRefusal(e3x_arrays_get_count(handle, nil), "count", "NULL")
    try expectSuccess(e3x_arrays_free(handle))
    expectRefusal(e3x_arrays_free(handle), "arrays", "freed")
  }

  /// Operations, options and arrays at random: each is answered.
  @Test(arguments: 0..<300) func anythingIsAnswered(seed: Int) throws {
    var dice = Dice(seed: seed)
    let operations = [
      "nn.Dense", "nn.Tensor", "nn.SelfAttention", "nn.MessagePass", "nn.Embed", "nn.silu",
      "nn.sinc", "nn.basis", "nn.add", "ops.indexed_sum", "ops.gather_src", "ops.norm",
      "ops.dense_to_sparse_indices", "so3.wigner_d", "so3.spherical_harmonics",
      "so3.clebsch_gordan", "matrix.make_square_matrix", "nn.initializers.tensor_he_normal",
    ]
    let options = [
      "features", "max_degree", "num", "num_heads", "num_segments", "axis", "keepdims", "degree",
      "radial_fn", "seed", "shape", "key", "dtype", "include_pseudotensors",
    ]
    let values = [
      "1", "2", "0", "-1", "1000000", "9223372036854775807", "1.5", "true", "null", "\"sinc\"",
      "\"float64\"", "[1, 2]", "[]", "{}",
    ]
    func members() -> String {
      let chosen = Set((0..<dice.roll(4)).map { _ in dice.pick(options) })
      return "{" + chosen.map { "\"\($0)\": \(dice.pick(values))" }.joined(separator: ", ") + "}"
    }
    var handle: OpaquePointer?
    var text = "{\"config\": \(members()), \"static\": \(members())}"
    if dice.chance(0.05) { text.removeLast() }
    guard e3x_operation_create(dice.pick(operations), text, &handle) == E3X_SUCCESS else {
      #expect(!String(cString: e3x_last_error()).isEmpty)
      return
    }
    let names = [
      "arg.inputs", "arg.x", "arg.y", "arg.r", "arg.rot", "arg.basis", "arg.adj_idx", "arg.dst_idx",
      "arg.src_idx", "arg.where", "arg.inputs1", "arg.inputs2", "params.kernel", "cotangent.1.0",
      "arg.irreps.0", "other",
    ]
    let arrays = CallerArrays()
    for _ in 0..<dice.roll(5) {
      let shape = (0..<dice.roll(5)).map { _ in dice.pick([0, 1, 1, 2, 3, 4, 9]) }
      let count = shape.reduce(1, *)
      let type = dice.roll(6)
      switch type {
      case E3X_INT32:
        arrays.add(
          dice.pick(names), (0..<count).map { _ in Int32(dice.roll(6) - 1) }, shape, type: type)
      case E3X_BOOL:
        arrays.add(
          dice.pick(names), (0..<count).map { _ in UInt8(dice.roll(2)) }, shape, type: type)
      default:
        // As many bytes as the widest type has.
        let numbers = (0..<count).map { _ in Double.random(in: -2..<2, using: &dice) }
        arrays.add(dice.pick(names), numbers, shape, type: type)
      }
      if dice.chance(0.05) { arrays.change { $0.rank = dice.pick([-1, 0, 40]) } }
      if dice.chance(0.05) { arrays.change { $0.data = nil } }
      if dice.chance(0.05) { arrays.change { $0.type = dice.pick([-1, 17]) } }
    }
    let derivatives = dice.pick([
      nil, "[[\"arg.inputs\"]]", "[[\"arg.x\"]]", "[[], []]", "[1]", "{",
    ])
    var statuses: [Int32] = []
    for function in [e3x_operation_apply, e3x_operation_shapes] {
      var results: OpaquePointer?
      statuses.append(function(handle, derivatives, arrays.count, arrays.structs, &results))
      if results != nil { _ = try CallerArrays.taken(results) }
    }
    var parameters: OpaquePointer?
    statuses.append(e3x_operation_init(handle, [1, 2], arrays.count, arrays.structs, &parameters))
    if parameters != nil { _ = try CallerArrays.taken(parameters) }
    for status in statuses { #expect((0...3).contains(status)) }
    #expect(!String(cString: e3x_last_error()).contains("\n"))
    try expectSuccess(e3x_operation_free(handle))
  }
}
