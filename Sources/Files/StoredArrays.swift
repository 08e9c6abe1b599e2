public import OrderedCollections

/// What a checkpoint holds: arrays by path, and entries that are none, with the reason.
///
/// Who reads a checkpoint selects what is needed before judging the rest: text beside the
/// parameters, or an optimiser's complex numbers, are no reason to refuse the parameters.
public struct StoredArrays: Sendable {
  /// The arrays by path, in the file's order.
  public internal(set) var arrays: OrderedDictionary<String, SafetensorsTensor> = [:]
  /// By path, why an entry that is no array of numbers cannot be read; in the file's order.
  public internal(set) var others: OrderedDictionary<String, FileError> = [:]

  /// The arrays, if there is nothing else.
  /// - Throws: the reason of the first entry that is no array.
  public func onlyArrays() throws(FileError) -> OrderedDictionary<String, SafetensorsTensor> {
    if let error = others.values.first { throw error }
    return arrays
  }
}
