import E3xEngine
import TestSupport
import Testing

/// Which element type a tensor has that is made of Swift's values.
@Suite struct LiteralTests {
  @Test func literalsAreFloat32() throws {
    let scalars = [Tensor(1.5), Tensor(2), Tensor(-3), Tensor(.infinity), Tensor(1 / 2)]
    let vectors = [Tensor([1.5]), Tensor([2]), Tensor([1, 2.5]), Tensor([-1, 0.5 * 3])]
    let nested = [
      try Tensor([[1, 2], [3, 4]]), try Tensor([[[0.5]], [[1]]]), try Tensor([[[[1, 2, 3]]]]),
      try Tensor([1, 2, 3, 4], shape: [2, 2]), try Tensor([], shape: [0, 3]),
    ]
    for tensor in scalars + vectors + nested { #expect(tensor.dtype == .float32) }
    #expect(scalars.allSatisfy { $0.shape == [] })
    #expect(try scalars[4].item() == 0.5)
    #expect(vectors.map(\.shape) == [[1], [1], [2], [2]])
    #expect(nested.map(\.shape) == [[2, 2], [2, 1, 1], [1, 1, 1, 3], [2, 2], [0, 3]])
    #expect(try nested[0].scalars() == [1, 2, 3, 4] as [Float])
  }

  @Test func valuesKeepTheirType() throws {
    let (double, float, integer) = (0.1, Float(0.1), Int32(7))
    #expect(Tensor(double).dtype == .float64)
    #expect(try Tensor(double).item() == 0.1)
    #expect(Tensor(1.5 as Double).dtype == .float64)
    #expect(Tensor(float).dtype == .float32)
    #expect(Tensor(integer).dtype == .int32)
    #expect(Tensor(true).dtype == .bool)
    #expect(try Tensor(integer).scalars() == [7 as Int32])
    #expect(try Tensor(true).scalars() == [true] && Tensor(false).scalars() == [false])
    #expect(Tensor([double]).dtype == .float64)
    #expect(Tensor([0.5, double]).dtype == .float64)
    #expect(Tensor([1.5] as [Double]).dtype == .float64)
    #expect(Tensor([float]).dtype == .float32)
    #expect(Tensor([integer, 3]).dtype == .int32)
    #expect(Tensor([true, false]).dtype == .bool)
    #expect(try Tensor([[double], [1]]).dtype == .float64)
    #expect(try Tensor([[integer, 2]]).dtype == .int32)
    #expect(try Tensor([[[[[true]]]]]).shape == [1, 1, 1, 1, 1])
    #expect(try Tensor([[1, 2]] as [[Double]]).dtype == .float64)
    #expect(try Tensor([1, 2] as [Double], shape: [2, 1]).dtype == .float64)
  }

  @Test(arguments: DType.allCases) func literalsOfAnyType(dtype: DType) throws {
    let vector = Tensor([0, 2.75, -1.5], dtype: dtype)
    #expect(vector.dtype == dtype)
    #expect(try vector.scalars() == [0, dtype.nearest(2.75), dtype.nearest(-1.5)])
    #expect(try Tensor(2.75, dtype: dtype).item() == dtype.nearest(2.75))
    let table = try Tensor([0, 2.75, -1.5, 1], shape: [2, 2], dtype: dtype)
    #expect(table.shape == [2, 2] && table.dtype == dtype)
    #expect(try table.scalars() == [0, 2.75, -1.5, 1].map { dtype.nearest($0) })
    #expect(throws: ShapeError.self) { try Tensor([1, 2], shape: [3], dtype: dtype) }
  }

  @Test func raggedArraysAreRefused() throws {
    for attempt: () throws -> Tensor in [
      { try Tensor([[1, 2], [3]]) }, { try Tensor([[], [1]]) },
      { try Tensor([[[1], [2]], [[1]]]) },
      { try Tensor([[[1], [2, 3]]]) }, { try Tensor([[true], []]) },
    ] {
      let error = #expect(throws: ShapeError.self) { try attempt() }
      #expect(error?.rule.contains("one length") == true)
    }
  }

  @Test(arguments: 0..<20) func nestedArraysThereAndBack(seed: Int) throws {
    var draw = Draw(seed)
    let dtype = draw.element([DType.float32, .float64, .int32, .bool])
    let (array, x) = try draw.operand(draw.shape(rank: 3), dtype)
    let nested: [[[Double]]] = try x.nested()
    let (a, b, c) = (array.shape[0], array.shape[1], array.shape[2])
    #expect(
      nested
        == (0..<a).map { i in (0..<b).map { j in (0..<c).map { array[[i, j, $0]] } } })
    // Empty arrays do not say how long those in them would be.
    if array.count > 0 { try expectValues(Tensor(nested), array, "back") }
  }

  @Test func nestedArraysOfTheTypeAskedFor() throws {
    let x = try Tensor([[1, 2.5], [3, 4]])
    #expect(try x.nested(as: [[Int32]].self) == [[1, 2], [3, 4]])
    #expect(try x[0].nested() == [1, 2.5] as [Float])
    #expect(try x[0, 1].nested() == 2.5 as Double)
    let error = #expect(throws: ShapeError.self) { try x.nested(as: [Float].self) }
    #expect(error?.rule.contains("1 axes") == true)
  }
}
