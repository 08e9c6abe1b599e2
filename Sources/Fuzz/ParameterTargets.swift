import E3xEngine
import E3xFiles
import E3xNN
import Foundation
import OrderedCollections

/// Files of parameters in one of the three formats, as `e3x convert` takes them.
struct ParameterTarget: FuzzTarget {
  let format: ParameterFileFormat
  var name: String { format.rawValue }

  func input(with dice: inout Dice) throws -> Data {
    let data: Data
    switch format {
    case .safetensors:
      let sample = try SafetensorsFile.serialized(
        Dictionary(uniqueKeysWithValues: Samples.parameters.map { ($0.key, $0.value) }),
        metadata: ["format": "pt", "config": "{\"features\":4}"])
      data = try SafetensorsMutation.mutate(sample, with: &dice)
    case .msgpack:
      let sample = try FlaxCheckpoint.serialized(
        Samples.parameters, chunkLimit: dice.once(in: 4) ? 8 : 1 << 20)
      data = try MessagePackMutation.mutate(sample, with: &dice)
    case .npz:
      data = try NumPyMutation.mutate(Samples.parameters, with: &dice)
    }
    return dice.once(in: 3) ? ByteMutation.mutate(data, with: &dice) : data
  }

  /// What can be read can be converted to every format that can hold it, and reads back the same.
  func use(_ path: String) throws {
    let file = try ParameterFile(contentsOf: path, format: format)
    _ = try file.converted(to: .float16)
    for format in ParameterFileFormat.allCases {
      let copy = path + ".copy"
      do { try file.write(to: copy, format: format) } catch { continue }
      let again = try ParameterFile(contentsOf: copy, format: format)
      guard Set(again.tensors.keys) == Set(file.tensors.keys) else {
        throw Finding(description: "a \(format) copy has other names: \(again.tensors.keys)")
      }
      for (name, tensor) in file.tensors {
        let copied = again.tensors[name]
        guard copied?.shape == tensor.shape, copied?.dtype == tensor.dtype,
          copied?.bytes == tensor.bytes
        else { throw Finding(description: "\(name) differs in a \(format) copy") }
      }
    }
  }
}

/// Damage to safetensors files: the header as JSON, its length, numbers of the tensors.
enum SafetensorsMutation {
  static func mutate(_ data: Data, with dice: inout Dice) throws -> Data {
    let count = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = data.dropFirst(8).prefix(count)
    var body = Data(data.dropFirst(8 + count))
    var tree = JSONText(try json(header))
    if !dice.once(in: 4) { tree = tree.mutated(with: &dice) }
    if dice.once(in: 3) { tree = tree.mutated(with: &dice) }
    if dice.once(in: 4) { overwriteNumber(&body, with: &dice) }
    var text = Array(tree.text.utf8)
    if !dice.once(in: 8) { while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) } }
    var length = UInt64(text.count)
    if dice.once(in: 20) {
      length = UInt64(bitPattern: Int64(dice.pick(WildNumbers.integers)))
    }
    return withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data(text) + body
  }

  private static func json(_ header: Data) throws -> JSON {
    do { return try JSON(parsing: [UInt8](header)) } catch {
      throw Finding(description: "a sample has a bad header: \(error)")
    }
  }

  /// A wild number in place of one element, if elements have four or eight bytes.
  private static func overwriteNumber(_ body: inout Data, with dice: inout Dice) {
    let width = dice.pick([4, 8])
    guard body.count >= width else { return }
    let at = dice.roll(body.count / width) * width
    let real = dice.pick(WildNumbers.reals + [.nan, .infinity, -.infinity])
    let bits: UInt64 =
      dice.once(in: 3)
      ? UInt64(bitPattern: Int64(dice.pick(WildNumbers.integers)))
      : width == 8 ? real.bitPattern : UInt64(Float(real).bitPattern)
    for index in 0..<width {
      body[body.startIndex + at + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
    }
  }
}

/// Damage to MessagePack: values replaced, removed, wrapped.
enum MessagePackMutation {
  static func mutate(_ data: Data, with dice: inout Dice) throws -> Data {
    let value: MessagePack
    do { value = try MessagePack(parsing: data) } catch {
      throw Finding(description: "a sample is no MessagePack: \(error)")
    }
    var before = dice.roll(count(value))
    return walked(value, &before, with: &dice).serialized()
  }

