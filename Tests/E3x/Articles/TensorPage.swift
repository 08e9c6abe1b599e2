import E3x
import Testing

@Suite struct TensorPage {
  @Test func operations() throws {
    // Example of Sources/E3x/E3x.docc/Tensor.md
    let a = try Tensor([[1, 2, 3], [4, 5, 6]])
    let b = Tensor([10, 20, 30])
    let sums = try (a * b).sum([-1])  // b for both rows: shape [2]
    print(sums)  // [140., 320.] float32 [2]
    print(try a[..., -1], try a[0, 1...])  // [3., 6.] float32 [2] [2., 3.] float32 [2]
    let rows: [[Float]] = try (2 * a).nested()  // [[2, 4, 6], [8, 10, 12]]

    do {
      _ = try a + Tensor([1, 2])
    } catch {
      print(error)  // names operation, shapes and rule
    }
    // End of example

    #expect(sums.description == "[140., 320.] float32 [2]")
    #expect(try a[..., -1].scalars() == [3, 6] as [Float])
    #expect(try a[0, 1...].scalars() == [2, 3] as [Float])
    #expect(rows == [[2, 4, 6], [8, 10, 12]])
    #expect(throws: ShapeError.self) { try a + Tensor([1, 2]) }
  }
}
