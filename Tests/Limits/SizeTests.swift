import E3xLimits
import Testing

@Suite struct SizeTests {
  @Test func productsThatFit() {
    #expect(Size.product() == 1)
    #expect(Size.product(3, 4, 5) == 60)
    #expect(Size.product(Int.max, 1) == Int.max)
    #expect(Size.product(Int.max, 2, 0) == 0)
    #expect(Size.product(0, Int.max, Int.max) == 0)
  }

  @Test func productsThatDoNotFit() {
    #expect(Size.product(Int.max, 2) == nil)
    #expect(Size.product(1 << 32, 1 << 31) == nil)
    #expect(Size.product(3, -1) == nil)
    #expect(Size.product(0, -1) == nil)
  }

  @Test func sums() {
    #expect(Size.sum(1, 2, 3) == 6)
    #expect(Size.sum(Int.max, 1) == nil)
    #expect(Size.sum(5, -1) == nil)
  }

  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (999.9, "1 kB"), (2.5e9, "2.5 GB"), (8e12, "8 TB"),
    (1e30, "more than 1000 EB"), (.infinity, "more than 1000 EB"),
  ])
  func memoryForPeople(bytes: Double, text: String) {
    #expect(Size.text(bytes: bytes) == text)
  }
}
