/// Where the slots of a sweep lie in the memory of a part: tile slots that are not needed at the
/// same time share it.
struct SlotPlaces {
  private(set) var slots: [Slot]
  private(set) var tileBytes = 0
  private(set) var scratchBytes = 0
  private(set) var preparedBytes = 0

  init(_ code: SweepCode) {
    slots = code.slots
    let lives = code.lives()
    // First fit, in the order in which slots are written.
    var taken: [(start: Int, end: Int, until: Int)] = []
    let order = slots.indices.sorted {
      (lives[$0]?.lowerBound ?? .max) < (lives[$1]?.lowerBound ?? .max)
    }
    for slot in order {
      switch slots[slot].kind {
      case .tile(let rowBytes):
        guard let life = lives[slot] else { continue }
        let size = (rowBytes + 3) & ~3
        taken.removeAll { $0.until < life.lowerBound }
        taken.sort { $0.start < $1.start }
        var start = 0
        for other in taken where other.start < start + size { start = max(start, other.end) }
        taken.append((start, start + size, life.upperBound))
        slots[slot].offset = start
        tileBytes = max(tileBytes, start + size)
      case .scratch(let bytes):
        slots[slot].offset = scratchBytes
        scratchBytes += (bytes + 63) & ~63
      case .prepared(let bytes):
        slots[slot].offset = preparedBytes
        preparedBytes += (bytes + 63) & ~63
      default: break
      }
    }
  }
}
