public import E3xSystem

extension SafetensorsFile {
  /// The bytes of a safetensors file with these tensors.
  ///
  /// The order is that of the reference implementation: wider element types first (so that every
  /// tensor is aligned), then by name; the header is padded to eight bytes. Metadata keys are
  /// sorted. The same tensors always give the same bytes.
  /// - Parameter file: What error messages call them.
  /// - Throws: ``FileError`` for a tensor whose bytes do not fit its shape and for the name
  ///   `__metadata__`.
  public static func serialized(
    _ tensors: [String: SafetensorsTensor], metadata: [String: String] = [:],
    name file: String = "data"
  ) throws(FileError) -> Data {
    let rank = Dictionary(
      uniqueKeysWithValues: SafetensorsDType.allCases.enumerated().map { ($1, $0) })
    let sorted = tensors.sorted { a, b in
      let (rankA, rankB) = (rank[a.value.dtype] ?? 0, rank[b.value.dtype] ?? 0)
      if rankA != rankB { return rankA > rankB }
      return a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
    }
    var items: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(JSON.quote($0.key)):\(JSON.quote($0.value))" }
      items.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in sorted {
      var tensor = tensor
      tensor.file = file
      tensor.name = name
      guard name != "__metadata__" else { throw tensor.failure("the name is reserved") }
      try tensor.checkLength()
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.bytes.count
      items.append(
        "\(JSON.quote(name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = [UInt8]("{\(items.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    guard header.count <= headerLimit else {
      throw FileError(file: file, reason: "the header would take \(header.count) bytes")
    }

    var data = Data(capacity: 8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header)
    for (_, tensor) in sorted { data.append(tensor.bytes) }
    return data
  }

  /// Writes a safetensors file; see ``serialized(_:metadata:name:)`` for the order.
  ///
  /// A regular file is replaced as a whole, so that no reader sees a part of it; links are followed,
  /// devices and pipes written through.
  /// - Throws: ``FileError`` for tensors that cannot be written and for what the system reports.
  public static func write(
    _ tensors: [String: SafetensorsTensor], metadata: [String: String] = [:], to path: String
  ) throws(FileError) {
    try FileBytes.write(try serialized(tensors, metadata: metadata, name: path), to: path)
  }
}
