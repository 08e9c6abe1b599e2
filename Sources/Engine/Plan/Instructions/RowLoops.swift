internal import E3xCKernels

/// Loops of a kernel over the rows of a tile and the elements of each.
struct RowLoops: BitwiseCopyable {
  /// The loops over one row; strides count elements.
  var nest: e3x_nest
  /// The loop that also goes from row to row: the outermost that there is.
  var axis: Int
  /// How often that loop runs for each row; 1 if it does nothing else than go from row to row.
  var factor: Int

  /// The loops over so many rows.
  func nest(rows: Int) -> e3x_nest {
    var nest = nest
    let count = Int64(rows * factor)
    switch axis {
    case 0: nest.count.0 = count
    case 1: nest.count.1 = count
    case 2: nest.count.2 = count
    default: nest.count.3 = count
    }
    return nest
  }

  /// The elements of a row.
  var elements: Int { nest.elements }

  /// The distance between rows of an operand with these strides.
  func rowStride(_ strides: e3x_nest.Strides) -> Int {
    let strides = [strides.0, strides.1, strides.2, strides.3]
    return Int(strides[axis]) * factor
  }
}

extension e3x_nest {
  typealias Strides = (Int64, Int64, Int64, Int64)

  /// How often the innermost loop's body runs.
  var elements: Int { Int(count.0 * count.1 * count.2 * count.3) }

  /// The distance from the first element to the last that an operand with these strides has.
  func span(_ strides: Strides) -> Int {
    Int(
      (count.0 - 1) * strides.0 + (count.1 - 1) * strides.1 + (count.2 - 1) * strides.2
        + (count.3 - 1) * strides.3)
  }
}
