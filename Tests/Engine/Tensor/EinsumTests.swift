import E3xEngine
import TestSupport
import Testing

@Suite struct EinsumTests {
  /// The sum over all values of all letters.
  private func naive(
    _ operands: [(names: [Character], array: NaiveArray)], _ result: [Character]
  ) -> NaiveArray {
    var sizes: [Character: Int] = [:]
    for (names, array) in operands {
      for (name, size) in zip(names, array.shape) { sizes[name] = size }
    }
    let summed = sizes.keys.filter { !result.contains($0) }.sorted()
    return NaiveArray(result.map { sizes[$0]! }) { index in
      NaiveArray.indices(summed.map { sizes[$0]! }).reduce(0) { sum, rest in
        let place = Dictionary(uniqueKeysWithValues: zip(result + summed, index + rest))
        return sum + operands.reduce(1) { $0 * $1.array[$1.names.map { place[$0]! }] }
      }
    }
  }

  @Test(arguments: 0..<60) func anyNames(seed: Int) throws {
    var draw = Draw(900 + seed)
    let letters: [Character] = ["a", "b", "c", "d", "e"]
    let sizes = letters.map { _ in draw.element([0, 1, 2, 3, 4]) }
    let dtype = draw.element([DType.float32, .float64])
    var (named, tensors): ([(names: [Character], array: NaiveArray)], [Tensor]) = ([], [])
    for _ in 0..<draw.integer(1..<4) {
      var names = letters.filter { _ in draw.bool() }
      if draw.bool() { names.reverse() }
      let (array, tensor) = try draw.operand(
        names.map { sizes[letters.firstIndex(of: $0)!] }, dtype)
      named.append((names, array))
      tensors.append(tensor)
    }
    let known = Set(named.flatMap(\.names)).sorted()
    let result = known.filter { _ in draw.bool() }.reversed() as [Character]
    let text = named.map { String($0.names) }.joined(separator: ",") + " -> " + String(result)
    let value =
      switch tensors.count {
      case 1: try Tensor.einsum(text, tensors[0])
      case 2: try Tensor.einsum(text, tensors[0], tensors[1])
      default: try Tensor.einsum(text, tensors[0], tensors[1], tensors[2])
      }
    try expectValues(value, naive(named, result), terms: 1024, text)
  }

  @Test func knownForms() throws {
    let (x, y) = (try testValues([2, 3], seed: 1), try testValues([3, 4], seed: 2))
    try expectAgreement(
      Tensor.einsum("ij,jk->ik", x, y), with: x.matmul(y), tolerance: 1e-15)
    try expectAgreement(Tensor.einsum("ij->ji", x), with: x.transposed(), tolerance: 0)
    #expect(abs(try Tensor.einsum("ij,ij->", x, x).item() - x.square().sum().item()) < 1e-14)
  }

  @Test func symbolicRows() throws {
    let rows = Dimension.rows("rows")
    let function = try CompiledFunction([
      TensorSpecification([rows, 2, 3], dtype: .float64),
      TensorSpecification([rows, 3], dtype: .float64),
    ]) {
      [try Tensor.einsum("rij,rj->ri", $0[0], $0[1]), try Tensor.einsum("rij,rj->i", $0[0], $0[1])]
    }
    for size in [0, 1, 600] {
      let (x, y) = (try testValues([size, 2, 3], seed: 1), try testValues([size, 3], seed: 2))
      let expected = try (x * y[0..., .newAxis]).sum([2])
      let results = try function([x, y])
      try expectAgreement(results[0], with: expected, tolerance: 1e-14)
      try expectAgreement(results[1], with: expected.sum([0]), tolerance: 1e-13)
    }
  }

  @Test func derivatives() throws {
    try expectDerivatives(at: [testValues([2, 3], seed: 1), testValues([3, 2, 2], seed: 2)]) {
      try Tensor.einsum("ij,jka,ik->a", $0[0], $0[1], $0[0][..., 0..<2].square())
    }
  }

  @Test(arguments: [
    "ij,jk", "ij,jk>ik", "ij->ik", "ij,jk,kl->il", "ii,jk->ik", "ij,jk->iik", "i,jk->ik",
    "ij,ik->jk", "i1,1k->ik", "...,jk->k", "ij,jk->ix", "",
  ])
  func subscriptsThatDoNotFit(text: String) throws {
    let (x, y) = (Tensor.ones([2, 3]), Tensor.ones([3, 4]))
    let error = #expect(throws: ShapeError.self) { try Tensor.einsum(text, x, y) }
    #expect(error?.operation == "einsum")
    #expect(throws: ShapeError.self) {
      try Tensor.einsum("ij,jk->ik", x, y.cast(to: .float64))
    }
  }
}
