package import Foundation

/// A program under test as its users see it: arguments in; exit code, text, time and memory out.
package struct Program: Sendable {
  /// The path of the executable.
  package let path: String

  package init(path: String) { self.path = path }

  /// The program `e3x` of the build that the tests belong to.
  package static let e3x = Program(path: buildFolder + "/e3x")

  /// The fuzzer.
  package static let fuzz = Program(path: buildFolder + "/Fuzz")

  /// The folder that the build put the tests and the programs in.
  private static let buildFolder: String = {
    #if os(Linux)
      let executable =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      return URL(fileURLWithPath: executable ?? CommandLine.arguments[0])
        .deletingLastPathComponent().path
    #else
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
      return (bundle ?? .main).bundleURL.deletingLastPathComponent().path
    #endif
  }()

  /// How a run ended.
  package struct Outcome: Sendable, CustomStringConvertible {
    /// The exit code; nil if a signal ended the program.
    package var code: Int32?
    /// The signal that ended the program, if one did.
    package var signal: Int32?
    /// Whether it was ended because it took longer than it was allowed to.
    package var timedOut: Bool
    /// What it wrote to standard output and standard error.
    package var output: String
    package var errors: String
    /// Wall-clock seconds, and the peak of resident memory in bytes.
    package var seconds: Double
    package var peakBytes: Int

    package var description: String {
      let end = code.map { "exit code \($0)" } ?? "signal \(signal ?? 0)"
      let time = String(format: "%.2f s, %.0f MB", seconds, Double(peakBytes) / 1e6)
      return "\(end)\(timedOut ? " (timed out)" : ""), \(time)\n\(errors)\(output.suffix(2000))"
    }
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - input: what it reads from standard input; nothing by default.
  ///   - environment: variables added to those of the tests.
  ///   - folder: its working folder; that of the tests if nil.
  ///   - seconds: after which it is ended.
  package func run(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:],
    in folder: String? = nil, seconds: Double = 60
  ) throws -> Outcome {
    try start(arguments, input: input, environment: environment, in: folder).wait(seconds: seconds)
  }

  /// Starts the program; see ``run(_:input:environment:in:seconds:)``.
  package func start(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:],
    in folder: String? = nil
  ) throws -> RunningProgram {
    try RunningProgram(
      path, arguments, input: input, environment: environment, folder: folder)
  }
}

/// A program that was started and can be signalled and waited for.
package final class RunningProgram {
  /// Of the process, which stays known to the system until ``wait(seconds:)`` has returned.
  package let identifier: pid_t
  private let scratch: TemporaryFolder
  private let start = ContinuousClock.now
  private var outcome: Program.Outcome?
  /// The most memory that it was seen to have had, in bytes.
  private var seenPeak: Int?

  init(
    _ path: String, _ arguments: [String], input: Data, environment: [String: String],
    folder: String?
  ) throws {
    scratch = try TemporaryFolder()
    try input.write(to: scratch.url("input"))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var (path, words) = (path, [path] + arguments)
    if let folder {
      words = ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + words
      path = "/bin/sh"
    }
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] =
      variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }

    #if os(Linux)
      var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
    #else
      var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
    #endif
    // Threads that run tests block signals, which the program would inherit.
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, scratch.path("input"), O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "output"), (2, "errors")] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, scratch.path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    }
    var identifier: pid_t = 0
    let error = posix_spawn(&identifier, path, &actions, &attributes, &argv, &envp)
    guard error == 0 else {
      throw ProgramError(description: "\(path): \(String(cString: strerror(error)))")
    }
    self.identifier = identifier
  }

  /// What the program has written to standard output, and to standard error, so far.
  package var output: String { text("output") }
  package var errors: String { text("errors") }

  private func text(_ name: String) -> String {
    String(decoding: (try? Data(contentsOf: scratch.url(name))) ?? Data(), as: UTF8.self)
  }

  /// Sends a signal.
  package func signal(_ number: Int32) { kill(identifier, number) }

  /// How it ended, if it has ended; asked again afterwards, it says the same.
  package func poll() throws -> Program.Outcome? {
    if let outcome { return outcome }
    lookAtMemory()
    var (status, usage): (Int32, rusage) = (0, rusage())
    let result = wait4(identifier, &status, WNOHANG, &usage)
    guard result != 0 else { return nil }
    guard result == identifier else {
      if errno == EINTR { return nil }
      throw ProgramError(description: "wait4: \(String(cString: strerror(errno)))")
    }
    let signalNumber = status & 0x7f
    #if os(Linux)
      let peak = usage.ru_maxrss * 1024
    #else
      let peak = usage.ru_maxrss
    #endif
    outcome = Program.Outcome(
      code: signalNumber == 0 ? status >> 8 & 0xff : nil,
      signal: signalNumber == 0 ? nil : signalNumber, timedOut: false, output: output,
      errors: errors, seconds: elapsed, peakBytes: seenPeak ?? peak)
    return outcome
  }

  /// Takes over the greatest memory so far as Linux says it while a program runs: what it says
  /// afterwards counts that of the tests, too, which the process had before it became the program.
  private func lookAtMemory() {
    #if os(Linux)
      guard let status = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let number = line.split(whereSeparator: \.isWhitespace).dropFirst().first,
        let kilobytes = Int(number)
      else { return }
      seenPeak = max(seenPeak ?? 0, 1024 * kilobytes)
    #endif
  }

  /// Waits for the end; after so many seconds, ends the program.
  package func wait(seconds: Double = 60) throws -> Program.Outcome {
    var timedOut = false
    while true {
      if var outcome = try poll() {
        outcome.timedOut = timedOut
        return outcome
      }
      if !timedOut && elapsed > seconds {
        timedOut = true
        signal(SIGKILL)
      }
      usleep(elapsed < 0.05 ? 1000 : 5000)
    }
  }

  /// Bytes that are resident now; nil where the system does not say.
  package var residentBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8)
    else { return nil }
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * pageSize }
  }
  private let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// Seconds since the start.
  package var elapsed: Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}

/// Why a program could not be run.
struct ProgramError: Error, CustomStringConvertible { let description: String }

/// A folder that goes when its owner does.
package final class TemporaryFolder {
  private let folder: URL

  package init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "e3x-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The place of a file in it.
  package func url(_ name: String) -> URL { folder.appending(path: name) }
  package func path(_ name: String) -> String { url(name).path }
  /// Of the folder itself.
  package var path: String { folder.path }
}
