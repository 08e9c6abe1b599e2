import E3x
import Foundation
import Testing

// Example of Sources/E3x/E3x.docc/OwnPotentials.md
/// Pairs of atoms attract and repel each other, with learned weights for each two elements.
struct PairPotential: PotentialModel {
  static let kind = "pairs"
  var cutoff = 5.0
  var features = 12
  var energyScale = 1.0

  // Before a training: what the network returns is of order 1.
  mutating func adapt(to data: TrainingScales) { energyScale = data.energy }

  func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    let radial = try basis(
      displacements, maxDegree: 0, num: features, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: cutoff)
    ).basis  // [P, 1, 1, features], and 0 at the cutoff
    let embed = Embed(numEmbeddings: 119, features: features, dtype: displacements.dtype)
    let elements = try embed(scope.child("embed"), species)  // [N, 1, 1, features]
    let weights = try gatherDst(elements, dstIdx: dstIdx) * gatherSrc(elements, srcIdx: srcIdx)
    return try (weights * radial).sum([1, 2, 3]).segmentSum(dstIdx, count: species.shape[0])
  }
}
// End of example

@Suite struct OwnPotentialsArticle {
  @Test func aPairPotential() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("e3x-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }

    // Example of Sources/E3x/E3x.docc/OwnPotentials.md
    let frames = try LabelledFrame.read(BundledData.ethanol(.valid))
    var options = TrainingOptions()
    (options.steps, options.validationInterval) = (20, 10)
    var trainer = try Trainer(
      model: PairPotential(), options: options, train: Array(frames[..<50]),
      valid: Array(frames[50..<60]))
    while !trainer.isDone { try trainer.advance() }

    let potential = try trainer.bestPotential()
    try potential.write(to: folder + "/pairs.safetensors")
    let read = try Potential(
      contentsOf: folder + "/pairs.safetensors", models: [PairPotential.self])
    print(try read.predict([frames[60]])[0].forces.count)  // 27
    // End of example

    let (a, b) = (try potential.predict([frames[60]])[0], try read.predict([frames[60]])[0])
    #expect(a.forces.count == 27 && a.forces == b.forces && a.energy == b.energy)
  }
}
