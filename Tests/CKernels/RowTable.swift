import E3xCKernels
import TestSupport

/// Rows of a table: all of them, or those that indices choose.
final class RowTable<T: Element> {
  let elements: UnsafeMutablePointer<T>
  let count: Int
  let width: Int
  let chosen: [Int]
  private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Elements of a row before the ones that are used.
  let offset: Int
  let isIndirect: Bool

  init(rows: Int, used: Int, indirect: Bool, _ g: inout Dice) {
    isIndirect = indirect
    offset = indirect ? g.pick([0, 3]) : 0
    width = used + offset + g.pick([0, 2])
    let stored = max(1, indirect ? g.int(1...max(1, rows)) : rows)
    chosen = (0..<rows).map { indirect ? g.int(0...stored - 1) : $0 }
    count = stored * width
    elements = .allocate(capacity: count)
    elements.initialize(from: random(count, 1, &g) as [T], count: count)
    addresses = .allocate(capacity: max(1, rows))
    for (row, index) in chosen.enumerated() {
      (addresses + row).initialize(to: UnsafeMutableRawPointer(elements + index * width))
    }
  }

  deinit {
    elements.deallocate()
    addresses.deallocate()
  }

  subscript(row: Int, element: Int) -> T { elements[chosen[row] * width + offset + element] }

  func rows(isFar: Bool, component: Int = 0, from first: Int = 0) -> e3x_rows {
    isIndirect
      ? e3x_rows(
        base: nil, stride: 0, row: addresses + first,
        offset: Int64(offset * MemoryLayout<T>.size), is_far: isFar ? 1 : 0,
        component: Int64(component))
      : e3x_rows(
        base: elements + first * width, stride: Int64(width), row: nil, offset: 0, is_far: 0,
        component: Int64(component))
  }

  /// What is told of the rows behind the first `first` ones, to `body`.
  func withSoon<Result>(
    _ first: Int, _ count: Int, _ g: inout Dice,
    _ body: (UnsafePointer<e3x_soon>?) -> Result
  ) -> Result {
    let (start, elements) = (g.int(0...3), g.int(0...width))
    var next = (
      rows(isFar: true, from: min(first, chosen.count)),
      rows(isFar: true, from: min(first, chosen.count))
    )
    return withUnsafePointer(to: &next.0) { rows in
      let soon = e3x_soon(
        rows: rows, count: Int64(count), first: Int64(start), elements: Int64(elements))
      return withUnsafePointer(to: (soon, soon)) {
        $0.withMemoryRebound(to: e3x_soon.self, capacity: 2) { body($0) }
      }
    }
  }
}
