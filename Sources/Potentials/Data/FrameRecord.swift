internal import E3xLimits

/// A frame as bytes, for files that only the process reads which wrote them: eight counts, then the
/// numbers as they are in memory. What is read is, to the bit, what was written.
package enum FrameRecord {
  /// The counts that a record begins with; what is missing has -1.
  private static let counts = 8

  /// Adds a frame to bytes.
  package static func append(_ frame: LabelledFrame, to bytes: inout [UInt8]) {
    let group = frame.group.map { Array($0.utf8) }
    let counts = [
      frame.atomicNumbers.count, frame.positions.count, frame.energy == nil ? -1 : 1,
      frame.forces?.count ?? -1, frame.cell?.count ?? -1, frame.pbc.count,
      frame.stress?.count ?? -1, group?.count ?? -1,
    ]
    append(counts.map(Int64.init), to: &bytes)
    append([frame.weight], to: &bytes)
    append(frame.energy.map { [$0] } ?? [], to: &bytes)
    for numbers in [frame.positions, frame.forces ?? [], frame.cell ?? [], frame.stress ?? []] {
      append(numbers, to: &bytes)
    }
    append(frame.atomicNumbers, to: &bytes)
    append(frame.pbc.map { $0 ? 1 : 0 } as [UInt8], to: &bytes)
    append(group ?? [], to: &bytes)
  }

  private static func append<T: BitwiseCopyable>(_ values: [T], to bytes: inout [UInt8]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// The frame of a record; nil for bytes that are none.
  package static func frame(_ bytes: [UInt8]) -> LabelledFrame? {
    bytes.withUnsafeBytes { bytes in
      var reader = Reader(bytes: bytes)
      guard let counts = reader.values(Int64.self, count: counts)?.map({ Int(clamping: $0) }),
        let weight = reader.values(Double.self, count: 1),
        let energy = reader.optional(Double.self, count: counts[2]),
        let positions = reader.values(Double.self, count: counts[1]),
        let forces = reader.optional(Double.self, count: counts[3]),
        let cell = reader.optional(Double.self, count: counts[4]),
        let stress = reader.optional(Double.self, count: counts[6]),
        let numbers = reader.values(Int32.self, count: counts[0]),
        let pbc = reader.values(UInt8.self, count: counts[5]),
        let group = reader.optional(UInt8.self, count: counts[7]), reader.isAtEnd
      else { return nil }
      var frame = LabelledFrame(
        atomicNumbers: numbers, positions: positions, energy: energy?.first, forces: forces,
        cell: cell, pbc: pbc.map { $0 != 0 }, stress: stress)
      frame.weight = weight[0]
      frame.group = group.map { String(decoding: $0, as: UTF8.self) }
      return frame
    }
  }

  /// Takes values from the beginning of bytes, as far as there are any.
  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func values<T: BitwiseCopyable>(_ type: T.Type, count: Int) -> [T]? {
      guard let size = Size.product(count, MemoryLayout<T>.stride), size <= bytes.count - position
      else { return nil }
      defer { position += size }
      return [T](unsafeUninitializedCapacity: count) { values, initialized in
        UnsafeMutableRawBufferPointer(values).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + size]))
        initialized = count
      }
    }

    /// Nothing for a count of -1.
    mutating func optional<T: BitwiseCopyable>(_ type: T.Type, count: Int) -> [T]?? {
      if count == -1 { return .some(nil) }
      return values(type, count: count).map { .some($0) }
    }
  }
}
