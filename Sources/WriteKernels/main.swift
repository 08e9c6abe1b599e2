import Foundation

// Writes the files into the folder given, Sources/CKernels/Units by default.
let folder = URL(
  filePath: CommandLine.arguments.dropFirst().first ?? "Sources/CKernels/Units",
  directoryHint: .isDirectory)
do {
  for (name, text) in [("UnitTable.h", UnitFiles.table()), ("UnitKernels.h", UnitFiles.kernels())] {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error.localizedDescription)\n".utf8))
  exit(1)
}
