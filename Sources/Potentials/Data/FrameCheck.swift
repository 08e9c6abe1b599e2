public import E3xEngine
public import E3xFiles

/// What frames a potential, or a training, can be asked about: molecules, and structures that repeat
/// along one to three vectors, of the elements it knows.
public struct FrameCheck: Sendable {
  /// The atomic numbers that are known.
  public var elements: Set<Int32>
  /// Who knows them, for error messages: `the potential`.
  public var knower: String

  /// A check for these elements.
  public init(elements: Set<Int32>, knower: String) {
    self.elements = elements
    self.knower = knower
  }

  /// Why a frame cannot be asked about, or nil if it can: atoms and coordinates that do not fit
  /// together or are not finite, a periodic frame without a cell or with one that spans no volume or so
  /// little that an atom and its images are at one place, an element that is not known.
  public func problem(_ frame: LabelledFrame) -> String? { flaw(frame)?.reason }

  /// As ``problem(_:)``, with its kind.
  func flaw(_ frame: LabelledFrame) -> (kind: BadFrames.Kind, reason: String)? {
    guard frame.positions.count == 3 * frame.count else {
      return (.other, "has \(frame.positions.count) coordinates for \(frame.count) atoms")
    }
    if let forces = frame.forces, forces.count != 3 * frame.count {
      return (.other, "has \(forces.count) components of forces for \(frame.count) atoms")
    }
    if let index = frame.positions.firstIndex(where: { !$0.isFinite }) {
      return (.notFinite, "the position of atom \(index / 3 + 1) is not finite")
    }
    if let stress = frame.stress, stress.count != 9 {
      return (.other, "has \(stress.count) components of stress, expected nine")
    }
    do {
      if let cell = try frame.periodicCell(), cell.isCrowded {
        return (.coincident, "atom 1 and an image of it coincide or nearly: the cell is too small")
      }
    } catch {
      return (.other, "\(error.argument): \(error.reason)")
    }
    if let atom = frame.atomicNumbers.firstIndex(where: { !elements.contains($0) }) {
      return (.element, unknownElement(frame.atomicNumbers, atom))
    }
    return nil
  }

  /// Says that the element of an atom is not known.
  func unknownElement(_ numbers: [Int32], _ atom: Int) -> String {
    let known = elements.sorted().map(ChemicalElements.name(of:)).joined(separator: ", ")
    return "atom \(atom + 1) is of the element \(ChemicalElements.name(of: numbers[atom])), which "
      + "\(knower) does not know (it knows \(known.isEmpty ? "none" : known))"
  }

  /// Checks the frames of a file.
  /// - Parameter first: The number of the first of them in the file.
  /// - Throws: `FileError` with the file and the number of the first frame that has a problem.
  public func check(
    _ frames: some Collection<LabelledFrame>, file: String, first: Int = 1
  ) throws(FileError) {
    for (index, frame) in frames.enumerated() {
      if let problem = problem(frame) {
        throw FileError(file: file, place: "frame \(first + index)", reason: problem)
      }
    }
  }

  /// Checks the frames of an argument.
  /// - Throws: `ArgumentError` with the argument and the number of the first frame, from 1, that has
  ///   a problem.
  public func check(
    _ frames: some Collection<LabelledFrame>, function: String, argument: String
  ) throws(ArgumentError) {
    for (index, frame) in frames.enumerated() {
      if let problem = problem(frame) {
        throw ArgumentError(function, argument, "frame \(index + 1): \(problem)")
      }
    }
  }
}

extension ChemicalElements {
  /// The symbol of an atomic number, or the number itself where there is none, for error messages.
  static func name(of number: Int32) -> String {
    symbol(of: number) ?? "of atomic number \(number)"
  }
}
