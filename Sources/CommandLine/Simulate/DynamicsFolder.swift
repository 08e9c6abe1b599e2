internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// The folder of dynamics, and the files in it.
struct DynamicsFolder {
  let run: RunFolder

  init(_ path: String) { run = RunFolder(path) }

  var path: String { run.path }
  var trajectory: String { path + "/trajectory.xyz" }
  var thermo: String { path + "/thermo.csv" }
  var restart: String { path + "/restart.safetensors" }
  var failed: String { path + "/failed.xyz" }
  var report: String { path + "/report.html" }

  private var files: [String] { [trajectory, thermo, restart, failed, report] }

  /// The name of a file that tells that there are dynamics; nil if there are none.
  var trace: String? {
    let file = files.first { (path: String) in access(path, F_OK) == 0 }
    return file.map { URL(fileURLWithPath: $0).lastPathComponent }
  }

  func removeAll() throws(FileError) {
    for file in files where unlink(file) != 0 && errno != ENOENT {
      throw FileError(file: file, reason: "cannot be removed: \(String(cString: strerror(errno)))")
    }
  }
}
