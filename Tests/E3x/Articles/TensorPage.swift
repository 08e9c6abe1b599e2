import E3x
import Testing

@Suite struct TensorPage {
  @Test func operations() throws {
    // Example of Sources/E3x/E3x.docc/Tensor.md
    let a = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let b = Tensor([10, 20, 30] as [Float])
    let sums = try (a * b).sum([-1])  // b for both rows: shape [2]
    print(try sums.scalars(as: Float.self))  // [140.0, 320.0]

    do {
      _ = try a + Tensor([1, 2] as [Float])
    } catch {
      print(error)  // names operation, shapes and rule
    }
    // End of example

    #expect(try sums.scalars(as: Float.self) == [140, 320])
    #expect(throws: ShapeError.self) { try a + Tensor([1, 2] as [Float]) }
  }
}
