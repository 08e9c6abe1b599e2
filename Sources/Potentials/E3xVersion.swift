/// The version of this package: of the library, and of the program `e3x`.
public enum E3xVersion {
  /// Major, minor and patch number, as of semantic versioning.
  public static let current = "0.1.0"
}
