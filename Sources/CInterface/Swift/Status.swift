internal import E3xEngine
internal import E3xFiles
internal import E3xSystem

/// Does what a function of the interface does, and says how it went.
/// - Parameter function: its name, for the message.
func status(_ function: String, _ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return 0
  } catch let error as ArgumentError {
    LastError.set("\(function): \(error.argument): \(error.reason)")
    return 1
  } catch let error as FileError {
    LastError.set("\(error)")
    return 2
  } catch {
    LastError.set("\(function): \(error)")
    return 3
  }
}

/// The message of each thread's last call that failed.
enum LastError {
  /// Bytes that a message may have, with the zero at its end.
  private static let capacity = 4096

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { free($0) }
    return key
  }()

  /// Text that stays until the next message; empty if there was none.
  static var text: UnsafePointer<CChar> {
    if let found = pthread_getspecific(key) {
      return UnsafePointer(found.assumingMemoryBound(to: CChar.self))
    }
    return empty
  }

  private nonisolated(unsafe) static let empty: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.pointee = 0
    return UnsafePointer(text)
  }()

  static func set(_ message: String) {
    var bytes = Array(message.utf8)
    if bytes.count >= capacity {
      // Not in the middle of a character.
      var end = capacity - 1
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      bytes = Array(bytes[..<end])
    }
    guard let text = pthread_getspecific(key) ?? malloc(capacity) else { return }
    pthread_setspecific(key, text)
    bytes.append(0)
    bytes.withUnsafeBytes { text.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
  }
}
