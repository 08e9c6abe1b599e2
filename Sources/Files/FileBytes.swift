package import Foundation

/// Whole files in and out, with ``FileError`` for whatever the system reports.
package enum FileBytes {
  /// The bytes of a file, copied into memory: a mapping would fault if the file shrank under it.
  package static func read(_ path: String) throws(FileError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FileError(file: path, reason: "cannot be read: \(reason(error, path: path))")
    }
  }

  /// Writes a temporary file beside `path`, then renames it: a reader sees the old file or the
  /// new one, never a part.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      let reason = reason(error, path: path, isWriting: true)
      throw FileError(file: path, reason: "cannot be written: \(reason)")
    }
  }

  /// What the system said, in words.
  static func reason(_ error: any Error, path: String, isWriting: Bool = false) -> String {
    let needed = isWriting ? URL(fileURLWithPath: path).deletingLastPathComponent().path : path
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: needed) { return "no such file or folder" }
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return "it is a folder"
    }
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError
    return (cause ?? error).localizedDescription
  }
}
