/// A key from which random numbers are computed, as by JAX: drawing is a pure function, so the same
/// key always gives the same numbers, on every machine. Fresh numbers come from fresh keys, which
/// ``split(_:)`` and ``folding(in:)`` derive.
///
/// The generator is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011), with a counter for every number, which is JAX's default
/// (`jax_threefry_partitionable`). Results agree with `jax.random` bit for bit where they are
/// integers, and up to rounding where they are not. Arrays of any shape are drawn as the array of
/// their elements in row-major order.
public struct RandomKey: Hashable, Sendable {
  /// The two words of the key, as `jax.random.key_data` has them.
  public var words: SIMD2<UInt32>

  /// The key with the given words.
  public init(words: SIMD2<UInt32>) {
    self.words = words
  }

  /// The key of a seed, `jax.random.PRNGKey(seed)`: its upper and its lower 32 bits. (JAX, unless
  /// it runs in 64-bit mode, drops the upper 32 bits of larger seeds.)
  public init(seed: UInt64) {
    words = SIMD2(UInt32(truncatingIfNeeded: seed >> 32), UInt32(truncatingIfNeeded: seed))
  }

  /// The key of a seed, `jax.random.PRNGKey(seed)`, negative ones in two's complement of 64 bits.
  /// (JAX, unless it runs in 64-bit mode, drops the upper 32 bits.)
  public init(seed: Int) {
    self.init(seed: UInt64(bitPattern: Int64(seed)))
  }

  /// Two new keys, independent of one another and of this one (`jax.random.split`).
  public func split() -> [RandomKey] {
    (0..<2).map { RandomKey(words: hash(counter: $0)) }
  }

  /// `count` new keys, independent of one another and of this one (`jax.random.split`).
  /// - Throws: `ArgumentError` naming `num` if it is negative or memory does not hold so many.
  public func split(_ count: Int) throws(ArgumentError) -> [RandomKey] {
    try Self.check("split", "num", count)
    return (0..<count).map { RandomKey(words: hash(counter: UInt64($0))) }
  }

  /// Refuses numbers of numbers that are negative or more than memory holds.
  static func check(
    _ function: String, _ argument: String, _ count: Int
  ) throws(ArgumentError) {
    try checkCount(function, argument, count, from: 0, to: .max)
    try checkMemory(function, argument, received: count, [count])
  }

  /// A new key that depends on this one and on `data` (`jax.random.fold_in`).
  public func folding(in data: UInt32) -> RandomKey {
    RandomKey(words: hash(counter: UInt64(data)))
  }

  /// `count` random words of 32 bits (`jax.random.bits` with dtype uint32).
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func bits(count: Int) throws(ArgumentError) -> [UInt32] {
    try Self.check("bits", "count", count)
    guard count > 0 else { return [] }  // the empty array is shared, and not to be written
    return [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let block = hash(counter: UInt64(index))
        buffer.initializeElement(at: index, to: block.x ^ block.y)
      }
      initialized = count
    }
  }

  /// `count` random words of 64 bits (`jax.random.bits` with dtype uint64).
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func bits64(count: Int) throws(ArgumentError) -> [UInt64] {
    try Self.check("bits", "count", count)
    guard count > 0 else { return [] }  // the empty array is shared, and not to be written
    return [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let block = hash(counter: UInt64(index))
        buffer.initializeElement(at: index, to: UInt64(block.x) << 32 | UInt64(block.y))
      }
      initialized = count
    }
  }

  /// The Threefry-2x32 block of a counter under this key.
  @inline(__always)
  private func hash(counter: UInt64) -> SIMD2<UInt32> {
    // The parity constant of the key schedule, and the rotations of two groups of four rounds.
    let (k0, k1) = (words.x, words.y)
    let k2 = k0 ^ k1 ^ 0x1BD1_1BDA
    var x = UInt32(truncatingIfNeeded: counter >> 32) &+ k0
    var y = UInt32(truncatingIfNeeded: counter) &+ k1
    @inline(__always) func round(_ distance: UInt32) {
      x &+= y
      y = (y &<< distance | y &>> (32 &- distance)) ^ x
    }
    @inline(__always) func even() { round(13); round(15); round(26); round(6) }
    @inline(__always) func odd() { round(17); round(29); round(16); round(24) }
    even()
    x &+= k1
    y &+= k2 &+ 1
    odd()
    x &+= k2
    y &+= k0 &+ 2
    even()
    x &+= k0
    y &+= k1 &+ 3
    odd()
    x &+= k1
    y &+= k2 &+ 4
    even()
    x &+= k2
    y &+= k0 &+ 5
    return SIMD2(x, y)
  }
}
