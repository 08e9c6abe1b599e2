internal import E3xEngine
internal import TestSupport
import Testing

@Suite(.verifiedPlans) struct StoragePoolTests {
  /// Blocks of one size are reused; those of other sizes do not add up.
  @Test func freedBlocksMakeRoom() {
    let pool = StoragePool(spare: 0)
    let block = pool.take(1 << 20).block
    pool.give(block, 1 << 20)
    #expect(pool.bytes.kept == 1 << 20)
    #expect(pool.take(1 << 20).block == block, "the same block again")
    pool.give(block, 1 << 20)
    for size in [2 << 20, 3 << 20, 1 << 19, 1 << 20] {
      let other = pool.take(size)
      #expect(other.sizeClass >= size && other.sizeClass <= 2 * size)
      #expect(pool.bytes.used == other.sizeClass)
      #expect(pool.bytes.used + pool.bytes.kept <= 3 << 20, "\(size)")
      pool.give(other.block, other.sizeClass)
    }
    #expect(pool.bytes.used == 0)
  }

  /// Up to the spare bytes blocks of all sizes are kept.
  @Test func smallBlocksAreKept() {
    let pool = StoragePool(spare: 1 << 20)
    for size in [64, 128, 256, 4096] {
      let block = pool.take(size)
      pool.give(block.block, block.sizeClass)
    }
    #expect(pool.bytes.kept == 64 + 128 + 256 + 4096)
  }

  /// What ran on the largest size finds its memory on smaller ones, down to half.
  @Test func largerBlocksServeSmallerSizes() {
    let pool = StoragePool(spare: 1 << 20)
    let large = pool.take(4096)
    pool.give(large.block, large.sizeClass)
    let small = pool.take(2048)
    #expect(small.block == large.block && small.sizeClass == 4096)
    let other = pool.take(2048)
    #expect(other.sizeClass == 2048, "nothing is kept")
    pool.give(small.block, small.sizeClass)
    pool.give(other.block, other.sizeClass)
    let tiny = pool.take(1024)
    #expect(tiny.block == other.block, "the smallest that is large enough")
    pool.give(tiny.block, tiny.sizeClass)
    #expect(pool.bytes.used == 0 && pool.bytes.kept == 4096 + 2048)
  }

  /// A small block that is not there costs small ones that are kept, not the largest.
  @Test func smallNeedsLeaveLargeBlocks() {
    let pool = StoragePool(spare: 0)
    let blocks = [1 << 22, 1 << 20, 1 << 12].map { pool.take($0) }
    for block in blocks { pool.give(block.block, block.sizeClass) }
    let other = pool.take(1 << 13)
    #expect(other.sizeClass == 1 << 13)
    #expect(pool.bytes.kept == (1 << 22) + (1 << 12), "the smallest that is enough")
    let again = pool.take(1 << 22)
    #expect(again.block == blocks[0].block)
    let large = pool.take(1 << 23)
    #expect(pool.bytes.kept == 0, "all that is kept, where it is not enough")
    for block in [other, again, large] { pool.give(block.block, block.sizeClass) }
  }
}
