internal import E3xSystem

/// An open file, pipe or device.
final class Descriptor {
  let number: Int32
  private var isOpen = true

  /// Takes a descriptor over, which is closed at the end.
  init(_ number: Int32) { self.number = number }

  deinit { if isOpen { _ = E3xSystem.close(number) } }

  /// Opens a path; it is closed in programs that this one starts.
  init(opening path: String, _ flags: Int32, mode: mode_t = 0o666) throws(SystemError) {
    number = try system { open(path, flags | O_CLOEXEC | O_NOCTTY, mode) }
  }

  /// A second descriptor of what `number` has open, at the same position.
  init(duplicating number: Int32) throws(SystemError) {
    self.number = try system { fcntl(number, F_DUPFD_CLOEXEC, 3) }
  }

  /// Closes it; some file systems report only here what could not be written.
  func close() throws(SystemError) {
    guard isOpen else { return }
    isOpen = false
    // Whether a close that was interrupted has closed differs between systems; it is not repeated.
    if E3xSystem.close(number) != 0, errno != EINTR { throw .last }
  }

  func status() throws(SystemError) -> stat {
    var result = stat()
    _ = try system { fstat(number, &result) }
    return result
  }

  /// Reads at least a byte, and at most as many as there is room for; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    while true {
      do throws(SystemError) {
        return try system {
          E3xSystem.read(number, buffer.baseAddress, min(buffer.count, 1 << 30))
        }
      } catch {
        guard error.number == EAGAIN || error.number == EWOULDBLOCK else { throw error }
        try wait(for: POLLIN)
      }
    }
  }

  /// Writes all of `bytes`, in as many pieces as the system takes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      do throws(SystemError) {
        let count = try withoutSignal { () throws(SystemError) in
          try system { E3xSystem.write(number, rest.baseAddress, min(rest.count, 1 << 30)) }
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      } catch {
        guard error.number == EAGAIN || error.number == EWOULDBLOCK else { throw error }
        try wait(for: POLLOUT)
      }
    }
  }

  /// Waits until a descriptor that does not block can be read or written.
  private func wait(for events: Int32) throws(SystemError) {
    var request = pollfd(fd: number, events: Int16(events), revents: 0)
    _ = try system { poll(&request, 1, -1) }
  }

  /// Calls `body` so that a closed pipe is an error and not the signal that ends the program.
  private func withoutSignal<R>(_ body: () throws(SystemError) -> R) throws(SystemError) -> R {
    #if os(Linux)
      var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
      sigemptyset(&pipe)
      sigaddset(&pipe, SIGPIPE)
      sigpending(&pending)
      let wasPending = sigismember(&pending, SIGPIPE) == 1
      pthread_sigmask(SIG_BLOCK, &pipe, &before)
      defer {
        let number = errno
        pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = number
      }
      do {
        return try body()
      } catch {
        if error.number == EPIPE && !wasPending {
          var now = timespec()
          while sigtimedwait(&pipe, nil, &now) < 0 && errno == EINTR {}
        }
        throw error
      }
    #else
      _ = fcntl(number, F_SETNOSIGPIPE, 1)
      return try body()
    #endif
  }
}