  private static func count(_ value: MessagePack) -> Int {
    switch value {
    case .array(let values): values.reduce(1) { $0 + count($1) }
    case .map(let values): values.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }

  private static func walked(
    _ value: MessagePack, _ before: inout Int, with dice: inout Dice
  ) -> MessagePack {
    before -= 1
    if before == -1 { return changed(value, with: &dice) }
    switch value {
    case .array(let values): return .array(values.map { walked($0, &before, with: &dice) })
    case .map(let values):
      return .map(values.mapValues { walked($0, &before, with: &dice) })
    default: return value
    }
  }

  private static func changed(_ value: MessagePack, with dice: inout Dice) -> MessagePack {
    switch value {
    case .extended(let type, let payload) where !dice.once(in: 4):
      // Arrays of Flax: shape, type and bytes in MessagePack of their own.
      guard !dice.once(in: 4), let inner = try? mutate(payload, with: &dice) else {
        return .extended(
          type: dice.pick([type, 0, 2, 3, -1, 127]),
          payload: ByteMutation.mutate(payload, with: &dice))
      }
      return .extended(type: type, payload: inner)
    case .map(var values) where !values.isEmpty && !dice.once(in: 3):
      let key = dice.pick(Array(values.keys))
      if dice.once(in: 2) {
        values[key] = nil
      } else {
        values[dice.pick(["", "x", "params", "__msgpack_chunked_array__", "a/b", "0"])] =
          values[key]
      }
      return .map(values)
    default: break
    }
    switch dice.roll(9) {
    case 0: return .null
    case 1: return .bool(true)
    case 2: return .real(dice.pick(WildNumbers.reals + [.nan, .infinity]))
    case 3:
      return .string(dice.pick(WildNumbers.texts + ["float32", "<f4", "V2", "bfloat16", "O"]))
    case 4: return .binary(Data(repeating: 1, count: dice.roll(20)))
    case 5: return .array([value, .integer(dice.pick(WildNumbers.integers))])
    case 6: return .map(["0": value, "shape": .null])
    default: return .integer(dice.pick(WildNumbers.integers))
    }
  }
}

/// Damage to archives of NumPy: the text of an array's header, its version and length.
enum NumPyMutation {
  static func mutate(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, with dice: inout Dice
  ) throws -> Data {
    let target = dice.roll(arrays.count)
    var archive = ZipWriter()
    for (index, (path, array)) in arrays.enumerated() {
      var contents = try NumPyFile.serialized(array)
      if index == target { contents = damaged(contents, with: &dice) }
      try archive.append(
        contents, as: index == target && dice.once(in: 6) ? path : path + ".npy")
    }
    return try archive.finished()
  }

  private static func damaged(_ contents: Data, with dice: inout Dice) -> Data {
    let length = Int(contents[8]) | Int(contents[9]) << 8
    var header = String(decoding: contents[10..<10 + length], as: UTF8.self)
    let changes = [
      ("'descr'", ["'desc'", "\"descr\"", "descr", "'descr': 1, 'descr'"]),
      ("'<f4'", ["'=f4'", "'f4'", "'>f4'", "'|O'", "'<c8'", "'<f16'", "[('a', '<f4')]", "'<U9'"]),
      ("False", ["True", "0", "None", "false", "'False'"]),
      ("}", ["", "}}", ", 'x': 1}", "} 1"]),
      ("(", ["[", "((", "(-", "(9223372036854775807, "]),
      (",)", [")", ", )", ",,)", "L,)"]),
    ]
    for _ in 0...dice.roll(2) {
      if dice.once(in: 2) {
        let (found, others) = dice.pick(changes)
        header = header.replacingOccurrences(of: found, with: dice.pick(others))
      } else if let digits = header.range(of: #"(?<=[( ])\d+"#, options: .regularExpression) {
        header.replaceSubrange(digits, with: dice.pick(WildNumbers.texts))
      }
    }
    var result = Data(contents.prefix(8))
    if dice.once(in: 8) { result[6] = UInt8(dice.roll(5)) }
    let count = dice.once(in: 10) ? dice.roll(70_000) : header.utf8.count
    result.append(UInt8(truncatingIfNeeded: count))
    result.append(UInt8(truncatingIfNeeded: count >> 8))
    return result + Data(header.utf8) + contents.dropFirst(10 + length)
  }
}
