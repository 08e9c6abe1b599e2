import E3xEngine
import E3xFiles
import Foundation

/// One kind of input with everything that the program does with it.
protocol FuzzTarget {
  /// What `--only` calls it; also the extension of files that are kept.
  var name: String { get }

  /// The time that an input may take.
  var secondsLimit: Double { get }

  /// A damaged input: the same for the same dice.
  func input(with dice: inout Dice) throws -> Data

  /// Does with a file that holds it what the program does.
  /// - Throws: What the library throws for bad input; ``Finding`` for what must not be.
  func use(_ path: String) throws
}

/// What must not happen, other than a crash.
struct Finding: Error, CustomStringConvertible { let description: String }

extension FuzzTarget {
  var secondsLimit: Double { 5 }

  /// The input of a number.
  func input(seed: UInt64, number: UInt64) throws -> Data {
    var dice = Dice([seed, number] + name.utf8.map(UInt64.init))
    return try input(with: &dice)
  }

  /// Uses a file, and judges what is thrown: bad input is said in one line, by the library's own
  /// errors.
  func judge(_ path: String) throws(Finding) {
    do {
      try use(path)
    } catch let finding as Finding {
      throw finding
    } catch {
      guard
        error is FileError || error is ArgumentError || error is ShapeError
          || error is EvaluationError
      else { throw Finding(description: "an error of type \(type(of: error)): \(error)") }
      let text = "\(error)"
      guard !text.isEmpty, !text.contains(where: \.isNewline) else {
        throw Finding(description: "a message that is not one line: \(text.debugDescription)")
      }
    }
  }
}
