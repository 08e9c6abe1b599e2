internal import E3xFiles
internal import Foundation

/// The folder of a run and the files in it.
struct RunFolder {
  /// As it was given.
  let path: String

  /// A folder, which need not be there.
  init(_ path: String) { self.path = path }

  /// The last part of its path, for titles.
  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }

  var checkpoint: String { path + "/checkpoint.safetensors" }
  var model: String { path + "/model.safetensors" }
  var report: String { path + "/report.html" }
  var record: String { path + "/run.json" }
  /// A JSON object for each validation.
  var metrics: String { path + "/metrics.jsonl" }
  var lock: String { path + "/run.lock" }

  private var files: [String] { [checkpoint, model, report, record, metrics] }

  /// Whether something is at the path.
  var exists: Bool { access(path, F_OK) == 0 }

  /// Whether there is a checkpoint to go on from.
  var hasCheckpoint: Bool { access(checkpoint, F_OK) == 0 }

  /// The name of a file that tells that there is a run; nil if there is none.
  var traceOfRun: String? {
    let file = [checkpoint, model, record].first { (path: String) in access(path, F_OK) == 0 }
    return file.map { URL(fileURLWithPath: $0).lastPathComponent }
  }

  /// Requires that results can be written here, now or once the folder is made.
  /// - Throws: `FileError` with what stands in the way.
  func checkPlace() throws(FileError) {
    guard !path.isEmpty else {
      throw FileError(file: "--output", reason: "expected the name of a folder")
    }
    var place = path
    // What is not there yet will be made in the nearest folder that is.
    while access(place, F_OK) != 0, [ENOENT, ENOTDIR].contains(errno) {
      let parent = URL(fileURLWithPath: place).deletingLastPathComponent().path
      if parent == place { break }
      place = parent
    }
    guard Self.isFolder(place) else {
      throw FileError(
        file: path,
        reason: place == path ? "is a file, expected a folder" : "\(place) is not a folder")
    }
    guard access(place, W_OK | X_OK) == 0 else {
      throw FileError(
        file: path,
        reason: (place == path ? "" : "\(place): ") + "cannot be written to: "
          + String(cString: strerror(errno)))
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the folder, and those that it is in.
  func create() throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      if mkdir(made, 0o777) != 0 && errno != EEXIST {
        throw FileError(file: made, reason: "cannot be made: \(String(cString: strerror(errno)))")
      }
      made += "/"
    }
  }

  /// Requires that a run's files can be written, and room for them: for a checkpoint and a model
  /// beside those that they replace, and for the report.
  /// - Throws: `FileError` with the file that cannot, or with the space that is needed and free.
  func checkFiles(parameters: Int) throws(FileError) {
    for file in files {
      try FileBytes.checkWritable(file, bytes: file == checkpoint ? 48 * parameters + 1_000_000 : 0)
    }
  }

  /// Removes the files of a run; the folder and whatever else is in it stay.
  func removeRun() throws(FileError) {
    for file in files where unlink(file) != 0 && errno != ENOENT {
      throw FileError(file: file, reason: "cannot be removed: \(String(cString: strerror(errno)))")
    }
  }
}
