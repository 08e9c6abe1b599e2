import Foundation
import OrderedCollections

/// Collects the arrays of a tree; see ``FlaxCheckpoint``.
struct FlaxTreeReader {
  let file: String
  private(set) var arrays: OrderedDictionary<String, SafetensorsTensor> = [:]

  init(file: String) { self.file = file }

  private func failure(_ path: String, _ reason: String) -> FileError {
    FileError(file: file, place: path.isEmpty ? "root" : "tensor \(quoted(path))", reason: reason)
  }

  /// Depth is bounded by the parser's limit.
  mutating func visit(
    _ map: OrderedDictionary<String, MessagePack>, path: String
  ) throws(FileError) {
    for (key, value) in map {
      guard !key.isEmpty, !key.contains("/") else {
        throw failure(path, "the key \(quoted(key)) cannot be part of a path")
      }
      let path = path.isEmpty ? key : path + "/" + key
      if case .map(let children) = value, children[FlaxCheckpoint.chunkMark] == nil {
        try visit(children, path: path)
      } else if var array = try leaf(value, path: path) {
        array.file = file
        array.name = path
        arrays[path] = array
      }
    }
  }

  private func leaf(_ value: MessagePack, path: String) throws(FileError) -> SafetensorsTensor? {
    switch value {
    case .null: return nil
    case .map(let map): return try unchunked(map, path: path)
    case .bool(let flag): return SafetensorsTensor([flag], shape: [])
    case .integer(let number): return SafetensorsTensor([Int64(number)], shape: [])
    case .real(let number): return SafetensorsTensor([number], shape: [])
    case .extended(FlaxCheckpoint.arrayType, let payload),
      .extended(FlaxCheckpoint.scalarType, let payload):
      return try array(payload, path: path)
    default: throw failure(path, "\(value.kind) instead of an array")
    }
  }

  /// An array from the MessagePack list of its shape, element type and bytes.
  private func array(_ payload: Data, path: String) throws(FileError) -> SafetensorsTensor {
    let parsed: MessagePack
    do {
      parsed = try MessagePack(parsing: payload)
    } catch {
      throw failure(path, "bad array: byte \(error.offset) of it: \(error.reason)")
    }
    guard case .array(let parts) = parsed, parts.count == 3, case .array(let extents) = parts[0],
      case .string(let typeName) = parts[1], case .binary(let bytes) = parts[2]
    else { throw failure(path, "bad array: expected a list of shape, element type and bytes") }
    let shape = try naturals(extents, path: path)
    guard let dtype = SafetensorsDType(numpyName: typeName) else {
      throw failure(path, "the element type \(quoted(typeName)) is not supported")
    }
    return try checked(
      SafetensorsTensor(dtype: dtype, shape: shape, bytes: bytes), path: path)
  }

  private func checked(
    _ tensor: SafetensorsTensor, path: String
  ) throws(FileError) -> SafetensorsTensor {
    var tensor = tensor
    tensor.file = file
    tensor.name = path
    try tensor.checkLength()
    return tensor
  }

  private func naturals(
    _ values: some Sequence<MessagePack>, path: String
  ) throws(FileError) -> [Int] {
    var result: [Int] = []
    for value in values {
      guard case .integer(let extent) = value, extent >= 0 else {
        throw failure(path, "the shape holds \(value.kind) that is no extent")
      }
      result.append(extent)
    }
    return result
  }

  /// An array in chunks: maps from "0", "1", … to the extents and to the pieces of the flat array.
  private func unchunked(
    _ map: OrderedDictionary<String, MessagePack>, path: String
  ) throws(FileError) -> SafetensorsTensor {
    guard case .map(let extents)? = map["shape"], case .map(let chunks)? = map["chunks"] else {
      throw failure(path, "bad array in chunks: there is no map 'shape' or 'chunks'")
    }
    let shape = try naturals(try numbered(extents, path: path), path: path)
    var (dtype, bytes) = (SafetensorsDType?.none, Data())
    for chunk in try numbered(chunks, path: path) {
      guard case .extended(FlaxCheckpoint.arrayType, let payload) = chunk else {
        throw failure(path, "bad array in chunks: a chunk is \(chunk.kind)")
      }
      let piece = try array(payload, path: path)
      guard piece.shape.count == 1, dtype == nil || dtype == piece.dtype else {
        throw failure(path, "bad array in chunks: the chunks do not fit each other")
      }
      dtype = piece.dtype
      bytes.append(piece.bytes)
    }
    guard let dtype else { throw failure(path, "bad array in chunks: it has no chunk") }
    return try checked(SafetensorsTensor(dtype: dtype, shape: shape, bytes: bytes), path: path)
  }

  /// The values of "0", "1", … in this order.
  private func numbered(
    _ map: OrderedDictionary<String, MessagePack>, path: String
  ) throws(FileError) -> [MessagePack] {
    var result: [MessagePack] = []
    for index in 0..<map.count {
      guard let value = map[String(index)] else {
        throw failure(path, "bad array in chunks: part \(index) of \(map.count) is missing")
      }
      result.append(value)
    }
    return result
  }
}

extension SafetensorsDType {
  /// The type that NumPy and ml_dtypes call so.
  init?(numpyName name: String) {
    guard let type = Self.allCases.first(where: { $0.numpyName == name }) else { return nil }
    self = type
  }

  /// What NumPy and ml_dtypes call the type.
  var numpyName: String {
    switch self {
    case .bool: "bool"
    case .u8: "uint8"
    case .i8: "int8"
    case .i16: "int16"
    case .u16: "uint16"
    case .f16: "float16"
    case .bf16: "bfloat16"
    case .i32: "int32"
    case .u32: "uint32"
    case .f32: "float32"
    case .f64: "float64"
    case .i64: "int64"
    case .u64: "uint64"
    }
  }
}
