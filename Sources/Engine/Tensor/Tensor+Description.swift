extension Tensor: CustomStringConvertible {
  /// The elements, element type and shape, as NumPy shows arrays:
  ///
  ///     [[ 1. ,  2.5],
  ///      [-3. ,  4. ]] float32 [2, 2]
  ///
  /// Of more than 1000 elements, each axis shows its first and last three. The elements are computed
  /// for it, and kept; of a tensor in a function that is being traced there are none: type and shape
  /// stand alone. What cannot be computed says why.
  public var description: String {
    let kind = "\(dtype.rawValue) \(shape)"
    do {
      guard shape.known != nil else { return kind }
      try evaluate([self])
      return try ElementsText(of: self).text + " " + kind
    } catch {
      return "\(kind), \(error)"
    }
  }
}

/// The elements of a tensor in brackets, rows on lines of their own.
private struct ElementsText {
  private(set) var text = ""
  /// The longest line, as NumPy has it.
  private static let lineWidth = 75
  private static let (mostElements, edge) = (1000, 3)

  /// - Parameter tensor: of known shape.
  init(of tensor: Tensor) throws {
    let sizes = tensor.shape.known!
    guard !sizes.contains(0) else {
      text = "[]"
      return
    }
    let isShortened = sizes.reduce(1, *) > Self.mostElements
    var shown = tensor
    var gaps = [Bool](repeating: false, count: sizes.count)
    for (axis, size) in sizes.enumerated() where isShortened && size > 2 * Self.edge {
      gaps[axis] = true
      shown = try .concatenate(
        [
          shown.sliced(0..<Self.edge, axis: axis),
          shown.sliced((size - Self.edge)..<size, axis: axis),
        ], axis: axis)
    }
    let values = try shown.scalars(as: Double.self)
    var texts = NumberText(values, tensor.dtype).texts[...]
    append(&texts, shown.shape.known![...], gaps[...], depth: 0)
  }

  private mutating func append(
    _ texts: inout ArraySlice<String>, _ sizes: ArraySlice<Int>, _ gaps: ArraySlice<Bool>,
    depth: Int
  ) {
    guard let size = sizes.first else {
      text += texts.removeFirst()
      return
    }
    text += "["
    let isRow = sizes.count == 1
    let indent = String(repeating: " ", count: depth + 1)
    let nextLine = String(repeating: "\n", count: max(1, sizes.count - 1)) + indent
    var column = indent.count
    for index in 0..<size {
      if index > 0 { text += "," }
      if gaps.first == true, index == Self.edge {
        text += isRow ? " ...," : nextLine + "...,"
        column += 5
      }
      if isRow {
        let width = texts.first!.count
        // Room is left for a comma, and for the brackets that close.
        if column + width > Self.lineWidth - depth - 1 {
          text += "\n" + indent
          column = indent.count
        } else if index > 0 {
          text += " "
        }
        column += width + 2
      } else if index > 0 {
        text += nextLine
      }
      append(&texts, sizes.dropFirst(), gaps.dropFirst(), depth: depth + 1)
    }
    text += "]"
  }
}
