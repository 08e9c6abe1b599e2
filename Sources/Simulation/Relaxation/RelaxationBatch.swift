/// Structures that relax at the same time, each for itself: their energies and forces are computed
/// together, and those that are done leave.
public struct RelaxationBatch: Sendable {
  /// A structure and its number.
  public struct Element: Sendable {
    /// What ``add(_:number:)`` was told.
    public let number: Int
    /// How far it is.
    public fileprivate(set) var relaxation: Relaxation
  }

  /// Those that are not done.
  public private(set) var elements: [Element] = []

  /// A batch of no structures.
  public init() {}

  /// Adds a structure.
  public mutating func add(_ relaxation: Relaxation, number: Int) {
    elements.append(Element(number: number, relaxation: relaxation))
  }

  /// Moves each structure by a step.
  ///
  /// A structure that the field refuses after steps ends there, with the reason, and the others go on.
  ///
  /// - Returns: those that are done.
  /// - Throws: what the field throws of structures as they are before the first step.
  public mutating func advance(_ field: inout some BatchForceField) throws -> [Element] {
    do {
      let frames = elements.map(\.relaxation.frame)
      for (index, prediction) in try field.predict(frames).enumerated() {
        try elements[index].relaxation.advance(prediction)
      }
    } catch {
      guard elements.contains(where: { $0.relaxation.steps > 0 }) else { throw error }
      try advanceOneByOne(&field)
    }
    let done = elements.filter(\.relaxation.isDone)
    elements.removeAll(where: \.relaxation.isDone)
    return done
  }

  private mutating func advanceOneByOne(_ field: inout some BatchForceField) throws {
    for index in elements.indices {
      do {
        for prediction in try field.predict([elements[index].relaxation.frame]) {
          try elements[index].relaxation.advance(prediction)
        }
      } catch {
        guard elements[index].relaxation.steps > 0 else { throw error }
        elements[index].relaxation.fail("\(error)")
      }
    }
  }

  /// Relaxes structures to their ends.
  /// - Returns: them, in their order.
  /// - Throws: what the field throws.
  public static func relaxed(
    _ relaxations: [Relaxation], _ field: inout some BatchForceField
  ) throws -> [Relaxation] {
    var batch = RelaxationBatch()
    for (number, relaxation) in relaxations.enumerated() {
      batch.add(relaxation, number: number)
    }
    var result = relaxations
    while !batch.elements.isEmpty {
      for element in try batch.advance(&field) { result[element.number] = element.relaxation }
    }
    return result
  }
}
