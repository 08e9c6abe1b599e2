internal import Foundation
internal import Synchronization

/// Remembers that the user pressed Ctrl-C (or that the system asked to end).
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// From now on the first SIGINT or SIGTERM only sets `requested`; the second one ends at once.
  static func catchSignals() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Whether the program was asked to end.
  static var requested: Bool { flag.load(ordering: .relaxed) }
}
