package import E3xEngine
package import E3xFiles

extension ElementEnergies {
  /// Reads `H=-13.6,O=-430`, in eV.
  /// - Throws: `ArgumentError` naming `element_energies`: what is no symbol or atomic number, an
  ///   element that is named twice, what is no finite number.
  package init(list text: String) throws(ArgumentError) {
    var energies: [Int32: Double] = [:]
    func failure(_ reason: String) -> ArgumentError {
      ArgumentError("train", "element_energies", reason)
    }
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
        .map { $0.filter { !$0.isWhitespace } }
      guard parts.count == 2 else {
        throw failure("expected SYMBOL=ENERGY,…, received \(quoted(entry))")
      }
      guard let number = Self.number(parts[0]) else {
        throw failure("\(quoted(parts[0])) is not the symbol of an element")
      }
      guard let energy = Double(parts[1]), energy.isFinite else {
        throw failure("\(quoted(parts[1])) is not a finite number")
      }
      guard energies.updateValue(energy, forKey: number) == nil else {
        throw failure("\(ChemicalElements.name(of: number)) is named twice")
      }
    }
    self.init(energies)
  }

  /// Reads an object in JSON: energies in eV by symbol or atomic number.
  /// - Throws: `FileError` naming the key that is no element or whose value is no finite number.
  package init(contentsOf path: String) throws(FileError) {
    let data = try FileBytes.read(path)
    var members = try JSONMembers(
      parsing: String(decoding: data, as: UTF8.self), file: FileBytes.inputName(path), place: "")
    var energies: [Int32: Double] = [:]
    for key in members.keys {
      guard let number = Self.number(key) else {
        throw members.failure(key, "is not the symbol of an element")
      }
      let energy = try members.real(key) ?? 0
      guard energies.updateValue(energy, forKey: number) == nil else {
        throw members.failure(key, "\(ChemicalElements.name(of: number)) is named twice")
      }
    }
    self.init(energies)
  }

  private static func number(_ text: String) -> Int32? {
    if let number = ChemicalElements.number(of: text) { return number }
    guard let number = Int32(text), ChemicalElements.symbol(of: number) != nil else { return nil }
    return number
  }
}
