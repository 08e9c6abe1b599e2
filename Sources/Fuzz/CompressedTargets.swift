import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections

/// Extended XYZ files compressed by gzip, in one member or several.
struct GzipTarget: FuzzTarget {
  let name = "gzip"

  func input(with dice: inout Dice) throws -> Data {
    var (writer, data) = (GzipWriter(), Data())
    for _ in 0...dice.roll(3) {
      var text = Data(dice.pick(Samples.extendedXYZ).utf8)
      if dice.once(in: 8) { text = ByteMutation.mutate(text, with: &dice) }
      data += writer.append([UInt8](text))
      if dice.once(in: 2) { data += writer.finish() }
    }
    data += writer.finish()
    return dice.once(in: 8) ? data : ByteMutation.mutate(data, with: &dice)
  }

  /// What can be read can be written, and reads back the same.
  func use(_ path: String) throws { try FrameTarget.use(path, copy: path + ".copy.gz") }
}

/// Archives of MD17 and rMD17.
struct MoleculeTarget: FuzzTarget {
  let name = "md17"

  private static let arrays: [OrderedDictionary<String, SafetensorsTensor>] = [
    ["z", "R", "E", "F"], ["nuclear_charges", "coords", "energies", "forces"],
  ].map { names in
    [
      names[0]: SafetensorsTensor([8, 1, 1] as [Int32], shape: [3]),
      names[1]: SafetensorsTensor((0..<18).map { Double($0 * $0 % 7) }, shape: [2, 3, 3]),
      names[2]: SafetensorsTensor([-1, 2] as [Double], shape: [2, 1]),
      names[3]: SafetensorsTensor((0..<18).map(Float.init), shape: [2, 3, 3]),
    ]
  }

  func input(with dice: inout Dice) throws -> Data {
    var arrays = dice.pick(Self.arrays)
    if dice.once(in: 4) { arrays[dice.pick(Array(arrays.keys))] = nil }
    if dice.once(in: 4), arrays.count > 1 {
      let (name, other) = (dice.pick(Array(arrays.keys)), dice.pick(Array(arrays.keys)))
      arrays[name] = arrays[other]
    }
    let data = try NumPyMutation.mutate(arrays, with: &dice)
    return dice.once(in: 3) ? ByteMutation.mutate(data, with: &dice) : data
  }

  /// Whatever is in it, frames come out or an error does.
  func use(_ path: String) throws {
    try FrameTarget.useLenient(path)
    _ = try LabelledFrame.read(path, keys: LabelKeys(required: []))
  }
}
