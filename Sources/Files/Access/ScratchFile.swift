internal import E3xSystem

/// A file without a name in the folder for temporary files, for what memory does not hold: it is
/// read by position, from any number of threads, and nothing of it is left, whatever ends the
/// program.
package final class ScratchFile: Sendable {
  /// What error messages call it.
  package let name: String
  private let number: Int32

  /// The folder for temporary files: `TMPDIR`, or `/tmp`.
  package static var usualFolder: String {
    let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    return folder.isEmpty ? "/tmp" : folder
  }

  /// - Throws: ``FileError`` if no file can be made there.
  package init(folder: String = ScratchFile.usualFolder) throws(FileError) {
    name = "temporary file in \(folder)"
    var template = Array("\(folder)/e3x-XXXXXX".utf8CString)
    do throws(SystemError) {
      number = try system { mkstemp(&template) }
    } catch {
      throw FileError(file: name, reason: "cannot be made: \(error.reason); \(Self.advice)")
    }
    unlink(template)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(number) }

  private static let advice = "the variable TMPDIR names another folder"

  /// Writes bytes at a position.
  /// - Throws: ``FileError`` for what the system reports, such as a full disk.
  package func write(_ bytes: [UInt8], at position: Int) throws(FileError) {
    let failure = bytes.withUnsafeBytes { bytes -> SystemError? in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        do throws(SystemError) {
          done += try system {
            pwrite(number, rest.baseAddress, min(rest.count, 1 << 30), off_t(position + done))
          }
        } catch {
          return error
        }
      }
      return nil
    }
    if let failure {
      throw FileError(file: name, reason: "cannot be written: \(failure.reason); \(Self.advice)")
    }
  }

  /// The bytes at a position.
  /// - Throws: ``FileError`` for what the system reports, and for bytes that were never written.
  package func read(at position: Int, count: Int) throws(FileError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      while done < count, failure == nil {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<count])
        do throws(SystemError) {
          let read = try system {
            pread(number, rest.baseAddress, min(rest.count, 1 << 30), off_t(position + done))
          }
          if read == 0 { failure = SystemError(EIO, "it ends before byte \(position + count)") }
          done += read
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure.reading(name) }
    return bytes
  }
}
