extension RandomKey {
  /// The key from which `flax.linen`'s `module.init(key, ...)` draws one parameter, where this key
  /// is the one that `init` received.
  ///
  /// It depends on the path of the module that owns the parameter and on how many parameters that
  /// module has drawn, but not on the parameter's own name: a dense layer draws its kernel first
  /// and its bias second.
  ///
  /// - Parameters:
  ///   - modulePath: The names of the modules from the root (not included) to the owner: `["query",
  ///     "0+"]` for the parameter `query/0+/kernel`, none for parameters of the root itself.
  ///   - index: The parameter's position among those that the module draws, in the order in which
  ///     it does so, from 0.
  /// - Throws: `ArgumentError` naming `index` if it is negative.
  public func parameterKey(
    modulePath: [String], index: Int
  ) throws(ArgumentError) -> RandomKey {
    try checkCount("parameterKey", "index", index, from: 0, to: .max)
    return parameterKey(modulePath: modulePath, drawn: UInt64(index) + 1)
  }

  /// - Parameter count: how many parameters the module has drawn, this one included.
  fileprivate func parameterKey(modulePath: [String], drawn count: UInt64) -> RandomKey {
    // Flax folds in the first word of the SHA-1 hash of the names and the number of parameters
    // drawn (this one included), written in as few bytes as it needs, the most significant first.
    var message = modulePath.flatMap { Array($0.utf8) }
    let byteCount = (64 - count.leadingZeroBitCount + 7) / 8
    for byte in (0..<byteCount).reversed() {
      message.append(UInt8(truncatingIfNeeded: count >> UInt64(8 * byte)))
    }
    return folding(in: SHA1.digest(message)[0])
  }
}

/// Hands out the keys of the parameters of a model, as `flax.linen` does in `module.init`: keeps
/// count of the parameters that every module has drawn.
///
/// Modules must draw their parameters in the order in which their Flax counterparts do; the order
/// of modules among one another does not matter.
public struct ParameterKeys: Sendable {
  /// The key that initializes the whole model.
  public let root: RandomKey
  private var counts: [[String]: UInt64] = [:]

  /// The keys of a model that `module.init(root, ...)` initializes.
  public init(root: RandomKey) {
    self.root = root
  }

  /// The key of the next parameter of a module.
  ///
  /// - Parameter modulePath: The names of the modules from the root (not included) to the one that
  ///   owns the parameter.
  public mutating func next(modulePath: [String]) -> RandomKey {
    counts[modulePath, default: 0] += 1
    return root.parameterKey(modulePath: modulePath, drawn: counts[modulePath]!)
  }
}
