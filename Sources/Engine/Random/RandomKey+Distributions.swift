internal import E3xSystem

// Negative counts, and those that memory does not hold, are refused by ``RandomKey/bits(count:)``.

extension RandomKey {
  /// `count` values uniformly distributed in `lower`..<`upper` (`jax.random.uniform`).
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func uniform<Scalar: RandomReal>(
    _ type: Scalar.Type, count: Int, lower: Scalar = 0, upper: Scalar = 1
  ) throws(ArgumentError) -> [Scalar] {
    let width = upper - lower
    // XLA fuses the two operations: so do we, to agree in the last bit.
    return try Scalar.unitInterval(from: self, count: count).map {
      max(lower, lower.addingProduct($0, width))
    }
  }

  /// `count` values of the normal distribution with mean 0 and standard deviation 1
  /// (`jax.random.normal`).
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func normal<Scalar: RandomReal>(_ type: Scalar.Type, count: Int) throws(ArgumentError)
    -> [Scalar]
  {
    let squareRootOf2 = Scalar(2).squareRoot()
    return try uniform(type, count: count, lower: -Scalar(1).nextDown, upper: 1).map {
      squareRootOf2 * Scalar.inverseErrorFunction($0)
    }
  }

  /// `count` values of the normal distribution with mean 0 and standard deviation 1, given that
  /// they lie between `lower` and `upper`, which they never reach (`jax.random.truncated_normal`).
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func truncatedNormal<Scalar: RandomReal>(
    _ type: Scalar.Type, count: Int, lower: Scalar, upper: Scalar
  ) throws(ArgumentError) -> [Scalar] {
    let squareRootOf2 = Scalar(2).squareRoot()
    let values = try uniform(
      type, count: count, lower: Scalar.errorFunction(lower / squareRootOf2),
      upper: Scalar.errorFunction(upper / squareRootOf2))
    return values.map {
      let value = squareRootOf2 * Scalar.inverseErrorFunction($0)
      return min(max(value, lower.nextUp), upper.nextDown)
    }
  }

  /// `count` integers of a range (`jax.random.randint` with dtype int32); its lower bound if it is
  /// empty. They are uniformly distributed but for a bias of the order of 2^-32.
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func integers(count: Int, in range: Range<Int32>) throws(ArgumentError) -> [Int32] {
    let keys = split()
    let span = max(1, UInt32(bitPattern: range.upperBound &- range.lowerBound))
    return try zip(keys[0].bits(count: count), keys[1].bits(count: count)).map { high, low in
      range.lowerBound &+ Int32(truncatingIfNeeded: Self.remainder(high, low, by: span))
    }
  }

  /// `count` integers of a range (`jax.random.randint` with dtype int64); its lower bound if it is
  /// empty. They are uniformly distributed but for a bias of the order of 2^-64.
  /// - Throws: `ArgumentError` naming `count` if it is negative or memory does not hold so many.
  public func integers(count: Int, in range: Range<Int64>) throws(ArgumentError) -> [Int64] {
    let keys = split()
    let span = max(1, UInt64(bitPattern: range.upperBound &- range.lowerBound))
    return try zip(keys[0].bits64(count: count), keys[1].bits64(count: count)).map { high, low in
      range.lowerBound &+ Int64(truncatingIfNeeded: Self.remainder(high, low, by: span))
    }
  }

  /// The remainder of a number of twice the width, computed in the width of its halves and wrapping
  /// around where that is too narrow, as JAX does.
  private static func remainder<Word: FixedWidthInteger & UnsignedInteger>(
    _ high: Word, _ low: Word, by span: Word
  ) -> Word {
    let half = (Word(1) << (Word.bitWidth / 2)) % span
    let multiplier = (half &* half) % span
    return ((high % span) &* multiplier &+ low % span) % span
  }

  /// A random order of 0..<`count` (`jax.random.permutation` of an integer): sorts repeatedly by
  /// random keys, often enough that ties in all rounds are improbable.
  /// - Throws: `ArgumentError` naming `count` unless it is in 0 ... 2^31 - 1.
  public func permutation(_ count: Int) throws(ArgumentError) -> [Int32] {
    try checkCount("permutation", "count", count, from: 0)
    var values = [Int32](0..<Int32(count))
    let rounds = Int((3 * log(Double(max(1, count))) / log(Double(UInt32.max))).rounded(.up))
    var key = self
    for _ in 0..<rounds {
      let keys = key.split()
      key = keys[0]
      // Position in the lower half: equal keys keep their order.
      let order = try keys[1].bits(count: count).enumerated()
        .map { UInt64($0.element) << 32 | UInt64($0.offset) }
        .sorted()
      values = order.map { values[Int(truncatingIfNeeded: $0 & 0xFFFF_FFFF)] }
    }
    return values
  }
}
