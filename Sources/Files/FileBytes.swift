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
      throw FileError(file: path, reason: "cannot be written: \(reason(error, path: path))")
    }
  }

  /// What the system said, in words.
  static func reason(_ error: any Error, path: String) -> String {
    let cocoa = error as NSError
    if let posix = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError {
      return posix.localizedDescription
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return "no such file or folder"
    }
    return isFolder.boolValue ? "it is a folder" : cocoa.localizedDescription
  }
}
