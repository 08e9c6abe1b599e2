import E3xFiles
import Foundation
import Testing

@Suite struct SHA256Tests {
  /// Of FIPS 180-4's examples, and of lengths around the blocks of 64 bytes, by Python's hashlib
  /// (`hashlib.sha256(bytes(i % 251 for i in range(n)))`).
  @Test(arguments: [
    (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59"),
    (56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562"),
    (63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488"),
    (64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108"),
    (119, "da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6"),
    (120, "f52b23db1fbb6ded89ef42a23ce0c8922c45f25c50b568a93bf1c075420bbb7c"),
    (128, "471fb943aa23c511f6f72f8d1652d9c880cfa392ad80503120547703e56a2be5"),
  ])
  func digestsAreThoseOfHashlib(count: Int, digest: String) {
    let bytes = Data((0..<count).map { UInt8($0 % 251) })
    #expect(SHA256.hexadecimal(bytes) == digest)
  }

  @Test func abc() {
    #expect(
      SHA256.hexadecimal(Data("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(arguments: [1, 7, 63, 64, 65])
  func piecesMakeTheWhole(size: Int) {
    for count in 0..<200 {
      let bytes = Data((0..<count).map { UInt8($0) })
      var digest = SHA256()
      for start in stride(from: 0, to: count, by: size) {
        digest.update(bytes[start..<min(start + size, count)])
      }
      #expect(digest.hexadecimal() == SHA256.hexadecimal(bytes), "\(count)")
    }
  }
}
