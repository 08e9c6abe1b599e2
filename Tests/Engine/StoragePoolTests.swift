internal import E3xEngine
internal import Testing

@Suite struct StoragePoolTests {
  /// Blocks of one size are reused; those of other sizes do not add up.
  @Test func freedBlocksMakeRoom() {
    let pool = StoragePool(spare: 0)
    let block = pool.take(1 << 20)
    pool.give(block, 1 << 20)
    #expect(pool.bytes.kept == 1 << 20)
    #expect(pool.take(1 << 20) == block, "the same block again")
    pool.give(block, 1 << 20)
    for size in [2 << 20, 3 << 20, 1 << 19, 1 << 20] {
      let other = pool.take(size)
      #expect(pool.bytes.used == size)
      #expect(pool.bytes.used + pool.bytes.kept <= 3 << 20, "\(size)")
      pool.give(other, size)
    }
    #expect(pool.bytes.used == 0)
  }

  /// Up to the spare bytes blocks of all sizes are kept.
  @Test func smallBlocksAreKept() {
    let pool = StoragePool(spare: 1 << 20)
    for size in [64, 128, 256, 4096] { pool.give(pool.take(size), size) }
    #expect(pool.bytes.kept == 64 + 128 + 256 + 4096)
  }
}
