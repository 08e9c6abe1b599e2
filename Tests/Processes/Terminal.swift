internal import Foundation

extension Program {
  /// Runs the program on a terminal of its own, that is no window but tells its width.
  ///
  /// - Parameter columns: the width; 0 if the terminal does not say.
  /// - Returns: the exit code (nil if a signal ended it) and all that it wrote, with the codes that
  ///   move the cursor.
  package func runInTerminal(
    _ arguments: [String], columns: UInt16, environment: [String: String] = ["TERM": "xterm"]
  ) throws -> (code: Int32?, text: String) {
    var (primary, secondary): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&primary, &secondary, nil, nil, &size) == 0 else {
      throw ProgramError(description: "no terminal: \(String(cString: strerror(errno)))")
    }
    defer { close(primary) }

    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_adddup2(&actions, secondary, descriptor)
    }
    posix_spawn_file_actions_addclose(&actions, primary)
    posix_spawn_file_actions_addclose(&actions, secondary)
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] =
      variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var identifier: pid_t = 0
    let error = posix_spawn(&identifier, path, &actions, nil, &argv, &envp)
    close(secondary)
    guard error == 0 else {
      throw ProgramError(description: "\(path): \(String(cString: strerror(error)))")
    }

    var output = Data()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      // The end of the last process on a terminal is an error of reading on Linux.
      let count = Foundation.read(primary, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      output.append(contentsOf: buffer[..<count])
    }
    var status: Int32 = 0
    waitpid(identifier, &status, 0)
    return (status & 0x7f == 0 ? status >> 8 & 0xff : nil, String(decoding: output, as: UTF8.self))
  }
}
