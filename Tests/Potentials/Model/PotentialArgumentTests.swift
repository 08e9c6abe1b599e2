import E3xEngine
import E3xNN
import E3xPotentials
import Testing

/// What is no atoms and pairs is refused by name.
@Suite struct PotentialArgumentTests {
  private func refused(
    positions: Tensor? = nil, species: Tensor? = nil, dst: Tensor? = nil, src: Tensor? = nil,
    displacements: Tensor? = nil
  ) throws -> String? {
    let small = try SmallPotential()
    let species = species ?? Tensor([1, 6, 8] as [Int32])
    let pairs = (dst: dst ?? Tensor([0, 1] as [Int32]), src: src ?? Tensor([1, 2] as [Int32]))
    do {
      if let displacements {
        _ = try small.potential.atomicEnergies(
          small.parameters.scope, displacements: displacements, species: species,
          dstIdx: pairs.dst, srcIdx: pairs.src)
      } else {
        _ = try small.potential.atomicEnergies(
          small.parameters.scope, positions: positions ?? Tensor.ones([3, 3], dtype: .float64),
          species: species, dstIdx: pairs.dst, srcIdx: pairs.src)
      }
      return nil
    } catch let error as ArgumentError {
      return error.argument
    }
  }

  @Test func validArgumentsAreAccepted() throws {
    #expect(try refused() == nil)
    #expect(try refused(displacements: Tensor.ones([2, 3], dtype: .float64)) == nil)
  }

  @Test(arguments: [[2, 3], [3, 4], [3], [1, 3, 3]])
  func positions(shape: [Int]) throws {
    let ones = Tensor.ones(Shape(shape.map { Dimension($0) }), dtype: .float64)
    #expect(try refused(positions: ones) == "positions")
    if shape != [2, 3] { #expect(try refused(displacements: ones) == "displacements") }
  }

  @Test func others() throws {
    let number = Tensor(1, dtype: .int32)
    let list = try Tensor([0, 1] as [Int32], shape: [2, 1])
    #expect(try refused(positions: .ones([3, 3], dtype: .int32)) == "positions")
    #expect(try refused(species: number) == "species")
    #expect(try refused(species: .ones([3], dtype: .float64)) == "species")
    #expect(try refused(dst: number) == "dst_idx")
    #expect(try refused(dst: list) == "dst_idx")
    #expect(try refused(src: number) == "src_idx")
    #expect(try refused(src: Tensor([0, 1, 2] as [Int32])) == "src_idx")
    #expect(try refused(displacements: .ones([3, 3], dtype: .float64)) == "displacements")
  }
}
