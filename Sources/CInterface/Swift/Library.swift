internal import CE3x
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials

/// Text that stays as long as the process does.
private func permanent(_ text: String) -> UnsafePointer<CChar> {
  let bytes = Array(text.utf8CString)
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  copy.initialize(from: bytes, count: bytes.count)
  return UnsafePointer(copy)
}

private nonisolated(unsafe) let version = permanent(E3xVersion.current)

@_cdecl("e3x_version")
package func e3x_version() -> UnsafePointer<CChar> { version }

@_cdecl("e3x_interface_version")
package func e3x_interface_version() -> Int32 { E3X_INTERFACE_VERSION }

@_cdecl("e3x_last_error")
package func e3x_last_error() -> UnsafePointer<CChar> { LastError.text }

@_cdecl("e3x_threads")
package func e3x_threads() -> Int32 { Int32(clamping: Threads.count) }

@_cdecl("e3x_set_threads")
package func e3x_set_threads(_ count: Int32) -> Int32 {
  status("e3x_set_threads") { try Threads.use(Int(count)) }
}

private nonisolated(unsafe) let symbols = ChemicalElements.symbols.map(permanent)

@_cdecl("e3x_element_symbol")
package func e3x_element_symbol(_ number: Int32) -> UnsafePointer<CChar>? {
  number >= 1 && number < symbols.count ? symbols[Int(number)] : nil
}

@_cdecl("e3x_element_number")
package func e3x_element_number(_ symbol: UnsafePointer<CChar>?) -> Int32 {
  symbol.flatMap { ChemicalElements.number(of: String(cString: $0)) } ?? 0
}
