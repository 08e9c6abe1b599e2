import E3xFiles
import Foundation
import OrderedCollections
import Testing

@Suite struct NumPyTests {
  @Test func readsArchives() throws {
    let arrays = try NumPyArchive.arrays(data: try checkpoint("arrays.npz"))
    let expected: OrderedDictionary<String, SafetensorsTensor> = [
      "params/query/0+/kernel": kernelTensor,
      "params/gamma": SafetensorsTensor([3.25] as [Double], shape: []),
      "half": halfTensor,
      "integers": SafetensorsTensor([-1, 2] as [Int32], shape: [2]),
      "longs": SafetensorsTensor([-1, 2] as [Int64], shape: [2, 1]),
      "bytes": SafetensorsTensor(dtype: .u8, shape: [1], bytes: Data([7])),
      "mask": SafetensorsTensor([true, false, true], shape: [3]),
      "empty": SafetensorsTensor([] as [Float], shape: [0, 4]),
    ]
    #expect(arrays == expected)
  }

  @Test func readsDeflatedArchives() throws {
    let arrays = try NumPyArchive.arrays(data: try checkpoint("compressed.npz"))
    #expect(arrays.keys == ["kernel", "zeros", "steps", "noise"])
    #expect(arrays["kernel"] == kernelTensor)
    let zeros = [Float](repeating: 0, count: 4000)
    #expect(arrays["zeros"] == SafetensorsTensor(zeros, shape: [40, 100]))
    #expect(try arrays["steps"]?.int64s() == (0..<3000).map { $0 % 1000 })
    // As NumPy prints them.
    let noise = try #require(try arrays["noise"]?.int64s())
    #expect(
      noise.prefix(3) == [
        5_874_934_615_388_537_135, 2_488_343_231_644_625_808,
        377_914_054_924_498_012,
      ])
    #expect(noise.reduce(0, &+) == -5_718_603_828_572_838_410)
  }

  @Test func readsAndWritesSingleArrays() throws {
    let data = try checkpoint("kernel.npy")
    #expect(try NumPyFile.array(data: data) == kernelTensor)
    #expect(try NumPyFile.serialized(kernelTensor) == data)
    // A slice does not begin at index 0.
    #expect(try NumPyFile.array(data: (Data([1]) + data)[1...]) == kernelTensor)
  }

  @Test func readsFortranOrderAndOtherByteOrder() throws {
    let fortran = try NumPyFile.array(data: try checkpoint("fortran.npy"))
    #expect(fortran == SafetensorsTensor((0..<24).map(Double.init), shape: [2, 3, 4]))
    let big = try NumPyFile.array(data: try checkpoint("big.npy"))
    #expect(big == SafetensorsTensor([-0.5, 0.5, 1.5, 2.5, 3.5, 4.5] as [Double], shape: [2, 3]))
  }

  @Test func readsWhatItWrites() throws {
    let arrays = try NumPyArchive.arrays(data: try checkpoint("arrays.npz"))
    var more = arrays
    more["é"] = kernelTensor
    more["rank"] = SafetensorsTensor([1] as [Float], shape: [Int](repeating: 1, count: 64))
    let data = try NumPyArchive.serialized(more)
    #expect(try NumPyArchive.arrays(data: data) == more)
    #expect(try NumPyArchive.serialized(more) == data)
    #expect(try NumPyArchive.arrays(data: NumPyArchive.serialized([:])) == [:])
  }

  @Test(arguments: [
    ("bfloat16.npy", "bfloat16"), ("complex.npy", "\"<c16\" is not supported"),
    ("record.npy", "records"), ("objects.npy", "Python objects"),
  ]) func refusesOtherTypes(name: String, reason: String) throws {
    let data = try checkpoint(name)
    let error = #expect(throws: FileError.self) { try NumPyFile.array(data: data, name: "x.npy") }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func refusesToWriteBFloat16() {
    let tensor = SafetensorsTensor(dtype: .bf16, shape: [1], bytes: Data(count: 2))
    let error = #expect(throws: FileError.self) { try NumPyArchive.serialized(["a": tensor]) }
    #expect(error?.reason.contains("float32") == true)
  }

  @Test(arguments: ["", "/a", "a//b", "a/", "..", "a/../b", "./a", "a\\b", "a\u{0}b"])
  func refusesNamesThatAreNoPaths(name: String) throws {
    #expect(throws: FileError.self) { try NumPyArchive.serialized([name: kernelTensor]) }
    var writer = ZipWriter()
    try writer.append(try NumPyFile.serialized(kernelTensor), as: name + ".npy")
    let data = try writer.finished()
    let error = #expect(throws: FileError.self) { try NumPyArchive.arrays(data: data) }
    #expect(error?.reason.contains("no path") == true)
  }

  /// A version 1.0 file with this dictionary and four bytes.
  private static func file(_ dictionary: String) -> Data {
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    let count = dictionary.utf8.count
    data.append(contentsOf: [UInt8(count & 0xFF), UInt8(count >> 8)])
    return data + Data(dictionary.utf8) + Data(count: 4)
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", ""),
    ("{\"shape\":(1L,),\"fortran_order\":True,\"descr\":\"<f4\"}\n", ""),
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", ""),
    ("", "expected '{'"),
    ("{", "expected"),
    ("{}", "is missing"),
    ("{'descr': '<f4', 'shape': (1,)}", "is missing"),
    ("{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", "repeated"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "unexpected text"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "takes 8 bytes, but 4 follow"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': ()", "expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "extent"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "extent"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "overflows"),
    ("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}", "True or False"),
    ("{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", ""),
    ("{'descr': '=f4', 'fortran_order': False, 'shape': (1,)}", ""),
    ("{u'descr':\t'<f4', 'fortran_order': False, 'shape': (1,)}", ""),
    ("{'descr': 'f4', 'fortran_order': False, 'shape': (1,)}", ""),
    ("{'descr': 'float32', 'fortran_order': False, 'shape': (1,)}", ""),
    ("{'descr': '<float32', 'fortran_order': False, 'shape': (1,)}", "not supported"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "expected ','"),
    ("{'descr': '', 'fortran_order': False, 'shape': (1,)}", "not supported"),
    ("{'descr': '<f4", "without an end"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': ("
        + String(repeating: "1,", count: 65) + ")}", "65 axes"
    ),
    (String(repeating: " ", count: 10_001), "more than 10000"),
  ]) func checksHeaders(dictionary: String, reason: String) throws {
    let data = Self.file(dictionary)
    if reason.isEmpty {
      #expect(try NumPyFile.array(data: data).bytes.count == 4)
    } else {
      let error = #expect(throws: FileError.self) { try NumPyFile.array(data: data) }
      #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }
  }

  @Test(arguments: ["kernel.npy", "fortran.npy", "big.npy"])
  func survives(name: String) throws {
    let data = try checkpoint(name)
    for count in 0..<data.count {
      #expect(throws: FileError.self) { try NumPyFile.array(data: data.prefix(count)) }
    }
    survivesMutationsOf(data, seed: 1, rounds: 5000) { data in
      let tensor = try NumPyFile.array(data: data)
      if tensor.dtype != .bool { _ = try tensor.doubles() }
    }
  }
}
