package import E3xSystem
package import OrderedCollections

extension FlaxCheckpoint {
  /// As ``serialized(_:name:)``, with arrays beyond `chunkLimit` bytes in chunks.
  package static func serialized(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, name: String = "data", chunkLimit: Int
  ) throws(FileError) -> Data {
    let root = Node()
    for (path, array) in arrays {
      var array = array
      array.file = name
      array.name = path
      try array.checkLength()
      try root.insert(array, path: path, chunkLimit: chunkLimit)
    }
    return root.value.serialized()
  }

  /// A map that is being filled.
  private final class Node {
    private enum Child {
      case node(Node)
      case leaf(MessagePack)
    }

    private var children: OrderedDictionary<String, Child> = [:]

    /// Depth is bounded by what the reader accepts, so that a file can be read again.
    func insert(_ array: SafetensorsTensor, path: String, chunkLimit: Int) throws(FileError) {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard !parts.contains("") else { throw array.failure("a part of the path is empty") }
      guard parts.count < MessagePack.depthLimit - 1 else {
        throw array.failure("the path has \(parts.count) parts, which is too deep")
      }
      guard !parts.contains(FlaxCheckpoint.chunkMark) else {
        throw array.failure("the name \(FlaxCheckpoint.chunkMark) is reserved")
      }
      var node = self
      for part in parts.dropLast() {
        switch node.children[part] {
        case .node(let child): node = child
        case .leaf: throw array.failure("\(quoted(part)) of the path is an array already")
        case nil:
          let child = Node()
          node.children[part] = .node(child)
          node = child
        }
      }
      let last = parts[parts.count - 1]
      guard node.children[last] == nil else {
        throw array.failure("other arrays lie below this path")
      }
      node.children[last] = .leaf(FlaxCheckpoint.value(array, chunkLimit: chunkLimit))
    }

    var value: MessagePack {
      .map(
        children.mapValues { child in
          switch child {
          case .node(let node): node.value
          case .leaf(let value): value
          }
        })
    }
  }

  private static func value(_ array: SafetensorsTensor, chunkLimit: Int) -> MessagePack {
    if array.bytes.count <= chunkLimit {
      return packed(array.dtype, shape: array.shape, bytes: array.bytes)
    }
    let size = max(1, chunkLimit / array.dtype.size) * array.dtype.size
    var chunks: OrderedDictionary<String, MessagePack> = [:]
    var start = array.bytes.startIndex
    while start < array.bytes.endIndex {
      let end = min(array.bytes.endIndex, start + size)
      let shape = [(end - start) / array.dtype.size]
      chunks[String(chunks.count)] = packed(
        array.dtype, shape: shape, bytes: array.bytes[start..<end])
      start = end
    }
    var shape: OrderedDictionary<String, MessagePack> = [:]
    for (axis, extent) in array.shape.enumerated() { shape[String(axis)] = .integer(extent) }
    return .map([chunkMark: .bool(true), "shape": .map(shape), "chunks": .map(chunks)])
  }

  private static func packed(
    _ dtype: SafetensorsDType, shape: [Int], bytes: Data
  ) -> MessagePack {
    let parts = MessagePack.array([
      .array(shape.map(MessagePack.integer)), .string(dtype.numpyName), .binary(bytes),
    ])
    return .extended(type: arrayType, payload: parts.serialized())
  }
}
