internal import E3xEngine
internal import E3xNN

extension Operations {
  static let potentials: [String: Operation] = [:]
}
