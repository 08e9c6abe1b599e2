import E3xFiles
import OrderedCollections

/// JSON as it is written, right or wrong: keys may occur twice, numbers may be any text.
indirect enum JSONText {
  case raw(String)
  case string(String)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  init(_ value: JSON) {
    switch value {
    case .null: self = .raw("null")
    case .bool(let value): self = .raw("\(value)")
    case .integer(let value): self = .raw("\(value)")
    case .real(let value): self = .raw("\(value)")
    case .string(let value): self = .string(value)
    case .array(let values): self = .array(values.map(JSONText.init))
    case .object(let values): self = .object(values.map { ($0.key, JSONText($0.value)) })
    }
  }

  var text: String {
    switch self {
    case .raw(let text): text
    case .string(let text): JSON.quote(text)
    case .array(let values): "[\(values.map(\.text).joined(separator: ","))]"
    case .object(let values):
      "{\(values.map { JSON.quote($0.key) + ":" + $0.value.text }.joined(separator: ","))}"
    }
  }

  /// The number of values in it, itself counted.
  private var count: Int {
    switch self {
    case .raw, .string: 1
    case .array(let values): values.reduce(1) { $0 + $1.count }
    case .object(let values): values.reduce(1) { $0 + $1.value.count }
    }
  }

  /// One value of it changed, or one key.
  func mutated(with dice: inout Dice) -> JSONText {
    var before = dice.roll(count)
    return walked(&before, with: &dice)
  }

  /// Changes the value that has `before` others before it.
  private func walked(_ before: inout Int, with dice: inout Dice) -> JSONText {
    before -= 1
    if before == -1 { return changed(with: &dice) }
    switch self {
    case .raw, .string: return self
    case .array(let values): return .array(values.map { $0.walked(&before, with: &dice) })
    case .object(let values):
      return .object(values.map { ($0.key, $0.value.walked(&before, with: &dice)) })
    }
  }

  private func changed(with dice: inout Dice) -> JSONText {
    switch self {
    case .string(let text):
      // Text that is JSON itself, as the metadata of models.
      if text.hasPrefix("{") || text.hasPrefix("["), !dice.once(in: 5),
        let inner = try? JSON(parsing: Array(text.utf8))
      {
        return .string(JSONText(inner).mutated(with: &dice).text)
      }
    case .object(var values) where !values.isEmpty && !dice.once(in: 4):
      let index = dice.roll(values.count)
      switch dice.roll(4) {
      case 0: values.remove(at: index)
      case 1: values.append(values[index])
      case 2:
        values[index].key = dice.pick(["", "x", values[index].key + "x", "params.x", "\u{0}"])
      default: values.append((dice.pick(["x", "__metadata__", ""]), .raw(dice.pick(Self.numbers))))
      }
      return .object(values)
    case .array(var values) where !values.isEmpty && !dice.once(in: 4):
      if dice.once(in: 2) {
        values.remove(at: dice.roll(values.count))
      } else {
        values.insert(.raw(dice.pick(Self.numbers)), at: dice.roll(values.count + 1))
      }
      return .array(values)
    default: break
    }
    switch dice.roll(10) {
    case 0: return .raw(dice.pick(["null", "true", "false", "[]", "{}", "\"\"", "nul", "[", "}"]))
    case 1: return .string(dice.pick(WildNumbers.texts))
    case 2:
      let depth = dice.pick([10, 70, 5000])
      return .raw(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    case 3: return .array([self, self])
    default: return .raw(dice.pick(Self.numbers))
    }
  }

  private static let numbers = WildNumbers.texts.filter { !$0.isEmpty }
}
