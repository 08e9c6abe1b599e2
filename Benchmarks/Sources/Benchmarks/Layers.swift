import ArgumentParser
import E3x
import Foundation

/// Whole layers, forward and with their gradient, on all threads.
struct Layers: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time self-attention, message passing, tensor products of atoms and the potential.")

  @Option(help: "Atoms, each with 20 neighbours (the potential: 10).")
  var atoms = 1000
  @Option(help: "The highest degree.")
  var maxDegree = 2
  @Option(help: "Features.")
  var features = 32
  @Option(help: "Only layers whose name contains this.")
  var only: String?

  private typealias Layer = (
    Scope, _ x: Tensor, _ basis: Tensor, _ cutoff: Tensor, _ dst: Tensor, _ src: Tensor
  ) throws -> Tensor

  func run() throws {
    print("layer                                  ms  ns a pair")
    let attention = SelfAttention(MultiHeadAttention(numHeads: 4, maxDegree: maxDegree))
    try report("attention") { scope, x, basis, cutoff, dst, src in
      try attention(
        scope, x, basis: basis, cutoffValue: cutoff, dstIdx: dst, srcIdx: src,
        numSegments: x.shape[0], indicesAreSorted: true)
    }
    let passing = MessagePass(maxDegree: maxDegree)
    try report("message passing") { scope, x, basis, _, dst, src in
      try passing(
        scope, x, basis: basis, dstIdx: dst, srcIdx: src, numSegments: x.shape[0],
        indicesAreSorted: true)
    }
    let product = TensorDense(maxDegree: maxDegree)
    try report("tensor products") { scope, x, _, _, _, _ in try product(scope, x) }
    try reportPotential()
  }

  private func report(_ name: String, _ layer: @escaping Layer) throws {
    guard only.map(name.contains) ?? true else { return }
    let pairs = 20 * atoms
    let keys = try RandomKey(seed: 0).split(3)
    let size = (maxDegree + 1) * (maxDegree + 1)
    let x = try Tensor(
      keys[0].normal(Float.self, count: atoms * 2 * size * features),
      shape: [atoms, 2, size, features])
    let r = try Tensor(keys[1].normal(Float.self, count: 3 * pairs), shape: [pairs, 3])
    let expansion = try basis(
      r, maxDegree: maxDegree, num: 8, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: 6), returnCutoff: true)
    let inputs = try [
      x, expansion.basis, expansion.cutoff!, Tensor((0..<Int32(pairs)).map { $0 / 20 }),
      Tensor(keys[2].integers(count: pairs, in: 0..<Int32(atoms))),
    ].map { try $0.materialized() }
    let parameters = try Parameters.initialize(seed: 0) { scope in
      try layer(scope, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    }
    let rows = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications =
      inputs.enumerated().map { index, input in
        TensorSpecification(
          Shape([index == 0 ? rows.0 : rows.1] + input.shape[1...]), dtype: input.dtype)
      } + parameters.map { TensorSpecification($0.tensor.shape, dtype: $0.tensor.dtype) }
    let paths = parameters.map(\.path)
    func output(_ arguments: [Tensor]) throws -> Tensor {
      var given = Parameters()
      for (path, tensor) in zip(paths, arguments[5...]) { given[path] = tensor }
      return try layer(
        given.scope, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
    }
    let forward = try CompiledFunction(specifications) { [try output($0)] }
    let backward = try CompiledFunction(specifications) { arguments in
      try gradient(
        of: output(arguments).square().sum(),
        withRespectTo: Array(arguments[..<2]) + Array(arguments[5...]))
    }
    let arguments = inputs + parameters.map(\.tensor)
    try line("\(name), forward", pairs) { _ = try forward(arguments) }
    try line("\(name), gradient", pairs) { _ = try backward(arguments) }
  }

  /// Energies and forces of molecules of eleven atoms with all pairs.
  private func reportPotential() throws {
    guard only.map("potential".contains) ?? true else { return }
    let molecules = max(1, atoms / 11)
    var (dst, src): ([Int32], [Int32]) = ([], [])
    for molecule in 0..<Int32(molecules) {
      for i in 0..<Int32(11) {
        for j in 0..<Int32(11) where i != j {
          dst.append(11 * molecule + i)
          src.append(11 * molecule + j)
        }
      }
    }
    var configuration = PotentialConfiguration()
    configuration.features = features
    configuration.maxDegree = maxDegree
    let potential = AttentionPotential(configuration)
    let positions = try Tensor(
      RandomKey(seed: 1).normal(Float.self, count: 33 * molecules).map { 1.5 * $0 },
      shape: [11 * molecules, 3])
    let species = Tensor((0..<11 * molecules).map { Int32([1, 6, 8][$0 % 3]) })
    let (dstIdx, srcIdx) = (Tensor(dst), Tensor(src))
    let parameters = try Parameters.initialize(seed: 0) { scope in
      try potential.atomicEnergies(
        scope, positions: positions, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
    }
    let (rows, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let function = try CompiledFunction([
      TensorSpecification([rows, 3]), TensorSpecification([rows], dtype: .int32),
      TensorSpecification([pairs], dtype: .int32), TensorSpecification([pairs], dtype: .int32),
    ]) { arguments in
      let energy = try potential.atomicEnergies(
        parameters.scope, positions: arguments[0], species: arguments[1], dstIdx: arguments[2],
        srcIdx: arguments[3]
      ).sum()
      return [energy] + (try gradient(of: energy, withRespectTo: [arguments[0]]))
    }
    try line("potential, energies and forces", dst.count) {
      _ = try function([positions, species, dstIdx, srcIdx])
    }
  }

  private func line(_ name: String, _ pairs: Int, _ call: () throws -> Void) throws {
    let seconds = try time(seconds: 1, call).median
    print(
      String(
        format: "%@ %8.2f %10.1f", name.padding(toLength: 32, withPad: " ", startingAt: 0),
        1e3 * seconds, 1e9 * seconds / Double(pairs)))
  }
}
