import OrderedCollections

/// The values of a frame's atoms while they are read, column by column.
struct XYZTable {
  private let plan: XYZProperties
  private var numbers: [Int32] = []
  // One array per property, of which only the one of the property's type is filled.
  private var reals: [[Double]]
  private var integers: [[Int]]
  private var strings: [[String]]
  private var bools: [[Bool]]
  /// Whether the last error was about an element.
  private(set) var failedAtElement = false

  init(properties: XYZProperties) {
    plan = properties
    let count = properties.properties.count
    reals = Array(repeating: [], count: count)
    integers = Array(repeating: [], count: count)
    strings = Array(repeating: [], count: count)
    bools = Array(repeating: [], count: count)
  }

  /// Appends one atom from the words of its line.
  mutating func append(_ words: [Range<Int>], _ source: LineSource) throws(FileError) {
    var column = 0
    for (index, property) in plan.properties.enumerated() {
      for _ in 0..<property.width {
        let word = words[column]
        column += 1
        switch property.kind {
        case .real:
          let value = source.buffer.withUnsafeBufferPointer {
            DecimalParsing.real(UnsafeBufferPointer(rebasing: $0[word]))
          }
          guard let value else { throw try failure("a number", property, word, source) }
          reals[index].append(value)
        case .integer:
          guard let value = Int(try source.text(word)) else {
            throw try failure("a whole number", property, word, source)
          }
          integers[index].append(value)
        case .bool:
          guard let value = XYZComment.bool(Substring(try source.text(word))) else {
            throw try failure("T or F", property, word, source)
          }
          bools[index].append(value)
        case .string:
          strings[index].append(try source.text(word))
        }
      }
    }
    do throws(FileError) {
      numbers.append(try number(source))
    } catch {
      failedAtElement = true
      throw error
    }
    for (index, first) in plan.repetitions where !isEqual(index, first) {
      let (name, other) = (plan.properties[index].name, plan.properties[first].name)
      throw source.failure("the properties \(quoted(other)) and \(quoted(name)) disagree")
    }
  }

  /// Whether two properties of one type have the same values for the atom just read.
  private func isEqual(_ a: Int, _ b: Int) -> Bool {
    let width = plan.properties[a].width
    return integers[a].suffix(width) == integers[b].suffix(width)
      && strings[a].suffix(width) == strings[b].suffix(width)
      && reals[a].suffix(width).map(\.bitPattern) == reals[b].suffix(width).map(\.bitPattern)
  }

  private func failure(
    _ expected: String, _ property: XYZProperties.Property, _ word: Range<Int>,
    _ source: LineSource
  ) throws(FileError) -> FileError {
    source.failure(
      "property \(quoted(property.name)): expected \(expected), found "
        + quoted(try source.text(word)))
  }

  /// The atomic number of the atom just read.
  private func number(_ source: LineSource) throws(FileError) -> Int32 {
    if let index = plan.numbers, let number = integers[index].last {
      guard (0..<ChemicalElements.symbols.count).contains(number) else {
        throw source.failure("no element has the atomic number \(number)")
      }
      return Int32(number)
    }
    guard let index = plan.species, let symbol = strings[index].last else { return 0 }
    if let number = ChemicalElements.number(of: symbol) { return number }
    // Some programs write atomic numbers in place of symbols.
    if let number = Int32(symbol), ChemicalElements.symbol(of: number) != nil { return number }
    throw source.failure("\(quoted(symbol)) is not the symbol of an element")
  }

  /// Hands the columns over.
  consuming func move(to frame: inout XYZFrame) {
    frame.numbers = numbers
    frame.positions = reals[plan.positions]
    for (index, property) in plan.properties.enumerated() {
      if index == plan.positions || index == plan.numbers { continue }
      if index == plan.species && plan.numbers == nil { continue }
      if plan.repetitions.contains(where: { $0.0 == index }) { continue }
      let values: XYZColumn.Values =
        switch property.kind {
        case .real: .reals(reals[index])
        case .integer: .integers(integers[index])
        case .string: .strings(strings[index])
        case .bool: .bools(bools[index])
        }
      let name = index == plan.species ? "species" : property.name
      frame.arrays[name] = XYZColumn(values, width: property.width)
    }
  }
}
