internal import Foundation

/// Data sets that come with this package.
public enum BundledData {
  /// The parts of a data set.
  public enum Split: String, CaseIterable, Sendable {
    /// To fit parameters to.
    case train
    /// To choose a model by.
    case valid
    /// To judge the chosen model by.
    case test
  }

  /// The path of an extended XYZ file with energies (eV) and forces (eV/Å) of ethanol from
  /// GFN2-xTB molecular dynamics: 1000 frames to train on, 200 to validate, 1000 to test.
  public static func ethanol(_ split: Split) -> String {
    path("ethanol-xtb/\(split.rawValue).xyz")
  }

  /// Build systems differ in how a bundle lies on disk: flat, or with a folder for resources of
  /// its own; the first place that has the file counts.
  private static func path(_ file: String) -> String {
    let bundle = Bundle.module
    let folders = [
      bundle.bundleURL.appending(path: "Resources"),
      bundle.resourceURL?.appending(path: "Resources"),
      bundle.resourceURL,
    ].compactMap(\.self)
    let paths = folders.map { $0.appending(path: file).path }
    return paths.first { FileManager.default.fileExists(atPath: $0) } ?? paths[0]
  }
}
