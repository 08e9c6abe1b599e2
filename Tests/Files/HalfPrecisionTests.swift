import E3xFiles
import Foundation
import Testing

/// Rounding to the 16-bit types: once, from whatever type a file holds.
@Suite struct HalfPrecisionTests {
  private static func bits(_ values: [Double], _ type: SafetensorsDType) throws -> [UInt16] {
    let bytes = try SafetensorsTensor(values, shape: [values.count]).converted(to: type).bytes
    return stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
    }
  }

  /// NumPy's and ml_dtypes' results, but for the last three of each by the definition.
  @Test func roundsOnce() throws {
    // 1 + 2^-11 + 2^-30: through float32 it would become the tie 1 + 2^-11, and then 1.
    let aboveTie = 1 + 0x1p-11 + 0x1p-30
    #expect(
      try Self.bits(
        [
          aboveTie, 1 + 0x1p-11, -aboveTie, 1 + 0x3p-11, 65504, 65519.999, 65520, -1e300, 0x1p-25,
          0x1.000001p-25, 0x1p-24, 0x1.8p-24, 1e-300, -0.0, .infinity, 0x1.ff8p-15, 0x1.ffcp-15,
        ],
        .f16)
        == [
          0x3C01, 0x3C00, 0xBC01, 0x3C02, 0x7BFF, 0x7BFF, 0x7C00, 0xFC00, 0, 1, 1, 2, 0, 0x8000,
          0x7C00, 0x03FF, 0x0400,
        ])
    #expect(
      try Self.bits(
        [
          1 + 0x1p-8 + 0x1p-40, 1 + 0x1p-8, 1 + 0x3p-8, 0x1.fep127, 0x1.feffffffp127, 0x1.ffp127,
          -1e300, 0x1p-134, 0x1.000000001p-134, 0x1p-133, 1e-300, -0.0, -.infinity,
        ], .bf16)
        == [0x3F81, 0x3F80, 0x3F82, 0x7F7F, 0x7F7F, 0x7F80, 0xFF80, 0, 1, 1, 0, 0x8000, 0xFF80])
    for type in [SafetensorsDType.f16, .bf16] {
      let values = try SafetensorsTensor([.nan, -.nan, .signalingNaN] as [Double], shape: [3])
        .converted(to: type).doubles()
      #expect(values.count == 3 && values.allSatisfy { $0.isNaN })
    }
  }

  /// The nearest of two neighbours is taken; halfway, the one whose last bit is 0.
  @Test(arguments: [SafetensorsDType.f16, .bf16]) func betweenNeighboursTheNearestIsTaken(
    type: SafetensorsDType
  ) throws {
    let infinity: UInt16 = type == .f16 ? 0x7C00 : 0x7F80
    let patterns = Array(0..<infinity)
    let bytes = patterns.map(\.littleEndian).withUnsafeBytes { Data($0) }
    let values = try SafetensorsTensor(dtype: type, shape: [patterns.count], bytes: bytes).doubles()
    #expect(try Self.bits(values, type) == patterns)
    let middles = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
    #expect(try Self.bits(middles, type) == patterns.dropLast().map { $0 + $0 % 2 })
    #expect(try Self.bits(middles.map(\.nextDown), type) == Array(patterns.dropLast()))
    #expect(try Self.bits(middles.map(\.nextUp), type) == Array(patterns.dropFirst()))
    #expect(
      try Self.bits(middles.map { -$0.nextUp }, type) == patterns.dropFirst().map { $0 | 0x8000 })
  }

  @Test func convertsFromEveryType() throws {
    let long: Int64 = 1 << 62 + 1 << 54 + 1  // just above the middle of two neighbours of bfloat16
    let tensor = SafetensorsTensor([long, -long, long - 1] as [Int64], shape: [3])
    let halves = try tensor.converted(to: .bf16)
    #expect([UInt8](halves.bytes) == [0x81, 0x5E, 0x81, 0xDE, 0x80, 0x5E])
    #expect(halves.shape == [3])
    let kernel = try kernelTensor.converted(to: .f64)
    #expect(try kernel.dtype == .f64 && kernel.doubles() == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
    #expect(try kernel.converted(to: .f32) == kernelTensor)
    #expect(try kernelTensor.converted(to: .f32) == kernelTensor)
    #expect(throws: FileError.self) { try kernelTensor.converted(to: .i32) }
    #expect(throws: FileError.self) {
      try SafetensorsTensor([true], shape: [1]).converted(to: .f32)
    }
  }
}
