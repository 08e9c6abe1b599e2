import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// A file that flax or NumPy wrote; `Checkpoints/make.py` says with which contents.
func checkpoint(_ name: String) throws -> Data {
  let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Checkpoints")
  return try Data(contentsOf: folder.appendingPathComponent(name))
}

let kernelTensor = SafetensorsTensor([-0.5, 0.5, 1.5, 2.5, 3.5, 4.5] as [Float], shape: [2, 3])
let halfTensor = SafetensorsTensor(
  dtype: .f16, shape: [2], bytes: Data([0x00, 0x3E, 0x00, 0xC0]))

/// Requires that whatever happens to `data`, `read` gives a result or a `FileError`; some of both.
func survivesMutationsOf(
  _ data: Data, seed: UInt64, rounds: Int, _ read: (Data) throws -> Void
) {
  var random = Dice(seed: seed)
  var (parsed, refused) = (0, 0)
  for _ in 0..<rounds {
    var mutated = data
    for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&mutated, using: &random) }
    do {
      try read(mutated)
      parsed += 1
    } catch let error as FileError {
      #expect(!error.reason.isEmpty)
      refused += 1
    } catch {
      Issue.record("\(error) is no FileError")
    }
  }
  #expect(refused > 0 && parsed + refused == rounds)
}
