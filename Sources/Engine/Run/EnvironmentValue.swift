internal import E3xSystem

/// What a variable of the environment says; nil where it is not set. What cannot be followed is said
/// on standard error, and is nil too.
///
/// - Parameters:
///   - expected: what the variable may say, for the message.
///   - parse: nil for what it may not say.
func environmentValue<Value>(
  _ name: String, expected: String, _ parse: (String) -> Value?
) -> Value? {
  guard let text = ProcessInfo.processInfo.environment[name], !text.isEmpty else { return nil }
  if let value = parse(text) { return value }
  let message = "e3x: \(name) is '\(text)', expected \(expected); it is ignored\n"
  let bytes = Array(message.utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
  return nil
}
