internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// Remembers that the program was asked to end: by Ctrl-C, by the system, by a terminal that went.
enum Interruption {
  private static let number = Atomic<Int32>(0)

  /// The exit code of a command that was asked to end and has saved what it had.
  static let exitCode: Int32 = 130

  /// From now on the first SIGINT, SIGTERM or SIGHUP only sets ``signal``; the second one, of
  /// whichever kind, ends the program at once. Signals that the program was started to ignore, as
  /// `nohup` does, stay ignored. Writing to a closed pipe is an error where it happens instead of a
  /// signal, and so is what ``ignoreLimitOfFiles()`` says.
  static func catchSignals() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let previous = Foundation.signal(number, handle)
      if isIgnored(previous) { Foundation.signal(number, SIG_IGN) }
    }
    Foundation.signal(SIGPIPE, SIG_IGN)
    ignoreLimitOfFiles()
  }

  /// From now on writing past the greatest size of a file that the system allows is an error where it
  /// happens instead of a signal.
  static func ignoreLimitOfFiles() { Foundation.signal(SIGXFSZ, SIG_IGN) }

  private static let handle: @convention(c) (Int32) -> Void = { number in
    let (isFirst, _) = Interruption.number.compareExchange(
      expected: 0, desired: number, ordering: .relaxed)
    if !isFirst {
      Foundation.signal(number, SIG_DFL)
      raise(number)
    }
  }

  #if os(Linux)
    private typealias Handler = __sighandler_t
  #else
    private typealias Handler = sig_t
  #endif

  private static func isIgnored(_ handler: Handler?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The signal that the program was asked to end by; nil if by none.
  static var signal: Int32? {
    let number = number.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Whether the program was asked to end, or nobody reads any more what it writes.
  static var requested: Bool { signal != nil || StandardOutput.failure != nil }

  /// Ends a command that leaves nothing behind, if the program was asked to end.
  /// - Throws: ``exitCode``, after a line that says so.
  static func check() throws(ExitCode) {
    guard signal != nil else { return }
    StandardError.print("\(cause ?? "interrupted"): nothing was written")
    throw ExitCode(exitCode)
  }

  /// By what the program was asked to end, for people.
  static var cause: String? {
    switch signal {
    case SIGINT: "interrupted"
    case SIGTERM: "asked to end (SIGTERM)"
    case SIGHUP: "the terminal is gone (SIGHUP)"
    case let number?: "signal \(number)"
    case nil: StandardOutput.failure.map { "standard output cannot be written (\($0))" }
    }
  }
}
