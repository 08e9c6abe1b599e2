package import E3xEngine
internal import E3xFiles
internal import E3xOperations
internal import Foundation

/// Runs every case below a folder.
package struct Conformance: Sendable {
  let folder: String
  let dtypes: [DType]

  /// - Parameter folder: searched for safetensors files at any depth.
  /// - Parameter dtypes: the precisions that golden cases are verified in.
  package init(folder: String, dtypes: [DType]) {
    self.folder = folder
    self.dtypes = dtypes
  }

  /// The public e3x names that cases can call.
  package static var operations: Set<String> { Operations.names }

  /// The paths of the cases below the folder, sorted.
  /// - Throws: `FileError` if it cannot be read.
  package func cases() throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw FileError(file: folder, reason: "there is no such file or folder")
    }
    if !isFolder.boolValue { return [folder] }
    guard let files = FileManager.default.enumerator(atPath: folder) else {
      throw FileError(file: folder, reason: "the folder cannot be read")
    }
    return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }
      .map { folder + "/" + $0 }.sorted()
  }

  /// Verifies one case in every precision.
  package func verify(_ path: String) -> [CaseResult] {
    let name = path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
    return dtypes.enumerated().compactMap { index, dtype in
      do {
        let file = try Case(path, dtype: dtype)
        // Refusals and what is drawn do not depend on the precision.
        if file.file.metadata["raises"] != nil {
          return index == 0 ? try RefusalVerification(file).run(name: name) : nil
        }
        if file.operation.hasPrefix(InitializationVerification.prefix) {
          return index == 0 ? InitializationVerification(expected: file).run(name: name) : nil
        }
        if file.operation == RandomVerification.operation {
          return index == 0 ? RandomVerification(expected: file).run(name: name) : nil
        }
        return GoldenVerification(file).run(name: "\(name) \(dtype)")
      } catch {
        return CaseResult(name: name, operation: "unreadable", outcome: .failed("\(error)"))
      }
    }
  }
}
