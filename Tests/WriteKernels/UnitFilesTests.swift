import Foundation
import Testing
import WriteKernels

@Suite struct UnitFilesTests {
  /// The files of the kernels are those that the exact coefficients give.
  @Test func filesAreUpToDate() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/CKernels/Units")
    for (name, text) in [
      ("UnitTable.h", UnitFiles.table()), ("UnitKernels.h", UnitFiles.kernels()),
    ] {
      let written = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(written == text, "\(name) is not up to date: swift run WriteKernels")
    }
  }
}
