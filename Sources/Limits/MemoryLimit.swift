internal import E3xSystem

/// How much arrays may take. Whoever makes an array whose extents come from outside asks here first:
/// the one place where shapes become amounts of memory.
package enum MemoryLimit {
  /// The most that one array may take, in bytes, whether it is ever written out or not: more than
  /// any machine has. Below it sums of sizes, and products with small numbers, fit `Int`.
  package static let array = 16_000_000_000_000

  /// What arrays that are written out may take, in bytes: the memory of this machine, or what this
  /// process may have of it.
  package static let machine: Int = {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let granted = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
      .compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
      .compactMap { Int($0.trimmed) }
    return granted.filter { $0 > 0 }.reduce(physical, min)
  }()

  /// Why there is no array of these extents; nil if there is one.
  ///
  /// An empty axis does not excuse the others: its size counts as 1, so that nothing that goes
  /// along the others goes on for ever.
  /// - Parameter bytesEach: the size of an element.
  /// - Parameter limit: ``array``, or ``machine`` for an array that is about to be written.
  package static func refusal(
    _ extents: [Int], bytesEach: Int, limit: Int = array
  ) -> String? {
    if extents.contains(where: { $0 < 0 }) { return "has a negative size" }
    let counted = extents.map { max($0, 1) }
    if let bytes = Size.product(counted + [bytesEach]), bytes <= limit { return nil }
    let amount = counted.reduce(Double(bytesEach)) { $0 * Double($1) }
    return "takes \(excess(bytes: amount, limit: limit))"
  }

  /// "8 TB, more than the 24 GB of memory that this machine has".
  package static func excess(bytes: Double, limit: Int = machine) -> String {
    let most = Size.text(bytes: Double(limit))
    return Size.text(bytes: bytes) + ", more than the "
      + (limit == array ? "\(most) that an array may take" : "\(most) of memory that there is")
  }
}
