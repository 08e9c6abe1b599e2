internal import E3xSystem
import OrderedCollections

/// Collects the arrays of a tree, and why other leaves are none; see ``FlaxCheckpoint``.
struct FlaxTreeReader {
  let file: String
  private(set) var result = StoredArrays()

  init(file: String) { self.file = file }

  private func failure(_ path: String, _ reason: String) -> FileError {
    FileError(file: file, place: path.isEmpty ? "root" : "tensor \(quoted(path))", reason: reason)
  }

  /// Depth is bounded by the parser's limit.
  mutating func visit(_ items: some Sequence<(String, MessagePack)>, path: String) {
    for (key, value) in items {
      let place = path.isEmpty ? key : path + "/" + key
      guard !key.isEmpty, !key.contains("/") else {
        result.others[place] = failure(path, "the key \(quoted(key)) cannot be part of a path")
        continue
      }
      if case .map(let children) = value, children[FlaxCheckpoint.chunkMark] == nil {
        visit(children.lazy.map { ($0.key, $0.value) }, path: place)
      } else if case .array(let values) = value {
        visit(values.enumerated().lazy.map { (String($0), $1) }, path: place)
      } else {
        do throws(FileError) {
          guard var array = try leaf(value, path: place) else { continue }
          array.file = file
          array.name = place
          result.arrays[place] = array
        } catch {
          result.others[place] = error
        }
      }
    }
  }

  private func leaf(_ value: MessagePack, path: String) throws(FileError) -> SafetensorsTensor? {
    switch value {
    case .null: return nil
    case .map(let map): return try unchunked(map, path: path)
    case .bool(let flag): return SafetensorsTensor([flag], shape: [])
    case .integer(let number): return SafetensorsTensor([Int64(number)], shape: [])
    case .unsigned(let number):
      let bytes = withUnsafeBytes(of: number.littleEndian) { Data($0) }
      return SafetensorsTensor(dtype: .u64, shape: [], bytes: bytes)
    case .real(let number): return SafetensorsTensor([number], shape: [])
    case .extended(FlaxCheckpoint.arrayType, let payload),
      .extended(FlaxCheckpoint.scalarType, let payload):
      return try array(payload, path: path)
    case .extended(FlaxCheckpoint.complexType, _):
      throw failure(path, "a complex number instead of an array")
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
      let typeName = Self.text(parts[1]), case .binary(var bytes) = parts[2]
    else { throw failure(path, "bad array: expected a list of shape, element type and bytes") }
    let shape = try naturals(extents, path: path)
    let dtype: SafetensorsDType
    if let type = NumPyType(typeName) {
      dtype = type.type
      if type.isBigEndian { bytes = bytes.swapped(size: dtype.size) }
    } else if ["bfloat16", "V2", "|V2", "<V2"].contains(typeName) {
      dtype = .bf16
    } else {
      throw failure(path, "the element type \(quoted(typeName)) is not supported")
    }
    return try checked(
      SafetensorsTensor(dtype: dtype, shape: shape, bytes: bytes), path: path)
  }

  private static func text(_ value: MessagePack) -> String? {
    switch value {
    case .string(let text): text
    case .binary(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
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
