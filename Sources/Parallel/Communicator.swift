/// Processes that do a job together: each runs the same program on its part of the data, and what
/// they add up is the same on all of them.
///
/// All processes make the same calls in the same order.
package protocol Communicator: Sendable {
  /// Which of the processes this is, from 0.
  var rank: Int { get }
  /// How many there are.
  var size: Int { get }
  /// Replaces numbers by their sums over all processes, which are the same bits on all.
  func sum(_ values: inout [Float])
  func sum(_ values: inout [Double])
  /// Replaces numbers by those of process 0.
  func broadcast(_ values: inout [Double])
}

extension Communicator {
  /// Whether this process writes and speaks for all.
  package var isLeader: Bool { rank == 0 }

  /// Which of several things hold on any process.
  package func any(_ flags: Bool...) -> [Bool] {
    if size == 1 { return flags }
    var values = flags.map { $0 ? 1.0 : 0 }
    sum(&values)
    return values.map { $0 > 0 }
  }

  /// The first process on which something holds; nil if there is none.
  package func first(_ flag: Bool) -> Int? {
    var values = [Double](repeating: 0, count: size)
    values[rank] = flag ? 1 : 0
    sum(&values)
    return values.firstIndex { $0 > 0 }
  }

  /// This process' part of a list: the parts are in order, and differ in length by one at most.
  package func part(of count: Int) -> Range<Int> {
    (count * rank / size)..<(count * (rank + 1) / size)
  }
}

/// A process that works alone.
package struct SingleProcess: Communicator {
  package init() {}
  package var rank: Int { 0 }
  package var size: Int { 1 }
  package func sum(_ values: inout [Float]) {}
  package func sum(_ values: inout [Double]) {}
  package func broadcast(_ values: inout [Double]) {}
}
