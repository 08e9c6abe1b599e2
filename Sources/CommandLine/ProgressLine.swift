internal import Foundation
internal import Synchronization

/// How far a long command is, in one line of a terminal that is redrawn in place: what is done,
/// what is to be known of it, the speed and the time left.
///
/// The line is on standard error if that is a terminal, else on standard output; where neither is
/// one it is not shown. It is redrawn twice a second even while nothing advances, never wider than
/// the terminal, and cleared for the lines that ``print(_:)`` puts above it and at the end.
///
///     let progress = ProgressLine(total: frames.count, unit: "frames")
///     for index in frames.indices {
///       …
///       progress.advance(to: index + 1)
///     }
///     progress.finish()
final class ProgressLine: Sendable {
  private struct State {
    var done: Int
    var note = ""
    var lastDrawing: ContinuousClock.Instant?
    var isVisible = false
    var isFinished = false
  }

  private let state: Mutex<State>
  private let total: Int?
  private let unit: String
  private let first: Int
  private let isShown: Bool
  private let start = ContinuousClock.now
  /// The terminal; nil where there is none.
  private let terminal: Int32?

  /// Begins a line.
  ///
  /// - Parameters:
  ///   - total: how much there is to do, in `unit`s; nil if that is not known.
  ///   - first: how much was done before.
  ///   - unit: what is counted, in the plural: `steps`.
  ///   - isShown: whether this process says anything.
  init(total: Int?, startingAt first: Int = 0, unit: String, isShown: Bool = true) {
    self.isShown = isShown
    (self.total, self.first, self.unit) = (total, first, unit)
    state = Mutex(State(done: first))
    terminal = isShown ? Self.findTerminal() : nil
    guard terminal != nil else { return }
    Thread.detachNewThread { [weak self] in
      while self?.tick() == true { usleep(500_000) }
    }
  }

  private static func findTerminal() -> Int32? {
    if let kind = ProcessInfo.processInfo.environment["TERM"], kind == "dumb" { return nil }
    return [STDERR_FILENO, STDOUT_FILENO].first { isatty($0) == 1 }
  }

  /// Whether there is a terminal to show the line on.
  var isLive: Bool { terminal != nil }

  /// How much is done by now.
  /// - Parameter note: what else is to be known, for example the latest errors.
  ///   Asked for only when it is shown.
  func advance(to done: Int, note: @autoclosure () -> String = "") {
    guard terminal != nil else { return }
    state.withLock {
      $0.done = done
      let now = ContinuousClock.now
      // Ten times a second is as often as anybody reads.
      if let last = $0.lastDrawing, now - last < .milliseconds(100) { return }
      $0.note = note()
      draw(&$0)
    }
  }

  /// Puts a line of standard output above the progress.
  func print(_ line: String) {
    guard isShown else { return }
    state.withLock {
      clear(&$0)
      StandardOutput.print(line)
      if $0.lastDrawing != nil { draw(&$0) }
    }
  }

  /// Removes the line for good; ``print(_:)`` may be used further.
  func finish() {
    state.withLock {
      clear(&$0)
      $0.isFinished = true
    }
  }

  private func tick() -> Bool {
    state.withLock {
      draw(&$0)
      return !$0.isFinished
    }
  }

  private func clear(_ state: inout State) {
    guard let terminal, state.isVisible else { return }
    StandardOutput.write("\r\u{1B}[K", to: terminal)
    state.isVisible = false
  }

  private func draw(_ state: inout State) {
    guard let terminal, !state.isFinished else { return }
    state.lastDrawing = .now
    let line = Self.fitting(parts(state), width: Self.width(of: terminal) - 1)
    StandardOutput.write("\r" + line + "\u{1B}[K", to: terminal)
    state.isVisible = true
  }

  /// The parts of the line with their ranks: the higher are left out first.
  private func parts(_ state: State) -> [(text: String, rank: Int)] {
    var parts = [(total.map { "\(state.done) of \($0) \(unit)" } ?? "\(state.done) \(unit)", 0)]
    if !state.note.isEmpty { parts.append((state.note, 2)) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    guard state.done > first, seconds > 0 else { return parts }
    let speed = Double(state.done - first) / seconds
    parts.append((String(format: speed < 10 ? "%.1f %@/s" : "%.0f %@/s", speed, unit), 3))
    if let total {
      parts.append((Self.duration(Double(total - state.done) / speed) + " left", 1))
    }
    return parts
  }

  /// As many parts as a width has room for, by their ranks, in their order.
  private static func fitting(_ parts: [(text: String, rank: Int)], width: Int) -> String {
    var parts = parts
    func line() -> String { parts.map(\.text).joined(separator: "  ") }
    while line().count > width, parts.count > 1,
      let least = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: least)
    }
    return String(line().prefix(max(0, width)))
  }

  /// The columns of a terminal; 80 where it does not say.
  private static func width(of terminal: Int32) -> Int {
    var size = winsize()
    let isKnown = ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Seconds for people: `57 s`, `12 min`, `3 h 20 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "very long" }
    if seconds < 99.5 { return "\(Int(max(0, seconds).rounded())) s" }
    let minutes = Int((seconds / 60).rounded())
    return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
